import { sampleOrder } from '../data/windows.ts';
import type { ModelSlice, TrainingPlan } from '../engine/plan.ts';
import type { ModelState } from '../engine/state.ts';
import type { Schedule } from './schedules.ts';
import { noCounts, SliceRunner, type TrainCounts } from './slice_runner.ts';

/** Losses of one pass over the training samples. */
export interface EpochLoss {
  /** Mean of the batches' losses, weighted by their samples. */
  loss: number;
  /** Loss of the epoch's last batch: what the tutorial prints. */
  lastLoss: number;
}

/** What one pass over its samples gave one model. */
export interface ModelEpoch extends EpochLoss {
  /** Learning rate of the epoch's last step. */
  lr: number;
}

/** What one pass over the training samples gave; losses are means over the models. */
export interface EpochReport extends EpochLoss {
  /** From 1. */
  epoch: number;
  epochs: number;
  /** Optimizer steps of this epoch, of each model. */
  steps: number;
  stepsPerSecond: number;
  seconds: number;
  /** Of each model: one, or the members of an ensemble. */
  models: ModelEpoch[];
}

/** Where training is, after every slice. */
export interface Progress {
  epoch: number;
  epochs: number;
  /** Steps done in this epoch, of `steps`. */
  step: number;
  steps: number;
  /** Loss of the last step done, mean over the models. */
  loss: number;
}

/** What one model trains on, and how. */
interface ModelTraining {
  /** Where its samples begin: the row of the series in which the first window starts. */
  firstRow: number;
  numSamples: number;
  /** The optimizer's learning rate, before any schedule. */
  lr: number;
  /** How the learning rate changes; one of its own for each model. */
  schedule: Schedule;
  /** Of the order, where it is shuffled. */
  seed: number;
  /** Optimizer steps taken before this training. Default 0. */
  stepsTaken?: number;
}

/** Samples that come to the device in chunks, because all of them are too many for it at once. Of a single model. */
interface SampleFeed {
  /** Of every chunk but the last, which may have fewer; whole batches. */
  chunkSamples: number;
  /** Queues the upload of a chunk, from 0, over the one before it. */
  load(chunk: number): void;
}

export interface TrainOptions {
  epochs: number;
  /** Epochs trained before: reports, orders and schedules go on from there. Default 0. */
  epochsDone?: number;
  models: readonly ModelTraining[];
  /** Undefined: all samples are on the device. */
  feed?: SampleFeed | undefined;
  shuffle: boolean;
  /** Target duration of one submit in milliseconds. */
  sliceMs: number;
  signal?: AbortSignal | undefined;
  beforeSlice?: (() => PromiseLike<void> | undefined) | undefined;
  onProgress?: ((progress: Progress) => void) | undefined;
}

/**
 * Trains for `epochs` passes, yielding a report after each. Losses come back once a slice; nothing else is read.
 * On abort the weights are those of the last slice that was submitted.
 * @throws TrainingError when a loss is not finite; weights and moments are put back to the last good slice.
 * @throws DeviceError when the device is lost; the weights of the last slice that came back stay readable.
 * @throws the signal's reason on abort.
 */
export async function* train(
  state: ModelState,
  plan: TrainingPlan,
  options: TrainOptions,
  counts: TrainCounts = noCounts(),
): AsyncGenerator<EpochReport, void, undefined> {
  const { epochsDone = 0, models, feed, shuffle } = options;
  const epochs = epochsDone + options.epochs;
  const stepsOf = models.map(({ numSamples }) => Math.ceil(numSamples / plan.batchSize));
  const steps = Math.max(...stepsOf);
  const runner = new SliceRunner(state, plan, options.sliceMs, counts);
  try {
    for (let epoch = epochsDone + 1; epoch <= epochs; epoch++) {
      const startMs = performance.now();
      const chunks = feed && chunkOrder(models[0]!, feed.chunkSamples, { shuffle, epoch });
      plan.setOrder(
        chunks
          ? [chunks.samples]
          : models.map(({ numSamples, seed, firstRow }) =>
              sampleOrder(numSamples, { shuffle, seed, epoch }).map((sample) => firstRow + sample),
            ),
      );
      const loads = chunks && {
        stepsPerChunk: feed.chunkSamples / plan.batchSize,
        load: (position: number) => feed.load(chunks.order[position]!),
      };
      const sums = models.map(() => 0);
      const last = models.map(() => Number.NaN);
      const before = models.map(({ stepsTaken = 0 }, k) => stepsTaken + (epoch - 1 - epochsDone) * stepsOf[k]!);
      const rates = models.map(
        ({ lr, schedule }) =>
          (stepsTaken: number) =>
            schedule.lr(lr, schedule.per === 'step' ? stepsTaken : epoch - 1),
      );
      const modelsAt = (step: number): ModelSlice[] =>
        rates.map((lr, k) => ({ stepsTaken: before[k]! + Math.min(step, stepsOf[k]!), lr }));
      for await (const { firstStep, numSteps, losses } of runner.run(epoch, stepsOf, modelsAt, options, loads)) {
        for (let k = 0; k < numSteps; k++)
          for (const [model, { numSamples }] of models.entries()) {
            if (firstStep + k >= stepsOf[model]!) continue;
            const loss = losses[k * models.length + model]!;
            sums[model]! += loss * Math.min(plan.batchSize, numSamples - (firstStep + k) * plan.batchSize);
            last[model] = loss;
          }
        options.onProgress?.({ epoch, epochs, step: firstStep + numSteps, steps, loss: mean(last) });
      }
      if (epoch === epochs) await runner.checkWeights(epoch, steps);
      counts.epochs++;
      const seconds = (performance.now() - startMs) / 1000;
      const each = models.map(({ numSamples }, k) => ({
        loss: sums[k]! / numSamples,
        lastLoss: last[k]!,
        lr: rates[k]!(before[k]! + stepsOf[k]! - 1),
      }));
      for (const [k, { schedule }] of models.entries()) schedule.observe?.(each[k]!.loss);
      const loss = mean(each.map((model) => model.loss));
      yield {
        epoch,
        epochs,
        loss,
        lastLoss: mean(last),
        steps,
        stepsPerSecond: steps / seconds,
        seconds,
        models: each,
      };
    }
  } finally {
    runner.destroy();
  }
}

/**
 * The order of one epoch over chunks: the chunks, and the places of samples within the chunk that is there. A short last
 * chunk stays last, so that all batches before it are whole.
 */
function chunkOrder(
  { numSamples, seed }: ModelTraining,
  chunkSamples: number,
  { shuffle, epoch }: { shuffle: boolean; epoch: number },
): { order: Uint32Array; samples: Uint32Array } {
  const [whole, count] = [Math.floor(numSamples / chunkSamples), Math.ceil(numSamples / chunkSamples)];
  const order = new Uint32Array(count).fill(whole); // where there is a short one, the last
  order.set(sampleOrder(whole, { shuffle, seed, epoch }));
  const samples = new Uint32Array(numSamples);
  let at = 0;
  for (const chunk of order) {
    const size = Math.min(chunkSamples, numSamples - chunk * chunkSamples);
    samples.set(sampleOrder(size, { shuffle, seed, epoch: epoch * count + chunk }), at);
    at += size;
  }
  return { order, samples };
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
