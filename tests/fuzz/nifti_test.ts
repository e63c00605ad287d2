import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { decodeNifti } from "../../lib/data/formats/nifti/decode.ts";
import { parseNifti } from "../../lib/data/formats/nifti/parse.ts";
import { readNifti } from "../../lib/data/volumes/nifti_read.ts";
import { encodeNifti } from "../../lib/data/formats/nifti/encode.ts";
import { prepareVolume } from "../../lib/data/slices/preprocess.ts";
import type { Volume } from "../../lib/data/volumes/volume.ts";
import { tinyVolume } from "../support/datasets.ts";
import { damaged, fuzz, soundOrRefused } from "./support.ts";

const first = tinyVolume();
const second = { ...first, geometry: { ...first.geometry, version: 2 as const } };
const path = `${await Deno.makeTempDir()}/scan.nii.gz`;
globalThis.addEventListener(
  "unload",
  () => Deno.removeSync(path.slice(0, -12), { recursive: true }),
);

function sound({ voxels, shape, spacing, affine }: Volume): void {
  assert.equal(voxels.length, shape.reduce((product, length) => product * length));
  assert.ok(shape.length >= 3 && shape.length <= 4);
  assert.ok(spacing.every((length) => length > 0 && Number.isFinite(length)));
  assert.ok(affine.flat().every(Number.isFinite));
}

for (const volume of [first, second]) {
  const bytes = encodeNifti(volume.voxels, volume);
  const version = `NIfTI-${volume.geometry.version}`;
  fuzz(`${version} files are read or refused`, 0.16, {
    of: damaged(bytes),
    holds: (file) => soundOrRefused("scan.nii", () => parseNifti(file, "scan.nii"), sound),
  });
  fuzz(`${version} scans that are read can be prepared`, 0.06, {
    of: damaged(bytes),
    holds: (file) =>
      soundOrRefused("scan.nii", () => {
        const scan = parseNifti(file, "scan.nii");
        const frame = scan.shape.length === 4 ? 0 : undefined;
        return prepareVolume(scan, { size: 8, spacing: 2 }, { frame });
      }, ({ images }) => assert.ok(images.every((value) => value >= 0 && value <= 1))),
  });
  fuzz(`${version} files in gzip are read or refused`, 0.04, {
    of: damaged(bytes).map((file) => gzipSync(file)),
    holds: (file) => {
      Deno.writeFileSync(path, file);
      return soundOrRefused(path, () => readNifti(path), sound);
    },
  });
}

fuzz("gzip files are read or refused without a file system, too", 0.08, {
  of: damaged(gzipSync(encodeNifti(first.voxels, first))),
  holds: (file) => soundOrRefused("scan.nii.gz", () => decodeNifti(file, "scan.nii.gz"), sound),
});

fuzz("gzip files are read or refused", 0.08, {
  of: damaged(gzipSync(encodeNifti(first.voxels, first))),
  holds: (file) => {
    Deno.writeFileSync(path, file);
    return soundOrRefused(path, () => readNifti(path), sound);
  },
});
