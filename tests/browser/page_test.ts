/// <reference lib="dom" />
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { disposeWeights } from "../../lib/backbones/weights.ts";
import { useBackend } from "../../lib/backends/select.ts";
import { encodeNifti } from "../../lib/data/formats/nifti/encode.ts";
import { phantomPatient } from "../../lib/data/phantom/patient.ts";
import { prepareVolume } from "../../lib/data/slices/preprocess.ts";
import { stackSlices } from "../../lib/data/slices/slices.ts";
import type { Volume } from "../../lib/data/volumes/volume.ts";
import { segmentScan } from "../../lib/inference/segment.ts";
import { encodeModelFile, modelFileOf, networkOf } from "../../lib/export/model_file.ts";
import { adapt } from "../../lib/training/adapt.ts";
import { expectAccessible } from "../support/accessible.ts";
import { expectNoPlaceOrIdentity, filesIn } from "../support/privacy.ts";
import { TINY } from "../training/tiny.ts";
import {
  choose,
  downloaded,
  drop,
  type NamedFile,
  niftiFile,
  pageTest,
  text,
} from "./served_page.ts";

const structures = [{ label: 1, name: "RV" }, { label: 2, name: "Myo" }, { label: 3, name: "LV" }];
const { ed, es } = phantomPatient(0);
const scan = ed.image;

pageTest("what the page is served from holds no path of the machine", () => {
  const files = filesIn("runs/page");
  assert.deepEqual(files.map(({ path }) => path).sort(), ["page.js", "worker.js"]);
  expectNoPlaceOrIdentity(files);
  return Promise.resolve();
});

/** Two time points. */
const cine: Volume = {
  ...scan,
  voxels: Int16Array.from([...ed.image.voxels, ...es.image.voxels]),
  shape: [...scan.shape, 2],
};

/** A small network that has seen this one heart, so that its masks have every structure. */
const model = await smallModel();

async function smallModel() {
  await useBackend("simd");
  const config = {
    ...TINY,
    grid: { size: 32, spacing: 4, axis: "auto" } as const,
    adaptation: { ...TINY.adaptation, iterations: 150 },
    inference: {
      window: "sliding",
      overlap: 0.5,
      largestComponent: false,
      fillHoles: false,
      mirror: false,
    } as const,
  };
  const slices = stackSlices([prepareVolume(scan, config.grid, { mask: ed.mask })]);
  const classes = structures.length + 1;
  const checkpoint = await adapt(slices, config, { strategy: "scratch", classes });
  return modelFileOf(checkpoint, { config, structures });
}

/** The mask as this process computes it. */
async function expectedMask(image: Volume, frame?: number): Promise<Uint8Array> {
  const network = networkOf(model);
  try {
    return await segmentScan(network, image, { config: model.config, frame });
  } finally {
    disposeWeights(network.weights);
  }
}

const modelFile = { name: "heart.safetensors", bytes: encodeModelFile(model) };
const scanFile = niftiFile("scan.nii.gz", scan);

pageTest(
  "the page segments a dropped scan as predict does, byte for byte, offline",
  async (opened) => {
    const { page, errors } = opened;
    const expected = await expectedMask(scan);
    for (const { label, name } of structures) assert.ok(expected.includes(label), name);
    assert.equal(await page.evaluate(() => crossOriginIsolated), true);
    await page.selectOption("#backend", "simd");
    await choose(page, "model", modelFile);
    await page.waitForSelector("#model-name:not(:empty)");
    assert.equal(await text(page, "model-name"), "heart.safetensors: RV, Myo, LV");
    await page.context().setOffline(true);
    await drop(page, "body", scanFile);
    const { name, bytes } = await downloaded(page);
    assert.equal(name, "scan_mask.nii.gz");
    assert.deepEqual(bytes, encodeNifti(expected, scan));

    assert.equal(await text(page, "error"), "");
    const threads = navigator.hardwareConcurrency;
    assert.match(
      await text(page, "computed"),
      new RegExp(`^Computed in \\d+\\.\\d s by simd, the CPU, ${threads} threads?\\.$`),
    );
    const millilitres = (label: number) =>
      expected.filter((value) => value === label).length * scan.spacing.reduce((a, b) => a * b) /
      1000;
    assert.deepEqual(
      await page.$$eval("#legend tr", (rows) => rows.map((row) => row.textContent)),
      structures.map(({ label, name }) => `${name}${millilitres(label).toFixed(1)} ml`),
    );
    assert.deepEqual(errors, []);
  },
);

/** How many pixels of the canvas are not grey. */
async function coloured(page: Page): Promise<number> {
  return await page.$eval("#canvas", (element) => {
    const { width, height } = element as HTMLCanvasElement;
    const { data } = (element as HTMLCanvasElement).getContext("2d")!
      .getImageData(0, 0, width, height);
    let count = 0;
    for (let i = 0; i < data.length; i += 4) {
      if (data[i] !== data[i + 1] || data[i] !== data[i + 2]) count++;
    }
    return count;
  });
}

pageTest("the page shows slices with the mask, and segments the time point asked for", async ({
  page,
  errors,
}) => {
  await choose(page, "scan", niftiFile("cine.nii.gz", cine));
  await choose(page, "model", modelFile);
  const [width, height, depth] = scan.shape;
  const first = await downloaded(page);
  assert.equal(first.name, "cine_frame0_mask.nii.gz");
  assert.match(
    await text(page, "scan-name"),
    /^cine\.nii\.gz: \d+ × \d+ × \d+ × 2 voxels of .* mm$/,
  );
  await page.fill("#frame", "2");
  await page.press("#frame", "Tab");
  await page.waitForSelector("#error:not(:empty)");
  assert.equal(
    await text(page, "error"),
    "cine.nii.gz: expected a frame from 0 to 1, found 2",
  );
  await page.fill("#frame", "1");
  await page.press("#frame", "Tab");
  await page.waitForSelector("#download[download='cine_frame1_mask.nii.gz']", {
    state: "attached",
  });
  const expected = await expectedMask(cine, 1);
  const { bytes } = await downloaded(page);
  assert.deepEqual(bytes, encodeNifti(expected, cine));

  await page.fill("#slice", "1");
  assert.equal(await text(page, "slice-state"), `Slice 1 of ${depth}`);
  const labels = expected.subarray(0, width * height).filter((label) => label > 0).length;
  assert.ok(labels > 0);
  assert.equal(await coloured(page), labels);
  await page.focus("#slice");
  await page.keyboard.press("ArrowRight");
  assert.equal(await text(page, "slice-state"), `Slice 2 of ${depth}`);
  await page.uncheck("#masked");
  assert.equal(await coloured(page), 0);
  assert.equal(
    await page.getAttribute("#canvas", "aria-label"),
    `Slice 2 of ${depth}, without the mask`,
  );
  assert.deepEqual(errors, []);
});

for (const colorScheme of ["light", "dark"] as const) {
  for (const width of [390, 820, 1280]) {
    pageTest(`axe finds nothing wrong with the page, ${width} pixels wide, ${colorScheme}`, async ({
      page,
    }) => {
      await expectAccessible(page);
      await choose(page, "scan", niftiFile("cine.nii.gz", cine));
      await choose(page, "model", modelFile);
      await page.waitForSelector("#result:not([hidden])", { timeout: 60_000 });
      await expectAccessible(page);
      const [across] = await page.evaluate(() => [document.documentElement.scrollWidth]);
      assert.equal(across, width);
    }, { colorScheme, width });
  }
}

const text64 = new TextEncoder().encode("a letter about somebody ".repeat(40));
const refused: [what: string, kind: "model" | "scan", file: NamedFile, message: RegExp][] = [
  ["text", "scan", { name: "a.nii.gz", bytes: text64 }, /^a\.nii\.gz: expected a NIfTI-1 or/],
  [
    "truncated",
    "scan",
    { name: "b.nii.gz", bytes: scanFile.bytes.subarray(0, -9) },
    /^b\.nii\.gz: expected whole gzip data, found it truncated or corrupt$/,
  ],
  [
    "damaged scan",
    "scan",
    { name: "c.nii.gz", bytes: scanFile.bytes.with(5000, scanFile.bytes[5000] ^ 1) },
    /^c\.nii\.gz: expected whole gzip data, found it truncated or corrupt$/,
  ],
  ["a scan", "model", scanFile, /^scan\.nii\.gz: not a complete safetensors file: /],
  [
    "damaged",
    "model",
    { name: "m.safetensors", bytes: modelFile.bytes.with(-2, 77) },
    /^m\.safetensors: the checksum does not match: the file is damaged$/,
  ],
];

pageTest("the page refuses wrong files in a line each, and goes on", async ({ page, errors }) => {
  for (const [what, kind, file, message] of refused) {
    await choose(page, kind, file);
    await page.waitForSelector("#error:not(:empty)");
    assert.match(await text(page, "error"), message, what);
    await choose(page, kind, kind === "model" ? modelFile : scanFile);
    await page.waitForSelector("#error:empty", { state: "attached" });
  }
  const { bytes } = await downloaded(page);
  assert.deepEqual(bytes, encodeNifti(await expectedMask(scan), scan));
  await page.selectOption("#backend", "webgpu");
  await page.waitForSelector("#error:not(:empty)");
  assert.match(await text(page, "error"), /^backend webgpu: expected a GPU adapter, found none/);
  assert.deepEqual(errors, []);
});

pageTest("nothing can be sent from the page or from its worker", async ({ page, requests }) => {
  const attempt = () => fetch("/style.css").then(() => "sent", ({ message }) => message);
  await choose(page, "model", modelFile);
  await page.waitForSelector("#model-name:not(:empty)");
  const before = requests.length;
  assert.equal(await page.evaluate(attempt), "Failed to fetch");
  const [worker] = page.workers();
  assert.match(worker.url(), /worker\.js$/);
  assert.match(await worker.evaluate(attempt), /Failed to fetch|violates/);
  assert.deepEqual(requests.slice(before), []);
});

pageTest("the page fits a phone, and all that reacts has a name", async ({ page }) => {
  await choose(page, "model", modelFile);
  await choose(page, "scan", scanFile);
  await downloaded(page);
  const wide = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  assert.deepEqual(wide, [390, 390]);
  const nameless = await page.$$eval(
    "button, a, select, input, canvas",
    (elements) =>
      elements.filter((element) =>
        !element.closest("label") && !element.getAttribute("aria-label") &&
        !element.textContent!.trim()
      ).map(({ outerHTML }) => outerHTML),
  );
  assert.deepEqual(nameless, []);
}, { width: 390 });

/** With these, Chromium has a GPU in software. It would take minutes to compile our convolutions. */
const software = ["--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader"];

pageTest("on WebGPU, Chromium takes every shader and call", async ({ page, errors }) => {
  await choose(page, "scan", scanFile);
  const [worker] = page.workers();
  // Shaders are checked; then others of the same bindings, which do nothing, stand in their place.
  await worker.evaluate(() => {
    const found: Promise<string[]>[] = [];
    const codes = new WeakMap<GPUShaderModule, string>();
    Object.assign(globalThis, { found });
    const { createShaderModule, createComputePipeline } = GPUDevice.prototype;
    GPUDevice.prototype.createShaderModule = function (descriptor) {
      const shader = createShaderModule.call(this, descriptor);
      codes.set(shader, descriptor.code);
      found.push(
        shader.getCompilationInfo().then(({ messages }) => messages.map(({ message }) => message)),
      );
      return shader;
    };
    GPUDevice.prototype.createComputePipeline = function (descriptor) {
      const code = codes.get(descriptor.compute.module)!;
      const kept = code.match(/^\s*(struct [^}]*\}|@group.*;)/gm)!.join("\n");
      const uses = [...kept.matchAll(/var<[^>]*> (\w+)/g)].map(([, name]) => `_ = &${name};`);
      const nothing = `${kept}\n@compute @workgroup_size(1) fn nothing() { ${uses.join(" ")} }`;
      const module = createShaderModule.call(this, { code: nothing });
      return createComputePipeline.call(this, { ...descriptor, compute: { module } });
    };
  });
  await page.selectOption("#backend", "webgpu");
  await choose(page, "model", modelFile);
  await page.waitForSelector("#result:not([hidden])");
  assert.match(await text(page, "computed"), / s by webgpu, the GPU \(google swiftshader\)\.$/);
  const messages = await worker.evaluate(() =>
    Promise.all((globalThis as unknown as { found: Promise<string[]>[] }).found)
  );
  assert.ok(messages.length > 20, `${messages.length} shaders`);
  assert.deepEqual(messages.flat(), []);
  assert.deepEqual(errors, []);
}, { args: software });
