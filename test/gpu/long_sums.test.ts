import { expect, test } from 'vitest';
import { loadProduct } from '../../src/engine/product.ts';
import { DispatchBuilder, record } from '../../src/gpu/dispatch.ts';
import { DeviceScope, GuardedDevice } from '../../src/gpu/guarded_device.ts';
import { readRegions } from '../../src/gpu/readback.ts';
import { createTensor, writeTensor } from '../../src/gpu/tensor.ts';
import {
  biasReduce,
  gradNorm,
  linearBackwardWeight,
  matmul,
  matmulTilesAny,
  mseLoss,
} from '../../src/kernels/index.ts';
import { matmulDims } from '../../src/kernels/matmul_dims.ts';
import { modelConfig } from '../../src/model/config.ts';
import { initialWeights } from '../../src/model/init.ts';
import type { StateDict } from '../../src/model/parameters.ts';
import { GRU, LSTM } from '../../src/nn/recurrent.ts';
import { Trainer } from '../../src/nn/trainer.ts';
import { batchOf, forward, gradients } from '../reference/model.ts';
import * as twins from '../reference/sequence.ts';
import { shareOf } from './cases.ts';
import { describeGpu, deviceFor, guardedTestDevice, testDevice, useFamily } from './device.ts';
import { relativeError } from './expect.ts';
import { garbage, randomValues, runKernel, STEP } from './run_kernel.ts';
import { runPlan } from './run_plan.ts';

/** Equal terms are the worst case: every rounding has the same direction until the sum has doubled. */
const equal = (count: number, value = 0.1): Float32Array => new Float32Array(count).fill(value);
const TERM = Math.fround(0.1);

function expectSum(got: number | undefined, wanted: number): void {
  expect(Math.abs(got! / wanted - 1), `got ${got}, expected ${wanted}`).toBeLessThan(1e-5);
}

describeGpu.each(shareOf([1e5, 1e6], 2))('sums of %i rows are within 1e-5 of float64', (R) => {
  test('of a bias', async () => {
    const dims = { R, row: 1, first: 0, G: 1, to: 0, twin: 0 };
    const inputs = { d_gates: equal(R), d_bias: garbage(1), d_twin: garbage(1) };
    expectSum((await runKernel(biasReduce, dims, inputs)).d_bias![0], R * TERM);
  });

  test("of the head's gradients", async () => {
    const dims = { N: R, T: 1, H: 1, O: 1, every: 1 };
    const inputs = { d_y: equal(R), h: equal(3 * R), lengths: new Uint32Array(R).fill(1) };
    const { d_weight, d_bias } = await runKernel(linearBackwardWeight, dims, {
      ...inputs,
      ...{ d_weight: garbage(1), d_bias: garbage(1) },
    });
    expectSum(d_weight![0], R * TERM * TERM);
    expectSum(d_bias![0], R * TERM);
  });

  test.each([64, 256])('of a loss, with %i lanes', async (WG) => {
    const inputs = { y: equal(R), target_rows: new Float32Array(R), lengths: new Uint32Array(R).fill(1) };
    const outputs = { d_y: garbage(R), losses: garbage(8) };
    const dims = { R, N: R, O: 1, Q: 1, mean: 0 };
    const { losses } = await runKernel(mseLoss, dims, { ...inputs, ...outputs }, { ...STEP, rows: R }, { WG });
    expectSum(losses![STEP.slot], R * TERM * TERM);
  });

  test("of the gradients' norm", async () => {
    const { partials } = await runKernel(gradNorm, { P: R }, { grads: equal(R), partials: garbage(64) });
    expectSum(
      partials!.reduce((sum, part) => sum + part, 0),
      R * TERM * TERM,
    );
  });

  test.each([
    ['software', 0],
    ['software', 1],
    ['gpu', 0],
  ] as const)(
    'of a product on a device of the kind %s, also of an odd number of rows: %i more',
    async (family, more) => {
      const K = R + more;
      const device = new DeviceScope(new GuardedDevice(deviceFor(family)));
      const dims = matmulDims({ rows: 1, columns: K }, { rows: K, columns: 1 });
      const product = await loadProduct(device, [dims]);
      const build = new DispatchBuilder(device, 'long');
      const [a, b, c] = [
        createTensor(device, 'a', [K]),
        createTensor(device, 'b', [K]),
        createTensor(device, 'c', [1]),
      ];
      for (const tensor of [a, b]) writeTensor(device, tensor, equal(K));
      writeTensor(device, c, garbage(1));
      const dispatches = product.dispatches(build, dims, { a, b, c });
      build.upload();
      const [sum] = await readRegions(device, [c], (encoder) => {
        const pass = encoder.beginComputePass({ label: 'long' });
        record(pass, dispatches);
        pass.end();
      });
      expectSum(sum![0], K * TERM * TERM);
      device.dispose();
    },
  );

  test('of the longest products in one dispatch', async () => {
    const dims = matmulDims({ rows: 1, columns: 65_536 }, { rows: 65_536, columns: 1 });
    const inputs = { a: equal(65_536), b: equal(65_536), c: garbage(1) };
    expectSum((await runKernel(matmul, dims, inputs)).c![0], 65_536 * TERM * TERM);
    const tile = { ROWS: 32, COLUMNS: 32, SIDE: 4, LANES: 64 };
    const tiled = await runKernel(matmulTilesAny, { ...dims, part: 65_536, c_part: 0 }, inputs, STEP, tile);
    expectSum(tiled.c![0], 65_536 * TERM * TERM);
  });
});

describeGpu('a training over 10^5 rows', () => {
  test.each(['sequence', 'timestep'] as const)('has the correct loss and gradient: %s', async (plan) => {
    const [N, T] = [1000, 100];
    const trainer = await Trainer.create({
      device: testDevice(),
      model: { cell: 'RNN_TANH', inputSize: 1, hiddenSize: 1, head: 'every' },
      ...{ loss: { name: 'l1' }, optimizer: { name: 'SGD', lr: 1 } },
    });
    const bias = async () => (await trainer.stateDict()).get('fc.bias')!.data[0]!;
    const before = await bias();
    const inputs = { shape: [N, T, 1], data: new Float32Array(N * T) };
    const { data: y } = await trainer.predict(inputs);
    const targets = { shape: [N, T, 1], data: new Float32Array(N * T).fill(100) };
    const { epochs } = await trainer.fit({ inputs, targets }, { epochs: 1, batchSize: N, plan });
    expectSum(epochs[0]!.loss, y.reduce((sum, value) => sum + 100 - value, 0) / y.length);
    expectSum((await bias()) - before, 1);
    trainer.dispose();
  });
});

/** A GRU over T steps in float64 from a zero state, and the gradients of the sum of its last state: twins, and sums over t. */
function exactGru(weights: StateDict, x: Float32Array, { T, I, H }: Record<'T' | 'I' | 'H', number>) {
  const [ih, hh, biasIh, biasHh] = ['weight_ih_l0', 'weight_hh_l0', 'bias_ih_l0', 'bias_hh_l0'].map((name) =>
    Array.from(weights.get(name)!.data),
  ) as [number[], number[], number[], number[]];
  const gates = new Float64Array(T * 4 * H);
  for (let t = 0; t < T; t++)
    for (let row = 0; row < 3 * H; row++)
      for (let i = 0; i < I; i++) gates[t * 4 * H + row]! += ih[row * I + i]! * x[t * I + i]!;
  const tensors = {
    weights: Float64Array.from([...hh, ...biasIh, ...biasHh]),
    lengths: Float64Array.of(T),
    ...{ gates, h: new Float64Array((T + 2) * H), raw: new Float64Array(1) },
    ...{ d_h: new Float64Array((T + 2) * H).fill(1, T * H, (T + 1) * H), d_raw: new Float64Array(1) },
  };
  const offsets = { weight_hh: 0, weight_hr: 0, bias_ih: 3 * H * H, bias_hh: 3 * H * H + 3 * H };
  const dims = { N: 1, T, H, P: H, D: 1, ...offsets, bias: 1, reverse: 0, ragged: 0, states: 1 };
  twins.gruSequenceForward(dims, tensors);
  twins.gruSequenceBackward(dims, tensors);
  const input = new Float64Array(T * I);
  const weightIh = new Float64Array(3 * H * I);
  for (let t = 0; t < T; t++)
    for (let row = 0; row < 3 * H; row++)
      for (let i = 0; i < I; i++) {
        input[t * I + i]! += gates[t * 4 * H + row]! * ih[row * I + i]!;
        weightIh[row * I + i]! += gates[t * 4 * H + row]! * x[t * I + i]!;
      }
  return { output: tensors.h.subarray(H, (T + 1) * H), h0: tensors.d_h.subarray(0, H), input, weightIh };
}

const remembering = [
  ['timestep', 'software'],
  ['timestep', 'gpu'],
  ['sequence', 'software'],
] as const;
const ofThisHost = shareOf(remembering, 3);

describeGpu.each(ofThisHost)('a GRU that remembers for 1500 steps, %s with kernels for %s', (plan, family) => {
  useFamily(family);

  test('is within 5e-5 of float64', async () => {
    const [T, I, H] = [1500, 2, 6];
    const module = await GRU.create({ device: testDevice(), inputSize: I, hiddenSize: H, seed: 1, plan });
    const weights = await module.stateDict();
    weights.get('bias_ih_l0')!.data.fill(10, H, 2 * H); // z = 0.99995, whose float32 has only four digits of 1 - z
    module.loadStateDict(weights);
    const x = randomValues(T * I, 2);
    const { output } = await module.forward(
      { shape: [T, 1, I], data: x },
      { h0: { shape: [1, 1, H], data: new Float32Array(H) } },
    );
    const { input, h0, parameters } = await module.backward({
      hn: { shape: [1, 1, H], data: new Float32Array(H).fill(1) },
    });
    const exact = exactGru(weights, x, { T, I, H });
    expect(relativeError(output.data, exact.output), 'output').toBeLessThan(5e-5);
    expect(relativeError(h0!.data, exact.h0), 'gradient of h0').toBeLessThan(5e-5);
    expect(relativeError(input.data, exact.input), 'gradient of input').toBeLessThan(5e-5);
    expect(relativeError(parameters.get('weight_ih_l0')!.data, exact.weightIh), 'weight_ih_l0').toBeLessThan(5e-5);
    module.dispose();
  });
});

describeGpu.each(['resident (gpu)', 'resident (rows)'] as const)(
  'a GRU trained on a window of 1500 steps, %s',
  (plan) => {
    test('has gradients within 5e-5 of float64', async () => {
      const [T, I] = [1500, 2];
      const config = modelConfig({ cell: 'GRU', inputSize: I, hiddenSize: 6 });
      const weights = initialWeights(config, 1);
      weights.get('gru.bias_ih_l0')!.data.fill(10, 6, 12);
      const series = randomValues((T + 1) * I, 2);
      const run = { config, weights, series, order: [0], windowLength: T, batchSize: 1, targetColumns: 1 };
      const { losses, firstMoment } = await runPlan(plan, { ...run, lr: 0, betas: [0, 0.999] });
      const exact = new Map([...weights].map(([name, { data }]) => [name, Float64Array.from(data)]));
      const batch = batchOf(series, [0], T, config);
      expect(relativeError(losses, [forward(config, exact, batch).loss]), 'loss').toBeLessThan(5e-5);
      for (const [name, gradient] of gradients(config, exact, batch))
        expect(relativeError(firstMoment.get(name)!, gradient), name).toBeLessThan(5e-5);
    });
  },
);

describeGpu('infinity', () => {
  test.each([1, 3])(
    'in an input of an odd size acts as in PyTorch: it saturates gates without NaN; I=%i',
    async (I) => {
      const module = await LSTM.create({ device: testDevice(), inputSize: I, hiddenSize: 2 });
      const data = new Float32Array(2 * I).fill(1);
      data[0] = Number.POSITIVE_INFINITY;
      const { hn } = await module.forward({ shape: [2, 1, I], data });
      expect([...hn.data].every(Number.isFinite)).toBe(true);
      module.dispose();
    },
  );

  test('next to a product does not affect it', async () => {
    const device = guardedTestDevice();
    const [M, K, N] = [17, 5, 19];
    const build = new DispatchBuilder(device, 'beside');
    const wide = (name: string, rows: number) => {
      const tensor = createTensor(device, name, [rows, K + 1]);
      writeTensor(
        device,
        tensor,
        Float32Array.from({ length: rows * (K + 1) }, (_, k) => (k % (K + 1) === K ? Number.POSITIVE_INFINITY : 1)),
      );
      return tensor;
    };
    const [a, b, c] = [wide('a', M), wide('b', N), createTensor(device, 'c', [M, N])];
    const dims = matmulDims(
      { rows: M, columns: K, stride: K + 1 },
      { rows: N, columns: K, stride: K + 1, transposed: true },
    );
    const dispatches = (await loadProduct(device, [dims])).dispatches(build, dims, { a, b, c });
    build.upload();
    const [values] = await readRegions(device, [c], (encoder) => {
      const pass = encoder.beginComputePass({ label: 'beside' });
      record(pass, dispatches);
      pass.end();
    });
    expect(values!.every((value) => value === K)).toBe(true);
    device.dispose();
  });
});
