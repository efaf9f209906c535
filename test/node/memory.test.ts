import { expect, test } from 'vitest';
import { forceFamily } from '../../src/engine/family.ts';
import { estimateMemory } from '../../src/engine/memory.ts';
import { predictSamples } from '../../src/engine/predict.ts';
import { ModelState } from '../../src/engine/state.ts';
import { ConfigError, DeviceError } from '../../src/errors.ts';
import { Forecaster } from '../../src/forecast/forecaster.ts';
import { requestDevice } from '../../src/gpu/device.ts';
import { GuardedDevice } from '../../src/gpu/guarded_device.ts';
import { limitSideBySide } from '../../src/gpu/side_by_side.ts';
import { createTensor } from '../../src/gpu/tensor.ts';
import { type ModelOptions, modelConfig } from '../../src/model/config.ts';
import { Trainer } from '../../src/nn/trainer.ts';
import { describeGpu, testDevice, testGpu } from '../gpu/device.ts';
import { limitedDevice } from '../gpu/limited_device.ts';
import { liveBuffers } from '../gpu/live_buffers.ts';

/** Runs `act` on a device of its own. @returns the peak bytes of its buffers. */
async function peakBytes(
  act: (device: GPUDevice) => Promise<void>,
  request: () => Promise<GPUDevice> = () => requestDevice({ gpu: testGpu() }),
): Promise<number> {
  const device = await request();
  let peak = 0;
  const alive = liveBuffers(device, () => {
    peak = Math.max(
      peak,
      [...alive].reduce((sum, { size }) => sum + size, 0),
    );
  });
  await act(device);
  expect(alive.size, 'buffers left').toBe(0);
  device.destroy();
  return peak;
}

/** Floats that backpropagation through time and Adam cannot do without. */
function theoryBytes({ inputSize: I, hiddenSize: H }: ModelOptions, T: number, N: number): number {
  const parameters = 4 * H * (I + H + 2) + H + 1;
  const perRowAndStep = I + 4 * H + H + 2 * H; // inputs; gates, later their gradients; c; h and its gradient
  return 4 * (4 * parameters + T * N * perRowAndStep);
}

describeGpu('memory', () => {
  test.each([
    [{ inputSize: 8, hiddenSize: 64 }, 30, 64],
    [{ inputSize: 1, hiddenSize: 32 }, 50, 128],
    [{ inputSize: 16, hiddenSize: 96 }, 40, 64],
  ] as const)(
    'of %j with windows of %d and batches of %d is what was estimated, and near what theory needs',
    async (model, T, N) => {
      const data = {
        inputs: { shape: [N, T, model.inputSize], data: new Float32Array(N * T * model.inputSize).fill(0.5) },
        targets: { shape: [N, 1], data: new Float32Array(N) },
      };
      const dataBytes = 4 * (data.inputs.data.length + 2 * N);
      const peak = await peakBytes(async (device) => {
        const trainer = await Trainer.create({ device, model });
        await trainer.fit(data, { epochs: 1, batchSize: N, plan: 'sequence' });
        trainer.dispose();
      });
      const { total } = estimateMemory(model, { windowLength: T, batchSize: N });
      expect((peak - dataBytes) / total).toBeGreaterThan(1);
      expect((peak - dataBytes) / total).toBeLessThan(1.1); // plus uniforms, losses and their readback
      expect((peak - dataBytes) / theoryBytes(model, T, N)).toBeLessThan(1.3);
    },
  );

  test.each([
    [{ inputSize: 3, hiddenSize: 34 }, 30, 32, ['vectors', 'failed', 'dGates', 'parts of products']],
    [{ inputSize: 3, hiddenSize: 34, cell: 'GRU', bidirectional: true }, 9, 5, ['vectors']],
    [{ inputSize: 3, hiddenSize: 34, projSize: 5 }, 30, 32, ['parts of products']],
  ] as const)('of the kernels for GPUs is what was estimated: %j, %d, %d', async (model, T, N, withSubgroups) => {
    const data = {
      inputs: { shape: [N, T, 3], data: new Float32Array(3 * N * T).fill(0.5) },
      targets: { shape: [N, 1], data: new Float32Array(N) },
    };
    const sizes = { windowLength: T, batchSize: N };
    const device = await requestDevice({ gpu: testGpu() });
    forceFamily(new GuardedDevice(device), 'gpu');
    limitSideBySide(new GuardedDevice(device), 1);
    const besides = estimateMemory(model, { ...sizes, device }).total - estimateMemory(model, sizes).total;
    const trainer = await Trainer.create({ device, model });
    const made = new Map<string, number>();
    const create = device.createBuffer.bind(device);
    device.createBuffer = (descriptor: GPUBufferDescriptor) => {
      made.set(descriptor.label!, descriptor.size); // the last one: a trial has some before
      return create(descriptor);
    };
    await trainer.fit(data, { epochs: 1, batchSize: N, plan: 'timestep' });
    trainer.dispose();
    device.destroy();
    const names = device.features.has('subgroups')
      ? withSubgroups
      : withSubgroups.filter((name) => name !== 'failed' && name !== 'dGates'); // without persistent kernels
    const all = ['vectors', 'failed', 'dGates', 'parts of products'];
    expect(all.filter((name) => made.has(name))).toEqual(names);
    expect(names.reduce((sum, name) => sum + made.get(name)!, 0)).toBe(besides);
  });

  test('is estimated part by part', () => {
    const model = { inputSize: 3, hiddenSize: 16, numLayers: 2, bidirectional: true };
    const estimate = (options: object) => estimateMemory(model, { windowLength: 10, batchSize: 4, ...options });
    const base = estimate({});
    expect(base.optimizer).toBe(2 * base.weights);
    expect(estimate({ optimizer: { name: 'SGD' } }).optimizer).toBe(0);
    expect(estimate({ optimizer: { name: 'Adam', amsgrad: true } }).optimizer).toBe(3 * base.weights);
    expect(estimate({ ensemble: 3 }).weights).toBe(3 * base.weights);
    expect(estimate({ ensemble: 3 }).activations).toBe(base.activations);
    expect(estimate({ batchSize: 8 }).activations).toBeGreaterThan(1.9 * base.activations);
    const { weights, gradients, optimizer, snapshots, activations, total } = base;
    expect(weights + gradients + optimizer + snapshots + activations).toBe(total);
    expect(base.largest.name).toBe('weights');
    expect(estimate({ windowLength: 100 }).largest).toEqual({ name: 'gates_l0', bytes: 2 * 100 * 4 * 4 * 16 * 4 });
  });

  test.each([
    [{}, 'windowLength: got undefined'],
    [{ windowLength: -3 }, 'windowLength: got -3'],
    [{ windowLength: 10, batchSize: 0.5 }, 'batchSize: got 0.5'],
    [{ windowLength: 10, ensemble: Number.NaN }, 'ensemble: got NaN'],
  ])('is not estimated for %j', (options, message) => {
    const estimate = () => estimateMemory({ inputSize: 1, hiddenSize: 2 }, options as { windowLength: number });
    expect(estimate).toThrow(ConfigError);
    expect(estimate).toThrow(message);
  });

  test('that no buffer can have is rejected with the numbers, before anything is allocated', async () => {
    const trainer = await Trainer.create({ device: testDevice(), model: { inputSize: 1, hiddenSize: 1024 } });
    const [S, T] = [600, 2000];
    const inputs = { shape: [S, T, 1], data: new Float32Array(S * T) };
    const targets = { shape: [S, 1], data: new Float32Array(S) };
    const run = () => trainer.fit({ inputs, targets }, { batchSize: S });
    await expect(run()).rejects.toThrow(DeviceError);
    await expect(run()).rejects.toThrow(
      /h_l0: .* for 2000 steps of 600 rows needs 4\d{3}\.\d MiB, but .* Use a batch of at most \d+/,
    );
    trainer.dispose();
  });

  test('is not allocated for an invalid seed', async () => {
    await peakBytes(async (device) => {
      const model = { inputSize: 1, hiddenSize: 2 };
      await expect(Trainer.create({ device, model, seed: -1 })).rejects.toThrow('seed: got -1');
      await expect(Forecaster.create({ device, seed: 0.5 })).rejects.toThrow('seed: got 0.5');
      await expect(Forecaster.create({ device, seed: 2 ** 32 - 2, ensemble: 3 })).rejects.toThrow(
        'seed: got 4294967294, expected a whole number from 0 to 4294967293, since the 3 models',
      );
    });
  });

  test('is freed if a model file is too large for a device', async () => {
    const [S, T] = [200, 20];
    await peakBytes(
      async (raw) => {
        const device = new GuardedDevice(raw);
        const state = new ModelState(
          device,
          modelConfig({ inputSize: 1, hiddenSize: 1, outputSize: 30, head: 'every' }),
        );
        const source = {
          kind: 'samples',
          inputs: createTensor(device, 'inputs', [S, T, 1]),
          targets: createTensor(device, 'targets', [S, 1, 1]),
          lengths: createTensor(device, 'lengths', [S]),
        } as const;
        const all = [Uint32Array.from({ length: S }, (_, sample) => sample)];
        await expect(predictSamples(state, source, T, all)).rejects.toThrow('predictions: needs');
        for (const { buffer } of [source.inputs, source.targets, source.lengths]) buffer.destroy();
        state.dispose();
      },
      () => limitedDevice(160_000),
    );
  });

  test('is not even allocated if a model file is too large to train', async () => {
    await peakBytes(
      async (device) => {
        const model = { inputSize: 1, hiddenSize: 1, outputSize: 30, head: 'every' } as const;
        const trainer = await Trainer.create({ device, model, loss: { name: 'crossEntropy' } });
        const data = {
          inputs: { shape: [64, 20, 1], data: new Float32Array(64 * 20) },
          targets: { shape: [64, 20], data: new Float32Array(64 * 20) },
        };
        const run = trainer.fit(data, { batchSize: 64, plan: 'timestep' });
        await expect(run).rejects.toThrow(/y: \[20, 64, 30\] .* Use a batch of at most 62/);
        trainer.dispose();
      },
      () => limitedDevice(150_000),
    );
  });

  test('for reading a checkpoint is no more for each part than its size', async () => {
    const device = await requestDevice({ gpu: testGpu() });
    const made: GPUBufferDescriptor[] = [];
    const create = device.createBuffer.bind(device);
    device.createBuffer = (descriptor: GPUBufferDescriptor) => {
      made.push(descriptor);
      return create(descriptor);
    };
    const trainer = await Trainer.create({ device, model: { inputSize: 1, hiddenSize: 32 } });
    const inputs = { shape: [2, 3, 1], data: new Float32Array(6) };
    await trainer.fit({ inputs, targets: { shape: [2, 1], data: new Float32Array(2) } }, { epochs: 1 });
    const arenaBytes = made.find(({ label }) => label === 'weights')!.size;
    made.length = 0;
    await trainer.checkpoint();
    expect(made.map(({ size }) => size)).toEqual([arenaBytes, arenaBytes, arenaBytes]); // weights, and Adam's moments
    trainer.dispose();
    device.destroy();
  });

  test('for data may exceed a buffer: it streams, with the same losses', async () => {
    const adapter = await testGpu().requestAdapter();
    const [S, T, I] = [1100, 32, 1000];
    const wave = new Float32Array(S * T * I);
    for (let k = 0; k < wave.length; k++) wave[k] = ((k * 7919) % 1000) / 1000 - 0.5;
    const data = {
      inputs: { shape: [S, T, I], data: wave },
      targets: { shape: [S, 1], data: Float32Array.from({ length: S }, (_, k) => Math.sin(k)) },
    };
    const lossesOn = async (device: GPUDevice) => {
      const trainer = await Trainer.create({ device, model: { inputSize: I, hiddenSize: 2 } });
      const { epochs } = await trainer.fit(data, { epochs: 1, batchSize: 100, shuffle: false });
      const { data: predicted } = await trainer.predict(data.inputs);
      trainer.dispose();
      device.destroy();
      return [epochs[0]!.loss, epochs[0]!.lastLoss, predicted[0]!, predicted[S - 1]!];
    };
    const small = await adapter!.requestDevice();
    expect(wave.byteLength).toBeGreaterThan(small.limits.maxStorageBufferBindingSize);
    const streamed = await lossesOn(small);
    expect(streamed.every(Number.isFinite)).toBe(true);
    const large = await requestDevice({ gpu: testGpu() });
    if (large.limits.maxStorageBufferBindingSize >= wave.byteLength) {
      for (const [k, value] of (await lossesOn(large)).entries()) expect(streamed[k]).toBeCloseTo(value, 5);
    } else large.destroy();
  });
});
