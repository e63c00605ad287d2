/** The page as `deno task page` serves it, and what its users do with it. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { gunzipSync, gzipSync } from "node:zlib";
import type { Page } from "playwright-core";
import { encodeNifti } from "../../lib/data/formats/nifti/encode.ts";
import type { Volume } from "../../lib/data/volumes/volume.ts";
import {
  type OpenedPage,
  openUrl,
  type OpenUrlOptions,
  withChromium,
} from "../support/chromium.ts";
import { startTask, taskCommand } from "../support/run_task.ts";

/** What `deno task page` bundles before it serves. */
async function bundle(): Promise<void> {
  const root = fileURLToPath(new URL("../..", import.meta.url));
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: taskCommand("bundle-page"),
    cwd: root,
  }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
}

let bundled: Promise<void> | undefined;

/** A test with the page as it is served, of which nothing may go wrong. */
export function pageTest(
  name: string,
  body: (opened: OpenedPage) => Promise<void>,
  options: OpenUrlOptions = {},
): void {
  Deno.test(withChromium(name), async () => {
    await (bundled ??= bundle());
    const server = startTask("page", []);
    const [told, complaints] = [server.stdout.getReader(), new Response(server.stderr).text()];
    try {
      const { value } = await told.read();
      const url = new TextDecoder().decode(value).split(" ")[0];
      assert.equal(url, "http://127.0.0.1:8765/", await Promise.race([complaints, ""]));
      await openUrl(url, async (opened) => {
        await body(opened);
        for (const request of opened.requests) {
          assert.ok(request.startsWith(url) || request.startsWith(`blob:${url}`), request);
        }
      }, options);
    } finally {
      server.kill("SIGINT");
      while (!(await told.read()).done);
      const { code } = await server.status;
      assert.equal(code, 0, await complaints);
    }
  });
}

/** A file in memory. */
export interface NamedFile {
  name: string;
  bytes: Uint8Array;
}

/** A file gzipped in two members, as some programs write them. */
export function niftiFile(name: string, volume: Volume): NamedFile {
  const bytes = encodeNifti(volume.voxels, volume);
  const members = [bytes.subarray(0, 100_000), bytes.subarray(100_000)].map((part) =>
    gzipSync(part)
  );
  return { name, bytes: Uint8Array.from(members.flatMap((member) => [...member])) };
}

/** Chooses files, together. */
export async function choose(page: Page, kind: "model" | "scan", ...files: NamedFile[]) {
  await page.setInputFiles(
    `#${kind}-file`,
    files.map(({ name, bytes }) => ({
      name,
      mimeType: "application/octet-stream",
      buffer: Buffer.from(bytes),
    })),
  );
}

/** Drops files onto an element, together. */
export async function drop(page: Page, selector: string, ...files: NamedFile[]): Promise<void> {
  const texts = files.map(({ name, bytes }) => ({
    name,
    text: btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join("")),
  }));
  const dataTransfer = await page.evaluateHandle((texts) => {
    const transfer = new DataTransfer();
    for (const { name, text } of texts) {
      const content = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
      transfer.items.add(new File([content], name));
    }
    return transfer;
  }, texts);
  await page.dispatchEvent(selector, "drop", { dataTransfer });
}

/** The text of an element. */
export async function text(page: Page, id: string): Promise<string> {
  return (await page.textContent(`#${id}`))!.trim();
}

/** The mask that the page offers, once it has one, inflated. */
export async function downloaded(page: Page): Promise<NamedFile> {
  await page.waitForSelector("#result:not([hidden])", { timeout: 60_000 });
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.click("#download"),
  ]);
  const name = download.suggestedFilename();
  const bytes = await readFile(await download.path());
  return { name, bytes: new Uint8Array(name.endsWith(".gz") ? gunzipSync(bytes) : bytes) };
}

/** The mask of that name, once the page offers it. */
export async function downloadedAs(page: Page, name: string): Promise<Uint8Array> {
  await page.waitForSelector(`#download[download='${name}']`, { state: "attached" });
  return (await downloaded(page)).bytes;
}
