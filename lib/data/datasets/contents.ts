/**
 * All that lies in a dataset's folder, whatever its layout.
 *
 * @module
 */
import type { Dirent } from "node:fs";
import { readdir, readlink, realpath, stat } from "node:fs/promises";
import { join } from "node:path";
import { outsideOf } from "../../io/read_file.ts";

/** What lies in a folder and those below it. */
export interface Contents {
  /** Paths of the files, folder by folder, each real folder once; hidden ones are left out. */
  files: string[];
  /** Links that lead out, and where to; what they lead to is not among the files. */
  outside: { path: string; leadsTo: string }[];
  /** Whether there was more than `most`. */
  cut: boolean;
}

/** Options of {@linkcode contentsOf}. */
export interface ContentsOptions {
  /** The dataset's folder, which links may not leave; `dir` by default. */
  within?: string;
  /** After how many files to stop; never by default. */
  most?: number;
  /** How many folders lie in each other at most; 16 by default. */
  deepest?: number;
}

/** Lists a folder and all below it. Links within the dataset are followed; no circle is walked twice. */
export async function contentsOf(
  dir: string,
  { within = dir, most = Infinity, deepest = 16 }: ContentsOptions = {},
): Promise<Contents> {
  const found: Contents = { files: [], outside: [], cut: false };
  const seen = new Set<string>();
  const walk = async (folder: string, depth: number): Promise<void> => {
    const real = await realpath(folder).catch(() => folder);
    if (depth > deepest || seen.has(real)) return;
    seen.add(real);
    const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
    const visible = entries.filter(({ name }) => !name.startsWith("."));
    for (const entry of visible.sort((a, b) => a.name < b.name ? -1 : 1)) {
      if (found.files.length >= most) {
        found.cut = true;
        return;
      }
      const path = join(folder, entry.name);
      const kind = entry.isSymbolicLink() ? await kindOfLink(path, within) : kindOf(entry);
      if (kind === "folder") await walk(path, depth + 1);
      else if (kind === "file") found.files.push(path);
      else if (kind) found.outside.push({ path, ...kind });
    }
  };
  await walk(dir, 0);
  return found;
}

type Kind = "file" | "folder" | { leadsTo: string } | undefined;

/** What a link leads to; undefined where that is no file and no folder, or nothing at all. */
async function kindOfLink(link: string, within: string): Promise<Kind> {
  try {
    const leadsTo = await outsideOf(within, link);
    return leadsTo === undefined ? kindOf(await stat(link)) : { leadsTo };
  } catch {
    // A confined task may not even look at what lies outside.
    return { leadsTo: await readlink(link).catch(() => "nowhere") };
  }
}

function kindOf(entry: Pick<Dirent, "isFile" | "isDirectory">): Kind {
  return entry.isDirectory() ? "folder" : entry.isFile() ? "file" : undefined;
}
