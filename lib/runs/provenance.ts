/**
 * Where a run comes from, for the record: nothing depends on it.
 *
 * @module
 */
import { arch, platform, resourceUsage } from "node:process";
import * as v from "valibot";
import toolkit from "../../deno.json" with { type: "json" };

/** This toolkit's version. */
export const VERSION: string = toolkit.version;

/** Where a run comes from. */
export interface Provenance {
  /** The toolkit's version. */
  version: string;
  /** The commit of its checkout, where that is known; what was changed since is not told. */
  commit?: string;
  /** The command that ran it last, where one did; of paths that lead elsewhere, the last name. */
  command?: string;
  /** What it was run on last; the memory is unknown of runs of earlier versions. */
  machine: {
    /** System and architecture. */
    system: string;
    /** Logical cores. */
    cores: number;
    /** The graphics adapter that computed. */
    adapter?: string;
    /** Memory in GB that the process held at most, graphics memory apart. */
    peak_memory_gb?: number;
  };
  /** When it began, in UTC. */
  began: string;
  /** When it ended, or was interrupted, in UTC. */
  ended?: string;
  /**
   * SHA-256 of the slices that it was trained on, as prepared by its settings; of an adaptation, of
   * images, labels and unlabelled slices. Known of runs that are done.
   */
  slices?: string;
}

/** The schema of {@linkcode Provenance}. */
export const PROVENANCE_SCHEMA = v.object({
  version: v.string(),
  commit: v.optional(v.string()),
  command: v.optional(v.string()),
  machine: v.object({
    system: v.string(),
    cores: v.number(),
    adapter: v.optional(v.string()),
    peak_memory_gb: v.optional(v.number()),
  }),
  began: v.string(),
  ended: v.optional(v.string()),
  slices: v.optional(v.string()),
});

/** What only whoever starts a run knows of it. */
export interface StartedBy extends Pick<Provenance, "commit" | "command"> {
  /** The graphics adapter, where there is one. */
  adapter?: string;
}

/** The provenance of a run that begins now, or goes on. */
export function provenanceOf(
  { commit, command, adapter }: StartedBy,
  began: string = utcNow(),
): Provenance {
  return {
    version: VERSION,
    ...(commit && { commit }),
    ...(command && { command }),
    machine: {
      system: `${platform} ${arch}`,
      cores: navigator.hardwareConcurrency,
      ...(adapter && { adapter }),
    },
    began,
  };
}

/**
 * Memory in GB that this process held at most until now, all of its threads together. (How much the
 * machine has takes a permission to ask for.)
 */
export function peakMemoryGb(): number {
  const bytes = 1024 * resourceUsage().maxRSS;
  return Number((bytes / 1e9).toPrecision(3));
}

/** The time in UTC to the second, for instance "2026-11-28T21:45:15Z". */
export function utcNow(): string {
  return new Date().toISOString().replace(/\.\d+/, "");
}
