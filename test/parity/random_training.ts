import type { LossOptions } from '../../src/engine/losses.ts';
import type { OptimizerOptions } from '../../src/engine/optimizers.ts';
import type { CellName } from '../../src/model/config.ts';
import type { TensorValue } from '../../src/model/parameters.ts';
import type { ScheduleOptions } from '../../src/train/schedules.ts';
import { numQuantiles, type Samples, type WholeTraining } from '../gpu/whole_training.ts';
import type { Draws } from './live.ts';

/**
 * Rates and sizes are such that rounding does not decide the result of about 20 steps: a unit in the last place grows less
 * than a hundredfold. Draws beyond that are detected by PyTorch's own float64.
 */
function randomOptimizer(draws: Draws): OptimizerOptions | undefined {
  const weightDecay = draws.scale(1e-3, 0.3);
  const betas = [draws.oneOf(0, 0.5, 0.9), draws.oneOf(0.3, 0.9, 0.999)] as const;
  const eps = draws.oneOf(1e-6, 1e-4, 1e-2);
  const momentum = draws.oneOf(0.3, 0.9);
  switch (draws.below(5)) {
    case 0:
      return { name: 'Adam', ...draws.some({ lr: draws.scale(1e-3, 0.05), betas, eps, weightDecay, amsgrad: true }) };
    case 1:
      return { name: 'AdamW', ...draws.some({ lr: draws.scale(1e-3, 0.05), betas, eps, weightDecay, amsgrad: true }) };
    case 2: {
      const more = draws.some({ lr: draws.scale(1e-3, 0.2), momentum, weightDecay });
      const isPlain = more.momentum === undefined;
      return {
        name: 'SGD',
        ...more,
        ...(draws.maybe() ? { dampening: 0.3 } : !isPlain && { nesterov: draws.maybe() }),
      };
    }
    case 3: {
      const options = { lr: draws.scale(1e-4, 0.02), alpha: draws.oneOf(0.5, 0.9), eps, weightDecay, momentum };
      return { name: 'RMSprop', ...draws.some({ ...options, centered: true }) };
    }
    default:
      return undefined;
  }
}

function randomLoss(draws: Draws, canBeClasses: boolean): LossOptions | undefined {
  const reduction = draws.oneOf('mean', 'mean', 'sum');
  switch (draws.below(canBeClasses ? 8 : 6)) {
    case 0:
      return { name: 'l1', ...draws.some({ reduction }) };
    case 1:
      return { name: 'huber', ...draws.some({ reduction, delta: draws.scale(0.1, 2) }) };
    case 2:
      return { name: 'smoothL1', ...draws.some({ reduction, beta: draws.scale(0.1, 2) }) };
    case 3:
      return {
        name: 'quantile',
        ...draws.some({ reduction, quantiles: draws.oneOf([0.31], [0.13, 0.57], [0.19, 0.47, 0.89]) }),
      };
    case 4:
      return undefined;
    case 5:
      return { name: 'mse', ...draws.some({ reduction }) };
    default:
      return { name: 'crossEntropy', ...draws.some({ reduction }) };
  }
}

/** Its gradients are signs, and equal numbers of plus and minus cancel except for rounding. */
const ofSigns = (loss: LossOptions | undefined) =>
  loss?.name === 'l1' || (loss?.name === 'quantile' && loss.quantiles === undefined);

/** Keeps rounding errors small: with the default, 1e-8, a sum of 1e-9 instead of 0 is a tenth of a whole step. */
function withEps(optimizer: OptimizerOptions = { name: 'Adam' }): OptimizerOptions {
  return optimizer.name === 'SGD' ? optimizer : { ...optimizer, eps: 1e-3 };
}

function randomSchedule(draws: Draws): ScheduleOptions | undefined {
  const per = draws.oneOf('epoch', 'step');
  const step = { name: 'StepLR', stepSize: draws.from(1, 3), ...draws.some({ gamma: draws.scale(0.2, 0.9) }) } as const;
  const cosine = { name: 'CosineAnnealingLR', tMax: draws.from(1, 9), ...draws.some({ etaMin: 1e-4 }) } as const;
  const factors = { startFactor: draws.scale(0.05, 1), endFactor: draws.scale(0.1, 1), totalIters: draws.from(1, 7) };
  const linear = { name: 'LinearLR', ...draws.some(factors) } as const;
  switch (draws.below(8)) {
    case 0:
      return { ...step, ...draws.some({ per }) };
    case 1:
      return { ...cosine, ...draws.some({ per }) };
    case 2:
      return { ...linear, ...draws.some({ per }) };
    case 3: {
      const first = draws.from(1, 3);
      const schedules = [linear, draws.maybe() ? step : cosine, cosine];
      return { name: 'SequentialLR', schedules, milestones: [first, first + draws.from(1, 3)], ...draws.some({ per }) };
    }
    case 4: {
      const plain = { factor: draws.scale(0.1, 0.9), patience: draws.below(2), cooldown: draws.below(2) };
      const limits = { minLr: draws.scale(1e-4, 1e-2), eps: draws.scale(1e-5, 1e-3) };
      const better = { threshold: draws.scale(0.01, 0.5), thresholdMode: draws.oneOf('rel', 'abs') };
      return { name: 'ReduceLROnPlateau', ...draws.some({ ...plain, ...limits, ...better }) };
    }
    default:
      return undefined;
  }
}

function randomModel(draws: Draws): WholeTraining['model'] {
  const cell: CellName = draws.oneOf('LSTM', 'LSTM', 'GRU', 'RNN_TANH', 'RNN_RELU');
  const hiddenSize = draws.from(2, 9);
  const projSize = cell === 'LSTM' ? draws.from(1, hiddenSize - 1) : undefined;
  const options = draws.some({
    numLayers: draws.from(2, 3),
    bidirectional: true,
    bias: false,
    dropout: draws.oneOf(0, 0.3),
    projSize,
  });
  return { cell, inputSize: draws.from(1, 3), hiddenSize, ...options };
}

const tensor = (shape: number[], value: () => number): TensorValue => ({
  shape,
  data: Float32Array.from({ length: shape.reduce((product, size) => product * size, 1) }, value),
});

function randomSamples(draws: Draws, { model, loss }: Pick<WholeTraining, 'model' | 'loss'>): Samples {
  const [S, T, isEvery] = [draws.from(2, 11), draws.from(1, 7), model.head === 'every'];
  const [O, isClasses] = [model.outputSize!, loss?.name === 'crossEntropy'];
  const targets = [S, ...(isEvery ? [T] : []), ...(isClasses ? [] : [O / numQuantiles(loss)])];
  return {
    inputs: tensor([S, T, model.inputSize], () => draws.uniform(-1, 1)),
    targets: tensor(targets, () => (isClasses ? draws.below(O) : draws.uniform(-1, 1))),
    ...(draws.maybe() && { lengths: Array.from({ length: S }, () => draws.from(1, T)) }),
  };
}

/** [rows][columns], multiples of 1/64; the minimum and maximum are in the training rows of all models. */
function randomSeries(draws: Draws, columns: number): number[][] {
  const rows = Array.from({ length: draws.from(14, 22) }, () =>
    Array.from({ length: columns }, () => draws.from(-64, 64) / 64),
  );
  rows[0]!.fill(-1);
  rows[draws.from(1, 3)]!.fill(1);
  return rows;
}

/** A whole training run of any kind. */
export function randomTraining(draws: Draws): WholeTraining {
  const isSeries = draws.maybe();
  const loss = randomLoss(draws, !isSeries);
  const outputSize = draws.from(1, 3) * numQuantiles(loss);
  const head = isSeries ? undefined : draws.oneOf('last', 'every');
  const model = {
    ...randomModel(draws),
    outputSize: loss?.name === 'crossEntropy' ? outputSize + 1 : outputSize,
    head,
  };
  const shuffle = draws.maybe();
  const optimizer = randomOptimizer(draws);
  const clip = { norm: draws.scale(0.02, 1), value: draws.scale(0.01, 0.3) };
  const training = {
    ...{ model, shuffle, seed: draws.below(2 ** 31), epochs: draws.from(1, 4), batchSize: draws.from(1, 8) },
    ...{
      loss,
      optimizer: ofSigns(loss) ? withEps(optimizer) : optimizer,
      schedule: randomSchedule(draws),
      clip: draws.some(clip),
    },
  };
  if (isSeries) return { ...training, series: randomSeries(draws, model.inputSize), windowLength: draws.from(1, 6) };
  const { batchSize } = training;
  const fit = {
    ...(draws.maybe(3) && { validation: randomSamples(draws, training) }),
    ...(!shuffle && draws.maybe() && { chunkSamples: batchSize * draws.from(1, 2) }),
  };
  return { ...training, samples: randomSamples(draws, training), fit };
}
