/**
 * Which of a folder's files are images and which are masks: by their names and folders, and by their
 * content where names do not tell, so that no label map is ever taken for a patient.
 *
 * @module
 */
import { inGroups } from "../../../io/in_groups.ts";
import { isLabelMap } from "../../masks/mask_values.ts";
import { channelParts, isComputed, maskNames, shortened, withoutImageWord } from "./names.ts";

/** A file that may be a scan, a channel of one, or a mask. */
export interface CaseFile {
  /** Its path. */
  path: string;
  /** The patient whose folder it lies in; "" where patients have no folders. */
  group: string;
  /** Its name without its ending, and without the group's name. */
  stem: string;
  /** Whether it lies in a folder of masks. */
  amongMasks: boolean;
}

/** Images and masks of a folder. */
export interface Roles {
  /** The images. */
  images: CaseFile[];
  /** The masks. */
  masks: CaseFile[];
  /** What was computed of an image: probabilities and the like. */
  computed: CaseFile[];
}

/**
 * Tells images from masks. A file is read only if its name sounds like a mask's though no image is of
 * that name, extends another's ("anna_liver" beside "anna"), or is one of several of a case.
 */
export async function rolesOf(
  files: readonly CaseFile[],
  { within }: { within: string },
): Promise<Roles> {
  const judged = [...Map.groupBy(files, ({ group }) => group).values()].flatMap(judgedByName);
  const doubtful = judged.flatMap(({ file, role }) => role === undefined ? file : []);
  const labelMaps = await inGroups(doubtful, ({ path }) => isLabelMap(path, { within }), 4);
  const roles = new Map(judged.map(({ file, role = "image" }) => [file, role]));
  doubtful.forEach((file, i) => labelMaps[i] && roles.set(file, "mask"));
  const of = (role: Role) => files.filter((file) => roles.get(file) === role);
  return { images: of("image"), masks: of("mask"), computed: of("computed") };
}

type Role = "image" | "mask" | "computed";

interface Judged {
  file: CaseFile;
  /** Undefined where the name does not tell. */
  role: Role | undefined;
}

function judgedByName(group: readonly CaseFile[]): Judged[] {
  const beside = group.filter(({ amongMasks }) => !amongMasks);
  const plain = beside.filter(({ stem }) => maskNames(stem).length === 0);
  const stems = new Set(beside.map(({ stem }) => stem));
  const names = new Set([...stems, ...plain.flatMap(namesOfImage)]);
  const starts = Map.groupBy(plain, startOf);
  return group.map((file): Judged => {
    const { stem } = file;
    if (file.amongMasks) return { file, role: "mask" };
    const extended = file.group !== "" ? beside.length > 1 : extendsAny(stem, names);
    if (isComputed(stem) && extended) return { file, role: "computed" };
    const without = maskNames(stem);
    if (without.length > 0) {
      const known = file.group !== ""
        ? plain.length > 0
        : without.some(({ of }) =>
          [of, ...namesOfImage({ stem: of })].some((name) => names.has(name))
        );
      return { file, role: known ? "mask" : undefined };
    }
    const bare = withoutImageWord(stem);
    if (channelParts(stem) || bare === "") return { file, role: "image" };
    const alike = starts.get(startOf(file) ?? bare)?.length ?? 0;
    // "anna_scan" is itself what "anna" is taken from.
    const others = bare === stem ? names : stems;
    const one = file.group !== "" ? beside.length > 1 : alike > 1 || extendsAny(stem, others);
    return { file, role: one ? undefined : "image" };
  });
}

/** What files of one case may share: a name without its last word, and without that of an image. */
function startOf({ stem }: Pick<CaseFile, "stem">): string | undefined {
  return shortened(withoutImageWord(stem)).at(0)?.of;
}

/** The names by which a mask may speak of an image. */
export function namesOfImage({ stem }: Pick<CaseFile, "stem">): string[] {
  return [stem, withoutImageWord(stem), channelParts(stem)?.of ?? stem];
}

/** Whether a name is another's with words before or after it. */
function extendsAny(stem: string, names: ReadonlySet<string>): boolean {
  const ends = [...stem.matchAll(/[_\-. ]|(?<=[a-z\d])(?=[A-Z])/g)];
  return ends.some(({ index, 0: { length } }) =>
    names.has(stem.slice(0, index)) || names.has(stem.slice(index + length))
  );
}
