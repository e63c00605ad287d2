/**
 * What the names of files tell: which are masks, which are channels of one scan.
 *
 * @module
 */

/** What masks are called, the one that is taken before another of the same scan first. */
const MASK = "gt|groundtruth|truth|manual|seg|segs|segm|segmentation|segmentations|dseg|label" +
  "|labels|labelmap|annotation|annotations|contour|contours|outline|mask|masks|roi" +
  "|rois|lesion|lesions";

const MASK_WORDS = MASK.split("|");

/** A mask's name: a word after the scan's name, or before it; raters may be numbered. */
const MASK_ENDING = new RegExp(`^(?:(.*)[_\\-. ])?((?:${MASK})(?:[_\\-]?\\d{1,2})?)$`, "i");
const MASK_BEGINNING = new RegExp(`^(${MASK})(?:[_\\-. ]+|(?=\\d))(.+)$`, "i");

/** Words of an image's name that say no more than that it is one. */
const IMAGE = "image|images|img|imgs|im|imaging|scan|volume|vol|orig|original|data";
const IMAGE_ENDING = new RegExp(`^(?:(.*)[_\\-. ])?(?:${IMAGE})$`, "i");
const IMAGE_BEGINNING = new RegExp(`^(?:${IMAGE})(?:[_\\-. ]+|(?=\\d))(.+)$`, "i");

/** Sequences, modalities and phases of contrast, as datasets name their files by them. */
const MODALITY = "flair|t1|t1w|t1ce|t1c|t1gd|t1n|t1km|t1post|t2|t2w|t2f|t2s|t2star|pd|pdw|dwi|adc" +
  "|b\\d+|hbv|dce|swi|mra|cta|ct|cbct|pet|suv|mr|mri|dixon|ip|op|in|out|opp|fat|water|art|ven|pv";
const CHANNEL_ENDING = new RegExp(`^(?:(.*)[_\\-. ])?(${MODALITY}|\\d{4})$`, "i");
const MODALITY_ALONE = new RegExp(`^(?:${MODALITY})$`, "i");

/** Folders of masks, and of images, beside each other. */
const MASK_FOLDER = new RegExp(`^(${MASK}|gts|ground[-_ ]truths?|labelsTr)$`, "i");
const IMAGE_FOLDER = new RegExp(`^(${IMAGE}|scans|volumes|imagesTr)$`, "i");

/** What a program computed of a scan, in real numbers. */
const COMPUTED =
  /(^|[_\-. ])(prob(s|map|seg|abilit(y|ies))?|softmax|logits|entropy|uncertainty)[_\-. ]?\d*$/i;

/** Whether a name is that of probabilities or the like, which are neither a scan nor labels. */
export function isComputed(stem: string): boolean {
  return COMPUTED.test(stem);
}

/** Whether a folder of this name holds masks. */
export function isMaskFolder(name: string): boolean {
  return MASK_FOLDER.test(name);
}

/** Whether a folder of this name holds images. */
export function isImageFolder(name: string): boolean {
  return IMAGE_FOLDER.test(name);
}

/** Whether a name is that of a modality, such as "T1". */
export function isModality(name: string): boolean {
  return MODALITY_ALONE.test(name);
}

/** A name in two: "anna_seg" is of "anna" and of the kind "seg". */
export interface NameParts {
  /** What is left without the word. */
  of: string;
  /** The word, in lower case. */
  kind: string;
}

/** The parts of a mask's name; undefined where it does not sound like one. */
function maskParts(stem: string): NameParts | undefined {
  const [, of = "", kind] = MASK_ENDING.exec(withHump(stem)) ?? [];
  if (kind !== undefined) return { of, kind: kind.toLowerCase() };
  const [, word, rest] = MASK_BEGINNING.exec(stem) ?? [];
  return word === undefined ? undefined : { of: rest, kind: word.toLowerCase() };
}

/** The parts of a channel's name, "anna_T1" or "anna_0001"; undefined where it is none. */
export function channelParts(stem: string): NameParts | undefined {
  const [, of = "", kind] = CHANNEL_ENDING.exec(stem) ?? [];
  return kind === undefined ? undefined : { of, kind: kind.toLowerCase() };
}

/** An image's name without words that only say that it is one: "anna" of "anna_image". */
export function withoutImageWord(stem: string): string {
  const ending = IMAGE_ENDING.exec(stem);
  return ending ? ending[1] ?? "" : IMAGE_BEGINNING.exec(stem)?.[1] ?? stem;
}

/** What is masked to be cut out or made unknown, and is no structure: "brain_mask". */
const REGION = /^(brain|head|face|deface|skull|body)$/;

/**
 * The rank of a kind of masks: that of its word, those without a word after them, and last those of the
 * whole head or body.
 */
export function rankOfKind(kind: string): number {
  if (wordsOf(kind).some((word) => REGION.test(word))) return MASK_WORDS.length + 1;
  const rank = MASK_WORDS.indexOf(wordsOf(kind).at(-1) ?? "");
  return rank < 0 ? MASK_WORDS.length : rank;
}

/** A name whose last word is told by its capital, "annaMask", as "anna_Mask". */
function withHump(stem: string): string {
  return stem.replace(/([a-z\d])([A-Z][a-z]+)$/, "$1_$2");
}

/** What is left of a mask's name without one word after the other, and the words that it lost. */
export function maskNames(stem: string): NameParts[] {
  const parts = maskParts(stem);
  if (!parts) return [];
  const longer = maskNames(parts.of).map(({ of, kind }) => ({ of, kind: `${kind}_${parts.kind}` }));
  return [parts, ...longer];
}

/** Whether a kind of masks says no more than that they are masks; "/" is of a folder. */
export function isGeneralKind(kind: string): boolean {
  return wordsOf(kind).every((word) => MASK_WORDS.includes(word) && !/^lesions?$/.test(word));
}

/** The words of a kind of masks, without numbers. */
function wordsOf(kind: string): string[] {
  return kind.split(/[/_\-. ]/).map((word) => word.replace(/\d+$/, "")).filter(Boolean);
}

/** A name without its last or its first word, where that is no number; the words that it lost. */
export function shortened(stem: string): NameParts[] {
  const last = /^(.+)[_\-. ]([^_\-. ]*)$/.exec(withHump(stem));
  const first = /^([^_\-. ]*)[_\-. ](.+)$/.exec(stem);
  return [
    ...(last && !isNumber(last[2]) ? [{ of: last[1], kind: last[2].toLowerCase() }] : []),
    ...(first && !isNumber(first[1]) ? [{ of: first[2], kind: first[1].toLowerCase() }] : []),
  ];
}

function isNumber(word: string): boolean {
  return /^\d*$/.test(word);
}
