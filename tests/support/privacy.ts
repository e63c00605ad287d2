/** What must not be in what tasks write: an identity in every header, and a place that is told apart. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gunzipSync, inflateSync } from "node:zlib";
import { imagePath, TESTING, TRAINING, writeCohort } from "../tasks/cohort.ts";

/** What a scanner may leave in the fields of a NIfTI header that hold free text. */
const IDENTITY = "DOE^JANE 1970-01-01";

/** A folder's name that nothing but a path can hold. */
const PLACE = "telltale-place";

/** This project's folder. */
const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** Free-text fields of NIfTI-1: where they start, and how long they are. */
const FIELDS = {
  data_type: [4, 10],
  db_name: [14, 18],
  descrip: [148, 80],
  aux_file: [228, 24],
  intent_name: [328, 16],
} as const;

/** Writes a cohort with an identity in the header of every image; returns it, and where to write. */
export async function writeIdentified(dir: string): Promise<{ data: string; out: string }> {
  const data = `${dir}/${PLACE}/cohort`;
  await writeCohort(data);
  for (const id of [...TRAINING, ...TESTING]) {
    const path = imagePath(data, id);
    const bytes = Uint8Array.from(gunzipSync(Deno.readFileSync(path)));
    for (const [start, length] of Object.values(FIELDS)) {
      bytes.set(new TextEncoder().encode(IDENTITY).subarray(0, length - 1), start);
    }
    Deno.writeFileSync(path, bytes);
  }
  return { data, out: `${dir}/${PLACE}/out` };
}

/** Something that was written or printed. */
export interface Told {
  path: string;
  text: string;
}

/** Every file below a folder by its path in it, gzipped ones and what pages embed inflated. */
export function filesIn(dir: string): Told[] {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile()).map(({ name, parentPath }) => {
      const bytes = readFileSync(`${parentPath}/${name}`);
      const plain = name.endsWith(".gz") ? gunzipSync(bytes) : bytes;
      return {
        path: `${parentPath}/${name}`.slice(dir.length + 1),
        text: unpacked(new TextDecoder("latin1").decode(plain)),
      };
    });
}

/** A text with what is zlib in base64 in it inflated: megabytes of base64 hold any short word by chance. */
function unpacked(text: string): string {
  return text.replaceAll(/(?<=")eN[\w+/]{40,}={0,2}(?=")/g, (packed) => {
    return inflateSync(Buffer.from(packed, "base64")).toString("latin1");
  });
}

/** Checks that nothing holds a path of the machine, or free text of a header. */
export function expectNoPlaceOrIdentity(told: readonly Told[]): void {
  expectNone(told, [PLACE, ROOT, "DOE^", "JANE", "1970-01-01"]);
}

/** Checks that nothing names a patient, in its own name either. */
export function expectNoPatient(told: readonly Told[]): void {
  expectNone(told, [...TRAINING, ...TESTING]);
}

/** Checks that nothing holds one of some words. */
export function expectNone(told: readonly Told[], words: readonly string[]): void {
  for (const { path, text } of told) {
    const found = words.find((word) => path.includes(word) || text.includes(word));
    assert.equal(found, undefined, `${path} holds ${found}`);
  }
}
