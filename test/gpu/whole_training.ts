import { expect } from 'vitest';
import type { KernelFamily } from '../../src/engine/family.ts';
import type { LossOptions } from '../../src/engine/losses.ts';
import type { OptimizerOptions } from '../../src/engine/optimizers.ts';
import type { ClipOptions, PlanName } from '../../src/engine/plan.ts';
import { Forecaster } from '../../src/forecast/forecaster.ts';
import type { ForecasterOptions } from '../../src/forecast/options.ts';
import { type ModelOptions, modelConfig } from '../../src/model/config.ts';
import { initialWeights } from '../../src/model/init.ts';
import type { StateDict, TensorValue } from '../../src/model/parameters.ts';
import { Trainer } from '../../src/nn/trainer.ts';
import type { FitReport } from '../../src/train/report.ts';
import type { ScheduleOptions } from '../../src/train/schedules.ts';
import { expectNormClose, expectUpdateClose } from './expect.ts';

/** Samples for a Trainer. */
export interface Samples {
  inputs: TensorValue;
  targets: TensorValue;
  lengths?: readonly number[];
}

/** How a model is trained, and on what: rows of a series, or separate samples. */
export interface WholeTraining {
  seed: number;
  epochs: number;
  batchSize: number;
  /** Default false. */
  shuffle?: boolean;
  model: Omit<ModelOptions, 'head'> & { head?: 'last' | 'every' };
  optimizer?: OptimizerOptions;
  loss?: LossOptions;
  schedule?: ScheduleOptions;
  clip?: ClipOptions;
  /**
   * [rows][inputSize], the first column is the target. Multiples of a power of two from -1 to 1, both among the training rows,
   * so that a scaler changes no bit of them.
   */
  series?: readonly (readonly number[])[];
  /** T, for a series. */
  windowLength?: number;
  samples?: Samples;
  /** For a Trainer. */
  fit?: { validation?: Samples; chunkSamples?: number };
}

/** The results in PyTorch: for every epoch, and the weights by name. */
export interface Expected {
  losses: readonly number[];
  lastLosses: readonly number[];
  rates: readonly number[];
  validationLosses?: readonly number[];
  weights: ReadonlyMap<string, Float32Array>;
}

/** How to train it here. */
export interface Way {
  door: 'Forecaster' | 'Trainer';
  plan: PlanName;
}

/** Whether the resident plan supports it with a family's kernels. */
function isResident(family: KernelFamily, training: WholeTraining): boolean {
  const { series, model, optimizer = { name: 'Adam' }, loss, clip } = training;
  const { cell, numLayers, bias, bidirectional, projSize } = modelConfig(model);
  const plain = numLayers === 1 && !bidirectional && projSize === 0 && (family === 'gpu' || (cell === 'LSTM' && bias));
  const isMean = loss === undefined || (loss.name === 'mse' && loss.reduction !== 'sum');
  const isAdam = optimizer.name === 'Adam' && !optimizer.weightDecay && !optimizer.amsgrad;
  return series !== undefined && plain && isMean && isAdam && clip === undefined;
}

/** Every plan and class that can run it. @param family of the kernels. */
export function waysOf(training: WholeTraining, family: KernelFamily = 'software'): Way[] {
  const doors = training.series ? (['Forecaster', 'Trainer'] as const) : (['Trainer'] as const);
  const ways = doors.flatMap((door) => (['timestep', 'sequence'] as const).map((plan) => ({ door, plan })));
  return isResident(family, training) ? [...ways, { door: 'Forecaster', plan: 'resident' }] : ways;
}

export const numQuantiles = (loss: LossOptions | undefined): number =>
  loss?.name === 'quantile' ? (loss.quantiles ?? [0.1, 0.5, 0.9]).length : 1;

const horizonOf = ({ model: { outputSize = 1 }, loss }: WholeTraining): number => outputSize / numQuantiles(loss);

/** Nested lists of numbers as a tensor. */
export function tensorOf(values: readonly unknown[]): TensorValue {
  const shape: number[] = [];
  for (let at: unknown = values; Array.isArray(at); at = at[0]) shape.push(at.length);
  return { shape, data: Float32Array.from(values.flat(Infinity) as number[]) };
}

/** A Trainer's data: its samples, or the windows that a Forecaster would train on. */
export function samplesOf(training: WholeTraining): Samples {
  const { series, samples, windowLength: T = 1 } = training;
  if (!series) return samples!;
  const horizon = horizonOf(training);
  const count = Math.trunc(0.8 * (series.length - T - horizon + 1)) - (horizon - 1);
  const starts = Array.from({ length: count }, (_, k) => k);
  return {
    inputs: tensorOf(starts.map((k) => series.slice(k, k + T))),
    targets: tensorOf(starts.map((k) => series.slice(k + T, k + T + horizon).map(([value]) => value))),
  };
}

/** The results here. */
export interface Trained {
  report: FitReport;
  weights: StateDict;
}

export async function trainHere(device: GPUDevice, training: WholeTraining, { door, plan }: Way): Promise<Trained> {
  const { model, optimizer, loss, clip, schedule, seed, epochs, batchSize, shuffle = false, fit } = training;
  const controls = { epochs, batchSize, plan, shuffle };
  if (door === 'Trainer') {
    const trainer = await Trainer.create({ device, model, optimizer, loss, clip, schedule, seed });
    try {
      const report = await trainer.fit(samplesOf(training), { ...controls, ...fit });
      return { report, weights: await trainer.stateDict() };
    } finally {
      trainer.dispose();
    }
  }
  const forecaster = await Forecaster.create({ device, seed, ...forecasterOptions(training) });
  try {
    // the forecaster was created with the quantiles
    const own = loss?.name === 'quantile' ? { ...loss, quantiles: undefined } : loss;
    const report = await forecaster.fit(seriesOf(training), { ...controls, optimizer, clip, schedule, loss: own });
    return { report, weights: await forecaster.stateDict() };
  } finally {
    forecaster.dispose();
  }
}

const otherColumns = (inputSize: number): string[] =>
  Array.from({ length: inputSize - 1 }, (_, k) => `column ${k + 1}`);

/** For a training on a series. */
export function forecasterOptions(training: WholeTraining): Omit<ForecasterOptions, 'device'> {
  const { inputSize, outputSize: _, head: __, ...recurrent } = training.model;
  const { loss, windowLength } = training;
  const quantiles = loss?.name === 'quantile' ? (loss.quantiles ?? [0.1, 0.5, 0.9]) : undefined;
  return { ...recurrent, windowLength, horizon: horizonOf(training), quantiles, past: otherColumns(inputSize) };
}

/** The series for a Forecaster. */
export function seriesOf({ series, model }: Pick<WholeTraining, 'series' | 'model'>) {
  const column = (k: number) => Float64Array.from(series!, (values) => values[k]!);
  const past = Object.fromEntries(otherColumns(model.inputSize).map((name, k) => [name, column(k + 1)]));
  return { target: column(0), past };
}

/** Compares losses, rates and weights with PyTorch's. @param member of an ensemble. */
export function expectAsPyTorch(
  { model, seed }: Pick<WholeTraining, 'model' | 'seed'>,
  expected: Expected,
  { report: { epochs, steps }, weights }: Trained,
  { where, member = 0 }: { where: string; member?: number },
): void {
  const of = (name: 'loss' | 'lastLoss' | 'lr' | 'validationLoss') =>
    epochs.map(({ models }) => models[member]![name] ?? Number.NaN);
  const { losses, lastLosses, rates, validationLosses } = expected;
  expectNormClose(of('loss'), losses, { tensor: `${where}: losses`, tolerance: 'trace' });
  expectNormClose(of('lastLoss'), lastLosses, { tensor: `${where}: last losses`, tolerance: 'trace' });
  expectNormClose(of('lr'), rates, { tensor: `${where}: lr`, tolerance: 'trace' });
  if (validationLosses)
    expectNormClose(of('validationLoss'), validationLosses, {
      tensor: `${where}: validation losses`,
      tolerance: 'trace',
    });
  const first = initialWeights(modelConfig(model), seed);
  expect([...weights.keys()], where).toEqual([...expected.weights.keys()]);
  for (const [name, wanted] of expected.weights) {
    const initial = first.get(name)!.data;
    expectUpdateClose(weights.get(name)!.data, wanted, { tensor: `${where}: ${name}`, initial, steps });
  }
}
