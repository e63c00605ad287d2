import assert from "node:assert/strict";
import { parseDicomHeader } from "../../lib/data/formats/dicom/header.ts";
import { listDicomSeries } from "../../lib/data/formats/dicom/list_series.ts";
import { readDicomSeries } from "../../lib/data/formats/dicom/read_series.ts";
import { naming } from "../../lib/io/text/naming.ts";
import type { Volume } from "../../lib/data/volumes/volume.ts";
import { compressedSlices } from "../support/dicom_tools.ts";
import { dicomSlice, PRIVATE } from "../support/dicom.ts";
import { damaged, fuzz, soundOrRefused } from "./support.ts";

const dir = await Deno.makeTempDir();
const path = `${dir}/scan.dcm`;
globalThis.addEventListener("unload", () => Deno.removeSync(dir, { recursive: true }));

/** A volume that could be, in which nothing tells whose it is. */
function sound({ voxels, shape, spacing, affine, warnings }: Volume): void {
  assert.equal(voxels.length, shape.reduce((product, length) => product * length));
  assert.ok(spacing.every((length) => length > 0 && Number.isFinite(length)));
  assert.ok(affine.flat().every(Number.isFinite));
  assert.ok(!PRIVATE.some((text) => warnings.join().includes(text)));
}

const sequence = [[0x00081140, "UN", "\xfe\xff\0\xe0\x08\0\0\0\x20\0\x32\0\0\0\0\0"]] as const;
const files = [dicomSlice(), dicomSlice({ implicit: true }), dicomSlice({ more: sequence })];

for (const [i, file] of files.entries()) {
  fuzz(`headers of DICOM files (${i}) are read or refused`, 0.05, {
    of: damaged(file),
    holds: (bytes) =>
      soundOrRefused(path, () => naming(path, () => parseDicomHeader(bytes, bytes.length))),
  });
  fuzz(`folders with damaged DICOM files (${i}) are listed`, 0.01, {
    of: damaged(file),
    holds: async (bytes) => {
      Deno.writeFileSync(path, bytes);
      const { series, unused } = await listDicomSeries(dir);
      assert.ok(series.length + unused.length <= 1);
    },
  });
}

for (const [name, file] of [["plain", dicomSlice()], ...await compressedSlices()] as const) {
  fuzz(`DICOM files (${name}) are read or refused`, name === "plain" ? 0.06 : 0.02, {
    of: damaged(file),
    holds: (bytes) => {
      Deno.writeFileSync(path, bytes);
      return soundOrRefused(path, () => readDicomSeries([path]), sound);
    },
  });
}
