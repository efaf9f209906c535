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

/** Forecasts the next values of a series from a window of past ones: a recurrent model and a linear layer on its last state. */
export class Forecaster {
  readonly windowLength: number;
  readonly seed: number;
  /** Number of models. */
  readonly ensemble: number;
  readonly config: Readonly<ModelConfig>;
  /** What the models read and say. */
  readonly shape: Readonly<ForecastShape>;
  readonly #models: ForecastModels;
  #learned = new Learned({ scalers: [], ids: [], seriesOf: [] });
  /** There are weights that steps were done on. */
  #isTrained = false;
  /** Of the newest training, or of the file. */
  #intervals: Intervals;
  /** The newest training. */
  #training: Training | undefined;
  /** A training that came with a checkpoint, until it goes on. */
  #unfinished: SavedTraining<FitSettings> | undefined;

  /**
   * Makes a forecaster with PyTorch's initial weights for `seed`.
   * @throws ConfigError naming the first option out of range. @throws DeviceError when the model does not fit the device.
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
   * Makes a forecaster from the bytes that {@link save} or {@link checkpoint} gave; with the latter, {@link resume} goes on, and
   * with either `fit(series, { from: 'weights' })`.
   * @throws DataError when they are not such a file, or one that was damaged. @throws ConfigError for what are no bytes.
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

  /** The device it works on: the one that was given, or a new one after a fit that recovered. */
  get device(): GPUDevice {
    return this.#models.device.raw;
  }

  /**
   * Trains on the first part of a series, from the weights that there are, whose scalers stay then, too; a forecaster that was
   * not trained yet has the initial ones. Iterate the run for its epochs, or await it.
   * @param series one finite value a row, oldest first, not constant; at least windowLength + 2 rows, more with a horizon or a
   *   validation part; or with its other columns. Or several, of any lengths: one for each member of the ensemble, or with
   *   `global` all for every member.
   * The run rejects with ConfigError, StateError (while it trains already), DataError, TrainingError (non-finite loss),
   * DeviceError, or the signal's reason.
   */
  fit(series: SeriesInput, options: FitOptions = {}): FitRun {
    const training = new Training(this.#models, 'fit', options, () => this.#newJob(series, options));
    return new FitRun(training.epochs());
  }

  /**
   * Goes on with the training of the checkpoint that this forecaster was loaded from, as if it had never stopped: to the same
   * bits on the same device.
   * @param series the same that was fitted; the checkpoint knows its hash.
   * The run rejects as that of {@link fit}; with DataError for another series.
   */
  resume(series: SeriesInput, options: ResumeOptions = {}): FitRun {
    const training = new Training(this.#models, 'resume', options, () => this.#oldJob(series, options));
    return new FitRun(training.epochs());
  }

  /**
   * Trains anew on all rows of the fitted series, as the last fit did: from the initial weights, for as many epochs as it took to
   * its best ones, with scales of all rows. What it was scored by stays: intervals are those that were measured before.
   * @param options `ahead`: rows ahead that intervals can be asked for, by default those that the model predicts at once.
   * The run rejects as that of {@link fit}; with ConfigError for a model that was loaded.
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
    if (!settings || !fitted) throw new ConfigError('refit: there is no fit to repeat on all rows; call fit() first.');
    if (settings.from === 'weights')
      throw new ConfigError(
        "refit: the last fit went on from weights that it changed. Fit with from: 'initial' first, or with split: 1.",
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
        "from: got 'weights', but there are the initial ones only; load() a model, or fit() first.",
        { code: 'not-trained', details: { method: 'fit' } },
      );
    const laidOut = prepareSeries(input, this.shape, settings, this.ensemble, scalers);
    options.signal?.throwIfAborted();
    const weights = settings.from === 'weights' ? await this.#models.state.readWeights() : undefined;
    return this.#job(settings, laidOut, () => this.#models.load(weights));
  }

  /** Where a fit starts that is not told: anew before anything was trained, then from the weights, on the same rows. */
  #startFor(input: SeriesInput): 'initial' | 'weights' {
    if (!this.#isTrained) return 'initial';
    const [known = [], { list }] = [this.#models.series, seriesList(input)];
    const isSame = (one: OneSeries, k: number) => isSameFrame(frameOf(one, this.shape), known[k]!.frame);
    if (known.length === list.length && list.every(isSame)) return 'weights';
    throw new StateError(
      "from: got undefined, and this forecaster was trained on other rows than these. Say from: 'weights' to train it further " +
        "on them, or from: 'initial' to begin anew.",
    );
  }

  async #oldJob(input: SeriesInput, options: ResumeOptions): Promise<TrainingJob> {
    checkOptions('resume', options, RESUME_OPTIONS);
    const unfinished = this.#unfinished;
    if (!unfinished)
      throw new StateError('resume: there is no unfinished training; load() the bytes that checkpoint() gave first.', {
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

  /** Lays series out, and makes them those that are learned. */
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
   * A training as it is now, to go on with later: weights, what the optimizer keeps, place in the data, scalers and settings.
   * Possible at any time from the first step of a fit on, and after it was aborted.
   * @throws StateError before a fit.
   */
  async checkpoint(): Promise<Uint8Array<ArrayBuffer>> {
    if (!this.#training) throw notTrained('checkpoint', 'call fit() first');
    return this.#training.checkpoint();
  }

  /**
   * Forecasts every window of a part of the fitted series, or of another one, each from the true values before it.
   * @throws StateError before a fit. @throws ConfigError for a member or a series that there is not.
   * @throws DataError for another series that is too short, or not finite.
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
    if (!series) throw new ConfigError('evaluate: a loaded model has no series; pass { series }.');
    const { signal } = options;
    const decoded = await stoppable(signal, () => Decoded.ofPart(this.#models, series, given ? 'test' : part, models));
    const calibration = interval === undefined ? undefined : await stoppable(signal, () => this.#intervals.of(place));
    const radii = calibration?.radiiAt(decoded.samples, interval!, { ofAnother: given !== undefined });
    return evaluateSamples(decoded, options, radii);
  }

  /**
   * Forecasts the rows after the end of a series; behind what the model predicts at once, each from the forecasts before it.
   * @returns [horizon], in the units of the series; of an ensemble the mean over its members.
   * @throws StateError before a fit. @throws ConfigError where every member has a series of its own and `of` does not say which.
   * @throws DataError when the series is shorter than the window, or not finite.
   */
  async predict(options: PredictOptions = {}): Promise<Float64Array> {
    return pointOf(await this.#ahead('predict', options), this.#models);
  }

  /** As {@link predict}, for each member of the ensemble by itself: where each one's own forecasts lead it. */
  async predictMembers(options: PredictOptions = {}): Promise<Float64Array[]> {
    checkOptions('predictMembers', options, PREDICT_OPTIONS);
    const { horizon = this.shape.horizon, signal } = options;
    check('horizon', horizon, horizonKind);
    const all = await stoppable(signal, () => forecastMembers(this.#from, 'predictMembers', options, horizon));
    return all.map((quantiles) => quantiles[pointQuantile(this.shape)]!);
  }

  /** As {@link predict}, the quantiles that the forecaster was created with. @throws ConfigError where it was without. */
  async predictQuantiles(options: PredictOptions = {}): Promise<Quantile[]> {
    checkOptions('predictQuantiles', options, PREDICT_OPTIONS);
    if (this.shape.quantiles.length === 0)
      throw new ConfigError(
        'predictQuantiles: create the forecaster with quantiles: [0.1, 0.5, 0.9], or use predictInterval.',
      );
    return quantilesOf(await this.#ahead('predictQuantiles', options), this.#models);
  }

  /**
   * As {@link predict}, with intervals that hold a share `level` of the rows, as long as the series goes on as in its newest
   * rows that training has not seen, as many as the validation part has (split conformal prediction).
   * @throws StateError without a validation part. @throws ConfigError for more rows than the file of a loaded model has measured.
   * @throws DataError when the validation part is too short for the level.
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
   * As {@link predict}, every one of several series, by the models that learned it.
   * @returns one forecast a series, in the order of `series`, or of the fitted ones.
   * @throws ConfigError for a series that no model has learned, unless models learn all: those forecast others, too.
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

  /** How each series' target is scaled; none before a fit. */
  get scalers(): readonly Scaler[] {
    return this.#learned.targetScalers;
  }

  /** The weights of a member, from 0, by PyTorch's names. */
  async stateDict(member = 0): Promise<StateDict> {
    const weights = (await this.#models.readWeights('stateDict'))[member];
    if (!weights) throw new ConfigError(`stateDict: got member ${member}, but there are ${this.ensemble}, from 0.`);
    return weights;
  }

  /**
   * A safetensors file: weights by PyTorch's names; sizes, seed, scalers, and what intervals are measured by in its metadata.
   * @throws StateError for rows ahead without a validation part.
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
      if (error instanceof DeviceLostError) return []; // a lost device leaves the weights
      throw error;
    });
    const { scalers, ids, seriesOf } = this.#learned;
    return modelFile({ shape: this.shape, seed: this.seed, scalers, ids, seriesOf, residuals, members });
  }

  /** Frees what this forecaster holds on the GPU, but the device it was given: when its calls have ended; a fit rejects. */
  dispose(): void {
    this.#models.dispose();
  }

  /** As {@link dispose}, at the end of the block of a `using` declaration. */
  [DISPOSE](): void {
    this.dispose();
  }

  get #from() {
    return { models: this.#models, learned: this.#learned };
  }

  /** @returns what the models that count say of the rows ahead, [models][quantiles, at least one][horizon]. */
  async #ahead(method: string, options: PredictOptions): Promise<Float64Array[][]> {
    checkOptions(method, options, PREDICT_OPTIONS);
    const { horizon = this.shape.horizon, signal } = options;
    check('horizon', horizon, horizonKind);
    const asked = askedSeries(this.#from, method, options);
    return (await stoppable(signal, () => forecastEach(this.#from, [asked], horizon, signal)))[0]!;
  }
}
