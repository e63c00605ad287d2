/** Pages in a real browser: Chromium, headless, with all that it complains of. */
import { existsSync } from "node:fs";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import { withFolder } from "./datasets.ts";

// When it is imported, Playwright looks into /proc for signs of WSL, which Deno permits only to who
// is permitted everything; with this variable it does not until it needs to know.
Deno.env.set("__IS_WSL_TEST__", "1");
const { chromium } = await import("playwright-core");

/** Where Debian installs it. */
const DEBIAN = "/usr/bin/chromium";

/** A path, or "none" for doing without the tests that open a page. */
const wanted = Deno.env.get("PIX2REP_CHROMIUM") ?? DEBIAN;

/** A page that was opened, and what happened to it. */
export interface OpenedPage {
  /** The page. */
  page: Page;
  /** What it logged as an error or threw, in order. */
  errors: string[];
  /** What it asked for beside its own file. */
  requests: string[];
}

/** How a page is looked at. */
export interface Look {
  /** What the reader prefers. */
  colorScheme?: "light" | "dark";
  /** Width of the window in pixels; 1200 by default. */
  width?: number;
}

/** Options of a test that opens a page: left out, saying so, only where that was asked for. */
export function withChromium(name: string): { name: string; ignore: boolean } {
  const ignore = wanted === "none";
  return { name: ignore ? `${name} (left out: PIX2REP_CHROMIUM is "none")` : name, ignore };
}

/** Opens a page from a file of its own, offline, and hands it to the body. */
export async function openPage(
  html: string,
  body: (opened: OpenedPage) => Promise<void>,
  look: Look = {},
): Promise<void> {
  await withFolder(async (dir) => {
    const path = `${dir}/page.html`;
    await Deno.writeTextFile(path, html);
    await openUrl(pathToFileURL(path).href, body, { ...look, offline: true });
  });
}

/** Options of {@linkcode openUrl}. */
export interface OpenUrlOptions extends Look {
  /** Whether the browser has no network. */
  offline?: boolean;
  /** Further arguments of the browser. */
  args?: string[];
}

/** Opens a page by its address and hands it to the body. */
export async function openUrl(
  url: string,
  body: (opened: OpenedPage) => Promise<void>,
  { colorScheme = "light", width = 1200, offline = false, args = [] }: OpenUrlOptions = {},
): Promise<void> {
  const browser = await launch(args);
  try {
    const context = await browser.newContext({
      colorScheme,
      offline,
      viewport: { width, height: 900 },
    });
    const page = await context.newPage();
    const opened: OpenedPage = { page, errors: [], requests: [] };
    page.on("pageerror", (error) => opened.errors.push(error.message));
    page.on("console", (message) => {
      if (message.type() === "error") opened.errors.push(message.text());
    });
    context.on("request", (request) => {
      if (request.url() !== url) opened.requests.push(request.url());
    });
    await page.goto(url);
    await body(opened);
  } finally {
    await browser.close();
  }
}

async function launch(args: string[]): Promise<Browser> {
  if (!existsSync(wanted)) {
    throw new Error(
      `${wanted}: no Chromium there. Install Debian's package chromium, name another by ` +
        'PIX2REP_CHROMIUM=PATH, or leave these tests out by PIX2REP_CHROMIUM="none"',
    );
  }
  // The sandbox does not start for root, as whom continuous integration runs.
  return await chromium.launch({ executablePath: wanted, args: ["--no-sandbox", ...args] });
}
