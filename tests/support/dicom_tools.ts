/** Programs that read and write DICOM, for tests to compare with; without them, nothing is compared. */
import { dicomSlice } from "./dicom.ts";
import { pythonWith } from "./python.ts";

/** How gdcmconv is asked for compressed pixels. */
const COMPRESSIONS = ["jpeg", "jpegls", "j2k", "rle"];

/** A Python that writes DICOM and reads NIfTI; undefined where it, or dcm2niix, is absent. */
export async function dicomPython(): Promise<string | undefined> {
  return await runs("dcm2niix", "-v") ? await pythonWith("pydicom", "nibabel", "numpy") : undefined;
}

/** A slice in each of the compressions that are read, by their names; none without gdcmconv. */
export async function compressedSlices(): Promise<[string, Uint8Array][]> {
  if (!await runs("gdcmconv", "--version")) return [];
  const dir = await Deno.makeTempDir();
  Deno.writeFileSync(`${dir}/plain`, dicomSlice({ size: [24, 20] }));
  const slices: [string, Uint8Array][] = [];
  for (const name of COMPRESSIONS) {
    const args = [`--${name}`, `${dir}/plain`, `${dir}/${name}`];
    await new Deno.Command("gdcmconv", { args }).output();
    slices.push([name, Deno.readFileSync(`${dir}/${name}`)]);
  }
  await Deno.remove(dir, { recursive: true });
  return slices;
}

/** Whether a program is there and may be run; it may leave with any code. */
async function runs(program: string, argument: string): Promise<boolean> {
  const { state } = await Deno.permissions.query({ name: "run", command: program });
  if (state !== "granted") return false;
  return await new Deno.Command(program, { args: [argument] }).output().then(
    () => true,
    () => false,
  );
}
