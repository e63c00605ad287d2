/**
 * The vote of the nearest rows of a memory: the kernel of lib/ops/nearest_vote.ts.
 *
 * @module
 */
import type { Entries } from "../../entry.ts";
import type { SimdBackend } from "../backend.ts";
import { ROW_BLOCK } from "../kernel_calls.ts";
import { countFlops } from "../register.ts";
import { packMatrix } from "./matmul.ts";

/** Kernel `NearestVote`. */
export const nearestEntries = {
  NearestVote: ({ inputs: { x, features, labels }, attrs, backend }) => {
    const { neighbours, classes, leastVote } = attrs;
    const [m, d] = x.shape;
    const [n] = features.shape;
    const shares = backend.output([m, classes]);
    const from = { x: backend.pointer(x), labels: backend.pointer(labels) };
    const turned = { b: backend.pointer(features), bK: 4, bN: d * 4, k: d, n };
    countFlops(2 * m * n * d);
    packMatrix(backend, turned, (packed) => {
      const sizes = { m, n, d, k: neighbours, classes };
      const args = { ...from, packed, ...sizes, leastVote, out: shares.pointer };
      backend.run("nearestVotes", Math.ceil(m / ROW_BLOCK), args);
    });
    return shares.info;
  },
} satisfies Entries<SimdBackend>;
