import type { ModelSlice, SideBySide, TrainingPlan } from '../engine/plan.ts';
import type { ModelState, StateBytes } from '../engine/state.ts';
import { CommandError } from '../errors.ts';
import { type GuardedDevice, owning } from '../gpu/guarded_device.ts';
import { ReadbackRing, readRegions } from '../gpu/readback.ts';
import { PassTimer } from '../gpu/timing.ts';
import { untilAborted } from '../signals.ts';
import type { EpochSteps, SliceResult } from './epoch.ts';
import { badLosses, findTensor, firstNonFinite, type NonFinite, nonFiniteError } from './non_finite.ts';
import type { TrainOptions } from './options.ts';
import type { Snapshot } from './position.ts';
import type { TrainCounts } from './report.ts';
import { SliceSizer, SlicesAhead } from './slices.ts';

/** Of a plan's `failed`. */
const FLAG_BYTES = 4;

/** Weights up to this size are read back with the losses of every slice, so that little is lost with a device. */
const MAX_KEPT_BYTES = 4 * 2 ** 20;

interface SubmittedSlice {
  /** Slices submitted before it; also names its snapshot. */
  number: number;
  firstStep: number;
  numSteps: number;
  models: readonly ModelSlice[];
  /** The slice's timestamps if there are any, its flag of failure likewise, losses [numSteps, models], the weight arena if it is small. */
  bytes: Promise<ArrayBuffer>;
  state: Promise<StateBytes> | undefined;
  /** The device rejected it and ran none of it. */
  isRefused: boolean;
}

/** Submits slices, a few ahead, and returns their losses in order. */
export class SliceRunner {
  readonly #state: ModelState;
  readonly #plan: TrainingPlan;
  readonly #options: TrainOptions;
  readonly #sizer: SliceSizer;
  readonly #ahead: SlicesAhead;
  readonly #readback: ReadbackRing;
  readonly #counts: TrainCounts;
  /** Takes a snapshot while no slice is in flight. */
  readonly #snapshot: () => Promise<Snapshot>;
  readonly #keptBytes: number;
  readonly #timer: PassTimer | undefined;
  /** It ended before all submitted slices were returned, so the state is ahead of what was reported. */
  isAhead = false;
  /** Slices so far, and the step count before each one that can be restored. */
  #submitted = 0;
  readonly #stepsBefore: number[] = [];

  /** @param device its scope frees it. */
  constructor(
    device: GuardedDevice,
    state: ModelState,
    plan: TrainingPlan,
    options: TrainOptions,
    { counts, snapshot }: { counts: TrainCounts; snapshot: () => Promise<Snapshot> },
  ) {
    this.#state = state;
    this.#plan = plan;
    this.#options = options;
    this.#sizer = new SliceSizer(options.sliceMs, plan.maxStepsPerSlice);
    this.#keptBytes = state.weights.flat.sizeBytes <= MAX_KEPT_BYTES ? state.weights.flat.sizeBytes : 0;
    const slots = state.numSnapshots - 1; // the spare one is for the slice returned last
    this.#ahead = new SlicesAhead(slots);
    this.#timer = PassTimer.create(device, 'slice', slots);
    const sizeBytes = PassTimer.sizeBytes + FLAG_BYTES + plan.losses.sizeBytes + this.#keptBytes;
    this.#readback = new ReadbackRing(device, 'losses', sizeBytes, slots);
    this.#counts = counts;
    this.#snapshot = snapshot;
  }

  /**
   * Runs the rest of an epoch. @param done called with each slice, in order.
   * @throws TrainingError when a loss is not finite, unless models are isolated; the last good slice is restored.
   * @throws the signal's reason on abort, once all submitted slices are done.
   */
  async run(run: EpochSteps, done: (slice: SliceResult) => void): Promise<void> {
    const { epoch, firstStep, stepsOf, loads } = run;
    const { signal, beforeSlice, snapshots } = this.#options;
    const steps = Math.max(...stepsOf);
    const inFlight: SubmittedSlice[] = [];
    let next = firstStep;
    let chunk = -1; // the one that is loaded
    let held: PromiseLike<void> | undefined;
    let lastDoneMs = performance.now();
    try {
      while (next < steps || inFlight.length > 0) {
        while (next < steps && inFlight.length < this.#ahead.count && !signal?.aborted) {
          held ??= beforeSlice?.();
          if (held && (await this.#waits(held, inFlight[0]))) break;
          held = undefined;
          if (signal?.aborted) break;
          const perChunk = loads?.stepsPerChunk ?? steps;
          // queued after the slices of the previous chunk, while they still run
          if (loads && Math.floor(next / perChunk) !== chunk) {
            chunk = Math.floor(next / perChunk);
            loads.load(chunk);
          }
          const most = Math.min(steps - next, perChunk - (next % perChunk));
          const models = run.modelsAt(next);
          const submitted = this.#submit(next, this.#sizer.next(most), models, snapshots.isWanted);
          inFlight.push(submitted);
          next += submitted.numSteps;
        }
        const [oldest] = inFlight;
        if (!oldest) break; // aborted, and all that was submitted is done
        const bytes = await oldest.bytes;
        const state = await oldest.state;
        let start = this.#timer ? PassTimer.sizeBytes : 0;
        if (this.#plan.sideBySide) {
          if (new Uint32Array(bytes, start, 1)[0] !== 0) {
            await this.#undo(inFlight.splice(0), this.#plan.sideBySide);
            next = oldest.firstStep;
            continue;
          }
          start += FLAG_BYTES;
        }
        const losses = new Float32Array(bytes, start, oldest.numSteps * stepsOf.length);
        inFlight.shift();
        const bad = badLosses(losses, oldest.firstStep, stepsOf);
        if (this.#keptBytes > 0 && bad.length === 0) this.#state.keepWeights(bytes.slice(start + losses.byteLength));
        const nowMs = performance.now();
        const gpuMs = this.#timer && PassTimer.ms(bytes, 0);
        this.#sizer.record(oldest.numSteps, gpuMs ?? nowMs - lastDoneMs);
        if (gpuMs !== undefined) this.#ahead.record(gpuMs, nowMs - lastDoneMs);
        lastDoneMs = nowMs;
        const found: NonFinite[] = [];
        for (const loss of bad) found.push({ ...loss, tensor: await this.#tensorOf(loss, oldest, inFlight, loads) });
        if (found[0] && !this.#options.isolate) {
          // A bad loss comes from the weights before it: for the first step of a slice, from the slice before.
          await this.#putBack(found[0].step === oldest.firstStep ? Math.max(0, oldest.number - 1) : oldest.number);
          throw nonFiniteError(found[0], epoch, stepsOf.length);
        }
        done({ firstStep: oldest.firstStep, numSteps: oldest.numSteps, losses, state, bad: found });
      }
    } catch (error) {
      if (error instanceof CommandError) {
        await Promise.allSettled(inFlight.map(({ bytes }) => bytes));
        // a rejected slice has changed nothing, and has no snapshot either
        const first = inFlight.find(({ isRefused }) => !isRefused);
        if (first) this.#restore(first.number);
        if (inFlight[0]) this.#counts.steps = this.#stepsBefore[inFlight[0].number % this.#state.numSnapshots]!;
      }
      throw error;
    } finally {
      this.isAhead = inFlight.length > 0;
      await Promise.allSettled(inFlight.flatMap((slice) => [slice.bytes, slice.state]));
    }
    signal?.throwIfAborted();
  }

  /**
   * No later loss shows whether the last update went wrong, so this checks the weights themselves.
   * @throws TrainingError, as {@link run}.
   */
  async checkWeights({ epoch, stepsOf, checked }: EpochSteps): Promise<NonFinite[]> {
    const kept = this.#keptBytes > 0 ? this.#state.keptWeights : undefined; // read back with the last slice
    const models = kept ?? (await this.#state.readWeights());
    const found = models.flatMap((weights, model) => {
      const tensor = checked[model] ? firstNonFinite(weights) : undefined;
      return tensor === undefined ? [] : [{ model, step: stepsOf[model]! - 1, tensor, loss: undefined }];
    });
    if (found[0] && !this.#options.isolate) {
      if (this.#submitted > 0) await this.#putBack(this.#submitted - 1);
      throw nonFiniteError(found[0], epoch, models.length);
    }
    return found;
  }

  /**
   * Waits while the next slice is held back, or until a slice in flight is done. With none in flight, snapshots are taken at
   * once.
   * @returns whether it is still held back.
   */
  async #waits(held: PromiseLike<void>, underWay: SubmittedSlice | undefined): Promise<boolean> {
    const { signal, snapshots } = this.#options;
    const free = Promise.resolve(held).then(() => false);
    if (underWay) return untilAborted(Promise.race([free, underWay.bytes.then(() => true)]), signal, false);
    snapshots.rest(this.#snapshot);
    try {
      return await untilAborted(free, signal, false);
    } finally {
      snapshots.go();
    }
  }

  /** Finds the first non-finite tensor. Preserves the state. */
  async #tensorOf(
    bad: Omit<NonFinite, 'tensor'>,
    slice: SubmittedSlice,
    inFlight: readonly SubmittedSlice[],
    loads: EpochSteps['loads'],
  ): Promise<string> {
    await Promise.allSettled(inFlight.map(({ bytes }) => bytes));
    const now = await this.#state.readBytes();
    this.#restore(slice.number);
    loads?.load(Math.floor(slice.firstStep / loads.stepsPerChunk)); // the next chunk may already be loaded
    const tensor = await findTensor(this.#state, this.#plan, slice, bad);
    this.#state.writeBytes(now);
    return tensor;
  }

  #submit(firstStep: number, numSteps: number, models: ModelSlice[], withState: boolean): SubmittedSlice {
    return owning(this.#state.device, (scope) => {
      const number = this.#submitted++;
      const encoder = scope.createCommandEncoder({ label: 'train slice' });
      this.#state.snapshot(encoder, number % this.#state.numSnapshots);
      const slot = number % this.#ahead.most;
      const slice = { firstStep, numSteps, models };
      this.#counts.dispatches += this.#plan.encode(encoder, slice, this.#timer?.writes(slot));
      const read = this.#readback.copy(
        encoder,
        ...(this.#timer ? [this.#timer.resolve(encoder, slot)] : []),
        ...(this.#plan.sideBySide ? [this.#plan.sideBySide.failed] : []),
        { ...this.#plan.losses, sizeBytes: numSteps * models.length * 4 },
        { ...this.#state.weights.flat, sizeBytes: this.#keptBytes },
      );
      const readState = withState ? this.#state.copyOut(scope, encoder) : undefined;
      const submitted = { number, ...slice, isRefused: false };
      scope.queue.submit(encoder, () => {
        submitted.isRefused = true;
      });
      this.#stepsBefore[number % this.#state.numSnapshots] = this.#counts.steps;
      this.#counts.steps += numSteps;
      this.#counts.submits += 1;
      const [bytes, state] = [read(), readState?.().finally(() => scope.dispose())];
      for (const pending of [bytes, state]) pending?.catch(() => undefined); // awaited in order; a lost device rejects them all
      return Object.assign(submitted, { bytes, state });
    });
  }

  /** Undoes slices, from the first one whose workgroups gave up waiting for each other; the plan will run them with other kernels. */
  async #undo(slices: readonly SubmittedSlice[], sideBySide: SideBySide): Promise<void> {
    await Promise.allSettled(slices.flatMap(({ bytes, state }) => [bytes, state]));
    sideBySide.giveUp();
    this.#restore(slices[0]!.number);
    this.#counts.steps = this.#stepsBefore[slices[0]!.number % this.#state.numSnapshots]!;
  }

  /** Like {@link #restore}, but permanent: also updates the step count and the copy that survives the device. */
  async #putBack(number: number): Promise<void> {
    this.#restore(number);
    this.#counts.steps = this.#stepsBefore[number % this.#state.numSnapshots]!;
    if (this.#keptBytes === 0) return;
    const [weights] = await readRegions(this.#state.device, [this.#state.weights.flat], () => undefined);
    this.#state.keepWeights(weights!.buffer);
  }

  /** Restores weights and moments from before the slice with this number. */
  #restore(number: number): void {
    const { device } = this.#state;
    const encoder = device.createCommandEncoder({ label: 'restore' });
    this.#state.restore(encoder, number % this.#state.numSnapshots);
    device.queue.submit(encoder);
  }
}
