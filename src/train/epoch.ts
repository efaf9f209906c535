import { sampleOrder } from '../data/windows.ts';
import type { ModelSlice, TrainingPlan } from '../engine/plan.ts';
import type { StateBytes } from '../engine/state.ts';
import { afterValidation } from './early_stopping.ts';
import { isolatedError, type NonFinite } from './non_finite.ts';
import type { ModelTraining, TrainOptions } from './options.ts';
import type { Position } from './position.ts';
import type { EpochReport, ModelEpoch, Progress } from './report.ts';

/** Chunks of samples, each uploaded before its first step. */
export interface ChunkLoads {
  stepsPerChunk: number;
  load: (position: number) => void;
}

/** The result of a run of consecutive steps. */
export interface SliceResult {
  firstStep: number;
  numSteps: number;
  /** [numSteps, models] */
  losses: Float32Array;
  /** The state after it, if requested. */
  state: StateBytes | undefined;
  /** The first loss of each model that is not finite. */
  bad: NonFinite[];
}

/** Which models still train in the current epoch: those that have neither stopped nor finished all of their epochs. */
export const unfinished = ({ epoch, models }: Position, trained: readonly ModelTraining[]): boolean[] =>
  models.map(({ stopping }, k) => !stopping.stopped && epoch <= trained[k]!.lastEpoch);

/** One pass over the samples, from the position on: its steps, and how they change the position. */
export class EpochSteps {
  readonly epoch: number;
  /** Steps already done. */
  readonly firstStep: number;
  /** Steps of each model in this epoch; 0 for one that does not train. */
  readonly stepsOf: number[];
  readonly loads: ChunkLoads | undefined;
  readonly #position: Position;
  readonly #options: TrainOptions;
  readonly #batchSize: number;
  readonly #steps: number;
  readonly #startMs = performance.now();

  /** Queues the upload of the epoch's order. */
  constructor(plan: TrainingPlan, position: Position, options: TrainOptions) {
    const { models, feed, shuffle } = options;
    const { epoch } = position;
    this.epoch = epoch;
    this.firstStep = position.step;
    this.#position = position;
    this.#options = options;
    this.#batchSize = plan.batchSize;
    const trains = unfinished(position, models);
    this.stepsOf = models.map(({ starts }, k) => (trains[k] ? Math.ceil(starts.length / plan.batchSize) : 0));
    this.#steps = Math.max(...this.stepsOf);
    const chunks = feed && chunkOrder(models[0]!, feed.chunkSamples, { shuffle, epoch });
    plan.setOrder(
      chunks ? [chunks.samples] : models.map((model, k) => orderOf(model, this.stepsOf[k]!, { shuffle, epoch })),
    );
    this.loads = chunks && {
      stepsPerChunk: feed.chunkSamples / plan.batchSize,
      load: (chunk) => feed.load(chunks.order[chunk]!),
    };
  }

  /** Which models train. */
  get trains(): boolean[] {
    return this.stepsOf.map((steps) => steps > 0);
  }

  /** Models whose weights to check after the epoch: those that are validated, and those for which it is the last. */
  get checked(): boolean[] {
    const { models, validate } = this.#options;
    return this.trains.map((trains, k) => trains && (validate !== undefined || models[k]!.lastEpoch === this.epoch));
  }

  /** What each model does from a step on. */
  modelsAt(step: number): ModelSlice[] {
    return this.stepsOf.map((steps, k) => ({
      stepsTaken: this.#position.models[k]!.stepsTaken + Math.min(step, steps),
      lr: (stepsTaken) => this.#rate(k, stepsTaken),
    }));
  }

  /** Adds the losses of a slice. */
  add({ firstStep, numSteps, losses, bad }: SliceResult): void {
    const { models } = this.#options;
    this.fail(bad);
    for (let step = firstStep; step < firstStep + numSteps; step++)
      for (const [model, own] of this.#position.models.entries()) {
        if (step >= this.stepsOf[model]!) continue;
        const loss = losses[(step - firstStep) * models.length + model]!;
        own.lossSum += loss * Math.min(this.#batchSize, models[model]!.starts.length - step * this.#batchSize);
        own.lastLoss = loss;
      }
    this.#position.step = firstStep + numSteps;
  }

  /** Stops models that failed. */
  fail(found: readonly NonFinite[]): void {
    for (const bad of found) {
      this.#options.isolate?.(bad.model, isolatedError(bad, this.epoch));
      this.stepsOf[bad.model] = 0;
      const own = this.#position.models[bad.model]!;
      own.stopping.stopped = true;
      if (own.report) own.report = { ...own.report, stopped: true };
    }
  }

  get progress(): Omit<Progress, 'epochs'> {
    const { step, models } = this.#position;
    return { epoch: this.epoch, step, steps: this.#steps, loss: mean(models.map(({ lastLoss }) => lastLoss)) };
  }

  /**
   * Moves the position to the next epoch.
   * @param validation loss of each model; undefined without validation samples.
   * @returns the models with a new best validation loss.
   */
  close(validation: readonly number[] | undefined): number[] {
    const { models, earlyStopping } = this.#options;
    const improved: number[] = [];
    for (const [k, own] of this.#position.models.entries()) {
      const steps = this.stepsOf[k]!;
      if (steps === 0) continue;
      const { schedule, starts } = models[k]!;
      const loss = own.lossSum / starts.length;
      const lr = this.#rate(k, own.stepsTaken + steps - 1);
      const validationLoss = validation?.[k];
      if (earlyStopping && validationLoss !== undefined) {
        own.stopping = afterValidation(own.stopping, validationLoss, this.epoch, earlyStopping);
        if (own.stopping.badEpochs === 0) improved.push(k);
      }
      schedule.observe?.(validationLoss ?? loss);
      own.report = { loss, lastLoss: own.lastLoss!, lr, stopped: own.stopping.stopped };
      if (validationLoss !== undefined) own.report.validationLoss = validationLoss;
      own.stepsTaken += steps;
      own.schedule = schedule.state();
      own.lossSum = 0;
    }
    this.#position.epoch++;
    this.#position.step = 0;
    return improved;
  }

  /** The report of the epoch, once it is closed. */
  get report(): Omit<EpochReport, 'epochs'> {
    const models = this.#position.models.map(({ report }) => report ?? FAILED);
    const seconds = (performance.now() - this.#startMs) / 1000;
    const isValidated = models.some(({ validationLoss }) => validationLoss !== undefined);
    return {
      epoch: this.epoch,
      steps: this.#steps,
      stepsPerSecond: (this.#steps - this.firstStep) / seconds,
      seconds,
      loss: mean(models.map(({ loss }) => loss)),
      lastLoss: mean(models.map(({ lastLoss }) => lastLoss)),
      ...(isValidated && { validationLoss: mean(models.map(({ validationLoss }) => validationLoss ?? null)) }),
      models,
    };
  }

  #rate(model: number, stepsTaken: number): number {
    const { lr, schedule } = this.#options.models[model]!;
    return schedule.lr(lr, schedule.per === 'step' ? stepsTaken : this.epoch - 1);
  }
}

/** For a model that failed before the end of its first epoch. */
const FAILED: ModelEpoch = { loss: Number.NaN, lastLoss: Number.NaN, lr: Number.NaN, stopped: true };

/** The rows at which a model's samples start, in the order of an epoch; none for a model without steps. */
function orderOf(
  { starts, seed }: ModelTraining,
  steps: number,
  { shuffle, epoch }: { shuffle: boolean; epoch: number },
): Uint32Array {
  if (steps === 0) return new Uint32Array();
  return sampleOrder(starts.length, { shuffle, seed, epoch }).map((sample) => starts[sample]!);
}

/**
 * The order of one epoch over chunks: the chunks, and the positions of samples within their chunk. A short last chunk stays
 * last, so that all batches before it are full.
 */
function chunkOrder(
  { starts: { length: numSamples }, seed }: ModelTraining,
  chunkSamples: number,
  { shuffle, epoch }: { shuffle: boolean; epoch: number },
): { order: Uint32Array; samples: Uint32Array } {
  const [whole, count] = [Math.floor(numSamples / chunkSamples), Math.ceil(numSamples / chunkSamples)];
  const order = new Uint32Array(count).fill(whole); // if there is a short one, it is the last
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

/** Mean over the models that have a value; a failed one has none. */
function mean(values: readonly (number | null)[]): number {
  const finite = values.filter((value): value is number => value !== null && Number.isFinite(value));
  return finite.reduce((sum, value) => sum + value, 0) / finite.length;
}
