import assert from "node:assert/strict";
import { convert } from "../../../../lib/data/formats/dicom/convert.ts";
import { dicomSlice } from "../../../support/dicom.ts";

Deno.test("convert() ends a conversion that takes too long, and goes on with the next", async () => {
  // Rows and columns of a file that promises 8 GB: the converter is long at it.
  const huge = dicomSlice({
    more: [[0x00280010, "US", "\xff\xff"], [0x00280011, "US", "\xff\xff"]],
  });
  const start = performance.now();
  await assert.rejects(
    convert([huge], { limit: 1 }),
    /^Error: expected an answer of dcm2niix within 0.001 s, found none$/,
  );
  assert.ok(performance.now() - start < 5000);
  assert.equal((await convert([dicomSlice()], { limit: 60_000 })).length, 1);
});

Deno.test("convert() fails in a line, and leaves the process as it was", async () => {
  await assert.rejects(
    convert([new Uint8Array(1000)], { limit: 60_000 }),
    /^Error: expected a series that dcm2niix can convert, found another$/,
  );
  assert.equal(Deno.exitCode, 0);
});

Deno.test("convert() needs no permission", {
  permissions: { read: false, write: false, env: false, net: false, run: false },
}, async () => {
  assert.equal((await convert([dicomSlice()], { limit: 60_000 })).length, 1);
});
