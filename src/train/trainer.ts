import { sampleOrder } from '../data/windows.ts';
import type { ModelSlice, TrainingPlan } from '../engine/plan.ts';
import type { ModelState } from '../engine/state.ts';
import { readRegions } from '../gpu/readback.ts';
import { afterValidation, type EarlyStopping, notStopped } from './early_stopping.ts';
import { nonFiniteError } from './non_finite.ts';
import type { Position, Snapshot, Snapshots } from './position.ts';
import type { Schedule } from './schedules.ts';
import { noCounts, SliceRunner, type TrainCounts } from './slice_runner.ts';

/** Losses of one pass over the training samples. */
export interface EpochLoss {
  /** Mean of the batches' losses, weighted by their samples. */
  loss: number;
  /** Loss of the epoch's last batch: what the tutorial prints. */
  lastLoss: number;
  /** Mean loss over the validation samples after the epoch; undefined where there are none. */
  validationLoss?: number;
}

/** What one pass over its samples gave one model; of one that stopped before, its last pass. */
export interface ModelEpoch extends EpochLoss {
  /** Learning rate of the epoch's last step. */
  lr: number;
  /** It stopped early: this epoch was its last, or an earlier one. */
  stopped: boolean;
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
  /** Its samples, in time order: the rows of the series in which their windows start, or the numbers of sequences. */
  starts: Uint32Array;
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
  /** The last epoch is `epochsDone + epochs`. */
  epochs: number;
  /** Epochs trained before: reports, orders and schedules go on from there. Default 0. */
  epochsDone?: number;
  models: readonly ModelTraining[];
  /** Undefined: all samples are on the device. */
  feed?: SampleFeed | undefined;
  shuffle: boolean;
  /** Target duration of one submit in milliseconds. */
  sliceMs: number;
  /** Mean loss over its validation samples, of each model that trains. */
  validate?: ((trains: readonly boolean[]) => Promise<number[]>) | undefined;
  earlyStopping?: EarlyStopping | undefined;
  /** Goes on from here; the state on the device is that of the snapshot already. */
  from?: Omit<Snapshot, 'state'> | undefined;
  snapshots?: Snapshots | undefined;
  /** A model with a loss that is not finite stops by itself, and the others go on; told what went wrong. */
  isolate?: ((model: number, error: Error) => void) | undefined;
  signal?: AbortSignal | undefined;
  beforeSlice?: (() => PromiseLike<void> | undefined) | undefined;
  onProgress?: ((progress: Progress) => void) | undefined;
}

/**
 * Trains for `epochs` passes, yielding a report after each. Losses come back once a slice; nothing else is read.
 * On abort the weights are those of the last slice that was submitted; with early stopping, however it ends, those of the
 * best epoch.
 * @throws TrainingError when a loss is not finite; weights and moments are put back to the last good slice.
 * @throws DeviceLostError when the device is lost; the weights of the last slice that came back stay readable.
 * @throws the signal's reason on abort.
 */
export async function* train(
  state: ModelState,
  plan: TrainingPlan,
  options: TrainOptions,
  counts: TrainCounts = noCounts(),
): AsyncGenerator<EpochReport, void, undefined> {
  const { epochsDone = 0, models, feed, shuffle, earlyStopping, snapshots, validate, isolate } = options;
  const { batchSize } = plan;
  const epochs = epochsDone + options.epochs;
  const position = structuredClone(options.from?.position) ?? startPosition(models, epochsDone);
  const best = options.from ? [...options.from.best] : models.map(() => undefined as ArrayBuffer | undefined);
  for (const [k, { schedule }] of models.entries()) schedule.restore(position.models[k]!.schedule);
  const snapshot = async (): Promise<Snapshot> => snapshotOf(position, best, await state.readBytes());
  const trains = () => position.models.map(({ stopping }) => !stopping.stopped);
  const runner = new SliceRunner(state, plan, options, counts);
  let failed: unknown;
  try {
    snapshots?.go();
    while (position.epoch <= epochs && trains().includes(true)) {
      const { epoch, step: firstStep } = position;
      const startMs = performance.now();
      const stepsOf = models.map(({ starts }, k) => (trains()[k] ? Math.ceil(starts.length / batchSize) : 0));
      const steps = Math.max(...stepsOf);
      const chunks = feed && chunkOrder(models[0]!, feed.chunkSamples, { shuffle, epoch });
      plan.setOrder(
        chunks ? [chunks.samples] : models.map((model, k) => orderOf(model, stepsOf[k]!, { shuffle, epoch })),
      );
      const loads = chunks && {
        stepsPerChunk: feed.chunkSamples / batchSize,
        load: (chunk: number) => feed.load(chunks.order[chunk]!),
      };
      const rates = models.map(
        ({ lr, schedule }) =>
          (stepsTaken: number) =>
            schedule.lr(lr, schedule.per === 'step' ? stepsTaken : epoch - 1),
      );
      const modelsAt = (step: number): ModelSlice[] =>
        rates.map((lr, k) => ({ stepsTaken: position.models[k]!.stepsTaken + Math.min(step, stepsOf[k]!), lr }));
      const fail = (found: Parameters<typeof nonFiniteError>[0]) => {
        isolate?.(found.model, nonFiniteError(found, epoch, models.length));
        stepsOf[found.model] = 0;
        const own = position.models[found.model]!;
        own.stopping = { ...own.stopping, stopped: true };
      };

      for await (const slice of runner.run({ epoch, firstStep, stepsOf, modelsAt, loads })) {
        for (const found of slice.bad) fail(found);
        for (let k = 0; k < slice.numSteps; k++)
          for (const [model, own] of position.models.entries()) {
            const step = slice.firstStep + k;
            if (step >= stepsOf[model]!) continue;
            const loss = slice.losses[k * models.length + model]!;
            own.lossSum += loss * Math.min(batchSize, models[model]!.starts.length - step * batchSize);
            own.lastLoss = loss;
          }
        position.step = slice.firstStep + slice.numSteps;
        if (slice.state) snapshots?.deliver(snapshotOf(position, best, slice.state));
        const loss = mean(position.models.map(({ lastLoss }) => lastLoss));
        options.onProgress?.({ epoch, epochs, step: position.step, steps, loss });
      }

      const isTrained = (model: number) => stepsOf[model]! > 0;
      if (validate || epoch === epochs)
        for (const found of await runner.checkWeights(epoch, steps - 1, isTrained)) fail(found);
      const validation = await validate?.(stepsOf.map((count) => count > 0));
      let improved: ArrayBuffer | undefined;
      for (const [k, own] of position.models.entries()) {
        if (stepsOf[k] === 0) continue;
        const { schedule, starts } = models[k]!;
        const loss = own.lossSum / starts.length;
        const lr = rates[k]!(own.stepsTaken + stepsOf[k]! - 1);
        const validationLoss = validation?.[k];
        if (earlyStopping && validationLoss !== undefined) {
          own.stopping = afterValidation(own.stopping, validationLoss, epoch, earlyStopping);
          if (own.stopping.badEpochs === 0) {
            improved ??= (await readRegions(state.device, [state.weights.flat], () => undefined))[0]!.buffer;
            best[k] = improved.slice(k * state.weights.copyBytes, (k + 1) * state.weights.copyBytes);
          }
        }
        schedule.observe?.(validationLoss ?? loss);
        own.report = { loss, lastLoss: own.lastLoss!, lr, stopped: own.stopping.stopped };
        if (validationLoss !== undefined) own.report.validationLoss = validationLoss;
        own.stepsTaken += stepsOf[k]!;
        own.schedule = schedule.state();
        own.lossSum = 0;
      }
      position.epoch++;
      position.step = 0;
      counts.epochs++;
      const seconds = (performance.now() - startMs) / 1000;
      snapshots?.rest(snapshot);
      yield reportOf(position, { epoch, epochs, steps, stepsPerSecond: (steps - firstStep) / seconds, seconds });
      snapshots?.go();
    }
  } catch (error) {
    failed = error;
    throw error;
  } finally {
    runner.destroy();
    await leave();
  }

  /** However training ends: what it stopped at can still be asked for, and the best weights are put back. */
  async function leave(): Promise<void> {
    const putBack = earlyStopping?.restoreBest ? best : [];
    const unfinished = position.epoch <= epochs && trains().includes(true);
    if (failed !== undefined && failed !== options.signal?.reason) snapshots?.rest(() => Promise.reject(failed));
    else if (snapshots && unfinished && putBack.some(Boolean)) {
      const last = await snapshot().catch(() => undefined); // undefined: the device is lost, and says so by itself
      snapshots.rest(() => (last ? Promise.resolve(last) : snapshot()));
    } else snapshots?.rest(snapshot);
    for (const [model, weights] of putBack.entries()) if (weights) state.writeWeights(model, weights);
  }
}

function startPosition(models: readonly ModelTraining[], epochsDone: number): Position {
  const start = ({ schedule, stepsTaken = 0 }: ModelTraining) => ({
    stepsTaken,
    lossSum: 0,
    lastLoss: null,
    schedule: schedule.state(),
    stopping: notStopped(),
    report: null,
  });
  return { epoch: epochsDone + 1, step: 0, models: models.map(start) };
}

const snapshotOf = (position: Position, best: Snapshot['best'], state: Snapshot['state']): Snapshot => ({
  position: structuredClone(position),
  best: [...best],
  state,
});

/** The rows at which a model's samples start, in the order of an epoch; none for a model without steps. */
function orderOf(
  { starts, seed }: ModelTraining,
  steps: number,
  { shuffle, epoch }: { shuffle: boolean; epoch: number },
): Uint32Array {
  if (steps === 0) return new Uint32Array();
  return sampleOrder(starts.length, { shuffle, seed, epoch }).map((sample) => starts[sample]!);
}

function reportOf({ models }: Position, counts: Omit<EpochReport, 'models' | keyof EpochLoss>): EpochReport {
  const failed: ModelEpoch = { loss: Number.NaN, lastLoss: Number.NaN, lr: Number.NaN, stopped: true };
  const each = models.map(({ report }) => report ?? failed);
  const validated = each.some(({ validationLoss }) => validationLoss !== undefined);
  return {
    ...counts,
    loss: mean(each.map(({ loss }) => loss)),
    lastLoss: mean(each.map(({ lastLoss }) => lastLoss)),
    ...(validated && { validationLoss: mean(each.map(({ validationLoss }) => validationLoss ?? null)) }),
    models: each,
  };
}

/**
 * The order of one epoch over chunks: the chunks, and the places of samples within the chunk that is there. A short last
 * chunk stays last, so that all batches before it are whole.
 */
function chunkOrder(
  { starts: { length: numSamples }, seed }: ModelTraining,
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

/** Over the models that have a number; one that failed has none. */
function mean(values: readonly (number | null)[]): number {
  const finite = values.filter((value): value is number => value !== null && Number.isFinite(value));
  return finite.reduce((sum, value) => sum + value, 0) / finite.length;
}
