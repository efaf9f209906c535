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
import { CELLS, type CellName, modelConfig } from '../../src/model/config.ts';
import { initialWeights } from '../../src/model/init.ts';
import { describeGpu, deviceFor, hasSubgroups, testGpu } from './device.ts';
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

/** Fills new buffers of these names with NaN. @returns their number. */
function fillNew(device: GPUDevice, names: readonly string[]): () => number {
  const create = device.createBuffer.bind(device);
  let count = 0;
  device.createBuffer = (descriptor) => {
    const buffer = create(descriptor);
    if (!names.includes(descriptor.label ?? '')) return buffer;
    device.queue.writeBuffer(buffer, 0, new Float32Array(descriptor.size / 4).fill(Number.NaN));
    count++;
    return buffer;
  };
  return () => count;
}

const CELL_NAMES = Object.keys(CELLS) as CellName[];

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

  const runs = CELL_NAMES.flatMap((cell) => [3, 5].map((batchSize) => [cell, batchSize] as const));
  test.each(runs)(
    'agrees with timestep for a %s in batches of %i, bit-identical every time',
    async (cell, batchSize) => {
      const own = { ...run, config: { ...run.config, cell }, batchSize };
      const expected = await runPlan('timestep', own);
      const first = await runPlan('resident', { ...own, device });
      const second = await runPlan('resident', { ...own, device });
      expect(second.losses).toEqual(first.losses);
      expectNormClose(first.losses, expected.losses, { tensor: 'losses', tolerance: 'trace' });
      for (const [name, { data }] of expected.weights) {
        expectNormClose(first.weights.get(name)!.data, data, { tensor: name, tolerance: 'update' });
        expect(second.weights.get(name)!.data).toEqual(first.weights.get(name)!.data);
      }
    },
  );
});

describeGpu('whatever is in the buffers that it writes', () => {
  test.each(CELL_NAMES)('a %s trains to the same numbers', async (cell) => {
    for (const workgroupBytes of [ROOM, NO_ROOM]) {
      const device = await lesserDevice({ subgroups: true, workgroupBytes });
      const runs = [3, 5].map((batchSize) => ({ ...run, config: { ...run.config, cell }, batchSize, device }));
      const clean: RunResult[] = [];
      for (const own of runs) clean.push(await runPlan('resident', own));
      const filled = fillNew(device, ['history', 'parts', 'part_losses', 'losses']);
      for (const [k, own] of runs.entries()) {
        const { losses, weights } = await runPlan('resident', own);
        expect(losses).toEqual(clean[k]!.losses);
        for (const [name, { data }] of weights) expect(data, name).toEqual(clean[k]!.weights.get(name)!.data);
      }
      expect(filled()).toBe(6);
      device.destroy();
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

  test.each(CELL_NAMES)(
    'agree with timestep where a %s has workgroups of several rows, and a short batch',
    async (cell) => {
      const order = Array.from({ length: 290 }, (_, k) => (k * 7) % 290);
      const big = { ...many, config: { ...many.config, cell }, targetColumns: 1, order, batchSize: 150 };
      const [shared, timestep] = [await runPlan('resident (gpu)', big), await runPlan('timestep', big)];
      expectNormClose(shared.losses, timestep.losses, { tensor: 'losses', tolerance: 'trace' });
      for (const [name, { data }] of timestep.weights)
        expectNormClose(shared.weights.get(name)!.data, data, { tensor: name, tolerance: 'update' });
    },
  );

  test.each([
    ['LSTM', 2],
    ['LSTM', 5],
    ['GRU', 2],
    ['GRU', 5],
    ['RNN_TANH', 5],
  ] as const)('leave a model without samples unchanged: %s, batches of %i', async (cell, batchSize) => {
    const scope = new DeviceScope(new GuardedDevice(deviceFor('gpu')));
    const { windowLength, series: values } = many;
    const config = { ...many.config, cell };
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
      const alone = { ...many, config, targetColumns: 1, order: [...order], batchSize, passes: 1 };
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
