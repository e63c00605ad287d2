/**
 * Calls of kernels that must not compile. `deno check`, and `deno test` before it runs anything, fail
 * where a line after `@ts-expect-error` is no error.
 */
import type { SimdBackend } from "../../lib/backends/simd/backend.ts";
import { type Binary, Unary } from "../../lib/backends/simd/kernel_calls.ts";
import { after, type Pointer } from "../../lib/backends/simd/memory.ts";

/** Right calls, which the wrong ones below differ from in one place. */
export function right(backend: SimdBackend, x: Pointer): void {
  backend.run("fill", 1, { out: after(x, 4), value: 1, n: 8 });
  backend.run("unary", 1, { op: "Relu", x, out: x, n: 8 });
}

/** Wrong arguments of a kernel. */
export function wrongArguments(backend: SimdBackend, x: Pointer): void {
  // @ts-expect-error: no such kernel
  backend.run("fil", 1, { out: x, value: 1, n: 8 });
  // @ts-expect-error: an argument is missing
  backend.run("fill", 1, { out: x, value: 1 });
  // @ts-expect-error: an argument of no name of the kernel's
  backend.run("fill", 1, { out: x, value: 1, n: 8, rows: 2 });
  // @ts-expect-error: arguments by position
  backend.run("fill", 1, [x, 1, 8]);
  // @ts-expect-error: a number where an address belongs
  backend.run("fill", 1, { out: 4096, value: 1, n: 8 });
  // @ts-expect-error: the sum of an address and a number may lie anywhere
  backend.run("fill", 1, { out: x + 4, value: 1, n: 8 });
}

/** Operations without an opcode. */
export function wrongOpcodes(backend: SimdBackend, x: Pointer): void {
  // @ts-expect-error: no opcode of this name
  backend.run("unary", 1, { op: "Tan", x, out: x, n: 8 });
  // @ts-expect-error: a number in the place of a name
  backend.run("unary", 1, { op: Unary.Relu, x, out: x, n: 8 });
  // @ts-expect-error: an opcode of functions of one value
  const op: Binary = "Relu";
  backend.run("reduce", 1, {
    // @ts-expect-error: an opcode of functions of two values
    op,
    ...{ x, axis: 4, inner: 1, part: 4, out: x },
  });
}
