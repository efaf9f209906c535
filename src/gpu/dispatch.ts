import { DeviceError } from '../errors.ts';
import { type LoadedKernel, STEP_GROUP, type WorkgroupCounts } from './compile.ts';
import type { GuardedDevice } from './guarded_device.ts';
import type { ShaderBinding } from './shader.ts';
import type { Tensor } from './tensor.ts';

/** One kernel call that can be recorded repeatedly: pipeline, bindings and grid are fixed. */
export interface Dispatch {
  readonly name: string;
  readonly pipeline: GPUComputePipeline;
  readonly bindGroup: GPUBindGroup;
  /** Set when the kernel reads the step uniform. */
  readonly stepGroup: GPUBindGroup | undefined;
  readonly grid: WorkgroupCounts;
}

/**
 * Builds the dispatches of one plan. Their uniforms share buffers of 256-byte slots, written once; call `upload()` before the
 * first submit and `dispose()` at the end.
 */
export class DispatchBuilder {
  readonly #device: GuardedDevice;
  readonly #label: string;
  readonly #step: GPUBuffer | undefined;
  readonly #stepGroups = new Map<string, GPUBindGroup>();
  readonly #pages: { buffer: GPUBuffer; data: DataView; used: number }[] = [];

  /** @param step the buffer of step slots, for kernels that read `@group(1)`. */
  constructor(device: GuardedDevice, label: string, step?: GPUBuffer) {
    this.#device = device;
    this.#label = label;
    this.#step = step;
  }

  /**
   * @param tensors by binding name; others, and undefined ones, are for kernels that share the call.
   * @throws Error if a binding is missing, a uniform field is missing or unknown, or a written binding overlaps another: a bug
   *   in the caller. @throws DeviceError for a grid beyond the device's limits.
   */
  dispatch<Dims extends Record<string, number>>(
    kernel: LoadedKernel<Dims>,
    dims: Dims,
    tensors: Readonly<Record<string, Tensor | undefined>>,
  ): Dispatch {
    const entries: { binding: number; resource: GPUBufferBinding }[] = [];
    let stepGroup: GPUBindGroup | undefined;
    for (const binding of kernel.shader.bindings) {
      if (binding.group === STEP_GROUP) stepGroup = this.#stepGroupOf(kernel, binding);
      else if (binding.type === 'uniform')
        entries.push({ binding: binding.binding, resource: this.#placeUniform(kernel.name, binding, dims) });
      else {
        const tensor = tensors[binding.name];
        if (!tensor) throw new Error(`${kernel.name}: no tensor given for binding ${binding.name}`);
        const { buffer, offsetBytes: offset, sizeBytes: size } = tensor;
        entries.push({ binding: binding.binding, resource: { buffer, offset, size } });
      }
    }
    this.#check(kernel, dims, entries);
    const bindGroup = this.#device.createBindGroup({
      label: `${this.#label} ${kernel.name}`,
      layout: kernel.groups[0]!,
      entries,
    });
    return { name: kernel.name, pipeline: kernel.pipeline, bindGroup, stepGroup, grid: kernel.grid(dims) };
  }

  /** For either of these, WebGPU would drop the whole submit, and later commands would use stale data. */
  #check<Dims extends Record<string, number>>(
    { name, shader, grid }: LoadedKernel<Dims>,
    dims: Dims,
    entries: readonly { binding: number; resource: GPUBufferBinding }[],
  ): void {
    const limit = this.#device.limits.maxComputeWorkgroupsPerDimension;
    if (grid(dims).some((size = 1) => size > limit))
      throw new DeviceError(
        `${name}: needs ${grid(dims).join(' x ')} workgroups for ${JSON.stringify(dims)}, but this device allows up to ${limit} ` +
          'per dimension. Use a smaller batch, window or hidden size.',
      );
    const nameOf = (at: number) => shader.bindings.find(({ group, binding }) => group === 0 && binding === at)!;
    for (const [k, one] of entries.entries())
      for (const other of entries.slice(0, k)) {
        const [a, b] = [one.resource, other.resource];
        const apart = a.buffer !== b.buffer || a.offset! + a.size! <= b.offset! || b.offset! + b.size! <= a.offset!;
        const [first, second] = [nameOf(other.binding), nameOf(one.binding)];
        if (!apart && (first.type === 'storage' || second.type === 'storage'))
          throw new Error(`${name}: ${first.name} and ${second.name} overlap, and one of them is written`);
      }
  }

  /** Sends the uniforms of everything built so far to the GPU. */
  upload(): void {
    for (const { buffer, data, used } of this.#pages) this.#device.queue.writeBuffer(buffer, 0, data.buffer, 0, used);
  }

  #placeUniform(kernel: string, binding: ShaderBinding, values: Record<string, number>): GPUBufferBinding {
    let page = this.#pages.at(-1);
    if (!page || page.used === PAGE_BYTES) {
      const buffer = this.#device.createBuffer({
        label: `${this.#label} uniforms`,
        size: PAGE_BYTES,
        usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST,
      });
      page = { buffer, data: new DataView(new ArrayBuffer(PAGE_BYTES)), used: 0 };
      this.#pages.push(page);
    }
    const offset = page.used;
    page.used += UNIFORM_SLOT_BYTES;
    writeUniform(kernel, binding, page.data, offset, values);
    return { buffer: page.buffer, offset, size: binding.sizeBytes! };
  }

  #stepGroupOf(kernel: LoadedKernel<never>, binding: ShaderBinding): GPUBindGroup {
    if (!this.#step) throw new Error(`${kernel.name}: reads the step uniform, but ${this.#label} has none`);
    const existing = this.#stepGroups.get(kernel.name);
    if (existing) return existing;
    const group = this.#device.createBindGroup({
      label: `${this.#label} ${kernel.name} step`,
      layout: kernel.groups[STEP_GROUP]!,
      entries: [{ binding: binding.binding, resource: { buffer: this.#step, offset: 0, size: binding.sizeBytes! } }],
    });
    this.#stepGroups.set(kernel.name, group);
    return group;
  }
}

/** minUniformBufferOffsetAlignment is 256 by default on every device. */
export const UNIFORM_SLOT_BYTES = 256;
const PAGE_BYTES = 256 * UNIFORM_SLOT_BYTES;

/** Writes a uniform struct field by field, by name. @throws Error naming a field that is missing or unknown. */
export function writeUniform(
  kernel: string,
  binding: ShaderBinding,
  data: DataView,
  offset: number,
  values: Readonly<Record<string, number>>,
): void {
  const fields = binding.fields!;
  const wrong = [...Object.keys(values).filter((name) => !(name in fields)), ...Object.keys(fields)].find(
    (name) => !(name in fields) || values[name] === undefined,
  );
  if (wrong)
    throw new Error(`${kernel}: uniform ${binding.name} has ${Object.keys(fields).join(', ')}; check ${wrong}`);
  for (const [k, [name, type]] of Object.entries(fields).entries()) {
    const [at, value] = [offset + 4 * k, values[name]!];
    if (type === 'f32') data.setFloat32(at, value, true);
    else if (type === 'u32') data.setUint32(at, value, true);
    else data.setInt32(at, value, true);
  }
}

/** Records dispatches into a pass. `stepOffset` is the byte offset of this step's slot. */
export function record(pass: GPUComputePassEncoder, dispatches: readonly Dispatch[], stepOffset = 0): void {
  let current: GPUComputePipeline | undefined;
  for (const { pipeline, bindGroup, stepGroup, grid } of dispatches) {
    if (pipeline !== current) pass.setPipeline(pipeline);
    current = pipeline;
    pass.setBindGroup(0, bindGroup);
    if (stepGroup) pass.setBindGroup(STEP_GROUP, stepGroup, [stepOffset]);
    pass.dispatchWorkgroups(...(grid as [number, number?, number?]));
  }
}
