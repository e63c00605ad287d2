/**
 * Masks of a whole cohort, kept until it is known which of them are shown.
 *
 * @module
 */
import { deflateSync, inflateSync } from "node:zlib";

/** A mask, deflated: some kilobytes where the scan has megabytes. */
export interface KeptMask {
  /** zlib of the labels. */
  deflated: Uint8Array;
}

/** Keeps a mask. */
export function keepMask(labels: Uint8Array): KeptMask {
  return { deflated: new Uint8Array(deflateSync(labels, { level: 1 })) };
}

/** The labels of a mask that was kept. */
export function openMask({ deflated }: KeptMask): Uint8Array {
  return new Uint8Array(inflateSync(deflated));
}
