import { naiveForecast } from '../data/baselines.ts';
import { type ForecastMetrics, forecastMetrics } from '../data/metrics.ts';
import { MinMaxScaler } from '../data/scaler.ts';
import { type Split, splitSamples } from '../data/windows.ts';
import { createPlan, PLAN_NAMES } from '../engine/choose.ts';
import type { PlanName, TrainingPlan } from '../engine/plan.ts';
import { predictWindows } from '../engine/predict.ts';
import { ModelState } from '../engine/state.ts';
import { ConfigError, DataError } from '../errors.ts';
import { createTensor, type Tensor, writeTensor } from '../gpu/tensor.ts';
import { checkBetween, checkModelConfig, checkPositiveInteger, type ModelConfig } from '../model/config.ts';
import { initialWeights } from '../model/init.ts';
import type { StateDict } from '../model/parameters.ts';
import { type AdamOptions, adamOptions } from '../train/optimizer.ts';
import { type EpochReport, type Progress, type TrainCounts, train } from '../train/trainer.ts';
import { modelFile, parseModelFile } from './model_file.ts';
import { type FitReport, FitRun } from './run.ts';

export interface ForecasterOptions {
  /** A device of the caller's, from `requestDevice` or elsewhere; never destroyed here. */
  device: GPUDevice;
  /** Rows the model reads to predict the next one, T. Default 10. */
  windowLength?: number;
  /** H. Default 32. */
  hiddenSize?: number;
  /** L. Default 1. */
  numLayers?: number;
  /** As in `torch.manual_seed(seed)`: the same seed gives PyTorch's initial weights. Default 0. */
  seed?: number;
}

export interface FitOptions extends AdamOptions {
  /** Passes over the training windows. Default 20. */
  epochs?: number;
  /** Windows per optimizer step. Default 1, as in the tutorial. */
  batchSize?: number;
  /** Share of the windows, from the start, that is trained on; 0 < split < 1. Default 0.8. */
  split?: number;
  /** Rows the scaler sees: the training rows (default), or all of them, which leaks the future into the scale. */
  scalerFit?: 'train' | 'all';
  /** Visit the windows in a new, seeded order every epoch. Default false, as in the tutorial. */
  shuffle?: boolean;
  /** Which plan runs the steps. Default 'auto'. */
  plan?: PlanName | 'auto';
  /** Target duration of one piece of GPU work in milliseconds. Default 50: pages stay live. */
  sliceMs?: number;
  /** Stops training after the slice under way; the fit then rejects with the signal's reason. */
  signal?: AbortSignal;
  /** Called after every slice. */
  onProgress?: (progress: Progress) => void;
}

/** One-step-ahead forecasts over a range of rows, in the units of the series. */
export interface Evaluation {
  /** Row of the series that the first value stands for. */
  firstRow: number;
  predicted: Float64Array;
  actual: Float64Array;
  /** Tomorrow = today. */
  naive: Float64Array;
  metrics: ForecastMetrics;
}

/** What a fit left behind: the data as the GPU has it. */
interface FittedSeries {
  values: Float64Array;
  tensor: Tensor;
  split: Split;
}

/** Forecasts the next value of a series from a window of past ones: LSTM(1, H) and Linear(H, 1) on the last state. */
export class Forecaster {
  readonly windowLength: number;
  readonly seed: number;
  readonly config: Readonly<ModelConfig>;
  readonly #device: GPUDevice;
  readonly #state: ModelState;
  #scaler: MinMaxScaler | undefined;
  #series: FittedSeries | undefined;
  #busy = false;

  /**
   * Makes a forecaster with PyTorch's initial weights for `seed`.
   * @throws ConfigError naming the first option out of range. @throws DeviceError when the model does not fit the device.
   */
  static async create(options: ForecasterOptions): Promise<Forecaster> {
    const { device, windowLength = 10, hiddenSize = 32, numLayers = 1, seed = 0 } = options;
    if (!device) throw new ConfigError('device: missing. Get one with requestDevice() and pass it in.');
    checkPositiveInteger('windowLength', windowLength);
    const config = checkModelConfig({ inputSize: 1, hiddenSize, numLayers, outputSize: 1 });
    const forecaster = new Forecaster(device, config, windowLength, seed);
    forecaster.#state.load(initialWeights(config, seed));
    return forecaster;
  }

  /**
   * Makes a forecaster from the bytes that {@link save} gave.
   * @throws DataError when they are not such a file.
   */
  static async load(bytes: Uint8Array, options: { device: GPUDevice }): Promise<Forecaster> {
    const { config, windowLength, seed, scaler, weights } = parseModelFile(bytes);
    const forecaster = new Forecaster(options.device, config, windowLength, seed);
    forecaster.#state.load(weights);
    forecaster.#scaler = scaler;
    return forecaster;
  }

  private constructor(device: GPUDevice, config: ModelConfig, windowLength: number, seed: number) {
    this.#device = device;
    this.config = config;
    this.windowLength = windowLength;
    this.seed = seed;
    this.#state = new ModelState(device, config);
  }

  /**
   * Trains from the initial weights on the first part of a series. Iterate the run for its epochs, or await it.
   * @param series one value a row, oldest first; at least windowLength + 2 rows, finite, not constant.
   * The run rejects with ConfigError, DataError, TrainingError (non-finite loss), DeviceError, or the signal's reason.
   */
  fit(series: ArrayLike<number>, options: FitOptions = {}): FitRun {
    return new FitRun(this.#train(Float64Array.from(series), options));
  }

  async *#train(values: Float64Array, options: FitOptions): AsyncGenerator<EpochReport, FitReport, undefined> {
    const { epochs = 20, batchSize = 1, split: share = 0.8, scalerFit = 'train', shuffle = false } = options;
    const { plan: planName = 'auto', sliceMs = 50, signal, onProgress } = options;
    if (this.#busy) throw new ConfigError('fit: this forecaster is training already; wait for it, or create another.');
    checkPositiveInteger('epochs', epochs);
    checkPositiveInteger('batchSize', batchSize);
    checkBetween('sliceMs', sliceMs, 0, Infinity);
    if (scalerFit !== 'train' && scalerFit !== 'all')
      throw new ConfigError(`scalerFit: got ${JSON.stringify(scalerFit)}, expected 'train' or 'all'.`);
    if (planName !== 'auto' && !PLAN_NAMES.includes(planName))
      throw new ConfigError(`plan: got ${JSON.stringify(planName)}, expected 'auto', '${PLAN_NAMES.join("', '")}'.`);
    const { lr, betas, eps } = adamOptions(options);
    const split = splitSamples({ rows: values.length, windowLength: this.windowLength, split: share });
    const scalerRows = scalerFit === 'all' ? values : values.subarray(0, split.numTrain + this.windowLength);
    const scaler = new MinMaxScaler().fit(scalerRows);
    signal?.throwIfAborted();

    this.#busy = true;
    const startMs = performance.now();
    const counts: TrainCounts = { steps: 0, submits: 0, dispatches: 0 };
    const reports: EpochReport[] = [];
    let plan: TrainingPlan | undefined;
    try {
      const tensor = this.#upload(scaler.transform(values));
      this.#series?.tensor.buffer.destroy();
      this.#series = { values, tensor, split };
      this.#scaler = scaler;
      this.#state.load(initialWeights(this.config, this.seed));
      plan = await createPlan(planName, {
        device: this.#device,
        state: this.#state,
        series: tensor,
        windowLength: this.windowLength,
        batchSize,
        maxSamples: split.numTrain,
        adam: { betas, eps },
      });
      const numSamples = split.numTrain;
      const trainOptions = { epochs, numSamples, lr, shuffle, seed: this.seed, sliceMs, signal, onProgress };
      for await (const report of train(this.#state, plan, trainOptions, counts)) {
        reports.push(report);
        yield report;
      }
      const seconds = (performance.now() - startMs) / 1000;
      return { epochs: reports, plan: plan.name, ...counts, seconds };
    } finally {
      plan?.destroy();
      this.#busy = false;
    }
  }

  /**
   * Forecasts every window of a part of the fitted series, one step ahead, each from the true values before it.
   * @param options.part 'test' (default): the windows training has not seen; 'train'; 'all'.
   * @throws ConfigError before a fit.
   */
  async evaluate({ part = 'test' }: { part?: 'test' | 'train' | 'all' } = {}): Promise<Evaluation> {
    if (!this.#series || !this.#scaler) throw new ConfigError('evaluate: nothing was fitted yet; call fit() first.');
    const { values, tensor, split } = this.#series;
    const first = part === 'test' ? split.numTrain : 0;
    const end = part === 'train' ? split.numTrain : split.numSamples;
    const starts = Uint32Array.from({ length: end - first }, (_, k) => first + k);
    const predicted = this.#scaler.inverseTransform(
      await predictWindows(this.#state, tensor, this.windowLength, starts),
    );
    const firstRow = first + this.windowLength;
    const actual = values.slice(firstRow, end + this.windowLength);
    const naive = naiveForecast(values, starts, this.windowLength);
    const trainActual = values.subarray(0, split.numTrain + this.windowLength);
    return { firstRow, predicted, actual, naive, metrics: forecastMetrics({ actual, predicted, naive, trainActual }) };
  }

  /**
   * Forecasts the rows after the end of a series; from the second on, each from the forecasts before it.
   * @param options.horizon rows ahead, >= 1. Default 1.
   * @param options.series where to start from. Default: the fitted series. Its last windowLength rows are read.
   * @returns [horizon], in the units of the series.
   * @throws ConfigError before a fit. @throws DataError when the series is shorter than the window, or not finite.
   */
  async predict(options: { horizon?: number; series?: ArrayLike<number> } = {}): Promise<Float64Array> {
    const { horizon = 1, series = this.#series?.values } = options;
    checkPositiveInteger('horizon', horizon);
    if (!this.#scaler) throw new ConfigError('predict: nothing was fitted yet; call fit(), or load a trained model.');
    if (!series) throw new ConfigError('predict: a loaded model has no series; pass { series }.');
    const T = this.windowLength;
    if (series.length < T)
      throw new DataError(`predict: got ${series.length} rows, but the model reads the last ${T}. Pass more rows.`);
    const known = Float64Array.from({ length: T }, (_, k) => series[series.length - T + k]!);
    const bad = known.findIndex((value) => !Number.isFinite(value));
    if (bad >= 0)
      throw new DataError(
        `predict: row ${series.length - T + bad + 1} of the series is ${known[bad]}, expected a finite number.`,
      );
    const scaled = new Float32Array(T + horizon);
    scaled.set(this.#scaler.transform(known));
    const tensor = this.#upload(scaled);
    try {
      for (let k = 0; k < horizon; k++) {
        const [next] = await predictWindows(this.#state, tensor, T, Uint32Array.of(k));
        scaled[T + k] = next!;
        writeTensor(this.#device, tensor, scaled);
      }
    } finally {
      tensor.buffer.destroy();
    }
    return this.#scaler.inverseTransform(scaled.subarray(T));
  }

  /** The weights by PyTorch's names. */
  async stateDict(): Promise<StateDict> {
    return this.#state.readWeights();
  }

  /** A safetensors file: weights by PyTorch's names; sizes, seed and scaler in its metadata. */
  async save(): Promise<Uint8Array> {
    const { config, windowLength, seed } = this;
    return modelFile({ config, windowLength, seed, scaler: this.#scaler, weights: await this.stateDict() });
  }

  /** Frees everything this forecaster holds on the GPU. The device stays. */
  destroy(): void {
    this.#state.destroy();
    this.#series?.tensor.buffer.destroy();
  }

  #upload(scaled: ArrayLike<number>): Tensor {
    const tensor = createTensor(this.#device, 'series', [scaled.length, 1]);
    writeTensor(this.#device, tensor, Float32Array.from(scaled));
    return tensor;
  }
}
