import { describe, expect, test } from 'vitest';
import { ConfigError, ShapeError, StateError, TrainingError } from '../../src/errors.ts';
import { Trainer } from '../../src/nn/trainer.ts';
import type { TrainerOptions } from '../../src/nn/trainer_options.ts';
import type { ScheduleOptions } from '../../src/train/schedules.ts';
import golden from '../golden/trainer.json';
import { shareOf } from './cases.ts';
import { describeGpu, testDevice } from './device.ts';
import { bitsOf, expectClose, expectNormClose } from './expect.ts';
import { limitedDevice } from './limited_device.ts';
import { randomValues } from './run_kernel.ts';
import { stateBeforeFit, stateOf } from './trainer_state.ts';

/** A whole training in PyTorch, from test/golden/trainer.py. */
interface TrainerCase extends Omit<TrainerOptions, 'device' | 'schedule'> {
  schedule?: ScheduleOptions;
  seed: number;
  steps: number;
  lengths?: number[];
  inputs: number[];
  targets: number[];
  losses: number[];
  lastLosses: number[];
  rates: number[];
  weights: Record<string, number[]>;
}

const cases = golden.cases as unknown as TrainerCase[];
const titleOf = ({ model, loss, optimizer, clip, schedule, lengths }: TrainerCase): string =>
  [
    `${model.cell} x ${model.numLayers ?? 1}`,
    model.bidirectional && 'bidirectional',
    model.projSize && `projection ${model.projSize}`,
    `head on ${model.head}`,
    loss!.name,
    optimizer!.name,
    clip && `clip ${Object.keys(clip).join(' and ')}`,
    schedule?.name,
    lengths && 'lengths',
  ]
    .filter(Boolean)
    .join(', ');

/** Samples of a case for a Trainer. */
function dataOf({ model, steps, inputs, targets, loss, lengths }: TrainerCase) {
  const samples = 8;
  const places = model.head === 'every' ? [samples, steps] : [samples];
  const perPlace = targets.length / places.reduce((product, size) => product * size, 1);
  const shape = loss!.name === 'crossEntropy' ? places : [...places, perPlace];
  return {
    inputs: { shape: [samples, steps, model.inputSize], data: Float32Array.from(inputs) },
    targets: { shape, data: Float32Array.from(targets) },
    lengths,
  };
}

const create = ({ model, loss, optimizer, clip, schedule, seed }: TrainerCase) =>
  Trainer.create({ device: testDevice(), model, loss, optimizer, clip, schedule, seed });

const inOrder = { batchSize: 3, shuffle: false };

describeGpu('Trainer', () => {
  test.each(shareOf(cases, 2).map((row) => [titleOf(row), row] as const))('trains like PyTorch: %s', async (_, row) => {
    const trainer = await create(row);
    const { epochs } = await trainer.fit(dataOf(row), { ...inOrder, epochs: 4 });
    const tolerance = 'trace';
    expectNormClose(
      epochs.map(({ loss }) => loss),
      row.losses,
      { tensor: 'losses', tolerance },
    );
    expectNormClose(
      epochs.map(({ lastLoss }) => lastLoss),
      row.lastLosses,
      { tensor: 'last losses', tolerance },
    );
    expectNormClose(
      epochs.map(({ models }) => models[0]!.lr),
      row.rates,
      { tensor: 'lr', tolerance },
    );
    const weights = await trainer.stateDict();
    for (const [name, values] of Object.entries(row.weights))
      expectClose(weights.get(name)!.data, values, { tensor: name, tolerance: 'trained' });
    trainer.dispose();
  });

  test('continues where a fit stopped, bit for bit, also from a checkpoint', async () => {
    for (const row of shareOf(cases, 2, 1)) {
      const data = dataOf(row);
      const [whole, parts] = [await create(row), await create(row)];
      await whole.fit(data, { epochs: 3, batchSize: 3 });
      await parts.fit(data, { epochs: 1, batchSize: 3 });
      const bytes = await parts.checkpoint();
      await parts.fit(data, { epochs: 2, batchSize: 3 });
      for (const [name, { data: expected }] of await whole.stateDict())
        expect(bitsOf((await parts.stateDict()).get(name)!.data), name).toEqual(bitsOf(expected));
      const loaded = await Trainer.load(bytes, { device: testDevice() });
      const report = await loaded.fit(data, { epochs: 2, batchSize: 3 });
      expect(report.epochs.map(({ epoch }) => epoch)).toEqual([2, 3]);
      for (const [name, { data: expected }] of await stateOf(whole))
        expect(bitsOf((await stateOf(loaded)).get(name)!.data), name).toEqual(bitsOf(expected));
      for (const trainer of [whole, parts, loaded]) trainer.dispose();
    }
  });

  test('predicts the outputs of its loss: the mean squared error of predictions is the next loss', async () => {
    const row = cases[0]!;
    const trainer = await create({ ...row, optimizer: { name: 'SGD', lr: 0 } });
    const data = dataOf(row);
    const { data: predicted } = await trainer.predict(data.inputs);
    const { epochs } = await trainer.fit(data, { epochs: 1, batchSize: 8 });
    const errors = data.targets.data.map((target, k) => (predicted[k]! - target) ** 2);
    expectClose([errors.reduce((sum, e) => sum + e, 0) / errors.length], [epochs[0]!.loss], {
      tensor: 'loss',
      tolerance: 'elementwise',
    });
    trainer.dispose();
  });

  test('ignores values after the end of a sequence, and returns zeros there', async () => {
    const row = cases[1]!;
    const trainer = await create(row);
    const { inputs, lengths } = dataOf(row);
    const noisy = { shape: inputs.shape, data: inputs.data.slice() };
    for (const [n, length] of lengths!.entries()) noisy.data.fill(Number.NaN, (n * 5 + length) * 3, (n + 1) * 5 * 3);
    const [clean, same] = [await trainer.predict(inputs, { lengths }), await trainer.predict(noisy, { lengths })];
    expect(bitsOf(same.data)).toEqual(bitsOf(clean.data));
    expect(clean.shape).toEqual([8, 5, 4]);
    expect([...clean.data.subarray((1 * 5 + 1) * 4, 2 * 5 * 4)].every((value) => value === 0)).toBe(true);
    trainer.dispose();
  });

  test('streams samples in chunks: bit-identical in order, and every sample once when shuffled', async () => {
    for (const row of [cases[0]!, cases[1]!]) {
      const data = dataOf(row);
      const [whole, streamed] = [await create(row), await create(row)];
      const reports = [
        await whole.fit(data, { ...inOrder, epochs: 3 }),
        await streamed.fit(data, { ...inOrder, epochs: 3, chunkSamples: 5 }), // one batch of 3 at a time
      ];
      expect(reports[1]!.epochs.map(({ loss }) => loss)).toEqual(reports[0]!.epochs.map(({ loss }) => loss));
      for (const [name, { data: expected }] of await whole.stateDict())
        expect(bitsOf((await streamed.stateDict()).get(name)!.data), name).toEqual(bitsOf(expected));
      for (const trainer of [whole, streamed]) trainer.dispose();
    }
  });

  test('uses every sample once per epoch when it streams them shuffled', async () => {
    const row = cases[0]!;
    const data = dataOf(row);
    const still = { ...row, optimizer: { name: 'SGD', lr: 0 } as const, schedule: undefined };
    const [whole, streamed] = [await create(still), await create(still)];
    const { epochs } = await whole.fit(data, { ...inOrder, epochs: 1 });
    const lasts = new Set<number>();
    const report = await streamed.fit(data, { batchSize: 2, shuffle: true, chunkSamples: 2, epochs: 6 });
    for (const { loss, lastLoss } of report.epochs) {
      expectClose([loss], [epochs[0]!.loss], { tensor: 'loss', tolerance: 'elementwise' });
      lasts.add(lastLoss);
    }
    expect(lasts.size).toBeGreaterThan(1); // chunks change places
    await expect(streamed.fit(data, { chunkSamples: 0 })).rejects.toThrow(/chunkSamples: got 0/);
    for (const trainer of [whole, streamed]) trainer.dispose();
  });

  test.each([[40_000], [200_000]])(
    'gives the same outputs if they exceed a buffer: %d bytes of them',
    async (bytes) => {
      const [S, T] = [150, 20];
      const options = { model: { inputSize: 1, hiddenSize: 1, outputSize: 30, head: 'every' } } as const;
      const data = {
        inputs: { shape: [S, T, 1], data: randomValues(S * T, 1) },
        targets: { shape: [S, T, 30], data: new Float32Array(S * T * 30) },
      };
      const few = {
        inputs: { shape: [2, T, 1], data: new Float32Array(2 * T) },
        targets: { shape: [2, T, 30], data: new Float32Array(2 * T * 30) },
      };
      const [device, said] = [await limitedDevice(bytes), [] as unknown[]];
      for (const one of [device, testDevice()]) {
        const trainer = await Trainer.create({ device: one, ...options });
        const { data: predicted } = await trainer.predict(data.inputs);
        const { epochs } = await trainer.fit(few, { epochs: 1, batchSize: 2, validation: data });
        said.push({ predicted: [...predicted], loss: epochs[0]!.validationLoss });
        trainer.dispose();
      }
      device.destroy();
      expect(said[0]).toEqual(said[1]);
    },
  );

  test('learns to remember: the first of 8 inputs, to be output at the end', async () => {
    const [S, T] = [32, 8];
    const inputs = { shape: [S, T, 1], data: randomValues(S * T, 3) };
    const targets = { shape: [S, 1], data: Float32Array.from({ length: S }, (_, s) => inputs.data[s * T]!) };
    const trainer = await Trainer.create({
      device: testDevice(),
      model: { inputSize: 1, hiddenSize: 16 },
      optimizer: { name: 'Adam', lr: 0.02 },
      clip: { norm: 1 },
    });
    const { epochs } = await trainer.fit({ inputs, targets }, { epochs: 100, batchSize: 16 });
    expect(epochs[0]!.loss).toBeGreaterThan(0.2);
    expect(epochs.at(-1)!.loss).toBeLessThan(0.02);
    trainer.dispose();
  });

  test.each([
    [
      'inputs',
      { inputs: { shape: [8, 5, 9], data: new Float32Array(360) } },
      ShapeError,
      /inputs: got shape \[8, 5, 9\].*inputSize = 2/,
    ],
    [
      'targets',
      { targets: { shape: [8, 5], data: new Float32Array(40) } },
      ShapeError,
      /targets: got shape \[8, 5\], expected \[8, 2\]/,
    ],
    ['lengths', { lengths: [1, 2, 3] }, ConfigError, /lengths: got 3, .*8 rows/],
    ['lengths', { lengths: [0, 1, 1, 1, 1, 1, 1, 1] }, ConfigError, /lengths\[0\]: got 0/],
  ] as const)('names what is wrong with %s', async (name, change, kind, message) => {
    const trainer = await create(cases[0]!);
    const run = trainer.fit({ ...dataOf(cases[0]!), ...change }, { epochs: 1 });
    await expect(run).rejects.toThrow(kind);
    await expect(trainer.fit({ ...dataOf(cases[0]!), ...change }, { epochs: 1 })).rejects.toThrow(message);
    const validation = { ...dataOf(cases[0]!), ...change };
    await expect(trainer.fit(dataOf(cases[0]!), { validation })).rejects.toThrow(`validation.${name}`);
    trainer.dispose();
  });

  test('does not count steps undone by a non-finite loss', async () => {
    const trainer = await Trainer.create({
      device: testDevice(),
      model: { cell: 'RNN_RELU', inputSize: 1, hiddenSize: 4 },
      optimizer: { name: 'SGD', lr: 50 },
    });
    const ones = { shape: [99, 3, 1], data: new Float32Array(297).fill(1) };
    const samples = { inputs: ones, targets: { shape: [99, 1], data: new Float32Array(99) } };
    const run = trainer.fit(samples, { batchSize: 1 });
    const error: unknown = await run.then(undefined, (reason: unknown) => reason);
    expect(error).toBeInstanceOf(TrainingError);
    const state = await stateBeforeFit(trainer, samples);
    expect(state.get('done')!.data[0]).toBeLessThan((error as TrainingError).step);
    for (const [name, { data }] of state) expect(data.every(Number.isFinite), name).toBe(true);
    trainer.dispose();
  });

  test('requires classes to be whole numbers below outputSize', async () => {
    const trainer = await create(cases[1]!);
    const data = dataOf(cases[1]!);
    data.targets.data[7] = 4;
    await expect(trainer.fit(data, { epochs: 1 })).rejects.toThrow(/targets: got 4, expected classes.*0 to 3/);
    trainer.dispose();
  });

  test('rejects a state dict during training, and loses no steps', async () => {
    const trainer = await create(cases[0]!);
    const weights = await trainer.stateDict();
    for await (const { epoch } of trainer.fit(dataOf(cases[0]!), { ...inOrder, epochs: 2 }))
      if (epoch === 1) {
        expect(() => trainer.loadStateDict(weights)).toThrow('loadStateDict: this trainer is training');
        await expect(trainer.resume(dataOf(cases[0]!))).rejects.toThrow('resume: this trainer is training');
      }
    expect([...(await stateOf(trainer)).get('done')!.data]).toEqual([6, 2]);
    trainer.loadStateDict(weights);
    trainer.dispose();
  });

  test('stops a fit when disposed, lets other calls end, and rejects later ones', async () => {
    const trainer = await create(cases[0]!);
    const data = dataOf(cases[0]!);
    let [before, after]: (Promise<unknown> | undefined)[] = [];
    const onProgress = ({ epoch }: { epoch: number }) => {
      if (epoch < 3 || before) return;
      before = Promise.all([trainer.predict(data.inputs), trainer.stateDict(), trainer.checkpoint()]);
      for (let k = 0; k < 2; k++) trainer.dispose();
      after = trainer.predict(data.inputs).then(undefined, (error: unknown) => error);
    };
    const run = trainer.fit(data, { ...inOrder, epochs: 1000, onProgress });
    await expect(run).rejects.toThrow('fit: this trainer was disposed during training');
    expect(await before).toHaveLength(3);
    expect(await after).toBeInstanceOf(StateError);
    const late = [trainer.fit(data), trainer.resume(data), trainer.checkpoint(), trainer.stateDict()];
    for (const call of await Promise.allSettled(late))
      expect(String((call as PromiseRejectedResult).reason)).toMatch(/: this trainer was disposed; create a new one/);
    expect(() => trainer.loadStateDict(new Map())).toThrow('loadStateDict: this trainer was disposed');
  });

  describe('the resident plan', () => {
    const model = { inputSize: 2, hiddenSize: 5, outputSize: 3 };
    const [S, T] = [9, 4];
    const inputs = { shape: [S, T, 2], data: randomValues(S * T * 2, 3) };
    const targets = { shape: [S, 3], data: randomValues(S * 3, 4) };
    const settings = { batchSize: 4, epochs: 3 };
    const train = async (plan: 'auto' | 'timestep', lengths?: number[]) => {
      const trainer = await Trainer.create({ device: testDevice(), model, seed: 5 });
      const report = await trainer.fit({ inputs, targets, lengths }, { ...settings, plan });
      const weights = await trainer.stateDict();
      trainer.dispose();
      return { plan: report.plan, losses: report.epochs.map(({ loss }) => loss), weights };
    };

    test('trains sequences of equal length, with the same numbers as the others', async () => {
      const [resident, timestep] = [await train('auto'), await train('timestep')];
      expect([resident.plan, timestep.plan]).toEqual(['resident', 'timestep']);
      expectNormClose(resident.losses, timestep.losses, { tensor: 'losses', tolerance: 'trace' });
      for (const [name, { data }] of timestep.weights)
        expectNormClose(resident.weights.get(name)!.data, data, { tensor: name, tolerance: 'update' });
    });

    test('is not chosen for sequences of different lengths, and rejected with the reason', async () => {
      const lengths = Array.from({ length: S }, (_, k) => 1 + (k % T));
      expect((await train('auto', lengths)).plan).not.toBe('resident');
      const trainer = await Trainer.create({ device: testDevice(), model });
      const refused = trainer.fit({ inputs, targets, lengths }, { plan: 'resident' });
      await expect(refused).rejects.toThrow(/'resident' cannot run.*windows/);
      trainer.dispose();
    });
  });
});
