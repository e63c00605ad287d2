/**
 * Cleaning of a predicted label map: an organ is in one piece.
 *
 * @module
 */

/**
 * Keeps the largest connected part of each structure and calls the rest background. Parts hang
 * together by faces (6 neighbours in 3D); of equally large ones the first in memory stays.
 *
 * @param labels [x, y, z] with x fastest; 0 is the background.
 * @param shape Voxels along x, y, z.
 * @returns a new label map.
 */
export function keepLargestComponents(
  labels: Uint8Array,
  shape: readonly number[],
): Uint8Array<ArrayBuffer> {
  const { components, sizes } = connectedComponents(labels, shape);
  const largest = new Map<number, number>();
  for (const [component, { label, voxels }] of sizes.entries()) {
    const best = largest.get(label);
    if (best === undefined || voxels > sizes[best].voxels) largest.set(label, component);
  }
  return Uint8Array.from(
    labels,
    (label, i) => label !== 0 && largest.get(label) === components[i] ? label : 0,
  );
}

/** The component of every voxel that is not background, and each component's label and size. */
function connectedComponents(
  labels: Uint8Array,
  [width, height, depth]: readonly number[],
): { components: Int32Array; sizes: { label: number; voxels: number }[] } {
  const layer = width * height;
  const components = new Int32Array(labels.length).fill(-1);
  const sizes: { label: number; voxels: number }[] = [];
  const stack = new Int32Array(labels.length);
  for (let seed = 0; seed < labels.length; seed++) {
    if (labels[seed] === 0 || components[seed] >= 0) continue;
    const label = labels[seed];
    const component = sizes.length;
    let [top, voxels] = [0, 0];
    const visit = (voxel: number) => {
      if (labels[voxel] !== label || components[voxel] >= 0) return;
      components[voxel] = component;
      stack[top++] = voxel;
    };
    visit(seed);
    while (top > 0) {
      const voxel = stack[--top];
      voxels++;
      const x = voxel % width;
      const y = Math.floor(voxel / width) % height;
      const z = Math.floor(voxel / layer);
      if (x > 0) visit(voxel - 1);
      if (x < width - 1) visit(voxel + 1);
      if (y > 0) visit(voxel - width);
      if (y < height - 1) visit(voxel + width);
      if (z > 0) visit(voxel - layer);
      if (z < depth - 1) visit(voxel + layer);
    }
    sizes.push({ label, voxels });
  }
  return { components, sizes };
}
