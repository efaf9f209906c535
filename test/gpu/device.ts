import { afterAll, beforeAll } from 'vitest';
import { forceFamily, type KernelFamily, kernelFamily } from '../../src/engine/family.ts';
import { describeDevice, requestDevice } from '../../src/gpu/device.ts';
import { DeviceScope, GuardedDevice } from '../../src/gpu/guarded_device.ts';
import { describeWith } from '../skips.ts';

/** Set by vitest.config.ts in CI: a missing adapter is then a failure, otherwise a visible skip. */
const required = import.meta.env.REQUIRE_GPU === '1';

/** Set by vitest.config.ts: the host that a project's tests need, if it is missing, and how to install it. */
const missingHost = (import.meta.env.MISSING_HOST as string | undefined) || undefined;

/** Set by vitest.config.ts: the kernels to run instead of those for the device. */
const family = (import.meta.env.KERNEL_FAMILY as KernelFamily | '') || undefined;
if (family) forceFamily(undefined, family);

/** The WebGPU of the tests: the page's, Deno's, or Dawn's through the npm package `webgpu`. */
async function findGpu(): Promise<GPU | undefined> {
  if (missingHost) return undefined;
  if (typeof window !== 'undefined') return navigator.gpu;
  const { loadGpu } = await import('../../src/node/device.ts');
  return loadGpu();
}

let reason =
  typeof window === 'undefined' ? 'Dawn found none' : 'the browser found none, see chrome://gpu or about:support';
const gpu = await findGpu().catch((error: unknown) => {
  if (required) throw error;
  reason = (error as Error).message;
  return undefined;
});
const adapter = await gpu?.requestAdapter();

const isSoftware = !adapter || describeDevice({ adapterInfo: adapter.info }).software;

/** The kernels that the tests' devices run, unless told otherwise. */
export const testFamily: KernelFamily = family ?? (isSoftware ? 'software' : 'gpu');

/** What is missing on a machine without an adapter, or without the host. */
export const missingGpu = adapter ? undefined : (missingHost ?? `a GPU adapter: ${reason}`);
if (missingGpu && required) throw new Error(`REQUIRE_GPU is set, but the tests need ${missingGpu}`);

/** `describe` for tests that need a GPU: skipped, visibly, on a machine without an adapter. */
export const describeGpu = describeWith(missingGpu);

/** Whether the tests' device supports subgroups. */
export const hasSubgroups = (): boolean => adapter?.features.has('subgroups') ?? false;

let shared: GPUDevice | undefined;
let withGpuKernels: GPUDevice | undefined;

/** The test file's device. */
export function testDevice(): GPUDevice {
  if (!shared) throw new Error('testDevice: call it inside a test');
  return shared;
}

/** The same for the engine: a new guard per call, like every forecaster has its own. `dispose()` frees what a test creates. */
export const guardedTestDevice = (): DeviceScope => new DeviceScope(new GuardedDevice(testDevice()));

/** A device of the test file that runs the kernels for GPUs, even on a software adapter. */
export function gpuKernelsDevice(): GPUDevice {
  if (!withGpuKernels) throw new Error('gpuKernelsDevice: call it inside a test');
  return withGpuKernels;
}

/** Inside a `describe`: its tests run a family's kernels, whatever the device is. */
export function useFamily(family: KernelFamily): void {
  let usual: KernelFamily;
  beforeAll(() => {
    usual = kernelFamily(guardedTestDevice());
    forceFamily(guardedTestDevice(), family);
  });
  afterAll(() => forceFamily(guardedTestDevice(), usual));
}

export function testGpu(): GPU {
  if (!gpu) throw new Error('testGpu: no WebGPU here');
  return gpu;
}

beforeAll(async () => {
  if (missingGpu) return;
  shared = await requestDevice({ gpu: testGpu() });
  withGpuKernels = await requestDevice({ gpu: testGpu() });
  forceFamily(new GuardedDevice(withGpuKernels), 'gpu');
});

afterAll(() => {
  shared?.destroy();
  withGpuKernels?.destroy();
});
