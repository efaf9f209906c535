import { afterAll, beforeAll } from 'vitest';
import { forceFamily, type KernelFamily } from '../../src/engine/family.ts';
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

/** The kernels of the tests' devices, except where a test chooses others. */
export const testFamily: KernelFamily = family ?? (isSoftware ? 'software' : 'gpu');

/** What is missing on a machine without an adapter, or without the host. */
export const missingGpu = adapter ? undefined : (missingHost ?? `a GPU adapter: ${reason}`);
if (missingGpu && required) throw new Error(`REQUIRE_GPU is set, but the tests need ${missingGpu}`);

/** `describe` for tests that need a GPU: skipped, visibly, on a machine without an adapter. */
export const describeGpu = describeWith(missingGpu);

/** Whether the tests' device supports subgroups. */
export const hasSubgroups = (): boolean => adapter?.features.has('subgroups') ?? false;

/** The same for tests of persistent kernels, which need quads. */
export const describeQuads = describeWith(missingGpu ?? (hasSubgroups() ? undefined : 'a WebGPU with subgroups'));

/** The test file's devices, by the kernels that they run. */
const devices = new Map<KernelFamily, GPUDevice>();
let used = testFamily;

/** The test file's device that runs a family's kernels, whatever the adapter is. */
export function deviceFor(family: KernelFamily): GPUDevice {
  const device = devices.get(family);
  if (!device) throw new Error('deviceFor: call it inside a test');
  return device;
}

/** The test file's device. */
export const testDevice = (): GPUDevice => deviceFor(used);

/** The same for the engine: a new guard per call, like every forecaster has its own. `dispose()` frees what a test creates. */
export const guardedTestDevice = (): DeviceScope => new DeviceScope(new GuardedDevice(testDevice()));

/** Inside a `describe`: the device of its tests runs a family's kernels, whatever the adapter is. */
export function useFamily(family: KernelFamily): void {
  beforeAll(() => {
    used = family;
  });
  afterAll(() => {
    used = testFamily;
  });
}

export function testGpu(): GPU {
  if (!gpu) throw new Error('testGpu: no WebGPU here');
  return gpu;
}

beforeAll(async () => {
  if (missingGpu) return;
  for (const family of ['gpu', 'software'] as const) {
    const device = await requestDevice({ gpu: testGpu() });
    forceFamily(new GuardedDevice(device), family);
    devices.set(family, device);
  }
});

afterAll(() => {
  for (const device of devices.values()) device.destroy();
});
