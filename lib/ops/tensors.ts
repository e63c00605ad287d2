/**
 * The types of tensors, which are tfjs's.
 *
 * @module
 */
import type * as tf from "@tensorflow/tfjs";

// Each is what tfjs's own function makes: so they have names and descriptions of this package, which
// whoever reads its documentation can follow.

/** One number, of the shape []. */
export type Scalar = ReturnType<typeof tf["scalar"]>;

/** A tensor of any number of axes. */
export type Tensor = ReturnType<typeof tf["tensor"]>;

/** A tensor of one axis. */
export type Tensor1D = ReturnType<typeof tf["tensor1d"]>;

/** A tensor of two axes. */
export type Tensor2D = ReturnType<typeof tf["tensor2d"]>;

/** A tensor of three axes. */
export type Tensor3D = ReturnType<typeof tf["tensor3d"]>;

/** A tensor of four axes, [batch, height, width, channels] unless a function says otherwise. */
export type Tensor4D = ReturnType<typeof tf["tensor4d"]>;

/** A tensor of five axes, [batch, depth, height, width, channels] unless a function says otherwise. */
export type Tensor5D = ReturnType<typeof tf["tensor5d"]>;

/** Slices or volumes: a tensor of four or five axes whose last is the channels. */
export type Images = Tensor4D | Tensor5D;

/** A tensor whose values training changes: a weight. */
export type Variable = ReturnType<typeof tf["variable"]>;
