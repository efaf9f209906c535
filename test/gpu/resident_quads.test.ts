import { afterAll, beforeAll, expect, test } from 'vitest';
import { createPlan } from '../../src/engine/choose.ts';
import { forceFamily } from '../../src/engine/family.ts';
import { lossOf } from '../../src/engine/losses.ts';
import { optimizerOf } from '../../src/engine/optimizers.ts';
import { quadShape } from '../../src/engine/resident.ts';
import { ModelState } from '../../src/engine/state.ts';
import { requestDevice } from '../../src/gpu/device.ts';
import { DeviceScope, GuardedDevice } from '../../src/gpu/guarded_device.ts';
import { hasQuads } from '../../src/gpu/quads.ts';
import { createTensor, writeTensor } from '../../src/gpu/tensor.ts';
import { modelConfig } from '../../src/model/config.ts';
import { initialWeights } from '../../src/model/init.ts';
import { describeGpu, deviceFor, hasSubgroups, testGpu } from './device.ts';
import { expectNormClose } from './expect.ts';
import { randomValues } from './run_kernel.ts';
import { type Run, runPlan } from './run_plan.ts';

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

  beforeAll(async () => {
    device = await lesserDevice(has);
  });
  afterAll(() => device.destroy());

  test('uses what the device has', async () => {
    expect(await hasQuads(new GuardedDevice(device))).toBe(has.subgroups && hasSubgroups());
    const shape = quadShape(device, run.config, run.windowLength, !has.subgroups)!;
    expect(shape.STORED).toBe(has.workgroupBytes === ROOM ? 0 : 1);
    const few = has.subgroups ? 8 : 4;
    expect(shape.COLUMNS).toBe(has.workgroupBytes === ROOM ? 12 : few);
  });

  test.each([3, 5])('agrees with timestep in batches of %i, bit-identical every time', async (batchSize) => {
    const expected = await runPlan('timestep', { ...run, batchSize });
    const first = await runPlan('resident', { ...run, batchSize, device });
    const second = await runPlan('resident', { ...run, batchSize, device });
    expect(second.losses).toEqual(first.losses);
    expectNormClose(first.losses, expected.losses, { tensor: 'losses', tolerance: 'trace' });
    for (const [name, { data }] of expected.weights) {
      expectNormClose(first.weights.get(name)!.data, data, { tensor: name, tolerance: 'update' });
      expect(second.weights.get(name)!.data).toEqual(first.weights.get(name)!.data);
    }
  });
});

describeGpu('batches shared by workgroups', () => {
  const many = {
    ...run,
    config: modelConfig({ inputSize: 1, hiddenSize: 3 }),
    windowLength: 3,
    series: randomValues(300, 6),
  };

  test('agree with timestep where a workgroup has several rows, and where the last batch is short', async () => {
    const order = Array.from({ length: 290 }, (_, k) => (k * 7) % 290);
    const big = { ...many, targetColumns: 1, order, batchSize: 150 };
    const [shared, timestep] = [await runPlan('resident (gpu)', big), await runPlan('timestep', big)];
    expectNormClose(shared.losses, timestep.losses, { tensor: 'losses', tolerance: 'trace' });
    for (const [name, { data }] of timestep.weights)
      expectNormClose(shared.weights.get(name)!.data, data, { tensor: name, tolerance: 'update' });
  });

  test.each([2, 5])('leave a model without samples unchanged, in batches of %i', async (batchSize) => {
    const scope = new DeviceScope(new GuardedDevice(deviceFor('gpu')));
    const { config, windowLength, series: values } = many;
    const state = new ModelState(scope, config, 2);
    state.load(initialWeights(config, 0), initialWeights(config, 1));
    const series = createTensor(scope, 'series', [300, 1]);
    writeTensor(scope, series, values);
    const orders = [Uint32Array.of(4, 0, 9, 2, 11, 3, 7), Uint32Array.of(5, 1)];
    const plan = await createPlan('resident', {
      ...{ device: scope, state, source: { kind: 'windows', series }, windowLength, batchSize, maxSamples: 9 },
      ...{ loss: lossOf({ name: 'mse' }), optimizer: optimizerOf({ name: 'Adam' }), clip: undefined, seeds: [0, 0] },
    });
    plan.setOrder(orders);
    const encoder = scope.createCommandEncoder({ label: 'test' });
    const models = orders.map(() => ({ stepsTaken: 0, lr: () => 1e-3 }));
    plan.encode(encoder, { firstStep: 0, numSteps: Math.ceil(7 / batchSize), models });
    scope.queue.submit(encoder);
    const both = await state.readWeights();
    for (const [model, order] of orders.entries()) {
      const alone = { ...many, targetColumns: 1, order: [...order], batchSize, passes: 1 };
      const { weights } = await runPlan('resident (gpu)', { ...alone, weights: initialWeights(config, model) });
      for (const [name, { data }] of weights) expect(both[model]!.get(name)!.data, name).toEqual(data);
    }
    scope.dispose();
  });
});

describeGpu('a device with too little workgroup memory', () => {
  test('cannot run it, with the reason', async () => {
    const device = await lesserDevice({ subgroups: true, workgroupBytes: 2048 });
    await expect(runPlan('resident', { ...run, device })).rejects.toThrow(/2048 bytes of workgroup memory/);
    device.destroy();
  });
});
