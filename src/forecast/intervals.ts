import { conformalRadius } from '../data/conformal.ts';
import { memberMean } from '../data/quantiles.ts';
import { ConfigError, StateError } from '../errors.ts';
import { Calibration } from './calibration.ts';
import type { Learned } from './learned.ts';
import type { ForecastModels } from './models.ts';
import { lookAhead, type Origin } from './outlook.ts';
import { pointQuantile } from './shape.ts';

/** Number of origins, the newest ones, used to measure forecasts beyond the model's horizon. */
const MOST_ORIGINS = 500;

/** Widths of intervals, from the errors of trained models on rows not used in training; measured on demand. */
export class Intervals {
  readonly #models: ForecastModels;
  readonly #learned: Learned;
  /** For each series with a validation set; undefined: not measured yet. */
  #known: readonly Calibration[] | undefined;
  /** No more can be measured. */
  readonly #isKept: boolean;
  /** By series and steps ahead. */
  readonly #further = new Map<string, Calibration>();

  /** @param known of a model that was loaded, or refitted on all rows. */
  constructor(models: ForecastModels, learned: Learned, known?: readonly Calibration[]) {
    this.#models = models;
    this.#learned = learned;
    this.#known = known;
    this.#isKept = known !== undefined;
  }

  /** For each series, over the model's horizon; empty without a validation set. */
  async all(): Promise<readonly Calibration[]> {
    if (this.#known) return this.#known;
    const isFinal = !this.#models.isTraining; // otherwise the weights have changed by now
    const measured = await Calibration.measure(this.#models, (place) => this.#learned.learnersOf(place));
    if (isFinal) this.#known = measured;
    return measured;
  }

  /** @param place undefined: a series no model was trained on. @throws StateError if nothing was measured. */
  async of(place: number | undefined): Promise<Calibration> {
    if (place === undefined)
      throw new StateError(
        'interval: not available for a series the model was not trained on; leave the interval out.',
      );
    const calibration = (await this.all())[place];
    if (calibration) return calibration;
    throw new StateError(
      'interval: intervals are measured on the validation set, and there is none; fit with validation: 0.2.',
    );
  }

  /**
   * Half the widths of intervals after the end of a series, [rows].
   * @throws ConfigError for more steps than were measured for a loaded model. @throws DataError for too few residuals.
   */
  async radiiAhead(place: number | undefined, rows: number, level: number): Promise<number[]> {
    const known = (await this.of(place)).newest();
    const further = rows > known.length ? (await this.#furtherOf(place!, rows)).newest() : [];
    return [...known, ...further.slice(known.length)].slice(0, rows).map((values) => conformalRadius(values, level));
  }

  /** The residuals that count, up to `rows` steps ahead, for model files. @returns [series][rows] */
  async newest(rows: number): Promise<Float64Array[][]> {
    const all = await this.all();
    const residuals: Float64Array[][] = [];
    for (const [place, calibration] of all.entries()) {
      const known = calibration.newest();
      const further = rows > known.length ? (await this.#furtherOf(place, rows)).newest() : [];
      residuals.push([...known, ...further.slice(known.length)]);
    }
    return residuals;
  }

  async #furtherOf(place: number, rows: number): Promise<Calibration> {
    const key = (of: number) => `${of} ${rows}`;
    const known = this.#further.get(key(place));
    if (known) return known;
    if (this.#isKept)
      throw new ConfigError(
        `interval: this model has intervals for fewer than ${rows} steps ahead. Measure them with save({ ahead: ${rows} }), or ` +
          `refit({ ahead: ${rows} }) (train --ahead ${rows}), or create the model with horizon: ${rows}.`,
      );
    const isFinal = !this.#models.isTraining;
    const { hasSeriesEach, scalers } = this.#learned;
    const places = hasSeriesEach ? [...scalers.keys()] : [place];
    const residuals = await residualsAhead(this.#models, this.#learned, places, rows);
    const measured = new Map(places.map((of, k) => [of, new Calibration(residuals[k]!)]));
    if (isFinal) for (const [of, calibration] of measured) this.#further.set(key(of), calibration);
    return measured.get(place)!;
  }
}

/**
 * The errors of forecasts many steps ahead, from the newest origins not used in training whose outcome is known.
 * @param places all of them if every model has its own series, otherwise one. @returns [places][rows][origins]
 */
async function residualsAhead(
  models: ForecastModels,
  learned: Learned,
  places: readonly number[],
  rows: number,
): Promise<Float64Array[][]> {
  const own = places.map((place) => originsOf(models, learned, place, rows));
  const most = Math.max(...own.map(({ length }) => length));
  if (most === 0) return own.map(() => Array.from({ length: rows }, () => new Float64Array()));
  // all models forecast from the same number of origins
  const spare = own.find(({ length }) => length > 0)!;
  const filled = own.map((some) => Array.from({ length: most }, (_, k) => (some[k] ?? some[0] ?? spare[0]!).origin));
  const ofModel = learned.seriesOf.map((_, model) => filled[learned.hasSeriesEach ? model : 0]!);
  const said = await lookAhead(models, ofModel, rows);
  const q = pointQuantile(models.shape);
  return own.map((origins, k) => {
    const learners = learned.hasSeriesEach ? [said[k]!] : said;
    const predicted = origins.map((_, at) => memberMean(learners.map((model) => model[at]![q]!)));
    return Array.from({ length: rows }, (_, step) =>
      Float64Array.from(origins, ({ actual }, at) => Math.abs(actual[step]! - predicted[at]![step]!)),
    );
  });
}

/** The newest origins not used in training for which the whole outcome is known. */
function originsOf(
  { series, shape }: ForecastModels,
  { scalers }: Learned,
  place: number,
  rows: number,
): { origin: Origin; actual: Float64Array }[] {
  const own = series![place]!;
  const { target, future, holes } = own.frame;
  const [first] = own.samples('validation');
  // columns known ahead are needed for whole blocks
  const reach = future.length > 0 ? Math.ceil(rows / shape.horizon) * shape.horizon : rows;
  const isKnown = (row: number) => row + reach <= target.length && !holes?.subarray(row, row + rows).includes(1);
  const samples = own.samples('all').filter((sample) => sample >= first! && isKnown(own.targetRow(sample)));
  const count = Math.min(own.samples('validation').length, MOST_ORIGINS);
  return Array.from(samples.slice(-count), (sample) => {
    const end = own.targetRow(sample);
    return { origin: { frame: own.known(sample), scalers: scalers[place]! }, actual: target.subarray(end, end + rows) };
  });
}
