import { withFolder } from "../support/datasets.ts";
import { expectFailures } from "./failures.ts";

Deno.test("wrong usage is told in one line, before anything is read or written", () =>
  withFolder(async (dir) => {
    const cases: [name: string, args: string, says: RegExp][] = [
      [
        "unknown path",
        "pretrain --set pretraining.bach=4",
        /unknown setting "pretraining.bach" \(did you mean pretraining.batch\?\)/,
      ],
      [
        "no value",
        "pretrain --set pretraining.batch",
        /expected path=value, found "pretraining.batch"/,
      ],
      [
        "value of another type",
        "pretrain --set pretraining.batch=many",
        /pretraining.batch: .*Expected number but received "many"/,
      ],
      [
        "value out of range",
        "pretrain --set views.spatial.scale=[0,2]",
        /views.spatial.scale: expected \[low, high\] within \(0, 1\]/,
      ],
      [
        "grid that the U-Net cannot halve",
        "pretrain --set grid.size=20",
        /grid.size: expected a multiple of 8/,
      ],
      [
        "unknown preset",
        "pretrain --preset pix2rep-smal",
        /found "pix2rep-smal" \(did you mean pix2rep-small\?\)/,
      ],
      [
        "unknown backend",
        "pretrain --backend simt",
        /--backend: expected one of .*found "simt" \(did you mean simd\?\)/,
      ],
      [
        "unknown layout",
        "pretrain --layout acdk",
        /--layout: expected one of acdc, .*found "acdk" \(did you mean acdc\?\)/,
      ],
      [
        "resumed with another manifest",
        "pretrain --resume --split split.json",
        /own configuration: leave out --split/,
      ],
      [
        "unknown strategy",
        "finetune --strategy prob",
        /--strategy: expected one of .*found "prob" \(did you mean probe\?\)/,
      ],
      [
        "no number",
        "pretrain --steps few",
        /--steps: expected a whole number from 1 on, found "few"/,
      ],
      [
        "negative number",
        "finetune --strategy scratch --patients -1",
        /--patients: expected a whole number from 1 on/,
      ],
      [
        "steps and epochs",
        "pretrain --steps 2 --epochs 2",
        /expected --epochs or --steps, found both/,
      ],
      [
        "probe of nothing",
        "pretrain --probe 1 --set pretraining.qualityEvery=0",
        /--probe: expected pretraining.qualityEvery above 0, found 0; add --set/,
      ],
      [
        "resumed with another configuration",
        "pretrain --resume --seed 4",
        /own configuration: leave out --seed/,
      ],
      [
        "fine-tuning of nothing",
        "finetune",
        /--strategy weak-to-strong: expected --pretrained RUN/,
      ],
      [
        "scratch from a pretraining",
        "finetune --strategy scratch --pretrained x",
        /scratch takes no --pretrained/,
      ],
      ["preset of a pretraining", "finetune --pretrained x --preset pix2rep", /leave out --preset/],
      ["missing option", "evaluate", /expected --model RUN/],
      [
        "export to a file of no format",
        "export --model x",
        /--out .*: expected a file that ends in \.onnx or \.safetensors, or --format/,
      ],
      [
        "unknown format",
        "export --model x --format onyx",
        /--format: expected one of onnx, safetensors, found "onyx" \(did you mean onnx\?\)/,
      ],
      ["missing value", "predict --model --input x", /--model: expected RUN\|FILE, found nothing/],
      [
        "two values of an option that takes one",
        "pretrain --seed 1 --seed=2",
        /--seed: expected one N, found "1" and "2"/,
      ],
      [
        "two models to export",
        "export --model a --model b",
        /--model: expected one RUN, found "a" and "b"/,
      ],
      ["value of a switch", "pretrain --resume=no", /--resume: expected no value, found "no"/],
      ["stray word", "sweep again", /expected options only, found "again"/],
      [
        "unknown strategies",
        "sweep --strategies probe,tune",
        /--strategies: expected one of .*found "tune"/,
      ],
    ];
    await expectFailures(
      dir,
      cases.map(([name, args, says]) => ({ name, run: args.split(" "), says, code: 2 })),
    );
  }));
