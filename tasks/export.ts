/** `deno task export`: writes a model as one file for other programs. */
import { existsSync } from "node:fs";
import { basename, dirname } from "node:path";
import { useBackend } from "../lib/backends/select.ts";
import { protocolWarnings } from "../lib/data/slices/midl2024.ts";
import { writeFileAtomically } from "../lib/io/write_file.ts";
import {
  encodeModelFile,
  type ModelFile,
  modelFileOf,
  preprocessingOf,
} from "../lib/export/model_file.ts";
import { encodeModelOnnx } from "../lib/export/model_onnx.ts";
import { openRun } from "../lib/runs/run_folder.ts";
import { draftsOf } from "./support/command/access.ts";
import { main, oneOf, UsageError, type Values } from "./support/command/command.ts";
import { expectTrained } from "./support/models/model.ts";
import { commandLine, type Outcome } from "./support/command/outcome.ts";

/** What a model can be written as. */
const FORMATS = ["onnx", "safetensors"] as const;

await main({
  name: "export",
  summary:
    "Writes a model as one file for other programs, with all that must be known to use it: " +
    "an adapted one gives the logits of its classes, a pretrained one the features of a pixel.",
  options: {
    model: {
      value: "RUN",
      help: "the folder of an adapted model, or of a pretraining",
      required: true,
    },
    format: {
      value: "NAME",
      help:
        "onnx, the network for any runtime; or safetensors, the weights in PyTorch's names and " +
        "layouts, which this toolkit reads again; by the ending of --out if not given",
    },
    out: { value: "FILE", help: "the file to write, a new one", required: true },
  },
  examples: [
    ["--model runs/finetune --out heart.onnx", "for onnxruntime, also in browsers"],
    ["--model runs/acdc --out acdc.safetensors", "a backbone for PyTorch"],
  ],
  goOn: () => "nothing was written, the same command begins anew",
  run: async (values, signal, voice) => {
    const [folder, out] = [values.text("model"), values.text("out")];
    const format = formatOf(values);
    if (existsSync(out)) {
      throw new Error(`${out}: expected a new file, found something there; choose another --out`);
    }
    const run = await openRun(folder);
    expectTrained(folder, run);
    const { config, info: { structures, channels, order } } = run;
    const model = modelFileOf(run.checkpoint, { config, structures, channels, order });
    // Where it records, nothing is computed.
    if (format === "onnx") await useBackend("cpu");
    const bytes = format === "onnx" ? await encodeModelOnnx(model, folder) : encodeModelFile(model);
    signal.throwIfAborted();
    await writeFileAtomically(out, bytes, { drafts: draftsOf(out) });
    protocolWarnings(config.data.protocol).forEach(voice.warn);
    return outcome(model, { out, format, bytes: bytes.length });
  },
});

/** The format that was asked for, or that the file is named after. */
function formatOf(values: Values): typeof FORMATS[number] {
  if (values.given("format")) return oneOf(values.text("format"), "format", FORMATS);
  const out = values.text("out");
  const named = FORMATS.find((format) => out.endsWith(`.${format}`));
  if (named) return named;
  throw new UsageError(
    `--out ${out}: expected a file that ends in .${FORMATS.join(" or .")}, or --format`,
  );
}

function outcome(
  model: ModelFile,
  { out, format, bytes }: { out: string; format: typeof FORMATS[number]; bytes: number },
): Outcome {
  const { tensors, config, structures, output } = model;
  const weights = Object.values(tensors).reduce((sum, { values }) => sum + values.length, 0);
  const { size, spacing } = preprocessingOf(config);
  const gives = output === "logits"
    ? `logits of background, ${structures.map(({ name }) => name).join(", ")}`
    : `${config.backbone.features} features of a pixel`;
  const about = `${output} of ${config.backbone.name}, ${weights} weights`;
  return {
    text: `${gives}, from slices of ${size} × ${size} pixels of ${spacing} mm`,
    json: { out, format, output, structures, weights, bytes },
    written: { folder: dirname(out), files: { [basename(out)]: about } },
    next: format === "safetensors" && output === "features"
      ? {
        purpose: "adapt it to a few labelled patients",
        command: commandLine("finetune", ["--pretrained", out]),
      }
      : undefined,
  };
}
