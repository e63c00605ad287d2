import assert from "node:assert/strict";
import fc from "fast-check";
import { mkdir } from "node:fs/promises";
import { openDataset } from "../../lib/data/datasets/open_dataset.ts";
import { isPrintable } from "../../lib/io/text/printable.ts";
import { filesOfPatient } from "../../lib/data/datasets/unused.ts";
import { tinyImage, tinyMask, writeAcdcPatient, writeTiny } from "../support/datasets.ts";
import { damaged, fuzz, soundOrRefused } from "./support.ts";

const dir = await Deno.makeTempDir();
globalThis.addEventListener("unload", () => Deno.removeSync(dir, { recursive: true }));
await writeAcdcPatient(`${dir}/acdc`, "patient001");
await writeTiny(`${dir}/mnms/A1/A1_sa.nii`, tinyImage());
await writeTiny(`${dir}/mnms2/001/001_SA_ED.nii`, tinyImage());
await writeTiny(`${dir}/mnms2/001/001_SA_ES.nii`, tinyImage());
await writeTiny(`${dir}/bids/sub-1/anat/sub-1_T1w.nii`, tinyImage());
await writeTiny(`${dir}/bids/derivatives/x/sub-1/anat/sub-1_dseg.nii`, tinyMask(1));
await mkdir(`${dir}/bids/derivatives/x`, { recursive: true });

const files: [layout: string, file: string, sound: string][] = [
  ["acdc", "patient001/Info.cfg", "ED: 1\nES: 8\nGroup: NOR\nHeight: 180.0\n"],
  ["mnms", "info.csv", ",External code,Vendor,ED,ES,Pathology\n0,A1,B,0,3,HCM\n"],
  ["mnms2", "info.csv", "SUBJECT_CODE,DISEASE\n1,NOR\n2,LV\n"],
  ["bids", "participants.tsv", "participant_id\tgroup\nsub-1\tcontrol\n"],
  ["bids", "derivatives/x/dseg.tsv", "index\tname\n0\tbackground\n1\tgrey\n"],
];
for (const [layout, name, sound] of files) {
  const root = `${dir}/${layout}`;
  const text = new TextEncoder().encode(sound);
  fuzz(`${name} of ${layout} is read or refused`, 0.012, {
    of: fc.oneof(
      damaged(text),
      fc.string({ unit: "binary" }).map((tail) => new TextEncoder().encode(sound + tail)),
    ),
    holds: async (bytes) => {
      await Deno.writeFile(`${root}/${name}`, bytes);
      await soundOrRefused(
        root,
        () => openDataset(root, { layout }),
        ({ patients, structures }) => {
          assert.equal(patients.length, 1);
          assert.ok(patients.every(({ id, group }) => isPrintable(id + group)));
          assert.ok(structures.every(({ label }, i) => label === i + 1));
        },
      );
      await Deno.writeFile(`${root}/${name}`, text);
    },
  });
}

/** Words that file names are made of: people, visits, modalities, masks, and nothing in particular. */
const WORDS = ["anna", "ben", "1", "02", "0000", "0001", "t0", "t1", "T2", "flair", "seg", "mask"];
const NAMES = fc.array(
  fc.tuple(
    fc.constantFrom("", "images/", "labels/", "anna/", "ben/", "train/anna/"),
    fc.array(fc.constantFrom(...WORDS, "lesion", "scan", "liver"), { minLength: 1, maxLength: 4 }),
    fc.constantFrom("_", "-"),
    fc.boolean(),
  ),
  { minLength: 1, maxLength: 12 },
);
fuzz("files of any names are read, or told of, once", 0.05, {
  of: NAMES,
  holds: async (names) => {
    const root = await Deno.makeTempDir({ dir });
    const files = new Map(names.map(([folder, words, join, isMask]) => [
      `${root}/${folder}${words.join(join)}.nii`,
      isMask || words.some((word) => ["seg", "mask", "lesion", "liver"].includes(word)),
    ]));
    for (const [path, isMask] of files) await writeTiny(path, isMask ? tinyMask(1) : tinyImage());
    await soundOrRefused(
      root,
      () => openDataset(root, { data: { missingChannel: "zero" } }),
      ({ patients, channels, unused = [] }) => {
        const used = patients.flatMap(filesOfPatient);
        const all = [...used, ...unused.map(({ path }) => path)];
        assert.deepEqual(all.toSorted(), [...files.keys()].sort());
        const scans = patients.flatMap(({ scans }) => scans);
        assert.ok(scans.every((scan) => scan.channels?.length === channels?.length));
        const masks = scans.flatMap(({ mask }) => mask ?? []);
        assert.ok(masks.every((path) => files.get(path) || path.includes("/labels/")));
        assert.equal(new Set(patients.map(({ id }) => id)).size, patients.length);
      },
    );
    await Deno.remove(root, { recursive: true });
  },
});
