import { afterAll, beforeAll, expect, test } from 'vitest';
import { forceFamily } from '../../src/engine/family.ts';
import { quadShape } from '../../src/engine/resident.ts';
import { requestDevice } from '../../src/gpu/device.ts';
import { GuardedDevice } from '../../src/gpu/guarded_device.ts';
import { hasQuads } from '../../src/gpu/quads.ts';
import { modelConfig } from '../../src/model/config.ts';
import { describeGpu, hasSubgroups, testGpu } from './device.ts';
import { expectNormClose } from './expect.ts';
import { randomValues } from './run_kernel.ts';
import { type Run, type RunResult, runPlan } from './run_plan.ts';

/** A device that runs kernels for GPUs and reports less than it has. */
async function lesserDevice(has: { subgroups: boolean; workgroupBytes: number }): Promise<GPUDevice> {
  const device = await requestDevice({ gpu: testGpu() });
  const { limits, features } = device;
  Object.defineProperty(device, 'limits', {
    value: new Proxy(limits, {
      get: (_, name) =>
        name === 'maxComputeWorkgroupStorageSize' ? has.workgroupBytes : limits[name as keyof GPUSupportedLimits],
    }),
  });
  const kept = [...features].filter((name) => has.subgroups || name !== 'subgroups');
  Object.defineProperty(device, 'features', { value: new Set(kept) });
  forceFamily(new GuardedDevice(device), 'gpu');
  return device;
}

const run: Run = {
  config: modelConfig({ inputSize: 2, hiddenSize: 11, outputSize: 14 }),
  series: randomValues(40 * 2, 5),
  order: [4, 0, 9, 2, 11, 3, 7],
  windowLength: 9,
  batchSize: 3,
  targetColumns: 2,
  passes: 2,
};

/** Enough to keep 9 steps of 12 units with all of W_hh; and enough to transpose a part of W_hh at a time. */
const ROOM = 16_384;
const NO_ROOM = 4452;

describeGpu.each([
  { subgroups: true, workgroupBytes: ROOM },
  { subgroups: true, workgroupBytes: NO_ROOM },
  { subgroups: false, workgroupBytes: ROOM },
  { subgroups: false, workgroupBytes: NO_ROOM },
])('the resident kernel for GPUs, $workgroupBytes bytes of workgroup memory, subgroups: $subgroups', (has) => {
  let device: GPUDevice;
  let expected: RunResult;

  beforeAll(async () => {
    device = await lesserDevice(has);
    expected = await runPlan('timestep', run);
  });
  afterAll(() => device.destroy());

  test('uses what the device has', async () => {
    expect(await hasQuads(new GuardedDevice(device))).toBe(has.subgroups && hasSubgroups());
    const shape = quadShape(device, run.config, run.windowLength, !has.subgroups)!;
    expect(shape.STORED).toBe(has.workgroupBytes === ROOM ? 0 : 1);
    const few = has.subgroups ? 8 : 4;
    expect(shape.COLUMNS).toBe(has.workgroupBytes === ROOM ? 12 : few);
  });

  test('agrees with timestep, always with the same bits', async () => {
    const first = await runPlan('resident', { ...run, device });
    const second = await runPlan('resident', { ...run, device });
    expect(second.losses).toEqual(first.losses);
    expectNormClose(first.losses, expected.losses, { tensor: 'losses', tolerance: 'trace' });
    for (const [name, { data }] of expected.weights) {
      expectNormClose(first.weights.get(name)!.data, data, { tensor: name, tolerance: 'update' });
      expect(second.weights.get(name)!.data).toEqual(first.weights.get(name)!.data);
    }
  });
});

describeGpu('a device with too little workgroup memory', () => {
  test('cannot run it, and says so', async () => {
    const device = await lesserDevice({ subgroups: true, workgroupBytes: 2048 });
    await expect(runPlan('resident', { ...run, device })).rejects.toThrow(/2048 bytes of workgroup memory/);
    device.destroy();
  });
});
