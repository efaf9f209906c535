import type { Quantile } from '../data/quantiles.ts';
import type { Scaler } from '../data/scaler.ts';
import { DISPOSE } from '../dispose.ts';
import { ConfigError, DeviceLostError, StateError } from '../errors.ts';
import type { BytesInput } from '../io/bytes.ts';
import { check } from '../kinds.ts';
import { notTrained } from '../lifetime.ts';
import type { ModelConfig } from '../model/config.ts';
import { checkSeed } from '../model/init.ts';
import type { StateDict } from '../model/parameters.ts';
import { checkOptions } from '../options.ts';
import { stoppable } from '../signals.ts';
import { checkSameData, type SavedTraining, snapshotFrom } from '../train/checkpoint.ts';
import { RESUME_OPTIONS, type ResumeOptions, resumedSettings } from '../train/controls.ts';
import type { EpochReport } from '../train/report.ts';
import { FitRun } from '../train/run.ts';
import { FORECASTER, horizonKind } from '../train/settings.ts';
import { Training, type TrainingJob } from '../train/training.ts';
import { askedEach, askedSeries, forecastEach, forecastMembers, pointOf, quantilesOf, scoredBy } from './asked.ts';
import { Calibration } from './calibration.ts';
import { Decoded } from './decoded.ts';
import { around, checkEvaluation, type EvaluateOptions, type Evaluation, evaluateSamples } from './evaluation.ts';
import { FittedSeries, prepareSeries } from './fitted.ts';
import { frameOf, hashOf, inputOf, isSameFrame, type OneSeries, type SeriesInput, seriesList } from './frame.ts';
import { Intervals } from './intervals.ts';
import { Learned } from './learned.ts';
import { modelFile, modelSection, parseModelFile } from './model_file.ts';
import { ForecastModels } from './models.ts';
import type { FitOptions, ForecasterOptions, RefitOptions, SaveOptions } from './options.ts';
import {
  EACH_OPTIONS,
  type IntervalForecast,
  type IntervalOptions,
  PREDICT_OPTIONS,
  type PredictEachOptions,
  type PredictOptions,
  type SeriesForecast,
} from './outlook.ts';
import { type FitSettings, fitSettings, refitSettings } from './settings.ts';
import { type ForecastShape, forecastShape, pointQuantile, SHAPE_OPTIONS } from './shape.ts';
import { forecastJob } from './together.ts';

/** Forecasts the next values of a series from a window of past ones, with a recurrent model and a linear layer on its last state. */
export class Forecaster {
  readonly windowLength: number;
  readonly seed: number;
  /** Number of models. */
  readonly ensemble: number;
  readonly config: Readonly<ModelConfig>;
  /** Inputs and outputs of the models. */
  readonly shape: Readonly<ForecastShape>;
  readonly #models: ForecastModels;
  #learned = new Learned({ scalers: [], ids: [], seriesOf: [] });
  /** At least one training step was taken. */
  #isTrained = false;
  /** From the latest training, or from the file. */
  #intervals: Intervals;
  /** The latest training. */
  #training: Training | undefined;
  /** The training in a loaded checkpoint, until it is resumed. */
  #unfinished: SavedTraining<FitSettings> | undefined;

  /**
   * Creates a forecaster with PyTorch's initial weights for `seed`.
   * @throws ConfigError naming the first option out of range. @throws DeviceError if the model does not fit the device.
   */
  static async create(options: ForecasterOptions): Promise<Forecaster> {
    checkOptions('Forecaster.create', options, { ...SHAPE_OPTIONS, device: true, seed: true, ensemble: true });
    const { device, seed = FORECASTER.seed.usual, ensemble = FORECASTER.ensemble.usual, ...rest } = options;
    check('ensemble', ensemble, FORECASTER.ensemble.kind);
    checkSeed(seed, ensemble);
    const forecaster = new Forecaster(device, forecastShape(rest), seed, ensemble);
    await forecaster.#models.start(() => forecaster.#models.load());
    return forecaster;
  }

  /**
   * Creates a forecaster from the bytes of {@link save} or {@link checkpoint}. After the latter, {@link resume} continues the
   * training; after either, `fit(series, { from: 'weights' })` trains further.
   * @throws DataError if the file is of another kind or damaged. @throws ConfigError if `bytes` is not a byte array.
   */
  static async load(bytes: BytesInput, options: { device: GPUDevice }): Promise<Forecaster> {
    checkOptions('Forecaster.load', options, { device: true });
    const file = parseModelFile(bytes);
    const forecaster = new Forecaster(options.device, file.shape, file.seed, file.members.length);
    forecaster.#learned = new Learned(file);
    forecaster.#isTrained = file.scalers.length > 0;
    const known = file.residuals.map((residuals) => new Calibration(residuals));
    forecaster.#intervals = new Intervals(forecaster.#models, forecaster.#learned, known);
    forecaster.#unfinished = file.training;
    await forecaster.#models.start(() => forecaster.#models.load(file.members));
    return forecaster;
  }

  private constructor(device: GPUDevice, shape: ForecastShape, seed: number, ensemble: number) {
    this.shape = shape;
    this.config = shape.config;
    this.windowLength = shape.windowLength;
    this.seed = seed;
    this.ensemble = ensemble;
    this.#models = new ForecastModels(
      device,
      shape,
      Array.from({ length: ensemble }, (_, model) => seed + model),
    );
    this.#intervals = new Intervals(this.#models, this.#learned, []);
  }

  /** The device in use: the one passed in, or a new one after a fit recovered from a lost device. */
  get device(): GPUDevice {
    return this.#models.device.raw;
  }

  /**
   * Trains on the first part of a series, from the current weights, whose scalers are then kept; a forecaster that is not
   * trained yet has its initial weights. Iterate over the run to get its epochs, or await it.
   * @param series one finite value per row, oldest first, not constant; at least windowLength + 2 rows, more with a horizon or
   *   a validation set; or an object with other columns. Or several, of any lengths: one for each member of the ensemble, or
   *   with `global` all of them for every member.
   * The run rejects with ConfigError, StateError (during another training), DataError, TrainingError (non-finite loss),
   * DeviceError, or the signal's reason.
   */
  fit(series: SeriesInput, options: FitOptions = {}): FitRun {
    const training = new Training(this.#models, 'fit', options, () => this.#newJob(series, options));
    return new FitRun(training.epochs());
  }

  /**
   * Resumes the training of the checkpoint that this forecaster was loaded from, as if it had never stopped: bit-identical on
   * the same device.
   * @param series the fitted one; its hash is in the checkpoint.
   * The run rejects like that of {@link fit}; with DataError for another series.
   */
  resume(series: SeriesInput, options: ResumeOptions = {}): FitRun {
    const training = new Training(this.#models, 'resume', options, () => this.#oldJob(series, options));
    return new FitRun(training.epochs());
  }

  /**
   * Retrains on all rows of the fitted series, like the last fit: from the initial weights, for as many epochs as it took to
   * reach its best ones, with scales fitted on all rows. Intervals stay those measured before.
   * @param options `ahead`: steps ahead for which intervals are available, by default the model's horizon.
   * The run rejects like that of {@link fit}; with ConfigError for a loaded model.
   */
  refit(options: RefitOptions = {}): FitRun {
    const { ahead, ...controls } = options;
    const training = new Training(this.#models, 'refit', controls, () => this.#refitJob(options));
    return new FitRun(training.epochs());
  }

  async #refitJob({ ahead, ...controls }: RefitOptions): Promise<TrainingJob> {
    checkOptions('refit', controls, RESUME_OPTIONS);
    const [training, fitted] = [this.#training, this.#models.series];
    const { settings, reports } = (training ?? {}) as { settings?: FitSettings; reports?: readonly EpochReport[] };
    if (!settings || !fitted) throw new ConfigError('refit: there is no fit to repeat; call fit() first.');
    if (settings.from === 'weights')
      throw new ConfigError(
        "refit: the last fit did not start from initial weights. Fit with from: 'initial' first, or use split: 1.",
      );
    if (ahead !== undefined) check('ahead', ahead, horizonKind);
    const residuals = await this.#intervals.newest(ahead ?? 0);
    const input = fitted.map(({ frame }) => inputOf(frame, this.shape));
    const again = resumedSettings(refitSettings(settings, reports!), controls);
    const global = !this.#learned.hasSeriesEach;
    const job = this.#job(again, prepareSeries(input, this.shape, { ...again, global }, this.ensemble, []), () =>
      this.#models.load(),
    );
    const known = residuals.map((own) => new Calibration(own));
    this.#intervals = new Intervals(this.#models, this.#learned, known);
    return job;
  }

  async #newJob(input: SeriesInput, options: FitOptions): Promise<TrainingJob> {
    const { from = this.#startFor(input) } = options;
    const settings = fitSettings({ ...options, from }, this.shape, this.ensemble);
    const { scalers } = this.#learned;
    if (settings.from === 'weights' && scalers.length === 0)
      throw new StateError(
        "from: got 'weights', but there are no trained weights; load() a model or call fit() first.",
        { code: 'not-trained', details: { method: 'fit' } },
      );
    const laidOut = prepareSeries(input, this.shape, settings, this.ensemble, scalers);
    options.signal?.throwIfAborted();
    const weights = settings.from === 'weights' ? await this.#models.state.readWeights() : undefined;
    return this.#job(settings, laidOut, () => this.#models.load(weights));
  }

  /** The default of `from`: initial weights before any training; after that the current weights, on the same rows only. */
  #startFor(input: SeriesInput): 'initial' | 'weights' {
    if (!this.#isTrained) return 'initial';
    const [known = [], { list }] = [this.#models.series, seriesList(input)];
    const isSame = (one: OneSeries, k: number) => isSameFrame(frameOf(one, this.shape), known[k]!.frame);
    if (known.length === list.length && list.every(isSame)) return 'weights';
    throw new StateError(
      "from: got undefined, and this forecaster was trained on other rows. Pass from: 'weights' to train it further " +
        "on these, or from: 'initial' to start over.",
    );
  }

  async #oldJob(input: SeriesInput, options: ResumeOptions): Promise<TrainingJob> {
    checkOptions('resume', options, RESUME_OPTIONS);
    const unfinished = this.#unfinished;
    if (!unfinished)
      throw new StateError('resume: there is no unfinished training; load() the bytes of a checkpoint() first.', {
        code: 'nothing-to-resume',
      });
    const { hashes, reports } = unfinished;
    const settings = resumedSettings(unfinished.settings, options);
    const laidOut = prepareSeries(input, this.shape, settings, this.ensemble, this.#learned.scalers);
    const { series } = laidOut;
    const own = await Promise.all(series.map(({ frame }) => hashOf(frame)));
    checkSameData(own, hashes, (k) => (series.length > 1 ? `series ${k + 1} of ${series.length}` : 'series'));
    options.signal?.throwIfAborted();
    const from = { snapshot: snapshotFrom(unfinished, this.#models.state), hashes, reports };
    this.#unfinished = undefined;
    return { ...this.#job(settings, laidOut), start: 'checkpoint', from };
  }

  /** Lays out series and makes them the ones to train on. */
  #job(
    settings: FitSettings,
    laidOut: { series: readonly FittedSeries[]; seriesOf: readonly (readonly number[])[] },
    load?: () => void,
  ): TrainingJob {
    const job = forecastJob(this.#models, settings, laidOut, load);
    const { series, seriesOf } = laidOut;
    const scalers = series.map((one) => one.scalers);
    const ids = series.flatMap(({ frame }) => frame.id ?? []);
    this.#learned = new Learned({ scalers, ids, seriesOf });
    this.#intervals = new Intervals(this.#models, this.#learned);
    const { shape, seed, ensemble } = this;
    const model = modelSection({ shape, seed, scalers, ids, seriesOf, residuals: [] }, ensemble);
    return {
      ...job,
      begun: (training) => {
        this.#training = training;
      },
      file: { writer: 'forecaster', model },
      ended: ({ steps }) => {
        this.#isTrained ||= steps > 0;
      },
    };
  }

  /**
   * The state of a training, to resume it later: weights, optimizer state, position in the data, scalers and settings. Possible
   * at any time after the first step of a fit, also after an abort.
   * @throws StateError before a fit.
   */
  async checkpoint(): Promise<Uint8Array<ArrayBuffer>> {
    if (!this.#training) throw notTrained('checkpoint', 'call fit() first');
    return this.#training.checkpoint();
  }

  /**
   * Forecasts every window of a part of the fitted series, or of another one, each from the true values before it.
   * @throws StateError before a fit. @throws ConfigError for a member or a series that does not exist.
   * @throws DataError for another series that is too short or not finite.
   */
  async evaluate(options: EvaluateOptions = {}): Promise<Evaluation> {
    checkEvaluation(options, this.shape);
    const { part = 'test', interval, series: other, rows } = options;
    if (this.#learned.scalers.length === 0) throw notTrained('evaluate', 'call fit(), or load a trained model');
    const frame = other === undefined ? undefined : frameOf(other, this.shape);
    const { place, models } = this.#learned.asked(options, frame?.id);
    const scalers = frame && scoredBy(this.#learned, this.shape, { frame, place, rows });
    const given = scalers && new FittedSeries(other!, this.shape, { scalers, rows });
    const series = given ?? this.#models.series?.[place!];
    if (!series) throw new ConfigError('evaluate: a loaded model does not contain its series; pass { series }.');
    const { signal } = options;
    const decoded = await stoppable(signal, () => Decoded.ofPart(this.#models, series, given ? 'test' : part, models));
    const calibration = interval === undefined ? undefined : await stoppable(signal, () => this.#intervals.of(place));
    const radii = calibration?.radiiAt(decoded.samples, interval!, { ofAnother: given !== undefined });
    return evaluateSamples(decoded, options, radii);
  }

  /**
   * Forecasts the rows after the end of a series. Beyond its horizon, the model feeds on its own forecasts.
   * @returns [horizon], in the units of the series; for an ensemble, the mean over its members.
   * @throws StateError before a fit. @throws ConfigError if every member has its own series and `of` is missing.
   * @throws DataError if the series is shorter than the window, or not finite.
   */
  async predict(options: PredictOptions = {}): Promise<Float64Array> {
    return pointOf(await this.#ahead('predict', options), this.#models);
  }

  /** Like {@link predict}, separately for each member of the ensemble: each feeds on its own forecasts. */
  async predictMembers(options: PredictOptions = {}): Promise<Float64Array[]> {
    checkOptions('predictMembers', options, PREDICT_OPTIONS);
    const { horizon = this.shape.horizon, signal } = options;
    check('horizon', horizon, horizonKind);
    const all = await stoppable(signal, () => forecastMembers(this.#from, 'predictMembers', options, horizon));
    return all.map((quantiles) => quantiles[pointQuantile(this.shape)]!);
  }

  /** Like {@link predict}, but returns the quantiles the forecaster was created with. @throws ConfigError if it has none. */
  async predictQuantiles(options: PredictOptions = {}): Promise<Quantile[]> {
    checkOptions('predictQuantiles', options, PREDICT_OPTIONS);
    if (this.shape.quantiles.length === 0)
      throw new ConfigError(
        'predictQuantiles: create the forecaster with quantiles: [0.1, 0.5, 0.9], or use predictInterval.',
      );
    return quantilesOf(await this.#ahead('predictQuantiles', options), this.#models);
  }

  /**
   * Like {@link predict}, with intervals that cover a share `level` of the rows if the series continues as in its newest rows
   * not used in training, as many as the validation set has (split conformal prediction).
   * @throws StateError without a validation set. @throws ConfigError for more steps than were measured for a loaded model.
   * @throws DataError if the validation set is too short for the level.
   */
  async predictInterval(given: IntervalOptions = {}): Promise<IntervalForecast> {
    checkOptions('predictInterval', given, { ...PREDICT_OPTIONS, level: true });
    const { level = 0.9, ...options } = given;
    const { place } = askedSeries(this.#from, 'predictInterval', options);
    const { horizon = this.shape.horizon, signal } = options;
    check('horizon', horizon, horizonKind);
    const radii = await stoppable(signal, () => this.#intervals.radiiAhead(place, horizon, level));
    const predicted = await this.predict(options);
    return { predicted, ...around(predicted, radii), level };
  }

  /**
   * Like {@link predict}, for each of several series, by the models trained on it.
   * @returns one forecast per series, in the order of `series`, or of the fitted ones.
   * @throws ConfigError for a series no model was trained on, unless the models were trained on all series: those forecast
   *   others, too.
   * @throws StateError and DataError as {@link predict}, and with a level as {@link predictInterval}.
   */
  async predictEach(options: PredictEachOptions = {}): Promise<SeriesForecast[]> {
    checkOptions('predictEach', options, EACH_OPTIONS);
    const { series, horizon = this.shape.horizon, level, signal } = options;
    check('horizon', horizon, horizonKind);
    const asked = askedEach(this.#from, 'predictEach', series);
    const radii: (number[] | undefined)[] = [];
    if (level !== undefined)
      for (const { place } of asked)
        radii.push(await stoppable(signal, () => this.#intervals.radiiAhead(place, horizon, level)));
    const all = await stoppable(signal, () => forecastEach(this.#from, asked, horizon, signal));
    return asked.map(({ frame }, k) => {
      const predicted = pointOf(all[k]!, this.#models);
      const interval = radii[k] && { level: level!, ...around(predicted, radii[k]) };
      return { id: frame.id, predicted, quantiles: quantilesOf(all[k]!, this.#models), interval };
    });
  }

  /** The scaler of each series' target; empty before a fit. */
  get scalers(): readonly Scaler[] {
    return this.#learned.targetScalers;
  }

  /** The weights of a member, under PyTorch's names. @param member from 0. */
  async stateDict(member = 0): Promise<StateDict> {
    const weights = (await this.#models.readWeights('stateDict'))[member];
    if (!weights) throw new ConfigError(`stateDict: got member ${member}, but there are ${this.ensemble}, from 0.`);
    return weights;
  }

  /**
   * A safetensors file: weights under PyTorch's names; sizes, seed, scalers and the residuals behind intervals in its metadata.
   * @throws StateError if `ahead` is given without a validation set.
   */
  async save(options: SaveOptions = {}): Promise<Uint8Array<ArrayBuffer>> {
    checkOptions('save', options, { ahead: true });
    const { ahead = 0 } = options;
    if (options.ahead !== undefined) {
      check('ahead', ahead, horizonKind);
      await this.#intervals.of(0);
    }
    const members = await this.#models.readWeights('save');
    const residuals = await this.#intervals.newest(ahead).catch((error: unknown) => {
      if (error instanceof DeviceLostError) return []; // the weights survive a lost device
      throw error;
    });
    const { scalers, ids, seriesOf } = this.#learned;
    return modelFile({ shape: this.shape, seed: this.seed, scalers, ids, seriesOf, residuals, members });
  }

  /** Frees this forecaster's GPU memory, but not the device, once its calls have ended; a fit in progress rejects. */
  dispose(): void {
    this.#models.dispose();
  }

  /** Calls {@link dispose} at the end of a `using` block. */
  [DISPOSE](): void {
    this.dispose();
  }

  get #from() {
    return { models: this.#models, learned: this.#learned };
  }

  /** @returns the forecasts of the models in question, [models][quantiles, at least one][horizon]. */
  async #ahead(method: string, options: PredictOptions): Promise<Float64Array[][]> {
    checkOptions(method, options, PREDICT_OPTIONS);
    const { horizon = this.shape.horizon, signal } = options;
    check('horizon', horizon, horizonKind);
    const asked = askedSeries(this.#from, method, options);
    return (await stoppable(signal, () => forecastEach(this.#from, [asked], horizon, signal)))[0]!;
  }
}
