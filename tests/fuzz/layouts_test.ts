import assert from "node:assert/strict";
import fc from "fast-check";
import { mkdir } from "node:fs/promises";
import { openDataset } from "../../lib/data/open_dataset.ts";
import { isPrintable } from "../../lib/data/printable.ts";
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
