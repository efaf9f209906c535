import type { ModelSlice, TrainingPlan } from '../engine/plan.ts';
import { type ModelState, NUM_SNAPSHOTS } from '../engine/state.ts';
import { TrainingError } from '../errors.ts';
import { ReadbackRing } from '../gpu/readback.ts';
import { PassTimer } from '../gpu/timing.ts';
import { SliceSizer } from './slices.ts';
import type { TrainOptions } from './trainer.ts';

/** Slices submitted before the first is awaited: the GPU has work while the losses of the last slice are read. */
const SLICES_IN_FLIGHT = 2;

/** Weights up to this size come back with the losses of every slice, so that a lost device takes little with it. */
const MAX_KEPT_BYTES = 4 * 2 ** 20;

/** Counts that measurements compare: how much work was submitted, and in how many pieces. Steps are those of each model. */
export interface TrainCounts {
  /** Epochs that were finished. */
  epochs: number;
  steps: number;
  submits: number;
  dispatches: number;
}

export const noCounts = (): TrainCounts => ({ epochs: 0, steps: 0, submits: 0, dispatches: 0 });

export interface SliceResult {
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
export class SliceRunner {
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

  /**
   * @param stepsOf steps of each model in this epoch. @param modelsAt what each is to do from a step on.
   * @param loads chunks of samples, each brought to the device before its first step.
   */
  async *run(
    epoch: number,
    stepsOf: readonly number[],
    modelsAt: (step: number) => ModelSlice[],
    { signal, beforeSlice }: Pick<TrainOptions, 'signal' | 'beforeSlice'>,
    loads?: { stepsPerChunk: number; load: (position: number) => void },
  ): AsyncGenerator<SliceResult> {
    const steps = Math.max(...stepsOf);
    const inFlight: SubmittedSlice[] = [];
    let next = 0;
    let lastDoneMs = performance.now();
    try {
      while (next < steps || inFlight.length > 0) {
        while (next < steps && inFlight.length < SLICES_IN_FLIGHT && !signal?.aborted) {
          const held = beforeSlice?.();
          if (held) await Promise.race([held, aborted(signal)]);
          if (signal?.aborted) break;
          const perChunk = loads?.stepsPerChunk ?? steps;
          // in the queue's order: behind the slices of the chunk before, while they still run
          if (loads && next % perChunk === 0) loads.load(next / perChunk);
          const most = Math.min(steps - next, perChunk - (next % perChunk));
          const submitted = this.#submit(next, this.#sizer.next(most), modelsAt(next));
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
    const kept = this.#keptBytes > 0 ? this.#state.keptWeights : undefined; // they came with the last slice
    const models = kept ?? (await this.#state.readWeights());
    for (const [name, { data }] of models.flatMap((weights) => [...weights])) {
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

/** Settles when a signal aborts; never, without one. */
const aborted = (signal: AbortSignal | undefined): Promise<void> =>
  new Promise((resolve) => signal?.addEventListener('abort', () => resolve(), { once: true }));

function nonFinite(what: string, epoch: number, step: number): TrainingError {
  return new TrainingError(
    `Epoch ${epoch}, step ${step}: ${what}. The weights of the last good slice are kept. ` +
      'Use a smaller learning rate, or look for outliers in the series.',
    { epoch, step },
  );
}
