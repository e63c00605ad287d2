/** Scans of several channels, in every arrangement that people keep them in. */
import assert from "node:assert/strict";
import type { Network } from "../../lib/backbones/weights.ts";
import { reordered } from "../../lib/data/volumes/axis_map.ts";
import { checkDataset } from "../../lib/data/datasets/check/check_data.ts";
import { loadCohort } from "../../lib/data/slices/cohort.ts";
import type { Volume } from "../../lib/data/volumes/volume.ts";
import { withFolder } from "../support/datasets.ts";
import { ALL_ORDERS } from "../support/orders.ts";
import { CHANNELS, twoChannelPatient, writeTwoChannels } from "../support/two_channels.ts";
import { onCpu } from "../training/tiny.ts";
import { caseConfig, diceOn, openCase, save, trainOn } from "./cohort.ts";

const GRID = ["grid.size=24", "grid.spacing=2", "adaptation.iterations=100"];

/** Seeds of the patients that are tested on. */
const SEEDS = [7, 8];

let known: Promise<{ model: Network; dice: number }> | undefined;

/** A network that tells by two channels what neither tells alone, and its Dice on {@linkcode SEEDS}. */
function learner(): Promise<{ model: Network; dice: number }> {
  return known ??= learn();
}

async function learn(): Promise<{ model: Network; dice: number }> {
  const dir = await Deno.makeTempDir();
  try {
    const config = caseConfig(...GRID);
    await writeTwoChannels(dir, { patients: 9 });
    const dataset = await openCase(dir, config);
    const model = await trainOn(dataset, ["case_1", "case_2", "case_3"], config);
    const dice = await diceOn(model, dataset, { patients: ["case_8", "case_9"], config });
    assert.ok(dice > 0.85, `two channels are not learned: ${dice}`);
    return { model, dice };
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

/** Channels of one shape along a fourth axis. */
function stacked(channels: readonly Volume[]): Volume {
  const voxels = Int16Array.from(channels.flatMap(({ voxels }) => [...voxels]));
  return { ...channels[0], voxels, shape: [...channels[0].shape, channels.length] };
}

/** A list as the decathlon and nnU-Net v1 have it. */
function listed(): string {
  const modality = Object.fromEntries(CHANNELS.entries());
  const labels = { "0": "background", "1": "cyst", "2": "lesion" };
  const training = SEEDS.map((seed) => ({
    image: `./imagesTr/p${seed}.nii.gz`,
    label: `./labelsTr/p${seed}.nii.gz`,
  }));
  return JSON.stringify({ name: "Two", modality, labels, training, test: [] });
}

type Write = (dir: string, id: string, patient: ReturnType<typeof twoChannelPatient>) => unknown;

/** What files are written of a patient, and what the channels are called then. */
const arrangements: { what: string; write: Write; channels: readonly string[]; json?: string }[] = [
  {
    what: "4D images of the decathlon",
    write: async (dir, id, { channels, mask }) => {
      await save(`${dir}/imagesTr/${id}.nii.gz`, stacked(channels));
      await save(`${dir}/labelsTr/${id}.nii.gz`, mask);
    },
    channels: CHANNELS,
    json: listed(),
  },
  {
    what: "nnU-Net v1's files, _0000 and _0001",
    write: async (dir, id, { channels, mask }) => {
      for (const [i, one] of channels.entries()) {
        await save(`${dir}/imagesTr/${id}_000${i}.nii.gz`, one);
      }
      await save(`${dir}/labelsTr/${id}.nii.gz`, mask);
    },
    channels: CHANNELS,
    json: listed(),
  },
  {
    what: "nnU-Net's files without a dataset.json",
    write: async (dir, id, { channels, mask }) => {
      for (const [i, one] of channels.entries()) {
        await save(`${dir}/images/${id}_000${i}.nii.gz`, one);
      }
      await save(`${dir}/labels/${id}.nii.gz`, mask);
    },
    channels: ["0000", "0001"],
  },
  {
    what: "endings of the names, as BraTS has them",
    write: async (dir, id, { channels: [t1, t2], mask }) => {
      await save(`${dir}/BraTS_${id}_t1.nii.gz`, t1);
      await save(`${dir}/BraTS_${id}_t2.nii.gz`, t2);
      await save(`${dir}/BraTS_${id}_seg.nii.gz`, mask);
    },
    channels: ["t1", "t2"],
  },
  {
    what: "a folder for each patient, in two formats",
    write: async (dir, id, { channels: [t1, t2], mask }) => {
      await save(`${dir}/${id}/${id}-t1n.nrrd`, t1);
      await save(`${dir}/${id}/${id}-t2w.nii`, t2);
      await save(`${dir}/${id}/${id}-seg.mha`, mask);
    },
    channels: ["t1n", "t2w"],
  },
  {
    what: "BIDS's suffixes",
    write: async (dir, id, { channels: [t1, t2], mask }) => {
      const name = `sub-${id}/anat/sub-${id}`;
      await save(`${dir}/${name}_T1w.nii.gz`, t1);
      await save(`${dir}/${name}_T2w.nii.gz`, t2);
      await save(`${dir}/derivatives/manual/${name}_dseg.nii.gz`, mask);
    },
    channels: ["T1w", "T2w"],
  },
  {
    what: "a channel stored in another order of voxels",
    write: async (dir, id, { channels: [t1, t2], mask }) => {
      await save(`${dir}/images/${id}_t1.nii.gz`, t1);
      await save(`${dir}/images/${id}_t2.nii.gz`, reordered(t2, ALL_ORDERS[13]));
      await save(`${dir}/labels/${id}.nii.gz`, reordered(mask, ALL_ORDERS[30]));
    },
    channels: ["t1", "t2"],
  },
];

for (const { what, write, channels, json } of arrangements) {
  Deno.test(
    `two channels are both used: ${what}`,
    onCpu(() =>
      withFolder(async (dir) => {
        const { model, dice } = await learner();
        for (const seed of SEEDS) await write(dir, `p${seed}`, twoChannelPatient(seed));
        if (json) await Deno.writeTextFile(`${dir}/dataset.json`, json);
        const config = caseConfig(...GRID);
        const dataset = await openCase(dir, config);
        assert.deepEqual(dataset.channels, channels);
        const patients = dataset.patients.map(({ id }) => id);
        assert.equal(patients.length, SEEDS.length, `${patients}`);
        const found = await diceOn(model, dataset, { patients, config });
        assert.ok(Math.abs(found - dice) < 1e-9, `${found}, not ${dice}`);
        const { scans } = await checkDataset(dataset);
        assert.ok(scans.every(({ intensities }) => intensities?.length === 2));
      })
    ),
  );
}

Deno.test(
  "of four channels those are used, in that order, that data.channels names",
  onCpu(() =>
    withFolder(async (dir) => {
      const { model, dice } = await learner();
      for (const seed of SEEDS) {
        const { channels: [t1, t2], mask } = twoChannelPatient(seed);
        const files = { t2, flair: mask, t1, t1ce: mask };
        for (const [name, volume] of Object.entries(files)) {
          await save(`${dir}/B_${seed}_${name}.nii.gz`, volume);
        }
        await save(`${dir}/B_${seed}_seg.nii.gz`, mask);
      }
      const all = await openCase(dir, caseConfig(...GRID));
      assert.deepEqual(all.channels, ["flair", "t1", "t1ce", "t2"]);
      const diceBy = async (names: string) => {
        const config = caseConfig(...GRID, `data.channels=${names}`);
        const dataset = await openCase(dir, config);
        const patients = dataset.patients.map(({ id }) => id);
        return await diceOn(model, dataset, { patients, config });
      };
      assert.ok(Math.abs(await diceBy(`["t1","t2"]`) - dice) < 1e-9);
      assert.ok(await diceBy(`["t2","t1"]`) < dice - 0.2);
      await assert.rejects(
        diceBy(`["t1","T3"]`),
        /expected the channels t1, T3, each once, found /,
      );
    })
  ),
);

Deno.test("a channel that a patient lacks is refused by both names, or is 0 where that is set", () =>
  withFolder(async (dir) => {
    for (const seed of SEEDS) {
      const { channels: [t1, t2], mask } = twoChannelPatient(seed);
      await save(`${dir}/images/p${seed}_t1.nii.gz`, t1);
      if (seed !== 8) await save(`${dir}/images/p${seed}_t2.nii.gz`, t2);
      await save(`${dir}/labels/p${seed}.nii.gz`, mask);
    }
    await assert.rejects(
      openCase(dir, caseConfig(...GRID)),
      /expected the channel t2 of every scan, found none of p8; /,
    );
    const config = caseConfig(...GRID, "data.missingChannel=zero");
    const dataset = await openCase(dir, config);
    const [whole, lacking] = await loadCohort(dataset, ["p7", "p8"], {
      grid: config.grid,
      labelled: true,
    });
    const second = (images: Float32Array) => images.filter((_, i) => i % 2 === 1);
    assert.ok(second(whole.slices.images).some((value) => value > 0.5));
    assert.ok(second(lacking.slices.images).every((value) => value === 0));
    assert.match(lacking.warnings.join(), /A channel is lacking/);
  }));

Deno.test("a 4D image of more or fewer volumes than dataset.json names channels is refused", () =>
  withFolder(async (dir) => {
    for (const [seed, count] of [[7, 3], [8, 1]]) {
      const { channels: [t1, t2], mask } = twoChannelPatient(seed);
      await save(`${dir}/imagesTr/p${seed}.nii.gz`, stacked([t1, t2, t1].slice(0, count)));
      await save(`${dir}/labelsTr/p${seed}.nii.gz`, mask);
    }
    await Deno.writeTextFile(`${dir}/dataset.json`, listed());
    const { scans, errors } = await checkDataset(await openCase(dir, caseConfig(...GRID)));
    assert.equal(errors, 2);
    for (const [i, found] of [3, 1].entries()) {
      assert.match(
        scans[i].error ?? "",
        new RegExp(
          `p${SEEDS[i]}\\.nii\\.gz: expected 2 channels along .*, found ${found}; name them`,
        ),
      );
    }
  }));
