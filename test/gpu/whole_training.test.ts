import { afterAll, beforeAll, expect, test } from 'vitest';
import type { LossOptions } from '../../src/engine/losses.ts';
import type { OptimizerOptions } from '../../src/engine/optimizers.ts';
import type { ClipOptions } from '../../src/engine/plan.ts';
import { Forecaster } from '../../src/forecast/forecaster.ts';
import { requestDevice } from '../../src/gpu/device.ts';
import type { ModelOptions } from '../../src/model/config.ts';
import { Trainer } from '../../src/nn/trainer.ts';
import type { ScheduleOptions } from '../../src/train/schedules.ts';
import { type TrainingRow, trainingRows } from '../golden/trainings.ts';
import { shareOf } from './cases.ts';
import { describeGpu, testDevice, testFamily, testGpu } from './device.ts';
import {
  expectAsPyTorch,
  forecasterOptions,
  samplesOf,
  seriesOf,
  trainHere,
  type Way,
  waysOf,
} from './whole_training.ts';

type Options<Each> = Readonly<Record<Exclude<keyof Each, 'name'>, true>>;
type ByName<Each extends { name: string }> = { readonly [One in Each as One['name']]: Options<One> };

/** All options; the compiler requires each. */
const ADAM = { lr: true, betas: true, eps: true, amsgrad: true, weightDecay: true } as const;
const OPTIMIZERS: ByName<OptimizerOptions> = {
  Adam: ADAM,
  AdamW: ADAM,
  SGD: { lr: true, momentum: true, dampening: true, weightDecay: true, nesterov: true },
  RMSprop: { lr: true, alpha: true, eps: true, weightDecay: true, momentum: true, centered: true },
};
const LOSSES: { readonly [Name in LossOptions['name']]: Partial<Options<LossOptions>> } = {
  mse: { reduction: true },
  l1: { reduction: true },
  huber: { reduction: true, delta: true },
  smoothL1: { reduction: true, beta: true },
  quantile: { reduction: true, quantiles: true },
  crossEntropy: { reduction: true },
};
const SCHEDULES: ByName<ScheduleOptions> = {
  StepLR: { per: true, stepSize: true, gamma: true },
  CosineAnnealingLR: { per: true, tMax: true, etaMin: true },
  LinearLR: { per: true, startFactor: true, endFactor: true, totalIters: true },
  SequentialLR: { per: true, schedules: true, milestones: true },
  ReduceLROnPlateau: {
    ...{ factor: true, patience: true, threshold: true, thresholdMode: true, cooldown: true, minLr: true, eps: true },
  },
};
const CLIP: Options<ClipOptions> = { norm: true, value: true };
const OF_EVERY_CELL: Options<Omit<ModelOptions, 'cell' | 'projSize'>> = {
  ...{ inputSize: true, hiddenSize: true, numLayers: true, bias: true, dropout: true, bidirectional: true },
  ...{ outputSize: true, head: true },
};
const CELLS: { readonly [Cell in NonNullable<ModelOptions['cell']>]: Partial<Options<Omit<ModelOptions, 'cell'>>> } = {
  LSTM: { ...OF_EVERY_CELL, projSize: true },
  GRU: OF_EVERY_CELL,
  RNN_TANH: OF_EVERY_CELL,
  RNN_RELU: OF_EVERY_CELL,
};

const titled = (rows: readonly TrainingRow[]) => rows.map((row) => [row.title, row] as const);

describeGpu('a whole training', () => {
  test.each(titled(shareOf(trainingRows, 6)))(
    'has PyTorch’s losses and weights with every plan and class: %s',
    async (_, { training, expected }) => {
      for (const way of waysOf(training, testFamily)) {
        const trained = await trainHere(testDevice(), training, way);
        expectAsPyTorch(training, expected, trained, { where: `${way.door}, ${way.plan}` });
      }
    },
  );

  test.each([
    ['optimizer', OPTIMIZERS],
    ['loss', LOSSES],
    ['schedule', SCHEDULES],
  ] as const)('covers every %s with its defaults and with each of its options', (part, all) => {
    for (const [name, options] of Object.entries(all)) {
      const own = trainingRows.flatMap(({ training }) => (training[part]?.name === name ? [training[part]] : []));
      // schedules have options without a default
      if (part !== 'schedule')
        expect(
          own.some((given) => Object.keys(given).length === 1),
          name,
        ).toBe(true);
      for (const option of Object.keys(options))
        expect(
          own.some((given) => option in given),
          `${name} ${option}`,
        ).toBe(true);
    }
  });

  test('covers every clip, and every cell with its defaults and with each of its options', () => {
    const trainings = trainingRows.map(({ training }) => training);
    for (const option of Object.keys(CLIP)) expect(trainings.some(({ clip }) => clip && option in clip)).toBe(true);
    for (const [cell, options] of Object.entries(CELLS)) {
      const own = trainings.filter(({ model }) => model.cell === cell).map(({ model }) => model);
      expect(own.some((model) => Object.keys(model).length === 3)).toBe(true); // the cell and its sizes
      for (const option of Object.keys(options))
        expect(
          own.some((model) => option in model),
          `${cell} ${option}`,
        ).toBe(true);
    }
  });

  test.each(['timestep', 'sequence', 'resident'] as const)(
    'is independent for each member of an ensemble with two rates: %s',
    async (plan) => {
      const members = trainingRows.filter(({ training: { seed } }) => seed === 4 || seed === 5);
      const { training } = members[0]!;
      const options = { ...forecasterOptions(training), seed: 4, ensemble: 2 };
      const forecaster = await Forecaster.create({ device: testDevice(), ...options });
      const { epochs, batchSize } = training;
      const lr = members.map((row) => row.training.optimizer!.lr!);
      const report = await forecaster.fit(seriesOf(training), { epochs, batchSize, plan, lr });
      for (const [member, row] of members.entries()) {
        const trained = { report, weights: await forecaster.stateDict(member) };
        expectAsPyTorch(row.training, row.expected, trained, { where: plan, member });
      }
      forecaster.dispose();
    },
  );

  test.each(['Adam', 'AdamW', 'SGD', 'RMSprop'] as const)(
    'accepts the learning rate outside of the optimizer: %s',
    async (name) => {
      const optimizer = { name, lr: 0.03 };
      const isRow = (row: TrainingRow) => JSON.stringify(row.training.optimizer) === JSON.stringify(optimizer);
      const { training, expected } = trainingRows.find(isRow)!;
      const { epochs, batchSize } = training;
      const forecaster = await Forecaster.create({ device: testDevice(), ...forecasterOptions(training) });
      const options = { epochs, batchSize, lr: optimizer.lr, optimizer: { name } };
      const report = await forecaster.fit(seriesOf(training), options);
      expectAsPyTorch(training, expected, { report, weights: await forecaster.stateDict() }, { where: name });
      forecaster.dispose();
    },
  );

  test('uses Adam on the mean squared error in batches of 32 for a Trainer with only a model', async () => {
    const { training, expected } = trainingRows.find((row) => row.training.batchSize === 32)!;
    const { model, epochs } = training;
    const trainer = await Trainer.create({ device: testDevice(), model });
    const report = await trainer.fit(samplesOf(training), { epochs, shuffle: false });
    expectAsPyTorch(training, expected, { report, weights: await trainer.stateDict() }, { where: 'Trainer' });
    trainer.dispose();
  });
});

describeGpu('a whole training with the kernels and workgroups for GPUs', () => {
  let device: GPUDevice;

  beforeAll(async () => {
    device = await requestDevice({ gpu: testGpu() });
    // pretends to be a GPU
    const adapterInfo = { vendor: '', architecture: '', device: '', description: 'a GPU' };
    Object.defineProperty(device, 'adapterInfo', { value: adapterInfo });
  });
  afterAll(() => device?.destroy());

  const isResident = ({ plan }: Way) => plan === 'resident';
  const rows = trainingRows.filter(({ training }) => training.loss || waysOf(training, 'gpu').some(isResident));
  test.each(titled(shareOf(rows, 6, 1)))('has PyTorch’s losses and weights: %s', async (_, { training, expected }) => {
    const ways = waysOf(training, 'gpu');
    const way = ways.find(isResident) ?? ways[0]!;
    expectAsPyTorch(training, expected, await trainHere(device, training, way), { where: way.plan });
  });
});
