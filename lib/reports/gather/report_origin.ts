/**
 * How a report came about.
 *
 * @module
 */
import { arch, platform } from "node:process";
import { counted } from "../../io/text/amounts.ts";
import { peakMemoryGb, VERSION } from "../../runs/provenance.ts";
import type { ReportEnvironment, ReportOrigin } from "../inputs/report_input.ts";

/** What is known of where results were computed, with this machine and day. */
export function reportOrigin(environment: ReportEnvironment): ReportOrigin {
  return {
    ...environment,
    version: VERSION,
    slices: [],
    system: `${platform} ${arch}, ${counted(navigator.hardwareConcurrency, "thread")}`,
    memoryGb: peakMemoryGb(),
    date: new Date().toISOString().slice(0, 10),
  };
}
