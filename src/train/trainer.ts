import { sampleOrder } from '../data/windows.ts';
import type { ModelSlice, TrainingPlan } from '../engine/plan.ts';
import { type ModelState, NUM_SNAPSHOTS } from '../engine/state.ts';
import { TrainingError } from '../errors.ts';
import { ReadbackRing } from '../gpu/readback.ts';
import { PassTimer } from '../gpu/timing.ts';
import type { Schedule } from './schedules.ts';
import { SliceSizer } from './slices.ts';

/** Slices submitted before the first is awaited: the GPU has work while the losses of the last slice are read. */
const SLICES_IN_FLIGHT = 2;

/** Weights up to this size come back with the losses of every slice, so that a lost device takes little with it. */
const MAX_KEPT_BYTES = 4 * 2 ** 20;

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
export interface ModelTraining {
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

export interface TrainOptions {
  epochs: number;
  /** Epochs trained before: reports, orders and schedules go on from there. Default 0. */
  epochsDone?: number;
  models: readonly ModelTraining[];
  shuffle: boolean;
  /** Target duration of one submit in milliseconds. */
  sliceMs: number;
  signal?: AbortSignal | undefined;
  onProgress?: ((progress: Progress) => void) | undefined;
}

/** Counts that measurements compare: how much work was submitted, and in how many pieces. Steps are those of each model. */
export interface TrainCounts {
  /** Epochs that were finished. */
  epochs: number;
  steps: number;
  submits: number;
  dispatches: number;
}

export const noCounts = (): TrainCounts => ({ epochs: 0, steps: 0, submits: 0, dispatches: 0 });

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
  const { epochsDone = 0, models, shuffle, signal } = options;
  const epochs = epochsDone + options.epochs;
  const stepsOf = models.map(({ numSamples }) => Math.ceil(numSamples / plan.batchSize));
  const steps = Math.max(...stepsOf);
  const runner = new SliceRunner(state, plan, options.sliceMs, counts);
  try {
    for (let epoch = epochsDone + 1; epoch <= epochs; epoch++) {
      const startMs = performance.now();
      plan.setOrder(
        models.map(({ numSamples, seed, firstRow }) =>
          sampleOrder(numSamples, { shuffle, seed, epoch }).map((sample) => firstRow + sample),
        ),
      );
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
      for await (const { firstStep, numSteps, losses } of runner.run(epoch, stepsOf, modelsAt, signal)) {
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

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

interface SliceResult {
  firstStep: number;
  numSteps: number;
  /** [numSteps, models] */
  losses: Float32Array;
}

interface SubmittedSlice {
  /** Slices submitted before it; also names its snapshot. */
  number: number;
  firstStep: number;
  numSteps: number;
  /** The slice's timestamps where there are any, losses [numSteps, models], the weight arena where it is small. */
  bytes: Promise<ArrayBuffer>;
}

/** Submits slices, a few ahead, and hands their losses back in order. */
class SliceRunner {
  readonly #state: ModelState;
  readonly #plan: TrainingPlan;
  readonly #sizer: SliceSizer;
  readonly #readback: ReadbackRing;
  readonly #counts: TrainCounts;
  readonly #keptBytes: number;
  readonly #timer: PassTimer | undefined;

  constructor(state: ModelState, plan: TrainingPlan, sliceMs: number, counts: TrainCounts) {
    this.#state = state;
    this.#plan = plan;
    this.#sizer = new SliceSizer(sliceMs, plan.maxStepsPerSlice);
    this.#keptBytes = state.weights.flat.sizeBytes <= MAX_KEPT_BYTES ? state.weights.flat.sizeBytes : 0;
    this.#timer = PassTimer.create(state.device, 'slice', SLICES_IN_FLIGHT);
    const sizeBytes = PassTimer.sizeBytes + plan.losses.sizeBytes + this.#keptBytes;
    this.#readback = new ReadbackRing(state.device, 'losses', sizeBytes, SLICES_IN_FLIGHT);
    this.#counts = counts;
  }

  /** @param stepsOf steps of each model in this epoch. @param modelsAt what each is to do from a step on. */
  async *run(
    epoch: number,
    stepsOf: readonly number[],
    modelsAt: (step: number) => ModelSlice[],
    signal: AbortSignal | undefined,
  ): AsyncGenerator<SliceResult> {
    const steps = Math.max(...stepsOf);
    const inFlight: SubmittedSlice[] = [];
    let next = 0;
    let lastDoneMs = performance.now();
    try {
      while (next < steps || inFlight.length > 0) {
        while (next < steps && inFlight.length < SLICES_IN_FLIGHT && !signal?.aborted) {
          const submitted = this.#submit(next, this.#sizer.next(steps - next), modelsAt(next));
          inFlight.push(submitted);
          next += submitted.numSteps;
        }
        const [oldest] = inFlight;
        if (!oldest) break; // aborted, and all that was submitted is done
        const bytes = await oldest.bytes;
        const start = this.#timer ? PassTimer.sizeBytes : 0;
        const losses = new Float32Array(bytes, start, oldest.numSteps * stepsOf.length);
        inFlight.shift();
        const active = (at: number) =>
          oldest.firstStep + Math.floor(at / stepsOf.length) < stepsOf[at % stepsOf.length]!;
        const bad = losses.findIndex((loss, at) => !Number.isFinite(loss) && active(at));
        if (bad >= 0) {
          const step = Math.floor(bad / stepsOf.length);
          // The weights before a bad loss made it: where it is the slice's first, they came out of the slice before.
          this.#restore(step === 0 ? Math.max(0, oldest.number - 1) : oldest.number);
          const whose = stepsOf.length > 1 ? ` of model ${(bad % stepsOf.length) + 1}` : '';
          throw nonFinite(`the loss${whose} became ${losses[bad]}`, epoch, oldest.firstStep + step + 1);
        }
        if (this.#keptBytes > 0) this.#state.keepWeights(bytes.slice(start + losses.byteLength));
        const nowMs = performance.now();
        const gpuMs = this.#timer && PassTimer.ms(bytes, 0);
        this.#sizer.record(oldest.numSteps, gpuMs ?? nowMs - lastDoneMs);
        lastDoneMs = nowMs;
        yield { firstStep: oldest.firstStep, numSteps: oldest.numSteps, losses };
      }
    } finally {
      await Promise.allSettled(inFlight.map((slice) => slice.bytes));
    }
    signal?.throwIfAborted();
  }

  /** The last update has no later loss to show that it went wrong, so the weights themselves are looked at. */
  async checkWeights(epoch: number, step: number): Promise<void> {
    for (const [name, { data }] of (await this.#state.readWeights()).flatMap((weights) => [...weights])) {
      if (data.every(Number.isFinite)) continue;
      this.#restore(this.#counts.submits - 1);
      throw nonFinite(`${name} is not finite after the last update`, epoch, step);
    }
  }

  destroy(): void {
    this.#readback.destroy();
    this.#timer?.destroy();
  }

  #submit(firstStep: number, numSteps: number, models: ModelSlice[]): SubmittedSlice {
    const { device } = this.#state;
    const number = this.#counts.submits;
    const encoder = device.createCommandEncoder({ label: 'train slice' });
    this.#state.snapshot(encoder, number % NUM_SNAPSHOTS);
    const slot = number % SLICES_IN_FLIGHT;
    const slice = { firstStep, numSteps, models };
    this.#counts.dispatches += this.#plan.encode(encoder, slice, this.#timer?.writes(slot));
    const read = this.#readback.copy(
      encoder,
      ...(this.#timer ? [this.#timer.resolve(encoder, slot)] : []),
      { ...this.#plan.losses, sizeBytes: numSteps * models.length * 4 },
      { ...this.#state.weights.flat, sizeBytes: this.#keptBytes },
    );
    device.queue.submit([encoder.finish()]);
    this.#counts.steps += numSteps;
    this.#counts.submits += 1;
    const bytes = read();
    bytes.catch(() => undefined); // awaited in order; a lost device rejects them all at once
    return { number, firstStep, numSteps, bytes };
  }

  /** Puts weights and moments back to what they were before the slice of this number. */
  #restore(number: number): void {
    const { device } = this.#state;
    const encoder = device.createCommandEncoder({ label: 'restore' });
    this.#state.restore(encoder, number % NUM_SNAPSHOTS);
    device.queue.submit([encoder.finish()]);
  }
}

function nonFinite(what: string, epoch: number, step: number): TrainingError {
  return new TrainingError(
    `Epoch ${epoch}, step ${step}: ${what}. The weights of the last good slice are kept. ` +
      'Use a smaller learning rate, or look for outliers in the series.',
    { epoch, step },
  );
}
