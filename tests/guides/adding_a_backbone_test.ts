import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { testContract } from "../backbones/contract.ts";

/** The code of docs/adding-a-backbone.md, as a reader would paste it into a file of their own. */
const guide = readFileSync(new URL("../../docs/adding-a-backbone.md", import.meta.url), "utf8");
const [, code] = guide.match(/```ts\n(.*?)```/s)!;
const folder = Deno.makeTempDirSync();
Deno.writeTextFileSync(`${folder}/light_unet.ts`, code);
const { lightUNet } = await import(pathToFileURL(`${folder}/light_unet.ts`).href);
Deno.removeSync(folder, { recursive: true });

testContract("docs/adding-a-backbone.md: lightUNet", lightUNet);
