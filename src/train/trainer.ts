import { sampleOrder } from '../data/windows.ts';
import type { TrainingPlan } from '../engine/plan.ts';
import { type ModelState, NUM_SNAPSHOTS } from '../engine/state.ts';
import { TrainingError } from '../errors.ts';
import { ReadbackRing } from '../gpu/readback.ts';
import { SliceSizer } from './slices.ts';

/** Slices submitted before the first is awaited: the GPU has work while the losses of the last slice are read. */
const SLICES_IN_FLIGHT = 2;

/** What one pass over the training samples gave. */
export interface EpochReport {
  /** From 1. */
  epoch: number;
  epochs: number;
  /** Mean of the batches' losses, weighted by their samples. */
  loss: number;
  /** Loss of the epoch's last batch: what the tutorial prints. */
  lastLoss: number;
  /** Optimizer steps of this epoch. */
  steps: number;
  stepsPerSecond: number;
  seconds: number;
}

/** Where training is, after every slice. */
export interface Progress {
  epoch: number;
  epochs: number;
  /** Steps done in this epoch, of `steps`. */
  step: number;
  steps: number;
  /** Loss of the last step done. */
  loss: number;
}

export interface TrainOptions {
  epochs: number;
  numSamples: number;
  lr: number;
  shuffle: boolean;
  seed: number;
  /** Target duration of one submit in milliseconds. */
  sliceMs: number;
  signal: AbortSignal | undefined;
  onProgress: ((progress: Progress) => void) | undefined;
}

/** Counts that later measurements compare: how much work was submitted, and in how many pieces. */
export interface TrainCounts {
  steps: number;
  submits: number;
  dispatches: number;
}

/**
 * Trains for `epochs` passes, yielding a report after each. Losses come back once a slice; nothing else is read.
 * On abort the weights are those of the last slice that was submitted.
 * @throws TrainingError when a loss is not finite; weights and moments are put back to the last good slice.
 * @throws DeviceError when the device is lost. @throws the signal's reason on abort.
 */
export async function* train(
  state: ModelState,
  plan: TrainingPlan,
  options: TrainOptions,
  counts: TrainCounts = { steps: 0, submits: 0, dispatches: 0 },
): AsyncGenerator<EpochReport, void, undefined> {
  const { epochs, numSamples, signal } = options;
  const steps = Math.ceil(numSamples / plan.batchSize);
  const runner = new SliceRunner(state, plan, options.sliceMs, counts);
  try {
    for (let epoch = 1; epoch <= epochs; epoch++) {
      const startMs = performance.now();
      plan.setOrder(sampleOrder(numSamples, { shuffle: options.shuffle, seed: options.seed, epoch }));
      let [sum, lastLoss] = [0, Number.NaN];
      for await (const { firstStep, losses } of runner.run(epoch, steps, options.lr, signal)) {
        for (const [k, loss] of losses.entries()) {
          const first = (firstStep + k) * plan.batchSize;
          sum += loss * Math.min(plan.batchSize, numSamples - first);
          lastLoss = loss;
        }
        options.onProgress?.({ epoch, epochs, step: firstStep + losses.length, steps, loss: lastLoss });
      }
      if (epoch === epochs) await runner.checkWeights(epoch, steps);
      const seconds = (performance.now() - startMs) / 1000;
      yield { epoch, epochs, loss: sum / numSamples, lastLoss, steps, stepsPerSecond: steps / seconds, seconds };
    }
  } finally {
    runner.destroy();
  }
}

interface SliceResult {
  firstStep: number;
  losses: Float32Array;
}

interface SubmittedSlice {
  /** Slices submitted before it; also names its snapshot. */
  number: number;
  firstStep: number;
  numSteps: number;
  losses: Promise<ArrayBuffer>;
}

/** Submits slices, a few ahead, and hands their losses back in order. */
class SliceRunner {
  readonly #state: ModelState;
  readonly #plan: TrainingPlan;
  readonly #sizer: SliceSizer;
  readonly #readback: ReadbackRing;
  readonly #counts: TrainCounts;

  constructor(state: ModelState, plan: TrainingPlan, sliceMs: number, counts: TrainCounts) {
    this.#state = state;
    this.#plan = plan;
    this.#sizer = new SliceSizer(sliceMs, plan.maxStepsPerSlice);
    this.#readback = new ReadbackRing(state.device, 'losses', plan.losses.sizeBytes, SLICES_IN_FLIGHT);
    this.#counts = counts;
  }

  async *run(epoch: number, steps: number, lr: number, signal: AbortSignal | undefined): AsyncGenerator<SliceResult> {
    const inFlight: SubmittedSlice[] = [];
    let next = 0;
    let lastDoneMs = performance.now();
    try {
      while (next < steps || inFlight.length > 0) {
        while (next < steps && inFlight.length < SLICES_IN_FLIGHT && !signal?.aborted) {
          const submitted = this.#submit(next, this.#sizer.next(steps - next), lr);
          inFlight.push(submitted);
          next += submitted.numSteps;
        }
        const [oldest] = inFlight;
        if (!oldest) break; // aborted, and all that was submitted is done
        const losses = new Float32Array(await oldest.losses);
        inFlight.shift();
        const bad = losses.findIndex((loss) => !Number.isFinite(loss));
        if (bad >= 0) {
          // The weights before a bad loss made it: where it is the slice's first, they came out of the slice before.
          this.#restore(bad === 0 ? Math.max(0, oldest.number - 1) : oldest.number);
          throw nonFinite(`the loss became ${losses[bad]}`, epoch, oldest.firstStep + bad + 1);
        }
        const nowMs = performance.now();
        this.#sizer.record(oldest.numSteps, nowMs - lastDoneMs);
        lastDoneMs = nowMs;
        yield { firstStep: oldest.firstStep, losses };
      }
    } finally {
      await Promise.allSettled(inFlight.map((slice) => slice.losses));
    }
    signal?.throwIfAborted();
  }

  /** The last update has no later loss to show that it went wrong, so the weights themselves are looked at. */
  async checkWeights(epoch: number, step: number): Promise<void> {
    for (const [name, { data }] of await this.#state.readWeights()) {
      if (data.every(Number.isFinite)) continue;
      this.#restore(this.#counts.submits - 1);
      throw nonFinite(`${name} is not finite after the last update`, epoch, step);
    }
  }

  destroy(): void {
    this.#readback.destroy();
  }

  #submit(firstStep: number, numSteps: number, lr: number): SubmittedSlice {
    const { device } = this.#state;
    const number = this.#counts.submits;
    const encoder = device.createCommandEncoder({ label: 'train slice' });
    this.#state.snapshot(encoder, number % NUM_SNAPSHOTS);
    this.#plan.encode(encoder, { firstStep, numSteps, stepsTaken: this.#counts.steps, lr });
    const read = this.#readback.copy(encoder, this.#plan.losses.buffer, 0, numSteps * 4);
    device.queue.submit([encoder.finish()]);
    this.#counts.steps += numSteps;
    this.#counts.submits += 1;
    this.#counts.dispatches += this.#plan.dispatchesPerSlice(numSteps);
    const losses = read();
    losses.catch(() => undefined); // awaited in order; a lost device rejects them all at once
    return { number, firstStep, numSteps, losses };
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
