import type { TrainingPlan } from '../engine/plan.ts';
import type { ModelState } from '../engine/state.ts';
import { explainLoss, readRegions } from '../gpu/readback.ts';
import { type EarlyStopping, notStopped } from './early_stopping.ts';
import { EpochRun } from './epoch_run.ts';
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
export interface ModelTraining {
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
  /** Called after the last epoch, and awaited. */
  atEnd?: (() => Promise<void>) | undefined;
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
  const { epochsDone = 0, models, earlyStopping, snapshots, validate } = options;
  const epochs = epochsDone + options.epochs;
  const position = structuredClone(options.from?.position) ?? startPosition(models, epochsDone);
  const best = options.from ? [...options.from.best] : models.map(() => undefined as ArrayBuffer | undefined);
  for (const [k, { schedule }] of models.entries()) schedule.restore(position.models[k]!.schedule);
  const snapshot = async (): Promise<Snapshot> => ({ ...placeOf(position, best), state: await state.readBytes() });
  const isUnfinished = () => position.epoch <= epochs && position.models.some(({ stopping }) => !stopping.stopped);
  const runner = new SliceRunner(state, plan, options, { counts, snapshot });
  let failed: unknown;
  try {
    while (isUnfinished()) {
      snapshots?.go();
      const epoch = new EpochRun(plan, position, options);
      for await (const slice of runner.run(epoch)) {
        epoch.add(slice);
        if (slice.state) snapshots?.deliver({ ...placeOf(position, best), state: slice.state });
        options.onProgress?.({ ...epoch.progress, epochs });
      }
      if (validate || position.epoch === epochs) epoch.fail(await runner.checkWeights(epoch));
      const improved = epoch.close(await validate?.(epoch.trains));
      if (improved.length > 0) {
        const { copyBytes, flat } = state.weights;
        const [all] = await readRegions(state.device, [flat], () => undefined);
        for (const model of improved) best[model] = all!.buffer.slice(model * copyBytes, (model + 1) * copyBytes);
      }
      snapshots?.advance(placeOf(position, best));
      counts.epochs++;
      snapshots?.rest(snapshot);
      yield { ...epoch.report, epochs };
    }
  } catch (error) {
    failed = error === options.signal?.reason ? error : await explainLoss(state.device, error);
    throw failed;
  } finally {
    runner.destroy();
    const putBack = earlyStopping?.restoreBest ? best : [];
    const isAbort = failed === options.signal?.reason && !runner.isAhead;
    if (failed !== undefined && !isAbort) snapshots?.fail(failed);
    else if (snapshots && isUnfinished() && putBack.some(Boolean)) {
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

/** A snapshot without the state: as it is now, whatever comes. */
const placeOf = (position: Position, best: Snapshot['best']): Omit<Snapshot, 'state'> => ({
  position: structuredClone(position),
  best: [...best],
});
