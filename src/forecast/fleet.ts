import { lossOf } from '../engine/losses.ts';
import type { PlanOptions, SampleSource } from '../engine/plan.ts';
import { predictSamples } from '../engine/predict.ts';
import { ModelState } from '../engine/state.ts';
import { ConfigError, DeviceLostError } from '../errors.ts';
import { GuardedDevice } from '../gpu/guarded_device.ts';
import { createTensor, writeTensor } from '../gpu/tensor.ts';
import { initialWeights } from '../model/init.ts';
import type { StateDict } from '../model/parameters.ts';
import { Lifetime } from '../nn/lifetime.ts';
import { runFit } from '../train/fit.ts';
import type { Snapshot, Snapshots } from '../train/position.ts';
import type { FitReport } from '../train/run.ts';
import { createSchedule } from '../train/schedules.ts';
import { eitherSignal, untilAborted } from '../train/signals.ts';
import { noCounts } from '../train/slice_runner.ts';
import type { EpochReport, TrainOptions } from '../train/trainer.ts';
import { meanLoss } from '../train/validation.ts';
import { type FittedSeries, type LaidOut, type PartName, uploadSeries } from './fitted.ts';
import type { FitOptions } from './options.ts';
import { type FitSettings, settingsLoss, settingsOptimizer } from './settings.ts';
import { type ForecastShape, numQuantiles } from './shape.ts';

/** A device that is lost so often in a row, with no slice done between, will not train this. */
const MAX_LOSSES = 3;

/** What a training of a fleet is told beside its settings. */
export interface FleetTraining
  extends Pick<TrainOptions, 'signal' | 'beforeSlice' | 'onProgress' | 'isolate' | 'atEnd'> {
  settings: FitSettings;
  /** Of each model: its series, by their places in what was laid out. */
  seriesOf: readonly (readonly number[])[];
  snapshots: Snapshots;
  /** A new device, when the one there was is lost; undefined: training ends with it. */
  recover?: (() => Promise<GPUDevice>) | undefined;
  onDeviceLost?: FitOptions['onDeviceLost'];
  /** Where to go on, and the reports until there. */
  from?: { snapshot: Snapshot; reports: readonly EpochReport[] } | undefined;
}

/** Models of one shape on a device, their series, and how they train and forecast together: one dispatch for all. */
export class Fleet {
  readonly shape: ForecastShape;
  /** Of each model. */
  readonly seeds: readonly number[];
  /** What is on the device is freed when its last call has ended. */
  readonly lifetime = new Lifetime('forecaster', {
    free: () => this.#free(),
    idle: () => this.#device.forget(),
    over: 'destroyed',
  });
  readonly #stopper = new AbortController();
  #device: GuardedDevice;
  #state: ModelState;
  #laidOut: LaidOut | undefined;
  /** The device came as a replacement of a lost one, so it is destroyed with the fleet. */
  #ownsDevice = false;

  /** @throws DeviceError when the models do not fit the device. */
  constructor(device: GPUDevice, shape: ForecastShape, seeds: readonly number[]) {
    this.#device = new GuardedDevice(device);
    this.shape = shape;
    this.seeds = seeds;
    this.#state = new ModelState(this.#device, shape.config, seeds.length);
  }

  get device(): GPUDevice {
    return this.#device.raw;
  }

  get state(): ModelState {
    return this.#state;
  }

  /** The series on the device; undefined before the first. */
  get series(): readonly FittedSeries[] | undefined {
    return this.#laidOut?.series;
  }

  /** Of each model. @param method that asks, for messages. */
  readWeights(method: string): Promise<StateDict[]> {
    return this.lifetime.during(method, () => this.#state.readWeights());
  }

  loadInitialWeights(): void {
    this.#load();
  }

  /** @throws CommandError where the device has no room for the models. */
  async accepted(): Promise<void> {
    try {
      await this.#device.settled();
    } catch (error) {
      this.destroy();
      throw error;
    }
  }

  /** Brings series to the device, in the place of those before. */
  layOut(series: readonly FittedSeries[]): void {
    const laidOut = uploadSeries(this.#device, series, this.shape.config.inputSize);
    this.#laidOut?.tensor.buffer.destroy();
    this.#laidOut = laidOut;
  }

  /**
   * Trains all models, each on the training part of its series, from where the settings and `from` say. With `recover` it ends
   * on a device that is there.
   */
  async *train(given: FleetTraining): AsyncGenerator<EpochReport, FitReport, undefined> {
    const leave = this.lifetime.enter('fit');
    try {
      return yield* this.#train({ ...given, signal: eitherSignal(this.#stopper.signal, given.signal) });
    } finally {
      leave();
    }
  }

  async *#train(training: FleetTraining): AsyncGenerator<EpochReport, FitReport, undefined> {
    const { settings, recover, onDeviceLost, snapshots, signal } = training;
    const reports = [...(training.from?.reports ?? [])];
    const about = { from: training.from ? 'checkpoint' : settings.from, counts: noCounts(), reports } as const;
    const startMs = performance.now();
    const weights = about.from === 'weights' ? await this.#state.readWeights() : undefined;
    let from = training.from?.snapshot;
    let losses = 0;
    if (recover) snapshots.latest = from;
    for (;;) {
      if (from) this.#state.writeBytes(from.state);
      else this.#load(weights);
      try {
        const options = this.#trainOptions(training, from);
        return yield* runFit(settings.plan, this.#planOptions(training), options, { ...about, startMs });
      } catch (error) {
        if (!(error instanceof DeviceLostError) || error === signal?.reason) throw error;
        const latest = snapshots.latest ?? from;
        losses = latest === from ? losses + 1 : 1;
        from = latest;
        const { epoch, step } = from?.position ?? { epoch: 1, step: 0 };
        const { reason, message } = error;
        const recovers = recover !== undefined && losses < MAX_LOSSES;
        try {
          onDeviceLost?.({ reason, message, recovers, epoch, step });
          if (!recovers) throw losses < MAX_LOSSES ? error : isLostAgain(error, epoch, step);
          await this.#moveTo(await replacement(recover, signal));
        } catch (failure) {
          snapshots.rest(() => Promise.reject(failure));
          throw failure;
        }
        reports.length = Math.min(reports.length, epoch - 1);
      }
    }
  }

  /**
   * What some models say about samples of a series; one that was not laid out is on the device for this call only.
   * @returns of each of these models [samples, horizon * quantiles].
   */
  outputs(series: FittedSeries, samples: Uint32Array, models: readonly number[]): Promise<Float32Array[]> {
    return this.lifetime.during('evaluate', () => this.#outputs(series, samples, models));
  }

  async #outputs(series: FittedSeries, samples: Uint32Array, models: readonly number[]): Promise<Float32Array[]> {
    const { config, windowLength } = this.shape;
    const guest = this.series?.includes(series) ? undefined : uploadSeries(this.#device, [series], config.inputSize);
    try {
      const source = guest ? sourceOf(guest) : this.#source;
      const rows = samples.map((sample) => series.tensorRow(sample));
      const none = new Uint32Array();
      const samplesOf = this.seeds.map((_, model) => (models.includes(model) ? rows : none));
      const all = await predictSamples(this.#state, source, windowLength, samplesOf);
      return models.map((model) => all[model]!);
    } finally {
      guest?.tensor.buffer.destroy();
    }
  }

  /** The outputs of every model for a part of its only series. */
  outputsOfEach(series: readonly FittedSeries[], part: PartName): Promise<Float32Array[]> {
    const rows = series.map((own) => own.samples(part).map((sample) => own.tensorRow(sample)));
    return this.lifetime.during('evaluate', () => this.#predict(rows));
  }

  /** The output of each model for a window of its own. @param windows of each model [T, I]. @returns [horizon * quantiles] */
  outputsOfWindows(windows: readonly Float32Array[]): Promise<Float32Array[]> {
    return this.lifetime.during('predict', () => this.#outputsOfWindows(windows));
  }

  async #outputsOfWindows(windows: readonly Float32Array[]): Promise<Float32Array[]> {
    const { windowLength: T, config } = this.shape;
    const tensor = createTensor(this.#device, 'windows', [windows.length * T, config.inputSize]);
    try {
      const rows = new Float32Array(windows.length * T * config.inputSize);
      for (const [model, own] of windows.entries()) rows.set(own, model * own.length);
      writeTensor(this.#device, tensor, rows);
      const starts = windows.map((_, model) => Uint32Array.of(model * T));
      return await predictSamples(this.#state, { kind: 'windows', series: tensor }, T, starts);
    } finally {
      tensor.buffer.destroy();
    }
  }

  /** Frees everything on the device, and the device where it was asked for here; a training under way ends before. */
  destroy(): void {
    this.#stopper.abort(new ConfigError('fit: this forecaster was destroyed while it trained.'));
    this.lifetime.end();
  }

  /** What training starts from: weights of each model, or the initial ones, and nothing that an optimizer kept. */
  #load(weights?: readonly StateDict[]): void {
    for (const [model, seed] of this.seeds.entries())
      this.#state.load(weights?.[model] ?? initialWeights(this.shape.config, seed), model);
  }

  #free(): void {
    this.#state.destroy();
    this.#laidOut?.tensor.buffer.destroy();
    if (this.#ownsDevice) this.#device.raw.destroy();
  }

  get #source(): WindowSource {
    if (!this.#laidOut) throw new Error('Fleet: no series were laid out');
    return sourceOf(this.#laidOut);
  }

  #planOptions({ settings, seriesOf }: FleetTraining): PlanOptions {
    return {
      device: this.#device,
      state: this.#state,
      source: this.#source,
      windowLength: this.shape.windowLength,
      batchSize: settings.batchSize,
      maxSamples: seriesOf.reduce((sum, own) => sum + this.#starts(own, 'train').length, 0),
      loss: lossOf(settingsLoss(settings, this.shape)),
      optimizer: settingsOptimizer(settings, 0),
      clip: settings.clip,
      seeds: this.seeds,
    };
  }

  #trainOptions({ settings, seriesOf, ...hooks }: FleetTraining, from: Snapshot | undefined): TrainOptions {
    const { epochs, shuffle, sliceMs, schedule, earlyStopping, validation, lr } = settings;
    const { signal, beforeSlice, onProgress, isolate, atEnd, snapshots } = hooks;
    const models = seriesOf.map((own, model) => ({
      starts: this.#starts(own, 'train'),
      lr: lr[model]!,
      schedule: createSchedule(schedule),
      seed: this.seeds[model]!,
    }));
    const validate = validation > 0 ? this.#validation(settings, seriesOf) : undefined;
    return {
      ...{ epochs, shuffle, sliceMs, models, validate, earlyStopping, from, snapshots },
      ...{ signal, beforeSlice, onProgress, isolate, atEnd },
    };
  }

  /** Mean losses over the validation part of each model's series. */
  #validation(settings: FitSettings, seriesOf: FleetTraining['seriesOf']): NonNullable<TrainOptions['validate']> {
    const loss = settingsLoss(settings, this.shape);
    const { horizon, windowLength: T, config } = this.shape;
    const { rows } = this.#laidOut!;
    const starts = seriesOf.map((own) => this.#starts(own, 'validation'));
    const targets = starts.map((own) =>
      Float32Array.from(
        { length: own.length * horizon },
        (_, k) => rows[(own[Math.floor(k / horizon)]! + T + (k % horizon)) * config.inputSize]!,
      ),
    );
    return async (trains) => {
      const outputs = await this.#predict(starts.map((own, model) => (trains[model] ? own : new Uint32Array())));
      return outputs.map((y, model) => (trains[model] ? meanLoss(loss, y, targets[model]!) : Number.NaN));
    };
  }

  #predict(rows: readonly Uint32Array[]): Promise<Float32Array[]> {
    return predictSamples(this.#state, this.#source, this.shape.windowLength, rows);
  }

  /** Rows of the shared tensor in which the samples of a part start, one series after the other. */
  #starts(own: readonly number[], part: 'train' | 'validation'): Uint32Array {
    const { series } = this.#laidOut!;
    return Uint32Array.from(
      own.flatMap((k) => Array.from(series[k]!.samples(part), (sample) => series[k]!.tensorRow(sample))),
    );
  }

  async #moveTo(device: GPUDevice): Promise<void> {
    if (!device) throw new ConfigError('recover: got no device, expected a function that gives a GPUDevice.');
    if (this.#ownsDevice) this.#device.raw.destroy();
    this.#device = new GuardedDevice(device);
    this.#ownsDevice = true;
    this.#state = new ModelState(this.#device, this.shape.config, this.seeds.length);
    this.layOut(this.#laidOut!.series);
  }
}

/** A new device. @throws the signal's reason; a device that comes after that is destroyed. */
async function replacement(recover: () => Promise<GPUDevice>, signal: AbortSignal | undefined): Promise<GPUDevice> {
  const pending = recover();
  await untilAborted(
    pending.then(() => undefined),
    signal,
    undefined,
  );
  if (!signal?.aborted) return pending;
  pending.then(
    (late) => late.destroy(),
    () => undefined,
  );
  throw signal.reason;
}

const isLostAgain = ({ message, reason }: DeviceLostError, epoch: number, step: number) =>
  new DeviceLostError(
    `Lost ${MAX_LOSSES} devices in a row at epoch ${epoch}, step ${step}, the last one so: ${message} ` +
      'Use a smaller batch, window or hidden size, or a shorter sliceMs.',
    reason,
  );

type WindowSource = SampleSource & { kind: 'windows' };

const sourceOf = ({ tensor }: LaidOut): WindowSource => ({ kind: 'windows', series: tensor, targetColumns: 1 });

/** Values of a model's outputs for a sample. */
export const outputSize = (shape: ForecastShape): number => shape.horizon * numQuantiles(shape);
