import { expect, test } from 'vitest';
import { type CellName, modelConfig, numDirections, type RecurrentOptions, stateSize } from '../../src/model/config.ts';
import { MersenneTwister } from '../../src/model/init.ts';
import type { TensorValue } from '../../src/model/parameters.ts';
import { createModule, GRU, LSTM, RNN } from '../../src/nn/recurrent.ts';
import golden from '../golden/recurrent.json';
import { shareOf } from './cases.ts';
import { describeGpu, testDevice, useFamily } from './device.ts';
import { bitsOf, expectNormClose, relativeError } from './expect.ts';
import { randomValues } from './run_kernel.ts';

/** A call of a torch.nn module, from test/golden/recurrent.py; tensors are little-endian float32 as base64. */
interface RecurrentCase {
  seed: number;
  config: RecurrentOptions & { cell: CellName; batchFirst?: boolean };
  T: number;
  N: number;
  states: boolean;
  lengths: number[] | null;
  batched: boolean;
  output: string;
  hn: string;
  cn?: string;
  input: string;
  h0?: string;
  c0?: string;
  parameters: Record<string, string>;
}

const cases = golden.cases as unknown as RecurrentCase[];
const unpack = (text: string): Float32Array =>
  new Float32Array(Uint8Array.from(atob(text), (character) => character.charCodeAt(0)).buffer);

const titleOf = ({ config, T, N, states, lengths, batched }: RecurrentCase): string =>
  [
    `${config.cell} I=${config.inputSize} H=${config.hiddenSize} L=${config.numLayers ?? 1} T=${T} N=${N}`,
    config.projSize && `projection ${config.projSize}`,
    config.bidirectional && 'bidirectional',
    config.bias === false && 'no bias',
    config.batchFirst && 'batch first',
    states && 'states given',
    lengths && `lengths ${lengths.join(' ')}`,
    !batched && 'unbatched',
  ]
    .filter(Boolean)
    .join(', ');

const tensor = (shape: number[], data: Float32Array): TensorValue => ({ shape, data });

describeGpu.each([
  ['timestep', 'software', 0],
  ['timestep', 'gpu', 1],
  ['sequence', 'software', 2],
  ['sequence', 'gpu', 3],
] as const)('torch.nn, %s, kernels of the kind %s', (plan, family, share) => {
  useFamily(family);

  test('the grid covers every argument', () => {
    expect(cases.length).toBeGreaterThan(70);
    for (const cell of ['LSTM', 'GRU', 'RNN_TANH', 'RNN_RELU'])
      expect(cases.filter(({ config }) => config.cell === cell).length).toBeGreaterThan(10);
  });

  test.each(shareOf(cases, 8, 2 * share).map((row) => [titleOf(row), row] as const))('%s', async (_, row) => {
    const { seed, config, T, N, states, lengths, batched } = row;
    const full = modelConfig({ ...config, head: 'none' });
    const first = config.batchFirst && batched;
    const generator = new MersenneTwister(seed + 1000);
    const draw = (...shape: number[]) => {
      const count = shape.reduce((product, size) => product * size, 1);
      return tensor(
        shape,
        Float32Array.from({ length: count }, () => generator.uniform(-1, 1)),
      );
    };
    const rows = batched ? [N] : [];
    const sequence = (features: number) => (first ? [N, T, features] : [T, ...rows, features]);
    const state = (size: number) => [numDirections(full) * full.numLayers, ...rows, size];
    const isLstm = config.cell === 'LSTM';
    const input = draw(...sequence(config.inputSize));
    const h0 = states ? draw(...state(stateSize(full))) : undefined;
    const c0 = states && isLstm ? draw(...state(full.hiddenSize)) : undefined;

    const module = await createModule({ device: testDevice(), seed, plan, ...config });
    const { output, hn, cn } = await module.forward(input, { h0, c0, lengths: lengths ?? undefined });
    const close = (name: string, value: TensorValue | undefined, expected: string | undefined) => {
      if (expected === undefined) return;
      expectNormClose(value!.data, unpack(expected), { tensor: name, tolerance: 'gradient' });
    };
    expect(output.shape).toEqual(sequence(numDirections(full) * stateSize(full)));
    expect(hn.shape).toEqual(state(stateSize(full)));
    expect(cn?.shape).toEqual(isLstm ? state(full.hiddenSize) : undefined);
    close('output', output, row.output);
    close('hn', hn, row.hn);
    close('cn', cn, row.cn);

    const upstream = {
      output: draw(...output.shape),
      hn: draw(...hn.shape),
      ...(isLstm && { cn: draw(...cn!.shape) }),
    };
    for (const run of ['first', 'second']) {
      const gradients = await module.backward(upstream);
      expect(gradients.input.shape).toEqual(input.shape);
      close(`${run} gradient of input`, gradients.input, row.input);
      close(`${run} gradient of h0`, gradients.h0, row.h0);
      close(`${run} gradient of c0`, gradients.c0, row.c0);
      expect([...gradients.parameters.keys()]).toEqual(Object.keys(row.parameters));
      for (const [name, value] of gradients.parameters)
        close(`${run} gradient of ${name}`, value, row.parameters[name]!);
    }
    module.dispose();
  });
});

describeGpu('a recurrent module', () => {
  const options = { inputSize: 2, hiddenSize: 8, numLayers: 3, bidirectional: true, dropout: 0.5 };
  const input = tensor([6, 4, 2], randomValues(48, 1));

  test('drops outputs only in training, the same ones for the same seed, and others in the next forward call', async () => {
    const create = (seed: number) => LSTM.create({ device: testDevice(), ...options, seed });
    const [one, same] = [await create(3), await create(3)];
    const evaluated = (await one.forward(input)).output.data;
    expect(bitsOf((await one.forward(input)).output.data)).toEqual(bitsOf(evaluated));
    await same.forward(input); // dropout depends on the number of previous forward calls
    await same.forward(input);
    const [dropped, again] = [
      await one.forward(input, { training: true }),
      await same.forward(input, { training: true }),
    ];
    expect(bitsOf(again.output.data)).toEqual(bitsOf(dropped.output.data));
    expect(relativeError(dropped.output.data, evaluated)).toBeGreaterThan(0.01);
    const next = await one.forward(input, { training: true });
    expect(relativeError(next.output.data, dropped.output.data)).toBeGreaterThan(0.01);
    one.dispose();
    same.dispose();
  });

  test('has the gradients of its output with dropout: central differences along a direction', async () => {
    const module = await LSTM.create({ device: testDevice(), ...options, hiddenSize: 5, dropout: 0.3, seed: 1 });
    const weights = await module.stateDict();
    const along = new Map([...weights].map(([name, { data }], k) => [name, randomValues(data.length, k)]));
    const upstream = tensor([6, 4, 10], randomValues(240, 9));
    const ones = async (scale: number): Promise<number> => {
      // a new module: its first forward call in training draws the same dropout
      const moved = await LSTM.create({ device: testDevice(), ...options, hiddenSize: 5, dropout: 0.3, seed: 1 });
      const move = (name: string, data: Float32Array) => data.map((value, k) => value + scale * along.get(name)![k]!);
      moved.loadStateDict(
        new Map([...weights].map(([name, { shape, data }]) => [name, { shape, data: move(name, data) }])),
      );
      const { output } = await moved.forward(input, { training: true });
      moved.dispose();
      return output.data.reduce((sum, value, k) => sum + value * upstream.data[k]!, 0);
    };
    await module.forward(input, { training: true });
    const { parameters } = await module.backward({ output: upstream });
    let slope = 0;
    for (const [name, { data }] of parameters)
      slope += data.reduce((sum, value, k) => sum + value * along.get(name)![k]!, 0);
    const step = 2e-3;
    const measured = ((await ones(step)) - (await ones(-step))) / (2 * step);
    expect(Math.abs(measured - slope)).toBeLessThan(2e-3 * Math.max(1, Math.abs(slope)));
    module.dispose();
  });

  test('supports a second backward for the same forward call, with the same dropout', async () => {
    for (const plan of ['timestep', 'sequence'] as const) {
      const module = await LSTM.create({ device: testDevice(), ...options, dropout: 0.3, seed: 1, plan });
      const { output } = await module.forward(input, { training: true });
      const upstream = { output: tensor(output.shape as number[], randomValues(output.data.length, 9)) };
      const once = await module.backward(upstream);
      const again = await module.backward(upstream);
      for (const [name, { data }] of once.parameters)
        expect(bitsOf(again.parameters.get(name)!.data), name).toEqual(bitsOf(data));
      module.dispose();
    }
  });

  test('runs calls that are not awaited in order, whatever their sizes', async () => {
    const one = tensor([3, 2, 2], randomValues(12, 4));
    const make = () => LSTM.create({ device: testDevice(), inputSize: 2, hiddenSize: 4 });
    const [module, same] = [await make(), await make()];
    const upstream = { hn: tensor([1, 4, 4], randomValues(16, 5)) };
    const together = await Promise.all([
      module.forward(one),
      module.forward(one),
      module.forward(input),
      module.backward(upstream),
      module.gradientFlow(),
      module.forward(one),
    ]);
    const apart = [
      await same.forward(one),
      await same.forward(one),
      await same.forward(input),
      await same.backward(upstream),
      await same.gradientFlow(),
      await same.forward(one),
    ];
    expect(together).toEqual(apart);
    await module.forward(input);
    const given = { hn: tensor([1, 4, 4], Float32Array.from(upstream.hn.data)) };
    const going = module.backward(given);
    given.hn.data.fill(0); // belongs to the caller again
    expect(await going).toEqual(apart[3]);
    const before = Promise.all([module.forward(one), module.forward(input), module.stateDict()]);
    module.dispose();
    expect(await before).toEqual([apart[0], apart[2], await same.stateDict()]);
    same.dispose();
  });

  test('drops everything with dropout 1, and stays finite', async () => {
    const module = await GRU.create({ device: testDevice(), inputSize: 2, hiddenSize: 4, numLayers: 2, dropout: 1 });
    const { output } = await module.forward(input, { training: true });
    expect(output.data.every(Number.isFinite)).toBe(true);
    const other = await module.forward(tensor([6, 4, 2], randomValues(48, 2)), { training: true });
    expect(bitsOf(other.output.data)).toEqual(bitsOf(output.data)); // the last layer gets nothing of the input
    module.dispose();
  });

  test('ignores values after the end of a row', async () => {
    const module = await LSTM.create({ device: testDevice(), ...options });
    const lengths = [6, 2, 1, 4];
    const noisy = tensor(input.shape as number[], input.data.slice());
    for (const [n, length] of lengths.entries())
      for (let t = length; t < 6; t++) noisy.data.fill(Number.NaN, (t * 4 + n) * 2, (t * 4 + n + 1) * 2);
    const [clean, same] = [await module.forward(input, { lengths }), await module.forward(noisy, { lengths })];
    expect(bitsOf(same.output.data)).toEqual(bitsOf(clean.output.data));
    expect(bitsOf(same.hn.data)).toEqual(bitsOf(clean.hn.data));
    const upstream = { output: tensor([6, 4, 16], new Float32Array(6 * 4 * 16).fill(1)) };
    const { parameters } = await module.backward(upstream);
    for (const [name, { data }] of parameters) expect(data.every(Number.isFinite), name).toBe(true);
    module.dispose();
  });

  test('gives the same results for a row in a batch as alone', async () => {
    const module = await GRU.create({ device: testDevice(), inputSize: 2, hiddenSize: 8, numLayers: 2 });
    const { output } = await module.forward(input);
    for (let n = 0; n < 4; n++) {
      const alone = Float32Array.from({ length: 12 }, (_, k) => input.data[(Math.floor(k / 2) * 4 + n) * 2 + (k % 2)]!);
      const { output: own } = await module.forward(tensor([6, 2], alone));
      const expected = Float32Array.from(
        { length: 48 },
        (_, k) => output.data[(Math.floor(k / 8) * 4 + n) * 8 + (k % 8)]!,
      );
      expectNormClose(own.data, expected, { tensor: `row ${n}`, tolerance: 'gradient' });
    }
    module.dispose();
  });
});

describeGpu('gradientFlow', () => {
  const T = 100;
  const input = tensor([T, 4, 2], randomValues(T * 8, 5));

  test('vanishes in an RNN over 100 steps, but not in an LSTM with open forget gates', async () => {
    const device = testDevice();
    const rnn = await RNN.create({ device, inputSize: 2, hiddenSize: 16 });
    const lstm = await LSTM.create({ device, inputSize: 2, hiddenSize: 16 });
    // an LSTM keeps what its forget gates let through: sigmoid(5) is 0.993 (Gers et al. 2000; Jozefowicz et al. 2015)
    const open = new Map(await lstm.stateDict());
    const bias = open.get('bias_ih_l0')!;
    open.set('bias_ih_l0', { shape: bias.shape, data: bias.data.map((value, k) => (k >= 16 && k < 32 ? 5 : value)) });
    const flows: Float64Array[] = [];
    for (const module of [rnn, lstm]) {
      await module.forward(input);
      flows.push((await module.gradientFlow())[0]!);
    }
    lstm.loadStateDict(open);
    await lstm.forward(input);
    const [ofOpen] = await lstm.gradientFlow();
    const [ofRnn, ofLstm] = flows as [Float64Array, Float64Array];
    const share = (flow: Float64Array) => flow[0]! / flow[T - 1]!;
    for (const flow of [ofRnn, ofLstm, ofOpen!]) expect(flow[T - 1]).toBeCloseTo(8, 5); // |ones| over 4 rows, 16 units
    expect(share(ofRnn)).toBeLessThan(1e-12);
    expect(share(ofOpen!)).toBeGreaterThan(1e-3);
    // PyTorch's initial weights leave the forget gates half open, and then an LSTM forgets, too
    expect(share(ofLstm)).toBeLessThan(share(ofOpen!) / 1e6);
    rnn.dispose();
    lstm.dispose();
  });

  test('explodes in an RNN with large weights', async () => {
    const rnn = await RNN.create({ device: testDevice(), inputSize: 2, hiddenSize: 16, nonlinearity: 'relu' });
    const weights = new Map(await rnn.stateDict());
    const { shape, data } = weights.get('weight_hh_l0')!;
    weights.set('weight_hh_l0', { shape, data: data.map((value) => 0.1 + value) });
    rnn.loadStateDict(weights);
    await rnn.forward(tensor([20, 4, 2], randomValues(160, 5).map(Math.abs)));
    const [flow] = await rnn.gradientFlow();
    expect(flow![0]! / flow![19]!).toBeGreaterThan(100);
    rnn.dispose();
  });

  test('agrees with backward for a caller’s loss: at the first step it is the gradient of h0', async () => {
    const lstm = await LSTM.create({
      device: testDevice(),
      inputSize: 2,
      hiddenSize: 4,
      numLayers: 2,
      bidirectional: true,
    });
    await lstm.forward(tensor([1, 3, 2], randomValues(6, 1)));
    const hn = tensor([4, 3, 4], randomValues(48, 2));
    const flow = await lstm.gradientFlow({ hn });
    expect(flow).toHaveLength(4);
    for (const direction of [2, 3]) {
      const own = hn.data.subarray(direction * 12, (direction + 1) * 12);
      expect(flow[direction]![0]).toBeCloseTo(Math.sqrt(own.reduce((sum, value) => sum + value ** 2, 0)), 5);
    }
    lstm.dispose();
  });
});
