/**
 * Cleaning of a predicted label map: an organ has no holes.
 *
 * @module
 */

/**
 * Fills the holes of a label map. A hole is a part of the background, connected by faces (6 neighbours
 * in 3D), that does not reach the map's border: what scipy's `binary_fill_holes` adds to all structures
 * together. Each hole becomes the structure that most of its faces touch; of equally many, the one of
 * the lower label. Axes of a single voxel have no border: the holes of a 2D image are those of its
 * plane.
 *
 * @param labels [x, y, z] with x fastest; 0 is the background.
 * @param shape Voxels along x, y, z.
 * @returns a new label map.
 */
export function fillHoles(
  labels: Uint8Array,
  shape: readonly number[],
): Uint8Array<ArrayBuffer> {
  const filled = Uint8Array.from(labels);
  const visited = new Uint8Array(labels.length);
  const part = new Int32Array(labels.length);
  for (let seed = 0; seed < labels.length; seed++) {
    if (labels[seed] !== 0 || visited[seed]) continue;
    const { size, open, faces } = backgroundPart(labels, shape, { seed, visited, part });
    if (open) continue;
    const label = faces.indexOf(Math.max(...faces));
    for (let i = 0; i < size; i++) filled[part[i]] = label;
  }
  return filled;
}

/** A part of the background. */
interface BackgroundPart {
  /** How many voxels it has: the first of `part`. */
  size: number;
  /** Whether it reaches the border. */
  open: boolean;
  /** How many of its faces touch each label. */
  faces: number[];
}

/** Visits the part of the background that a voxel belongs to, and lists its voxels in `part`. */
function backgroundPart(
  labels: Uint8Array,
  shape: readonly number[],
  { seed, visited, part }: { seed: number; visited: Uint8Array; part: Int32Array },
): BackgroundPart {
  const faces: number[] = Array(256).fill(0);
  const strides = [1, shape[0], shape[0] * shape[1]];
  let [size, open] = [1, false];
  visited[seed] = 1;
  part[0] = seed;
  for (let next = 0; next < size; next++) {
    const voxel = part[next];
    for (let axis = 0; axis < 3; axis++) {
      if (shape[axis] === 1) continue;
      const place = Math.floor(voxel / strides[axis]) % shape[axis];
      if (place === 0 || place === shape[axis] - 1) open = true;
      for (const step of [-1, 1]) {
        if (place + step < 0 || place + step >= shape[axis]) continue;
        const neighbour = voxel + step * strides[axis];
        if (labels[neighbour] !== 0) faces[labels[neighbour]]++;
        else if (!visited[neighbour]) {
          visited[neighbour] = 1;
          part[size++] = neighbour;
        }
      }
    }
  }
  return { size, open, faces };
}
