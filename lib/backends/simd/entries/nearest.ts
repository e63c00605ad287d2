/**
 * The vote of the nearest rows of a memory: the kernel of lib/ops/nearest_vote.ts.
 *
 * @module
 */
import { packMatrix, ROW_BLOCK } from "./matmul.ts";
import { countFlops, type Entry } from "../register.ts";

/** Rows of the memory in one block of products, as in kernels/nearest.ts. */
const COLUMNS = 512;

/** Kernel `NearestVote`. */
export const nearestEntries: Record<string, Entry> = {
  NearestVote: ({ inputs: { x, features, labels }, attrs, backend }) => {
    const { neighbours, classes, leastVote } = attrs;
    const [m, d] = x.shape;
    const [n] = features.shape;
    const shares = backend.output([m, classes]);
    const [from, labelsAt] = [backend.pointer(x), backend.pointer(labels)];
    const turned = { b: backend.pointer(features), bK: 4, bN: d * 4, k: d, n };
    countFlops(2 * m * n * d);
    packMatrix(backend, turned, (packed) => {
      const sizes = [m, n, d, neighbours, classes];
      const args = [from, packed, labelsAt, ...sizes, leastVote, shares.pointer];
      const scratchBytes = ROW_BLOCK * (COLUMNS + 2 * neighbours) * 4;
      backend.run("nearestVotes", Math.ceil(m / ROW_BLOCK), args, scratchBytes);
    });
    return shares.info;
  },
};
