import { type Constants, compile, type LoadedKernel, type WorkgroupCounts } from './compile.ts';
import type { GuardedDevice } from './guarded_device.ts';
import { checkRounds } from './rounds.ts';
import { readShader, type Shader, type ShaderFile } from './shader.ts';

/** The host-side inputs of a shader, as types: the fields of its uniform, and the names of its override constants. */
export interface ShaderReads {
  dims: Record<string, number>;
  overrides: string;
}

/** A kernel for any device; `load` compiles it for one. */
export interface Kernel<Dims extends Record<string, number>, Override extends string = string> {
  readonly name: string;
  readonly shader: Shader & { readonly overrides: Constants<Override> };
  /**
   * Compiles for a device, once per set of override constants.
   * @throws ShaderError quoting file, line and source. @throws DeviceError for a device that ends loops early.
   */
  load(device: GuardedDevice, overrides?: Partial<Constants<Override>>): Promise<LoadedKernel<Dims, Override>>;
}

/** WebGPU's default maxComputeWorkgroupsPerDimension; larger grids are folded into y. */
export const MAX_WORKGROUPS = 65_535;

/** Workgroups for `count` invocations of a one-dimensional kernel, folded into y if they exceed x. */
export function linearGrid(count: number, workgroupSize: number): WorkgroupCounts {
  const groups = Math.max(1, Math.ceil(count / workgroupSize));
  const y = Math.ceil(groups / MAX_WORKGROUPS);
  return [Math.ceil(groups / y), y];
}

/** Workgroups for a grid of x by y, rounded up; y is folded into z if it is too large. */
export function foldedGrid(x: number, y: number): WorkgroupCounts {
  const rows = Math.max(1, Math.ceil(y));
  const z = Math.ceil(rows / MAX_WORKGROUPS);
  return [Math.max(1, Math.ceil(x)), Math.ceil(rows / z), z];
}

/**
 * Creates a kernel from a shader. Bind-group layouts, uniform packing and names are read from the WGSL, so nothing is declared
 * twice. A uniform in group 1 is bound with a dynamic offset, because it changes every step.
 * @param grid workgroups for these sizes.
 */
/* @__NO_SIDE_EFFECTS__ */
export function defineKernel<Reads extends ShaderReads>(
  file: ShaderFile,
  grid: (dims: Reads['dims'], overrides: Constants<Reads['overrides']>) => WorkgroupCounts,
): Kernel<Reads['dims'], Reads['overrides']> {
  type Loaded = LoadedKernel<Reads['dims'], Reads['overrides']>;
  const shader = readShader(file) as Kernel<Reads['dims'], Reads['overrides']>['shader'];
  const cache = new WeakMap<GPUDevice, Map<string, Promise<Loaded>>>();
  return {
    name: shader.name,
    shader,
    load(guarded, overrides = {}) {
      const device = guarded.raw;
      const loaded = cache.get(device) ?? new Map<string, Promise<Loaded>>();
      cache.set(device, loaded);
      const constants = { ...shader.overrides, ...overrides };
      const key = JSON.stringify(constants);
      let kernel = loaded.get(key);
      if (!kernel) {
        kernel = onSound(guarded, compile(guarded, shader, grid, constants));
        kernel.catch(() => loaded.delete(key)); // a failure (a lost device) is not cached
        loaded.set(key, kernel);
      }
      return guarded.unlessAborted(kernel);
    },
  };
}

/** What is being loaded, side by side, by the same names. */
export async function allLoaded<Loading extends Readonly<Record<string, unknown>>>(
  loading: Loading,
): Promise<{ [Name in keyof Loading]: Awaited<Loading[Name]> }> {
  const entries = Object.entries(loading).map(async ([name, one]) => [name, await one] as const);
  return Object.fromEntries(await Promise.all(entries)) as { [Name in keyof Loading]: Awaited<Loading[Name]> };
}

/** The compiled kernel, once the device has passed the loop check, which runs at the same time. Waits for both, even if one fails. */
async function onSound<Loaded>(device: GuardedDevice, compiling: Promise<Loaded>): Promise<Loaded> {
  const counting = checkRounds(device);
  await Promise.allSettled([compiling, counting]);
  await counting;
  return compiling;
}
