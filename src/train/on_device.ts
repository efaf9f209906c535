import type { TrainingPlan } from '../engine/plan.ts';
import type { ModelState } from '../engine/state.ts';
import { CommandError } from '../errors.ts';
import type { DeviceScope } from '../gpu/guarded_device.ts';
import { explainLoss, readRegions } from '../gpu/readback.ts';
import { EpochSteps, unfinished } from './epoch.ts';
import type { TrainOptions } from './options.ts';
import type { Position, Snapshot } from './position.ts';
import type { EpochReport, TrainCounts } from './report.ts';
import { SliceRunner } from './slice_runner.ts';

/**
 * A training on one device, epoch by epoch. Only losses are read back, once per slice. After an abort the weights are those of
 * the last submitted slice; with early stopping, however it ends, those of the best epoch.
 */
export class TrainingOnDevice {
  readonly #state: ModelState;
  readonly #plan: TrainingPlan;
  readonly #options: TrainOptions;
  readonly #counts: TrainCounts;
  readonly #runner: SliceRunner;
  readonly #scope: DeviceScope;
  readonly #position: Position;
  /** Weights of each model's best epoch. */
  readonly #best: (ArrayBuffer | undefined)[];

  /**
   * @param from where to start; the state on the device is already that of the snapshot. @param counts are added to.
   * @param scope holds the buffers of the training, and is freed with it.
   */
  constructor(
    state: ModelState,
    plan: TrainingPlan,
    options: TrainOptions,
    { from, counts, scope }: { from: Omit<Snapshot, 'state'>; counts: TrainCounts; scope: DeviceScope },
  ) {
    this.#scope = scope;
    this.#state = state;
    this.#plan = plan;
    this.#options = options;
    this.#counts = counts;
    this.#position = structuredClone(from.position);
    this.#best = [...from.best];
    for (const [k, { schedule }] of options.models.entries()) schedule.restore(this.#position.models[k]!.schedule);
    this.#runner = new SliceRunner(scope, state, plan, options, { counts, snapshot: () => this.#snapshot() });
  }

  get isUnfinished(): boolean {
    return unfinished(this.#position, this.#options.models).some(Boolean);
  }

  /**
   * One pass over the training samples, from the position on.
   * @throws TrainingError when a loss is not finite; weights and moments are restored to the last good slice.
   * @throws DeviceLostError when the device is lost; the weights of the last completed slice stay readable.
   * @throws the signal's reason on abort.
   */
  async epoch(): Promise<EpochReport> {
    const { models, snapshots, validate, onProgress } = this.#options;
    const epochs = Math.max(...models.map(({ lastEpoch }) => lastEpoch));
    snapshots.go();
    const steps = new EpochSteps(this.#plan, this.#position, this.#options);
    await this.#runner.run(steps, (slice) => {
      steps.add(slice);
      if (slice.state) snapshots.deliver({ ...this.#place(), state: slice.state });
      onProgress?.({ ...steps.progress, epochs });
    });
    if (steps.checked.some(Boolean)) steps.fail(await this.#runner.checkWeights(steps));
    const improved = steps.close(await validate?.(steps.trains));
    if (improved.length > 0) await this.#keepBest(improved);
    snapshots.advance(this.#place());
    this.#counts.epochs++;
    snapshots.rest(() => this.#snapshot());
    return { ...steps.report, epochs };
  }

  /** Restores the best weights and frees its buffers. @param failed what ended it early, if anything. */
  async end(failed?: unknown): Promise<void> {
    const { earlyStopping, snapshots, signal } = this.#options;
    const putBack = earlyStopping?.restoreBest ? this.#best : [];
    const isAbort = failed === signal?.reason && !this.#runner.isAhead;
    if (failed !== undefined && !isAbort) snapshots.fail(failed);
    else if (this.isUnfinished && putBack.some(Boolean)) {
      const last = await this.#snapshot().catch(() => undefined); // undefined: the device is lost, which is reported elsewhere
      snapshots.rest(() => (last ? Promise.resolve(last) : this.#snapshot()));
    } else snapshots.rest(() => this.#snapshot());
    try {
      for (const [model, weights] of putBack.entries()) if (weights) this.#state.writeWeights(model, weights);
    } finally {
      if (failed instanceof CommandError) this.#state.dropRefused();
      this.#plan.dispose();
      this.#scope.dispose();
    }
  }

  /** An error for the caller: if the device was lost, that error instead. */
  async explain(error: unknown): Promise<unknown> {
    return error === this.#options.signal?.reason ? error : explainLoss(this.#state.device, error);
  }

  async #keepBest(models: readonly number[]): Promise<void> {
    const { copyBytes, flat } = this.#state.weights;
    const [all] = await readRegions(this.#state.device, [flat], () => undefined);
    for (const model of models) this.#best[model] = all!.buffer.slice(model * copyBytes, (model + 1) * copyBytes);
  }

  async #snapshot(): Promise<Snapshot> {
    return { ...this.#place(), state: await this.#state.readBytes() };
  }

  /** A snapshot without the state: a copy, independent of later changes. */
  #place(): Omit<Snapshot, 'state'> {
    return { position: structuredClone(this.#position), best: [...this.#best] };
  }
}
