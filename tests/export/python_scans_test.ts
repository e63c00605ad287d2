/** The Python of docs/export.md on scans as people have them, run as it stands there. */
import assert from "node:assert/strict";
import { disposeWeights } from "../../lib/backbones/weights.ts";
import { type AxisMap, IDENTITY, reordered } from "../../lib/data/volumes/axis_map.ts";
import { geometryOf } from "../../lib/data/formats/grid.ts";
import { labelsToValues } from "../../lib/data/masks/labels.ts";
import { readNifti } from "../../lib/data/volumes/nifti_read.ts";
import { writeNifti } from "../../lib/data/volumes/nifti_write.ts";
import { type PreparedVolume, prepareVolume } from "../../lib/data/slices/preprocess.ts";
import type { Affine } from "../../lib/data/volumes/volume.ts";
import { type VoxelOrder, workingMap } from "../../lib/data/volumes/voxel_order.ts";
import { segmentScan } from "../../lib/inference/segment.ts";
import { type ModelFile, networkOf } from "../../lib/export/model_file.ts";
import { random } from "../../lib/math/random.ts";
import { assertClose } from "../support/close.ts";
import { ALL_ORDERS } from "../support/orders.ts";
import { runPython } from "../support/python.ts";
import {
  type About,
  block,
  config,
  python,
  readValues,
  structures,
  testPython,
  writeModel,
} from "./python_model.ts";

/** Stands in for onnxruntime, which Debian lacks: the same network, by PyTorch. */
const ONNXRUNTIME = `${block("load")}
class InferenceSession:
    def __init__(self, path):
        self.model, about = load(path.replace(".onnx", ".safetensors"))
        text = lambda value: value if isinstance(value, str) else json.dumps(value)
        self.custom_metadata_map = {key: text(value) for key, value in about.items()}

    def get_modelmeta(self):
        return self

    def run(self, names, feeds):
        feeds["image"].tofile("slices")
        with torch.no_grad():
            return [self.model(torch.tensor(feeds["image"])).numpy()]
`;

const RAS_ORDER: VoxelOrder = { axes: "RAS", usual: "LPS", slices: 2 };

/** Scans of every kind, and what their model says. */
const cases: Record<string, About & { scan: Partial<Made>; order: VoxelOrder }> = {
  "smaller than the grid, LAS, with padding": {
    scan: { padding: -1024, map: ALL_ORDERS[1] },
    order: RAS_ORDER,
    structures: structures.map((one, i) => ({ ...one, values: [[500, 0], [205, 600]][i] })),
  },
  "larger than the grid, slices stored first, half of it one value": {
    scan: { shape: [12, 21, 2], spacing: [3.5, 1, 8], padding: 20, map: ALL_ORDERS[45] },
    order: RAS_ORDER,
  },
  "of cubes, cut across another axis": {
    scan: { shape: [18, 17, 16], spacing: [2, 2, 2], map: ALL_ORDERS[22] },
    order: { ...RAS_ORDER, slices: 0 },
  },
  "of thick slices, cut across another axis all the same": {
    scan: { shape: [18, 5, 16], spacing: [2, 6, 2] },
    order: { ...RAS_ORDER, slices: 2, fixed: true },
  },
  "without affine": { scan: { told: false }, order: RAS_ORDER },
  "with ACDC's affine": {
    scan: { affine: [[-1, 0, 0, 0], [0, -1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]] },
    order: { ...RAS_ORDER, usual: "LAS" },
  },
  "in a cohort that stays as stored": {
    scan: { map: ALL_ORDERS[3] },
    order: { axes: "stored", usual: "", slices: 2 },
  },
  "that is constant": { scan: { contrast: 0 }, order: RAS_ORDER },
  "with a window and values that are none": {
    scan: { padding: NaN, map: ALL_ORDERS[30] },
    order: RAS_ORDER,
    window: [100, 1500],
  },
  "of two channels": { scan: {}, order: RAS_ORDER, channels: ["T1", "FLAIR"] },
};

/** Runs the page's code in each of some folders. */
const PROGRAM = `
import glob, os, sys
sys.path.insert(0, os.getcwd())
code = open("code.py").read().replace('["scan.nii.gz"]', 'sorted(glob.glob("in*"))')
for folder in sys.argv[1:]:
    os.chdir(folder)
    exec(code)
`;

testPython(
  "docs/export.md: its Python prepares scans and writes masks as predict does",
  async (dir) => {
    await Deno.writeTextFile(`${dir}/onnxruntime.py`, ONNXRUNTIME);
    await Deno.writeTextFile(`${dir}/code.py`, block("prepare"));
    const models: ModelFile[] = [];
    const folders = Object.keys(cases).map((what) => `${dir}/${what}`);
    for (const [i, { scan, ...about }] of Object.values(cases).entries()) {
      await Deno.mkdir(folders[i]);
      models.push(await writeModel(folders[i], about));
      for (const channel of (about.channels ?? ["the only one"]).keys()) {
        const made = { ...PLAIN, contrast: 900 - 600 * channel, ...scan };
        await writeScan(`${folders[i]}/in${channel}.nii.gz`, made);
      }
    }
    await runPython(python!, PROGRAM, { dir, args: folders });
    for (const [i, folder] of folders.entries()) await expectSame(folder, models[i]);
  },
);

/** Compares slices and mask with those that this toolkit makes of the scan in a folder. */
async function expectSame(folder: string, model: ModelFile): Promise<void> {
  const scans = await Promise.all(
    (model.channels ?? [""]).map((_, i) => readNifti(`${folder}/in${i}.nii.gz`)),
  );
  const [{ shape, geometry }] = scans;
  const map = workingMap(scans[0], model.order!);
  const prepared = prepareVolume(scans.map((one) => reordered(one, map)), config.grid, {
    scale: model.config.data.window,
  });
  assertClose(readValues(`${folder}/slices`), slicesFirst(prepared), 1e-5);
  const network = networkOf(model);
  const expected = labelsToValues(await segmentScan(network, scans, model), model);
  disposeWeights(network.weights);
  const mask = await readNifti(`${folder}/mask.nii.gz`);
  assert.deepEqual([mask.shape, mask.geometry], [shape, geometry], folder);
  const differ = expected.filter((value, i) => value !== mask.voxels[i]).length;
  // Where two classes are level, rounding decides.
  assert.ok(differ <= expected.length / 500, `${folder}: ${differ} of ${expected.length} differ`);
  assert.ok(new Set(expected).size > 1 || /constant/.test(folder), folder);
}

/** Prepared slices as PyTorch has them, [slices, channels, size, size]. */
function slicesFirst({ images, depth, channels, grid: { size } }: PreparedVolume): Float32Array {
  const pixels = size * size;
  return Float32Array.from({ length: depth * channels * pixels }, (_, i) => {
    const [slice, channel] = [Math.floor(i / pixels / channels), Math.floor(i / pixels) % channels];
    return images[(slice * pixels + i % pixels) * channels + channel];
  });
}

/** How a scan is made. */
interface Made {
  /** Its shape and the size of its voxels in mm, in the order LAS. */
  shape: [number, number, number];
  spacing: [number, number, number];
  /** How far its values reach. */
  contrast: number;
  /** What the voxels of its first third have, instead of noise. */
  padding?: number;
  /** The order in which it is stored, seen from LAS. */
  map: AxisMap;
  /** Its affine, where it is not that of its spacing. */
  affine?: Affine;
  /** Whether its header has an affine. */
  told: boolean;
}

const PLAIN: Made = {
  shape: [30, 17, 3],
  spacing: [1.25, 2.5, 8],
  contrast: 900,
  told: true,
  map: IDENTITY,
};

/** Writes a scan of smooth noise. */
async function writeScan(path: string, made: Made): Promise<void> {
  const { shape, spacing, contrast, padding, map, told } = made;
  const source = random("scan", contrast);
  const [width, height, depth] = shape;
  const [a, b] = [source.uniform(0.2, 0.6), source.uniform(0.2, 0.6)];
  const length = width * height * depth;
  const voxels = Float32Array.from({ length }, (_, i) => {
    if (padding !== undefined && i < length / 3) return padding;
    const [x, y] = [i % width, Math.floor(i / width) % height];
    const z = Math.floor(i / width / height);
    return contrast * (1 + Math.sin(a * x) * Math.cos(b * y + z) + source.uniform(-0.1, 0.1)) + 20;
  });
  const [x, y, z] = spacing;
  const affine = made.affine ?? [[-x, 0, 0, 10], [0, y, 0, 20], [0, 0, z, 30], [0, 0, 0, 1]];
  const stored = reordered(
    {
      voxels,
      shape,
      spacing,
      affine,
      source: "made",
      warnings: [],
      geometry: {
        ...geometryOf(affine, shape),
        pixdim: [1, x, y, z, 0, 0, 0, 0],
        sformCode: told ? 1 : 0,
      },
    },
    map,
  );
  await writeNifti(path, stored.voxels, stored);
}
