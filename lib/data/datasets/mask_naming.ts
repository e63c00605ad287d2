/**
 * How masks are to be called so that they can be put beside those that a dataset has.
 *
 * @module
 */
import { basename } from "node:path";
import { maskEnding, scanStem } from "../formats/formats.ts";
import { headerOfImage } from "../formats/pairs.ts";
import type { Dataset, Scan } from "./dataset.ts";
import { channelParts, withoutImageWord } from "./layouts/names.ts";

/** A scan, and whose it is. */
interface Named {
  scan: Scan;
  patient: string;
}

/** What of a scan its mask is called by: its name, that without its channel, or its patient. */
type Form = (one: Named) => string | undefined;

/** How masks are called. */
interface Rule {
  form: Form;
  before: string;
  after: string;
}

/** The number of a channel, as nnU-Net writes it. */
const NUMBER = /_\d{4}$/;

const FORMS: readonly Form[] = [
  stemOf,
  (one) => channelParts(stemOf(one) ?? "")?.of,
  (one) => withoutImageWord(stemOf(one) ?? ""),
  ({ patient }) => patient,
];

/**
 * The names of masks, by scan, as the dataset's own masks are called: of ACDC `…_gt`, of nnU-Net the
 * case without its channel's number, of BIDS `…_dseg`. Empty where those are not called alike, or two
 * masks would have one name.
 */
export function maskNames({ layout, patients }: Dataset): ReadonlyMap<Scan, string> {
  const all = patients.flatMap(({ id: patient, scans }) =>
    scans.map((scan) => ({ scan, patient }))
  );
  const rule = ruleOf(all, layout);
  const names = new Map<Scan, string>();
  if (!rule || all.some(({ scan }) => scan.frame !== undefined)) return names;
  const like = all.find(({ scan }) => scan.mask)?.scan.mask;
  for (const one of all) {
    const core = rule.form(one);
    if (!core) return new Map();
    const ending = maskEnding(basename(one.scan.image), like);
    names.set(one.scan, `${rule.before}${core}${rule.after}${ending}`);
  }
  // Those that there are may be in another format, and keep their names too.
  const taken = all.flatMap(({ scan }) => scan.mask ? basename(scan.mask) : names.get(scan)!);
  const areDifferent = [taken, [...names.values()]].every((some) =>
    new Set(some).size === some.length
  );
  return areDifferent ? names : new Map();
}

/** The rule that all masks of a dataset follow; where it has none, that of its layout. */
function ruleOf(all: readonly Named[], layout: string): Rule | undefined {
  const labelled = all.filter(({ scan }) => scan.mask);
  if (labelled.length > 0) {
    return FORMS.values().map((form) => ruleBy(form, labelled)).find((rule) => rule !== undefined);
  }
  const bare = { before: "", after: "" };
  if (layout === "msd") return { ...bare, form: ({ patient }) => patient };
  const areNumbered = all.every((one) => NUMBER.test(stemOf(one) ?? ""));
  return areNumbered ? { ...bare, form: (one) => stemOf(one)?.replace(NUMBER, "") } : undefined;
}

/** What stands before and after a form in the names of all masks; undefined where that differs. */
function ruleBy(form: Form, labelled: readonly Named[]): Rule | undefined {
  const [first] = labelled;
  const core = form(first);
  const at = core ? maskStem(first).indexOf(core) : -1;
  if (!core || at < 0) return undefined;
  const before = maskStem(first).slice(0, at);
  const after = maskStem(first).slice(at + core.length);
  const isSo = (one: Named) => maskStem(one) === `${before}${form(one)}${after}`;
  return labelled.every(isSo) ? { form, before, after } : undefined;
}

function stemOf({ scan: { image } }: Named): string | undefined {
  return scanStem(basename(headerOfImage(image) ?? image));
}

function maskStem({ scan: { mask = "" } }: Named): string {
  return scanStem(basename(mask)) ?? "";
}
