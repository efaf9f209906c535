import { expect, test } from 'vitest';
import { DataError, StateError } from '../../src/errors.ts';
import { readSafetensors, writeSafetensors } from '../../src/io/safetensors.ts';
import { Trainer } from '../../src/nn/trainer.ts';
import type { SampleData, TrainerFitOptions, TrainerOptions } from '../../src/nn/trainer_options.ts';
import type { EpochReport } from '../../src/train/report.ts';
import { describeGpu, testDevice } from '../gpu/device.ts';
import { bitsOf, expectClose } from '../gpu/expect.ts';
import { randomValues } from '../gpu/run_kernel.ts';
import { stateOf } from '../gpu/trainer_state.ts';

const [S, T, I, O] = [20, 5, 2, 3];

/** Sequences from a seed, with targets for a model. */
function dataOf({ model, loss }: Model, seed: number, samples = S): SampleData {
  const places = model.head === 'every' ? [samples, T] : [samples];
  const classes = loss?.name === 'crossEntropy';
  const shape = classes ? places : [...places, O];
  const values = randomValues(
    shape.reduce((product, size) => product * size, 1),
    seed + 1,
  );
  const data = classes ? values.map((value) => Math.floor(Math.abs(value) * O) % O) : values;
  const lengths = model.head === 'every' ? { lengths: Array.from({ length: samples }, (_, s) => 1 + (s % T)) } : {};
  return {
    inputs: { shape: [samples, T, I], data: randomValues(samples * T * I, seed) },
    targets: { shape, data },
    ...lengths,
  };
}

type Model = Omit<TrainerOptions, 'device'>;
type Case = [string, Model, TrainerFitOptions];

const plateau: Model = {
  model: { cell: 'GRU', inputSize: I, hiddenSize: 4, numLayers: 2, dropout: 0.4, outputSize: O },
  optimizer: { name: 'AdamW', lr: 0.05, amsgrad: true },
  schedule: { name: 'ReduceLROnPlateau', patience: 0, threshold: 0.1 },
  clip: { norm: 0.5 },
  seed: 7,
};
const classes: Model = {
  model: { inputSize: I, hiddenSize: 4, outputSize: O, head: 'every' },
  loss: { name: 'crossEntropy' },
  optimizer: { name: 'Adam', lr: 0.1 },
};

/** Trainings that use everything that a next step may depend on. */
const CASES: Case[] = [
  [
    'timestep, dropout and a plateau of the validation loss',
    plateau,
    { epochs: 5, batchSize: 3, plan: 'timestep', validation: dataOf(plateau, 50, 7) },
  ],
  [
    'sequence, momentum, streamed in chunks and shuffled',
    { ...plateau, optimizer: { name: 'SGD', lr: 0.05, momentum: 0.9 } },
    { epochs: 4, batchSize: 2, plan: 'sequence', chunkSamples: 6 },
  ],
  [
    'classes of ragged sequences, stopped early',
    classes,
    { epochs: 8, batchSize: 4, validation: dataOf(classes, 50, 9), earlyStopping: { patience: 1 } },
  ],
];

async function expectSame(got: Trainer, expected: Trainer): Promise<void> {
  const all = await stateOf(got);
  for (const [name, { data }] of await stateOf(expected))
    expect(bitsOf(all.get(name)!.data), name).toEqual(bitsOf(data));
}

/** Reports without times. */
const timeless = (epochs: readonly EpochReport[]) =>
  epochs.map(({ seconds: _, stepsPerSecond: __, ...numbers }) => numbers);

/** Stops a fit after some slices. @returns a checkpoint of that moment. */
async function checkpointAfter(slices: number, model: Model, data: SampleData, options: TrainerFitOptions) {
  const trainer = await Trainer.create({ device: testDevice(), ...model });
  let seen = 0;
  let bytes: Promise<Uint8Array> | undefined;
  const stopper = new AbortController();
  const onProgress = () => {
    seen++;
    if (seen === slices) bytes = trainer.checkpoint();
    if (seen === slices + 3) stopper.abort(new Error('enough'));
  };
  const run = trainer.fit(data, { ...options, sliceMs: 0.001, signal: stopper.signal, onProgress });
  await expect(run).rejects.toThrow('enough');
  const taken = await bytes!;
  trainer.dispose();
  return taken;
}

describeGpu("a Trainer's checkpoint", () => {
  test.each(CASES)('leads to results bit-identical to a fit that never stopped: %s', async (_, model, options) => {
    const data = dataOf(model, 1);
    const straight = await Trainer.create({ device: testDevice(), ...model });
    const report = await straight.fit(data, options);
    const ended = await straight.checkpoint();
    for (const slices of [1, 9]) {
      const bytes = await checkpointAfter(slices, model, data, options);
      const resumed = await Trainer.load(bytes, { device: testDevice() });
      const again = await resumed.resume(data, { validation: options.validation });
      expect(timeless(again.epochs)).toEqual(timeless(report.epochs));
      await expectSame(resumed, straight);
      // and continues from there with another fit
      const [next, expected] = [resumed, await Trainer.load(ended, { device: testDevice() })];
      const reports = [await next.fit(data, { epochs: 2 }), await expected.fit(data, { epochs: 2 })];
      expect(timeless(reports[0]!.epochs)).toEqual(timeless(reports[1]!.epochs));
      await expectSame(next, expected);
      for (const one of [next, expected]) one.dispose();
    }
    straight.dispose();
  });

  test.each([
    [7, { batchSize: 9, chunkSamples: 5 }],
    [7, { batchSize: 9, chunkSamples: 8 }],
    [7, { batchSize: 3, chunkSamples: 5 }],
    [8, { batchSize: 3, chunkSamples: 1 }],
    [1, { batchSize: 32 }],
  ])('of %d samples with %j can be resumed', async (samples, sizes) => {
    const data = dataOf(classes, 1, samples);
    const straight = await Trainer.create({ device: testDevice(), ...classes });
    const left = await Trainer.create({ device: testDevice(), ...classes });
    await straight.fit(data, { ...sizes, epochs: 3 });
    for await (const { epoch } of left.fit(data, { ...sizes, epochs: 3 })) if (epoch === 2) break;
    const resumed = await Trainer.load(await left.checkpoint(), { device: testDevice() });
    expect((await resumed.resume(data)).epochs.length).toBe(3);
    await expectSame(resumed, straight);
    for (const one of [straight, left, resumed]) one.dispose();
  });

  test('can be made between two epochs, after an abort, at the end, and in the second of two fits', async () => {
    const data = dataOf(plateau, 1);
    const create = () => Trainer.create({ device: testDevice(), ...plateau });
    const [straight, left] = [await create(), await create()];
    for (const trainer of [straight, left]) await trainer.fit(data, { epochs: 1 });
    await straight.fit(data, { epochs: 4, batchSize: 4 });
    let between: Uint8Array | undefined;
    for await (const { epoch } of left.fit(data, { epochs: 4, batchSize: 4 })) {
      between = await left.checkpoint();
      if (epoch === 3) break;
    }
    const last = [await left.checkpoint(), await straight.checkpoint()];
    for (const [bytes, epochsLeft] of [
      [between!, 2],
      [last[0]!, 2],
      [last[1]!, 0],
    ] as const) {
      const resumed = await Trainer.load(bytes, { device: testDevice() });
      const report = await resumed.resume(data);
      expect(report.epochs.map(({ epoch }) => epoch)).toEqual([2, 3, 4, 5]);
      expect(report.steps).toBe(epochsLeft * (S / 4)); // of this run
      await expectSame(resumed, straight);
      resumed.dispose();
    }
    for (const trainer of [straight, left]) trainer.dispose();
  });

  test('also has weights by their names; other samples, and files without a fit, are rejected', async () => {
    const trainer = await Trainer.create({ device: testDevice(), ...classes });
    await expect(trainer.checkpoint()).rejects.toThrow(StateError);
    const [data, validation] = [dataOf(classes, 1), dataOf(classes, 2)];
    await trainer.fit(data, { epochs: 1, validation });
    const bytes = await trainer.checkpoint();
    const loaded = await Trainer.load(bytes, { device: testDevice() });
    expect(await loaded.predict(data.inputs)).toEqual(await trainer.predict(data.inputs));
    expect(await loaded.checkpoint()).toEqual(bytes);
    await expect(loaded.resume(data)).rejects.toThrow('options.validation: got none');
    await expect(loaded.resume(validation, { validation })).rejects.toThrow(DataError);
    await expect(loaded.resume({ ...data, lengths: undefined }, { validation })).rejects.toThrow('resume: data: got');
    for (const sliceMs of [Number.NaN, -5, 'fast'] as number[])
      await expect(loaded.resume(data, { validation, sliceMs })).rejects.toThrow('sliceMs: got');
    await loaded.resume(data, { validation });
    await expect(loaded.resume(data, { validation })).rejects.toThrow('there is no unfinished fit');
    const weights = writeSafetensors(await trainer.stateDict());
    await expect(Trainer.load(weights, { device: testDevice() })).rejects.toThrow(
      "it was not written by a Trainer's save() or checkpoint()",
    );
    const { tensors, metadata } = readSafetensors(bytes);
    tensors.delete('optimizer.exp_avg.lstm.weight_hh_l0');
    const cut = writeSafetensors(tensors, metadata);
    await expect(Trainer.load(cut, { device: testDevice() })).rejects.toThrow(
      'checkpoint: optimizer.exp_avg.lstm.weight_hh_l0 is missing',
    );
    for (const one of [trainer, loaded]) one.dispose();
  });

  test('has the given options, even if their objects change later', async () => {
    const [optimizer, model, clip] = [{ name: 'Adam' as const, lr: 1e-3 }, { ...classes.model }, { norm: 1 }];
    const given: Model = { ...classes, model, optimizer, clip };
    const straight = await Trainer.create({ device: testDevice(), ...structuredClone(given) });
    const trainer = await Trainer.create({ device: testDevice(), ...given, optimizer: new Proxy(optimizer, {}) });
    [optimizer.lr, clip.norm, model.hiddenSize] = [0.5, 1e-9, 9];
    for (const one of [straight, trainer]) await one.fit(dataOf(classes, 1), { epochs: 1 });
    const stored = JSON.parse(readSafetensors(await trainer.checkpoint()).metadata['lstm_webgpu.trainer']!);
    expect(stored).toEqual({ ...classes, optimizer: { name: 'Adam', lr: 1e-3 }, clip: { norm: 1 } });
    await expectSame(trainer, straight);
    for (const one of [straight, trainer]) one.dispose();
  });

  test('is rejected with the name of an invalid part', async () => {
    const trainer = await Trainer.create({ device: testDevice(), ...classes });
    const data = dataOf(classes, 1);
    await trainer.fit(data, { epochs: 1 });
    await trainer.fit(data, { epochs: 3, batchSize: 4 });
    const bytes = await trainer.checkpoint();
    const changed = (change: object, position: object = {}, model: object = {}) => {
      const { tensors, metadata } = readSafetensors(bytes);
      const fit = JSON.parse(metadata['lstm_webgpu.training']!);
      Object.assign(fit.position, position);
      Object.assign(fit.position.models[0], model);
      return writeSafetensors(tensors, { ...metadata, 'lstm_webgpu.training': JSON.stringify({ ...fit, ...change }) });
    };
    const withOptions = (options: Model) => {
      const { tensors, metadata } = readSafetensors(bytes);
      return writeSafetensors(tensors, { ...metadata, 'lstm_webgpu.trainer': JSON.stringify(options) });
    };
    const device = testDevice();
    for (const [file, message] of [
      [changed({ hashes: [1] }), 'hashes: got [1], expected 1 or 2 strings'],
      [changed({ hashes: [] }), 'hashes: got []'],
      [changed({ reports: [null] }), 'reports: got [null]'],
      [changed({ reports: [{ epoch: 2, models: [null] }] }), 'reports: got'],
      [withOptions({ ...classes, seed: 2 ** 40 }), 'seed: got 1099511627776'],
      [withOptions({ ...classes, model: { ...classes.model, numLayers: 1e9 } }), 'numLayers: got 1000000000'],
      [changed({ epochsBefore: 0.5 }), 'epochsBefore: got 0.5'],
      [changed({}, { epoch: 1 }), 'position: got epoch 1, step 0 of epochs 2 to 4'],
      [changed({}, {}, { report: [] }), 'position: expected a valid position for each of 1 models'],
      [changed({}, {}, { report: { loss: 1, lastLoss: 1, lr: 1 } }), 'position: expected a valid position'],
      [changed({}, { epoch: 2, step: 1 }, { lastLoss: null }), 'position: expected a valid position'],
    ] as const) {
      const load = Trainer.load(file, { device });
      await expect(load).rejects.toThrow(message);
      await expect(Trainer.load(file, { device })).rejects.toThrow(DataError);
    }
    for (const step of [5, 6]) {
      const loaded = await Trainer.load(changed({ reports: [] }, { epoch: 2, step }), { device });
      const epochs = loaded.resume(data).then((report) => report.epochs.length);
      if (step === 5) expect(await epochs).toBe(3);
      else await expect(epochs).rejects.toThrow('checkpoint: position: got step 6 of epoch 2, which has 5 steps.');
      loaded.dispose();
    }
    trainer.dispose();
  });

  test('does not wait for a fit that could not start', async () => {
    const trainer = await Trainer.create({ device: testDevice(), ...plateau });
    await expect(trainer.fit(dataOf(plateau, 1), { plan: 'resident' })).rejects.toThrow("'resident' cannot run");
    await expect(trainer.checkpoint()).rejects.toThrow("'resident' cannot run");
    trainer.dispose();
  });
});

describeGpu("a Trainer's validation loss", () => {
  test.each([
    ['mse', plateau],
    ['crossEntropy of ragged sequences', classes],
    ['quantile', { ...plateau, loss: { name: 'quantile', quantiles: [0.2, 0.5, 0.8] } }],
  ] as [string, Model][])(
    'equals the loss that training on the same samples would measure: %s',
    async (name, model) => {
      const still: Model = {
        ...model,
        model: { ...model.model, dropout: 0 },
        optimizer: { name: 'SGD', lr: 0 },
        schedule: undefined,
      };
      const trainer = await Trainer.create({ device: testDevice(), ...still });
      const data = dataOf(still, 1);
      if (name === 'quantile')
        Object.assign(data, { targets: { shape: [S, 1], data: (data.targets.data as Float32Array).slice(0, S) } });
      const { epochs } = await trainer.fit(data, { epochs: 1, batchSize: S, validation: data });
      expectClose([epochs[0]!.validationLoss!], [epochs[0]!.loss], { tensor: 'loss', tolerance: 'elementwise' });
      trainer.dispose();
    },
  );

  test('is measured on samples that are not trained on, and leaves the training bit-identical', async () => {
    const model: Model = { ...plateau, schedule: undefined };
    const data = dataOf(model, 1);
    const [plain, watched] = [
      await Trainer.create({ device: testDevice(), ...model }),
      await Trainer.create({ device: testDevice(), ...model }),
    ];
    await plain.fit(data, { epochs: 2 });
    await watched.fit(data, { epochs: 2, validation: dataOf(model, 50, 90) });
    await expectSame(watched, plain);
    for (const one of [plain, watched]) one.dispose();
  });

  test('ends a fit before the last epoch, with the weights of the best one', async () => {
    const [data, validation] = [dataOf(classes, 1), dataOf(classes, 50, 9)];
    const [trainer, short] = [
      await Trainer.create({ device: testDevice(), ...classes }),
      await Trainer.create({ device: testDevice(), ...classes }),
    ];
    const { epochs } = await trainer.fit(data, {
      epochs: 60,
      batchSize: 4,
      validation,
      earlyStopping: { patience: 3 },
    });
    const losses = epochs.map(({ validationLoss }) => validationLoss!);
    const best = losses.indexOf(Math.min(...losses));
    expect(epochs.length).toBe(best + 1 + 3);
    expect(epochs.length).toBeLessThan(60);
    await short.fit(data, { epochs: best + 1, batchSize: 4 });
    for (const [name, { data: expected }] of await short.stateDict())
      expect(bitsOf((await trainer.stateDict()).get(name)!.data), name).toEqual(bitsOf(expected));
    for (const none of [{}, { validation: null as never }])
      await expect(trainer.fit(data, { ...none, epochs: 1, earlyStopping: true })).rejects.toThrow(
        'needs validation samples',
      );
    for (const one of [trainer, short]) one.dispose();
  });
});
