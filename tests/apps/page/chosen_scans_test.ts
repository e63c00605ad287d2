import assert from "node:assert/strict";
import { type Chosen, scansOf } from "../../../apps/page/chosen_scans.ts";
import { FORMATS } from "../../../lib/data/formats/formats.ts";
import { encodeNifti } from "../../../lib/data/formats/nifti/encode.ts";
import { tinyImage, tinyVolume } from "../../support/datasets.ts";
import { niftiBytes } from "../../support/nifti.ts";

/** A scan in one file, and two in two parts each. */
const whole = file("c.nii", encodeNifti(tinyImage(), tinyVolume()));
const pair = niftiBytes({ magic: "ni1\0" });
const [hdr, img] = [file("a.hdr", pair.subarray(0, 348)), file("a.img", pair.subarray(352))];
const mhd = file(
  "b.mhd",
  new TextEncoder().encode(
    "ObjectType = Image\nNDims = 3\nDimSize = 2 3 4\nElementType = MET_SHORT\n" +
      "ElementSpacing = 1.5 1.5 8\nBinaryDataByteOrderMSB = False\nElementDataFile = b.raw\n",
  ),
);
const raw = file("b.raw", pair.subarray(352));

function file(name: string, bytes: Uint8Array): Chosen {
  return new File([new Uint8Array(bytes)], name);
}

async function read(...files: Chosen[]) {
  const contentOf = async (one: Chosen) => new Uint8Array(await one.arrayBuffer());
  return await scansOf(files, { contentOf });
}

Deno.test("scansOf() reads scans in two files, in any order, among others", async () => {
  const counted = Array.from({ length: 24 }, (_, i) => i);
  for (
    const [files, names] of [
      [[hdr, img], ["a.img"]],
      [[img, hdr], ["a.img"]],
      [[raw, mhd], ["b.mhd"]],
      [[whole, raw, img, mhd, hdr], ["c.nii", "b.mhd", "a.img"]],
    ] as const
  ) {
    const scans = await read(...files);
    assert.deepEqual(scans.map(({ source }) => source), names);
    for (const { source, voxels } of scans) {
      assert.deepEqual([...voxels], source === "c.nii" ? [...tinyImage()] : counted, source);
    }
  }
});

Deno.test("scansOf() tells which part of a scan is missing", async () => {
  for (const [lone, other] of [[hdr, "a.img"], [img, "a.hdr"], [mhd, "b.raw"]] as const) {
    await assert.rejects(read(whole, lone), {
      name: "RangeError",
      message:
        `${lone.name}: expected ${other}, which belongs to it, found it not chosen; choose ` +
        "both together",
    });
  }
  await assert.rejects(read(raw), { name: "SyntaxError", message: /^b\.raw: expected a scan in / });
});

Deno.test("scansOf() warns of NaN, and refuses scans of nothing else", async () => {
  const nan = (voxels: Float32Array) => file("n.nii", encodeNifti(voxels, tinyVolume(voxels)));
  const [{ warnings }] = await read(nan(Float32Array.from(tinyImage()).fill(NaN, 0, 6)));
  assert.deepEqual(warnings, ["25 % of the voxels are NaN or infinite; they are background."]);
  await assert.rejects(read(nan(new Float32Array(24).fill(NaN))), {
    name: "RangeError",
    message: "n.nii: expected finite intensities, found none",
  });
});

Deno.test("the page offers files of every format to choose from", () => {
  const page = Deno.readTextFileSync(new URL("../../../apps/page/index.html", import.meta.url));
  const [, accepted] = page.match(/id="scan-file"\s+accept="(.*?)"/)!;
  const endings = Object.values(FORMATS).flatMap(({ endings }) => endings);
  for (const ending of endings) {
    const last = ending.slice(ending.lastIndexOf("."));
    assert.ok(accepted.split(",").includes(last), ending);
  }
  for (const { title } of Object.values(FORMATS)) assert.ok(page.includes(title), title);
});
