/**
 * Which files are label maps.
 *
 * @module
 */
import { readHead } from "../../io/read_head.ts";
import { readVolume } from "../volumes/read_volume.ts";
import { looksLikeLabels } from "./whole_values.ts";

/** `intent_code` of nifti1.h: the voxels are indices into a list of labels. */
const NIFTI_INTENT_LABEL = 1002;

/**
 * Whether a file is a label map, by its content: its header says so, or its values are whole and few,
 * or not many and mostly the same in neighbouring voxels. False where it cannot be read.
 */
export async function isLabelMap(path: string, { within }: { within: string }): Promise<boolean> {
  try {
    return await hasLabelIntent(path, within) ||
      looksLikeLabels(await readVolume(path, { within }));
  } catch {
    return false;
  }
}

async function hasLabelIntent(path: string, within: string): Promise<boolean> {
  const { bytes } = await readHead(path, { within });
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  // sizeof_hdr comes first; its bytes tell the order of all others.
  const [first, second] = [true, false].map((little) => view.getInt32(0, little));
  if (first === 348 || second === 348) {
    return view.getInt16(68, first === 348) === NIFTI_INTENT_LABEL;
  }
  if (first === 540 || second === 540) {
    return view.getInt32(504, first === 540) === NIFTI_INTENT_LABEL;
  }
  return false;
}
