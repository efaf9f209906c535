import { naiveForecast } from '../data/baselines.ts';
import { forecastMetrics } from '../data/metrics.ts';
import { memberMean, memberQuantiles } from '../data/quantiles.ts';
import type { MinMaxScaler } from '../data/scaler.ts';
import { checkClip } from '../engine/clip.ts';
import { lossOf } from '../engine/losses.ts';
import { type Optimizer, optimizerOf } from '../engine/optimizers.ts';
import type { PlanOptions } from '../engine/plan.ts';
import { predictSamples } from '../engine/predict.ts';
import { ModelState } from '../engine/state.ts';
import { ConfigError } from '../errors.ts';
import { createTensor, type Tensor, writeTensor } from '../gpu/tensor.ts';
import { checkPositiveInteger, type ModelConfig, modelConfig } from '../model/config.ts';
import { initialWeights } from '../model/init.ts';
import type { StateDict } from '../model/parameters.ts';
import { checkControls, runFit } from '../train/fit.ts';
import { type FitReport, FitRun } from '../train/run.ts';
import { createSchedule } from '../train/schedules.ts';
import type { EpochReport } from '../train/trainer.ts';
import { type FittedSeries, lastRows, prepareSeries, type SeriesInput, uploadSeries } from './fitted.ts';
import { modelFile, parseModelFile } from './model_file.ts';
import type { EvaluateOptions, Evaluation, FitOptions, ForecasterOptions, PredictOptions } from './options.ts';

/** Forecasts the next value of a series from a window of past ones: LSTM(1, H) and Linear(H, 1) on the last state. */
export class Forecaster {
  readonly windowLength: number;
  readonly seed: number;
  /** Number of models. */
  readonly ensemble: number;
  readonly config: Readonly<ModelConfig>;
  readonly #device: GPUDevice;
  readonly #state: ModelState;
  /** One that all members share, or one for each; empty before a fit. */
  #scalers: readonly MinMaxScaler[] = [];
  #fitted: { series: readonly FittedSeries[]; tensor: Tensor } | undefined;
  #busy = false;

  /**
   * Makes a forecaster with PyTorch's initial weights for `seed`.
   * @throws ConfigError naming the first option out of range. @throws DeviceError when the model does not fit the device.
   */
  static async create(options: ForecasterOptions): Promise<Forecaster> {
    const { device, windowLength = 10, hiddenSize = 32, seed = 0, ensemble = 1, ...rest } = options;
    if (!device) throw new ConfigError('device: missing. Get one with requestDevice() and pass it in.');
    checkPositiveInteger('windowLength', windowLength);
    checkPositiveInteger('ensemble', ensemble);
    const config = modelConfig({ ...rest, inputSize: 1, hiddenSize, outputSize: 1, head: 'last' });
    const forecaster = new Forecaster(device, config, windowLength, seed, ensemble);
    forecaster.#loadInitialWeights();
    return forecaster;
  }

  /**
   * Makes a forecaster from the bytes that {@link save} gave.
   * @throws DataError when they are not such a file.
   */
  static async load(bytes: Uint8Array, options: { device: GPUDevice }): Promise<Forecaster> {
    const { config, windowLength, seed, scalers, members } = parseModelFile(bytes);
    const forecaster = new Forecaster(options.device, config, windowLength, seed, members.length);
    for (const [model, weights] of members.entries()) forecaster.#state.load(weights, model);
    forecaster.#scalers = scalers;
    return forecaster;
  }

  private constructor(device: GPUDevice, config: ModelConfig, windowLength: number, seed: number, ensemble: number) {
    this.#device = device;
    this.config = config;
    this.windowLength = windowLength;
    this.seed = seed;
    this.ensemble = ensemble;
    this.#state = new ModelState(device, config, ensemble);
  }

  /**
   * Trains from the initial weights on the first part of a series. Iterate the run for its epochs, or await it.
   * @param series one value a row, oldest first; at least windowLength + 2 rows, finite, not constant. Or a series for
   *   each member of the ensemble, of any lengths: many models of many series in one run.
   * The run rejects with ConfigError, DataError, TrainingError (non-finite loss), DeviceError, or the signal's reason.
   */
  fit(series: SeriesInput, options: FitOptions = {}): FitRun {
    return new FitRun(this.#train(series, options));
  }

  async *#train(input: SeriesInput, options: FitOptions): AsyncGenerator<EpochReport, FitReport, undefined> {
    const { split: share = 0.8, scalerFit = 'train', clip } = options;
    const { ensemble, windowLength, seed } = this;
    if (this.#busy) throw new ConfigError('fit: this forecaster is training already; wait for it, or create another.');
    const { plan, batchSize, ...controls } = checkControls(options, { batchSize: 1, shuffle: false });
    if (scalerFit !== 'train' && scalerFit !== 'all')
      throw new ConfigError(`scalerFit: got ${JSON.stringify(scalerFit)}, expected 'train' or 'all'.`);
    checkClip(clip);
    const loss = lossOf(options.loss ?? { name: 'mse' });
    const optimizers = this.#optimizers(options);
    const series = prepareSeries(input, ensemble, { windowLength, split: share, scalerFit });
    options.signal?.throwIfAborted();

    this.#busy = true;
    try {
      const tensor = uploadSeries(this.#device, series);
      this.#fitted?.tensor.buffer.destroy();
      this.#fitted = { series, tensor };
      this.#scalers = series.map(({ scaler }) => scaler);
      this.#loadInitialWeights();
      const models = optimizers.map((optimizer, model) => {
        const { firstRow, split } = this.#seriesOf(series, model);
        const schedule = createSchedule(options.schedule);
        return { firstRow, numSamples: split.numTrain, lr: optimizer.options.lr, schedule, seed: seed + model };
      });
      const planOptions: PlanOptions = {
        device: this.#device,
        state: this.#state,
        source: { kind: 'windows', series: tensor },
        windowLength,
        batchSize,
        maxSamples: models.reduce((sum, { numSamples }) => sum + numSamples, 0),
        loss,
        optimizer: optimizers[0]!,
        clip,
        seed,
      };
      return yield* runFit(plan, planOptions, { ...controls, models });
    } finally {
      this.#busy = false;
    }
  }

  /** One for each member; they differ in their learning rate only. */
  #optimizers({ lr, optimizer = { name: 'Adam' } }: FitOptions): Optimizer[] {
    const { ensemble } = this;
    const rates = typeof lr === 'object' ? lr : Array.from({ length: ensemble }, () => lr ?? optimizer.lr);
    if (rates.length !== ensemble)
      throw new ConfigError(`lr: got ${rates.length} of them for ${ensemble} models; give one, or one for each.`);
    return rates.map((rate) => optimizerOf({ ...optimizer, lr: rate }));
  }

  /**
   * Forecasts every window of a part of the fitted series, one step ahead, each from the true values before it.
   * @throws ConfigError before a fit, and for a member that there is not.
   */
  async evaluate(options: EvaluateOptions = {}): Promise<Evaluation> {
    const { part = 'test', member, quantiles = [0.1, 0.9] } = options;
    if (!this.#fitted) throw new ConfigError('evaluate: nothing was fitted yet; call fit() first.');
    const { series, tensor } = this.#fitted;
    if (member !== undefined && !(Number.isInteger(member) && member >= 0 && member < this.ensemble))
      throw new ConfigError(`evaluate: got member ${member}, expected a whole number from 0 to ${this.ensemble - 1}.`);
    if (member === undefined && series.length > 1)
      throw new ConfigError('evaluate: every member has a series of its own; pass { member } to say which.');
    const { values, split, firstRow } = this.#seriesOf(series, member ?? 0);
    const first = part === 'test' ? split.numTrain : 0;
    const end = part === 'train' ? split.numTrain : split.numSamples;
    const starts = Uint32Array.from({ length: end - first }, (_, k) => first + k);
    const rows = starts.map((start) => firstRow + start);
    const all = await this.#forecastRows(tensor, rows);
    const members = member === undefined ? all : [all[member]!];
    const predicted = memberMean(members);
    const actual = values.slice(first + this.windowLength, end + this.windowLength);
    const naive = naiveForecast(values, starts, this.windowLength);
    const trainActual = values.subarray(0, split.numTrain + this.windowLength);
    return {
      firstRow: first + this.windowLength,
      predicted,
      members,
      quantiles: members.length > 1 ? memberQuantiles(members, quantiles) : [],
      actual,
      naive,
      metrics: forecastMetrics({ actual, predicted, naive, trainActual }),
    };
  }

  /**
   * Forecasts the rows after the end of a series; from the second on, each from the forecasts before it.
   * @returns [horizon], in the units of the series; of an ensemble the mean over its members.
   * @throws ConfigError before a fit. @throws DataError when the series is shorter than the window, or not finite.
   */
  async predict(options: PredictOptions = {}): Promise<Float64Array> {
    return memberMean(await this.predictMembers(options));
  }

  /** As {@link predict}, for each member of the ensemble by itself: where each one's own forecasts lead it. */
  async predictMembers({ horizon = 1, series }: PredictOptions = {}): Promise<Float64Array[]> {
    checkPositiveInteger('horizon', horizon);
    if (this.#scalers.length === 0)
      throw new ConfigError('predict: nothing was fitted yet; call fit(), or load a trained model.');
    const fitted = this.#fitted?.series;
    if (!series && !fitted) throw new ConfigError('predict: a loaded model has no series; pass { series }.');
    const T = this.windowLength;
    const rows = T + horizon;
    const scaled = new Float32Array(this.ensemble * rows); // each member's window, and its forecasts behind it
    for (let model = 0; model < this.ensemble; model++) {
      const known = lastRows(series ?? this.#seriesOf(fitted!, model).values, T);
      scaled.set(this.#scalerOf(model).transform(known), model * rows);
    }
    const tensor = createTensor(this.#device, 'series', [scaled.length, 1]);
    try {
      for (let k = 0; k < horizon; k++) {
        writeTensor(this.#device, tensor, scaled);
        const starts = Array.from({ length: this.ensemble }, (_, model) => Uint32Array.of(model * rows + k));
        const next = await predictSamples(this.#state, { kind: 'windows', series: tensor }, T, starts);
        for (const [model, [value]] of next.entries()) scaled[model * rows + T + k] = value!;
      }
    } finally {
      tensor.buffer.destroy();
    }
    return Array.from({ length: this.ensemble }, (_, model) =>
      this.#scalerOf(model).inverseTransform(scaled.subarray(model * rows + T, (model + 1) * rows)),
    );
  }

  /** How the series is scaled: one scaler that all members share, or one for each; none before a fit. */
  get scalers(): readonly MinMaxScaler[] {
    return this.#scalers;
  }

  /** The weights of a member, from 0, by PyTorch's names. */
  async stateDict(member = 0): Promise<StateDict> {
    const weights = (await this.#state.readWeights())[member];
    if (!weights) throw new ConfigError(`stateDict: got member ${member}, but there are ${this.ensemble}, from 0.`);
    return weights;
  }

  /** A safetensors file: weights by PyTorch's names; sizes, seed and scalers in its metadata. */
  async save(): Promise<Uint8Array> {
    const { config, windowLength, seed } = this;
    const members = await this.#state.readWeights();
    return modelFile({ config, windowLength, seed, scalers: this.#scalers, members });
  }

  /** Frees everything this forecaster holds on the GPU. The device stays. */
  destroy(): void {
    this.#state.destroy();
    this.#fitted?.tensor.buffer.destroy();
  }

  #loadInitialWeights(): void {
    for (let model = 0; model < this.ensemble; model++)
      this.#state.load(initialWeights(this.config, this.seed + model), model);
  }

  /** Each member's one-step forecasts from the same windows, in the units of its series. */
  async #forecastRows(tensor: Tensor, starts: Uint32Array): Promise<Float64Array[]> {
    const each = Array.from({ length: this.ensemble }, () => starts);
    const scaled = await predictSamples(this.#state, { kind: 'windows', series: tensor }, this.windowLength, each);
    return scaled.map((values, model) => this.#scalerOf(model).inverseTransform(values));
  }

  #seriesOf(series: readonly FittedSeries[], model: number): FittedSeries {
    return series[model] ?? series[0]!;
  }

  #scalerOf(model: number): MinMaxScaler {
    return this.#scalers[model] ?? this.#scalers[0]!;
  }
}
