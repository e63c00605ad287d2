import assert from "node:assert/strict";
import { readVolume } from "../../../lib/data/volumes/read_volume.ts";
import { writeMask } from "../../../lib/data/volumes/write_mask.ts";
import { writeNifti } from "../../../lib/data/volumes/nifti_write.ts";
import { withFolder } from "../../support/datasets.ts";
import { assertSameAffine, obliqueVolume } from "../../support/grids.ts";
import { runProgram, withProgram } from "../../support/program.ts";

const convert = (dir: string, from: string, to: string) =>
  runProgram("plastimatch", ["convert", "--input", from, "--output-img", to], dir);

Deno.test(
  await withProgram(
    "plastimatch",
    "readVolume() reads the NRRD and MetaImage files of plastimatch",
  ),
  () =>
    withFolder(async (dir) => {
      const volume = obliqueVolume();
      await writeNifti(`${dir}/scan.nii.gz`, volume.voxels, volume);
      for (const ending of ["nrrd", "nhdr", "mha", "mhd"]) {
        await convert(dir, "scan.nii.gz", `scan.${ending}`);
        const read = await readVolume(`${dir}/scan.${ending}`, { within: dir });
        assert.deepEqual(read.voxels, volume.voxels, ending);
        assert.deepEqual(read.shape, volume.shape);
        assert.deepEqual(read.warnings, []);
        // The NIfTI file that plastimatch read holds float32.
        assertSameAffine(read.affine, volume.affine, 1e-5);
      }
    }),
);

Deno.test(
  await withProgram("plastimatch", "writeMask() writes files that plastimatch reads"),
  () =>
    withFolder(async (dir) => {
      const volume = obliqueVolume();
      const labels = Uint8Array.from(volume.voxels, (_, i) => i % 4);
      for (const ending of ["nrrd", "mha"]) {
        await writeMask(`${dir}/mask.${ending}`, labels, volume);
        await convert(dir, `mask.${ending}`, "mask.nii.gz");
        const { voxels, affine } = await readVolume(`${dir}/mask.nii.gz`);
        assert.deepEqual(Array.from(voxels), Array.from(labels), ending);
        assertSameAffine(affine, volume.affine, 1e-5);
      }
    }),
);
