/**
 * The end of a training whose numbers are none any more.
 *
 * @module
 */

/** A training's loss or weights are not finite: nothing but other settings helps. */
export class DivergenceError extends RangeError {}
