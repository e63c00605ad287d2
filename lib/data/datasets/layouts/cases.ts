/**
 * From a folder's files to cases: which files are channels of one scan, and which mask is whose.
 *
 * @module
 */
import { basename } from "node:path";
import type { ChannelFile, Scan, UnusedFile } from "../dataset.ts";
import {
  channelParts,
  isGeneralKind,
  isModality,
  maskNames,
  rankOfKind,
  shortened,
} from "./names.ts";
import { type CaseFile, namesOfImage, type Roles } from "./roles.ts";

/** More files that are numbered from 0000 are no channels. */
const MOST_NUMBERED = 16;

/** One scan: a file, or a file for each channel, and its mask. */
export interface Case {
  /** The patient whose folder it lies in; "" where patients have no folders. */
  group: string;
  /** What all scans of one person are named by; "" where the folder's name is all there is. */
  person: string;
  /** Its files, by the names of their channels. */
  images: ReadonlyMap<string, CaseFile>;
  /** Its mask. */
  mask?: CaseFile;
}

/** What the files of a folder are. */
export interface Cases {
  /** All cases, in the order of the files. */
  cases: Case[];
  /** Names of the channels, in one order for all cases; absent where scans are single files. */
  channels?: string[];
  /** Masks that no case has, and what was computed of scans. */
  unused: UnusedFile[];
}

/** Joins channels to scans, and gives each case its mask. */
export function casesOf({ images, masks, computed }: Roles): Cases {
  const joined = joinChannels(images, masks);
  const names = [...new Set(joined.flatMap(({ images }) => [...images.keys()]))].sort();
  const { cases, unused } = giveMasks(joined, masks);
  const others = computed.map(({ path }) => ({
    path,
    why: "computed of a scan, neither scan nor labels",
  }));
  return {
    cases,
    ...(names.length > 1 && { channels: names }),
    unused: [...unused, ...others],
  };
}

/** A case as a scan of a dataset. */
export function scanOf({ images, mask }: Case, channels?: readonly string[]): Scan {
  const [{ path }] = images.values();
  const files = channels?.map((name): ChannelFile => {
    const file = images.get(name);
    return file ? { path: file.path } : {};
  });
  const first = files?.find((file) => file.path !== undefined)?.path ?? path;
  return { image: first, ...(files && { channels: files }), ...(mask && { mask: mask.path }) };
}

interface Channel {
  image: CaseFile;
  /** The name that its case's channels share. */
  base: string;
  /** The channel's name; "" where the file's name says none. */
  channel: string;
}

/** Cases without masks. */
function joinChannels(images: readonly CaseFile[], masks: readonly CaseFile[]): Case[] {
  const found = channelsOf(images, masks);
  const bases = Map.groupBy(found, ({ image, base }) => keyOf(image.group, base));
  // A file of the bare name is a channel too, of a person who has others.
  const several = [...bases].some(([key, { length }]) =>
    length > 1 || images.some(({ group, stem }) => keyOf(group, stem) === key)
  );
  if (!several) return images.map((image) => single(image, image.stem));
  const channels = new Map(found.map((one) => [one.image, one]));
  const whole = images.map((image): Channel =>
    channels.get(image) ?? { image, base: image.stem, channel: "" }
  );
  const people = [...Map.groupBy(whole, ({ image, base }) => keyOf(image.group, base)).values()];
  const outlined = namesOfMasks(masks);
  const isOutlined = ({ image: { group, stem } }: Channel) => outlined.has(keyOf(group, stem));
  if (people.some((files) => files.filter(isOutlined).length > 1)) {
    // Files that have masks of their own are scans, but still of one person.
    return whole.map(({ image, base }) => single(image, base));
  }
  return people.map(([first, ...others]) => ({
    group: first.image.group,
    person: first.base,
    images: new Map(
      // Of two files of one channel the first stays; the other is found unused later.
      [first, ...others].toReversed().map(({ image, channel }) => [channel || "image", image]),
    ),
  }));
}

function single(image: CaseFile, person: string): Case {
  return { group: image.group, person, images: new Map([["", image]]) };
}

/** The files whose names end in that of a channel, unless the endings mean something else. */
function channelsOf(images: readonly CaseFile[], masks: readonly CaseFile[]): Channel[] {
  const found = images.flatMap((image): Channel[] => {
    const parts = channelParts(image.stem);
    return parts ? [{ image, base: parts.of, channel: parts.kind }] : [];
  });
  const numbered = found.filter(({ channel }) => !isModality(channel));
  const named = found.filter(({ channel }) => isModality(channel));
  // Beside a t0 or a t3, t1 and t2 are points in time.
  const visits = images.some(({ stem }) => /(^|[_\-. ])t[03-9]$/i.test(stem));
  return [
    ...(visits ? named.filter(({ channel }) => !/^t\d$/.test(channel)) : named),
    ...(areChannels(numbered, masks) ? numbered : []),
  ];
}

/** Whether numbers count channels, as nnU-Net's do, the same of most cases, and not scans. */
function areChannels(numbered: readonly Channel[], masks: readonly CaseFile[]): boolean {
  const cases = Map.groupBy(numbered, ({ image, base }) => keyOf(image.group, base));
  const numbers = new Set(numbered.map(({ channel }) => Number(channel)));
  const highest = Math.max(...numbers);
  const whole = cases.values().filter(({ length }) => length === numbers.size).toArray();
  const outlined = namesOfMasks(masks);
  return highest + 1 === numbers.size && numbers.size <= MOST_NUMBERED &&
    2 * whole.length > cases.size &&
    (cases.size > 1 || cases.keys().some((key) => outlined.has(key))) &&
    !numbered.some(({ image }) => outlined.has(keyOf(image.group, image.stem)));
}

/** The names that masks are of, with and without their words. */
function namesOfMasks(masks: readonly CaseFile[]): Set<string> {
  return new Set(
    masks.flatMap(({ group, stem }) =>
      [stem, ...maskNames(stem).map(({ of }) => of)].map((name) => keyOf(group, name))
    ),
  );
}

function keyOf(group: string, name: string): string {
  return `${group}\n${name}`;
}

interface Candidate {
  file: CaseFile;
  /** What tells it from other masks of its case: "seg", "/" of a folder of masks. */
  kind: string;
}

/** The cases with their masks, and the masks that are left. */
function giveMasks(cases: readonly Case[], masks: readonly CaseFile[]): Omit<Cases, "channels"> {
  const findCase = caseFinder(cases);
  const found = new Map<Case, Candidate[]>();
  const unused: UnusedFile[] = [];
  for (const file of masks) {
    const { of, kind } = findCase(file) ?? {};
    if (of) found.set(of, [...found.get(of) ?? [], { file, kind: kind ?? "" }]);
    else unused.push({ path: file.path, why: "a mask, but no image is of its name" });
  }
  const chosen = chosenKind([...found.values()]);
  const given = cases.map((one): Case => {
    const candidates = found.get(one) ?? [];
    const mask = chosen(candidates);
    for (const { file } of candidates) {
      if (file !== mask) unused.push({ path: file.path, why: whyNot(mask) });
    }
    return { ...one, ...(mask && { mask }) };
  });
  return { cases: given, unused };
}

function whyNot(mask: CaseFile | undefined): string {
  const taken = mask ? `whose mask is ${basename(mask.path)}` : "and other scans' masks are taken";
  return `another label map of a scan ${taken}; to use this kind, put it alone into a folder labels`;
}

/** Finds the case that a mask's name speaks of, and what it says besides. */
function caseFinder(
  cases: readonly Case[],
): (mask: CaseFile) => { of: Case; kind: string } | undefined {
  // A full name before a part of one.
  const indices = [
    indexed(cases, ({ stem }) => [stem]),
    indexed(cases, (image, { person }) => [person, ...namesOfImage(image)]),
    indexed(cases, ({ stem }) => shortened(stem).slice(0, 1).map(({ of }) => of)),
  ];
  const groups = Map.groupBy(cases, ({ group }) => group);
  return ({ group, stem, amongMasks }) => {
    const folder = amongMasks ? "/" : "";
    const names = [{ of: stem, kind: "" }, ...maskNames(stem), ...shorter(stem)];
    for (const { of, kind } of names) {
      for (const name of namesOfImage({ stem: of })) {
        const key = keyOf(group, name);
        const found = indices.map((index) => index.get(key)).find((one) => one !== undefined);
        if (found) return { of: found, kind: folder + kind };
      }
    }
    const [only, ...others] = groups.get(group) ?? [];
    if (group === "" || !only || others.length > 0) return undefined;
    return { of: only, kind: folder + stem.toLowerCase() };
  };
}

/** Cases by the names of their images; a name of two cases tells neither. */
function indexed(
  cases: readonly Case[],
  namesOf: (image: CaseFile, one: Case) => string[],
): Map<string, Case | undefined> {
  const index = new Map<string, Case | undefined>();
  for (const one of cases) {
    for (const name of [...one.images.values()].flatMap((image) => namesOf(image, one))) {
      const key = keyOf(one.group, name);
      index.set(key, index.has(key) && index.get(key) !== one ? undefined : one);
    }
  }
  return index;
}

/** What is left of a name without one word after the other, from its end, and without its first. */
function shorter(stem: string): { of: string; kind: string }[] {
  const [next, ...others] = shortened(stem);
  if (!next) return [];
  const rest = shorter(next.of).map(({ of, kind }) => ({ of, kind: `${kind}_${next.kind}` }));
  return [next, ...rest, ...others];
}

/**
 * Chooses one kind of masks for the whole dataset where scans have several, or one is named after what it
 * outlines: what outlines one organ here must not outline another there.
 */
function chosenKind(
  all: readonly (readonly Candidate[])[],
): (candidates: readonly Candidate[]) => CaseFile | undefined {
  const together = new Set(
    all.filter(({ length }) => length > 1).flat().map(({ kind }) => kind),
  );
  const counts = Map.groupBy(all.flat(), ({ kind }) => kind);
  const kinds = [...counts.keys()];
  const ofOrgans = kinds.length > 1 && !kinds.every(isGeneralKind);
  const count = (kind: string) => counts.get(kind)!.length;
  // A folder of one mask for each scan is meant; one of many organs is as good as any other place.
  const inFolder = (kind: string) => Number(kind.startsWith("/"));
  const isClear = all.every((some) => some.filter(({ kind }) => inFolder(kind)).length < 2);
  const [best = ""] = (ofOrgans ? kinds : [...together]).sort((a, b) =>
    (isClear ? inFolder(b) - inFolder(a) : 0) || count(b) - count(a) ||
    Number(isGeneralKind(b)) - Number(isGeneralKind(a)) || rankOfKind(a) - rankOfKind(b) ||
    (a < b ? -1 : 1)
  );
  const isRival = (kind: string) =>
    together.has(kind) || ofOrgans && !(isGeneralKind(best) && isGeneralKind(kind));
  return (candidates) => {
    const wanted = candidates.find(({ kind }) => kind === best);
    return (wanted ?? candidates.find(({ kind }) => !isRival(kind)))?.file;
  };
}
