import { choosePlan, createPlan, type PlanChoice } from '../engine/choose.ts';
import type { Loss } from '../engine/losses.ts';
import type { Optimizer } from '../engine/optimizers.ts';
import type { ClipOptions, SampleSource, TrainingPlan } from '../engine/plan.ts';
import { DeviceLostError } from '../errors.ts';
import { requestAnother } from '../gpu/device.ts';
import { DeviceScope, type GuardedDevice } from '../gpu/guarded_device.ts';
import { checkAlive, explainLoss } from '../gpu/readback.ts';
import { placed, withAdvice } from '../placing.ts';
import { eitherSignal, untilAborted } from '../signals.ts';
import { checkStep, writeCheckpoint } from './checkpoint.ts';
import { CheckpointWriter } from './checkpoint_writer.ts';
import type { ControlSettings, ResumeOptions } from './controls.ts';
import { type EarlyStopping, notStopped } from './early_stopping.ts';
import type { Writer } from './file.ts';
import type { Models } from './models.ts';
import { TrainingOnDevice } from './on_device.ts';
import type { TrainOptions } from './options.ts';
import { type Position, type Snapshot, Snapshots } from './position.ts';
import type { EpochReport, FitStart, TrainCounts } from './report.ts';
import type { Epochs } from './run.ts';
import type { Schedule } from './schedules.ts';

/** After this many losses in a row without a completed slice, the device is considered unable to train this. */
const MAX_LOSSES = 3;

/** Training and validation data, read by a Forecaster or Trainer. */
export interface TrainingData {
  /** T */
  windowLength: number;
  /** SHA-256 of each part of the data. */
  hashes(): Promise<string[]>;
  /** Uploads it to the models' device. @param scope frees it. */
  upload(scope: GuardedDevice): UploadedData;
}

/** Data on a device. */
export interface UploadedData extends Pick<TrainOptions, 'feed' | 'validate'> {
  source: SampleSource;
  /** For each model its samples, in time order: rows in which windows start, or indices of sequences. */
  starts: readonly Uint32Array[];
}

/** Everything about a training but its models. */
export interface TrainingJob {
  /** Where it starts, for the report. */
  start: FitStart;
  settings: ControlSettings & { earlyStopping?: EarlyStopping | undefined };
  loss: Loss;
  optimizer: Optimizer;
  clip: ClipOptions | undefined;
  /** For each model: its rate, schedule and epochs. */
  rates: readonly number[];
  schedules: readonly Schedule[];
  epochs: readonly number[];
  data: TrainingData;
  /** Previous training of the models: reports, orders and schedules continue from there. */
  before: { epochs: number; steps: number };
  /** Queues the weights to start from, if there is no snapshot. */
  load(): void;
  /** Where to resume, with the hashes of its data and the reports so far. */
  from?: { snapshot: Snapshot; hashes: readonly string[]; reports: readonly EpochReport[] } | undefined;
  /** The writer of its checkpoints, and their model section; undefined: no checkpoints. */
  file?: { writer: Writer; model: object };
  /** Called when it begins: from then on checkpoints are possible. */
  begun?(training: Training): void;
  /** Called when it has ended, for any reason, with the amount of training done. */
  ended?(did: { epochs: number; steps: number }): void;
}

/** Controls and callbacks of a training. */
export type TrainingControls = Omit<ResumeOptions, 'sliceMs'> & Pick<TrainOptions, 'isolate'>;

/**
 * A training that can be stopped, stored and resumed: the epochs of some models on some data. With `recover` it survives the
 * loss of its device.
 */
export class Training {
  readonly #models: Models;
  readonly #method: string;
  readonly #controls: TrainingControls;
  readonly #prepare: () => TrainingJob | Promise<TrainingJob>;
  readonly #snapshots: Snapshots;
  /** Aborts with the error of a caller's function. */
  readonly #callbacks = new AbortController();
  readonly #counts: TrainCounts = { epochs: 0, steps: 0, submits: 0, dispatches: 0 };
  /** Counted, but lost with a device. */
  readonly #lost = { epochs: 0, steps: 0 };
  #job: TrainingJob | undefined;
  /** Reports of the epochs that are done. */
  #reports: EpochReport[] = [];
  #hashes: readonly string[] | Promise<readonly string[]> | undefined;

  /** @param method for messages. @param prepare called once, after the models are claimed. */
  constructor(
    models: Models,
    method: string,
    controls: TrainingControls,
    prepare: () => TrainingJob | Promise<TrainingJob>,
  ) {
    this.#models = models;
    this.#method = method;
    this.#controls = controls;
    this.#prepare = prepare;
    this.#snapshots = new Snapshots(Boolean(controls.recover));
  }

  /** Claims the models before anything is awaited. Each pass of the loop is one device: its setup, its epochs, its end. */
  async *epochs(): Epochs {
    const leave = this.#models.claim(this.#method);
    const [controls, callbacks] = [this.#controls, this.#callbacks];
    const writer = controls.onCheckpoint && new CheckpointWriter(() => this.checkpoint(), controls, callbacks);
    const signal = eitherSignal(callbacks.signal, eitherSignal(this.#models.stopped, controls.signal));
    try {
      const job = await this.#prepare();
      const startMs = performance.now();
      let from = job.from?.snapshot;
      const origin = from ?? startOf(job);
      this.#job = job;
      this.#reports = [...(job.from?.reports ?? [])];
      this.#hashes = job.from?.hashes;
      job.begun?.(this);
      if (controls.recover) this.#snapshots.latest = from;
      for (let losses = 0; ; ) {
        try {
          const { training, plan } = await this.#begin(job, { from, origin, signal, look: () => writer?.look() });
          let failed: unknown;
          try {
            while (training.isUnfinished) {
              const report = await training.epoch();
              this.#reports.push(report);
              yield report;
            }
          } catch (error) {
            failed = await training.explain(error);
            throw failed;
          } finally {
            await training.end(failed);
          }
          await writer?.end();
          await checkAlive(this.#models.device); // always the last await of a fit
          callbacks.signal.throwIfAborted();
          const seconds = (performance.now() - startMs) / 1000;
          return { from: job.start, ...this.#counts, epochs: this.#reports, ...plan, seconds };
        } catch (error) {
          if (!(error instanceof DeviceLostError) || error === signal.reason) throw error;
          const latest = this.#snapshots.latest ?? from;
          losses = latest === from ? losses + 1 : 1;
          from = latest;
          await this.#replaceDevice(error, losses, { position: (from ?? origin).position, signal });
          this.#goBackTo((from ?? origin).position, origin.position);
        }
      }
    } finally {
      await writer?.end();
      this.#job?.ended?.({
        epochs: this.#counts.epochs - this.#lost.epochs,
        steps: this.#counts.steps - this.#lost.steps,
      });
      leave();
    }
  }

  /** Its settings; undefined before it has begun. */
  get settings(): ControlSettings | undefined {
    return this.#job?.settings;
  }

  /** Reports of the epochs that are done. */
  get reports(): readonly EpochReport[] {
    return this.#reports;
  }

  /** Writes a checkpoint: with the current slice, or at once if paused. */
  checkpoint(): Promise<Uint8Array<ArrayBuffer>> {
    return this.#models.lifetime.during('checkpoint', async () => {
      const { data, file, settings, before, optimizer } = this.#job!;
      const { state } = this.#models;
      this.#hashes ??= data.hashes();
      const [snapshot, hashes] = await Promise.all([this.#snapshots.take(), this.#hashes]);
      const reports = this.#reports.filter(({ epoch }) => epoch < snapshot.position.epoch);
      const training = { settings, epochsBefore: before.epochs, hashes, reports };
      return writeCheckpoint(file!.writer, file!.model, training, { snapshot, state, optimizer });
    });
  }

  /** Uploads what the device lacks, and creates the plan. */
  async #begin(
    job: TrainingJob,
    about: { from: Snapshot | undefined; origin: Omit<Snapshot, 'state'>; signal: AbortSignal; look: () => void },
  ) {
    const { device, state, seeds } = this.#models;
    const { settings, data, loss, optimizer, clip, before } = job;
    const { from, origin, signal } = about;
    const { isolate, beforeSlice, onProgress } = this.#controls;
    const snapshots = this.#snapshots;
    if (from) state.writeBytes(from.state);
    else job.load();
    const scope = new DeviceScope(device, signal);
    let plan: TrainingPlan | undefined;
    try {
      const { source, starts, feed, validate } = data.upload(scope);
      const planOptions = {
        ...{ device: scope, state, source, windowLength: data.windowLength, batchSize: settings.batchSize },
        ...{ maxSamples: starts.reduce((sum, own) => sum + own.length, 0), loss, optimizer, clip, seeds },
      };
      if (from)
        checkStep(
          from.position,
          starts.map((own) => own.length),
          settings.batchSize,
        );
      state.makeFor(optimizer.state);
      const chosen: PlanChoice = settings.plan === 'auto' ? await choosePlan(planOptions) : { name: settings.plan };
      plan = await createPlan(chosen.name, { ...planOptions, persistent: chosen.persistent });
      await device.settled(); // everything fits
      const options: TrainOptions = {
        ...{ shuffle: settings.shuffle, sliceMs: settings.sliceMs, feed, validate },
        ...{ earlyStopping: settings.earlyStopping, snapshots, isolate, signal, beforeSlice },
        models: starts.map((own, k) => ({
          ...{ starts: own, lr: job.rates[k]!, schedule: job.schedules[k]!, seed: seeds[k]! },
          lastEpoch: before.epochs + job.epochs[k]!,
        })),
        onProgress: (progress) => {
          about.look();
          this.#heed(onProgress?.(progress));
        },
      };
      const training = new TrainingOnDevice(state, plan, options, {
        ...{ from: from ?? origin, counts: this.#counts, scope },
      });
      return { training, plan: { plan: plan.name, whyNotResident: chosen.whyNotResident } };
    } catch (caught) {
      const error = await explainLoss(device, caught);
      plan?.dispose();
      scope.dispose();
      state.dropRefused();
      if (error === signal.reason)
        snapshots.rest(async () => ({ ...(from ?? origin), state: await state.readBytes() }));
      else snapshots.fail(error); // rejects pending checkpoints of a training that cannot begin
      throw error;
    }
  }

  /** @throws DeviceLostError if it should not recover, or was lost too often; errors of the caller's functions. */
  async #replaceDevice(
    error: DeviceLostError,
    losses: number,
    { position: { epoch, step }, signal }: { position: Position; signal: AbortSignal },
  ): Promise<void> {
    const { onDeviceLost, recover: asked } = this.#controls;
    const recover = asked === true ? () => requestAnother(this.#models.device.raw, signal) : asked || undefined;
    const recovers = recover !== undefined && losses < MAX_LOSSES;
    const { reason, message } = error;
    try {
      this.#heed(onDeviceLost?.({ reason, message, recovers, epoch, step }));
      if (!recovers) throw losses < MAX_LOSSES ? adviseRecovery(error, this.#job) : isLostAgain(error, epoch, step);
      this.#models.moveTo(await replacement(recover, signal));
    } catch (failure) {
      this.#snapshots.rest(() => Promise.reject(failure));
      throw failure;
    }
  }

  /** Callbacks may be asynchronous, and their rejections are not handled anywhere else. */
  #heed(result: unknown): void {
    Promise.resolve(result).catch((reason: unknown) => this.#callbacks.abort(reason));
  }

  /** Discards what was done since then on the lost device. */
  #goBackTo(position: Position, origin: Position): void {
    const steps = ({ step, models: [first] }: Position) => first!.stepsTaken + step;
    this.#lost.steps = this.#counts.steps - (steps(position) - steps(origin));
    this.#lost.epochs = this.#counts.epochs - (position.epoch - origin.epoch);
    this.#reports = this.#reports.filter(({ epoch }) => epoch < position.epoch);
  }
}

function startOf({ before, schedules }: TrainingJob): Omit<Snapshot, 'state'> {
  const start = (schedule: Schedule) => ({
    stepsTaken: before.steps,
    lossSum: 0,
    lastLoss: null,
    schedule: schedule.state(),
    stopping: notStopped(),
    report: null,
  });
  const position = { epoch: before.epochs + 1, step: 0, models: schedules.map(start) };
  return { position, best: schedules.map(() => undefined) };
}

/** A new device. @throws the signal's reason; a device that arrives after that is destroyed. */
async function replacement(recover: () => Promise<GPUDevice>, signal: AbortSignal): Promise<GPUDevice> {
  const pending = Promise.resolve(recover());
  await untilAborted(
    pending.then(() => undefined),
    signal,
    undefined,
  );
  if (!signal.aborted) return pending;
  pending.then(
    (late) => late.destroy(),
    () => undefined,
  );
  throw signal.reason;
}

/** Only a training of the caller's own has the option. */
const adviseRecovery = (error: DeviceLostError, job: TrainingJob | undefined) =>
  job?.file ? withAdvice(error, 'A fit with `recover` does so by itself and goes on from where it was.') : error;

const isLostAgain = (error: DeviceLostError, epoch: number, step: number) =>
  withAdvice(
    placed(error, `Lost ${MAX_LOSSES} devices in a row at epoch ${epoch}, step ${step}; the last one`),
    'Use a smaller batch, window or hidden size, or a smaller sliceMs.',
  );
