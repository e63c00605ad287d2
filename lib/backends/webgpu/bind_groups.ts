/**
 * Bind groups that are made once: what a shader works on is in the same buffers in every step, and
 * making a binding takes longer than all else in a dispatch.
 *
 * @module
 */
import { numberOf } from "./buffers.ts";

/** Bind groups that are kept of a shader. */
const MOST = 1024;

/** Has a device give the same bind group for the same buffers, to tfjs's shaders and to ours. */
export function keepBindGroups(device: GPUDevice): void {
  const makePipeline = device.createComputePipeline.bind(device);
  device.createComputePipeline = (description) => {
    const pipeline = makePipeline(description);
    // Deno makes an object for every call, and by it the bind groups are found again.
    const layout = pipeline.getBindGroupLayout(0);
    pipeline.getBindGroupLayout = () => layout;
    return pipeline;
  };
  const kept = new WeakMap<GPUBindGroupLayout, Map<string, GPUBindGroup>>();
  const makeGroup = device.createBindGroup.bind(device);
  device.createBindGroup = (description) => {
    const groups = kept.get(description.layout) ?? new Map<string, GPUBindGroup>();
    kept.set(description.layout, groups);
    const key = describe(description);
    const known = groups.get(key);
    if (known) return known;
    const made = makeGroup(description);
    if (groups.size === MOST) groups.clear();
    groups.set(key, made);
    return made;
  };
}

/** What is bound, in its order: here always buffers, whole or the first bytes of them. */
function describe({ entries }: GPUBindGroupDescriptor): string {
  return Array.from(entries, ({ resource }) => {
    const { buffer, size } = resource as GPUBufferBinding;
    return `${numberOf(buffer)}:${size ?? ""}`;
  }).join();
}
