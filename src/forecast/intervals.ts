import { conformalRadius } from '../data/conformal.ts';
import { memberMean } from '../data/quantiles.ts';
import { ConfigError, StateError } from '../errors.ts';
import { Calibration } from './calibration.ts';
import type { Learned } from './learned.ts';
import type { ForecastModels } from './models.ts';
import { lookAhead, type Origin } from './outlook.ts';
import { pointQuantile } from './shape.ts';

/** Origins that forecasts of more rows than a model predicts at once are measured from: the newest ones. */
const MOST_ORIGINS = 500;

/** How wide intervals are, by what trained models got wrong in rows that they have not seen; measured when it is asked for. */
export class Intervals {
  readonly #models: ForecastModels;
  readonly #learned: Learned;
  /** Of each series that has a validation part; undefined: not measured yet. */
  #known: readonly Calibration[] | undefined;
  /** What was measured before is all there is. */
  readonly #isKept: boolean;
  /** By rows ahead: of each series. */
  readonly #further = new Map<string, Calibration>();

  /** @param known of a model that was saved, or fitted again on all rows. */
  constructor(models: ForecastModels, learned: Learned, known?: readonly Calibration[]) {
    this.#models = models;
    this.#learned = learned;
    this.#known = known;
    this.#isKept = known !== undefined;
  }

  /** Of each series, of the rows that a model predicts at once; empty without a validation part. */
  async all(): Promise<readonly Calibration[]> {
    if (this.#known) return this.#known;
    const isFinal = !this.#models.isTraining; // else the weights are others by now
    const measured = await Calibration.measure(this.#models, (place) => this.#learned.learnersOf(place));
    if (isFinal) this.#known = measured;
    return measured;
  }

  /** @param place undefined: a series that no model has learned. @throws StateError where nothing was measured. */
  async of(place: number | undefined): Promise<Calibration> {
    if (place === undefined)
      throw new StateError(
        'interval: nothing was measured on a series that no model has learned; leave the interval out.',
      );
    const calibration = (await this.all())[place];
    if (calibration) return calibration;
    throw new StateError(
      'interval: intervals are measured on windows kept from training, and there are none; fit with validation: 0.2.',
    );
  }

  /**
   * Half the widths of intervals behind the end of a series, [rows].
   * @throws ConfigError for more rows than were measured, of a model that was saved. @throws DataError for too few residuals.
   */
  async radiiAhead(place: number | undefined, rows: number, level: number): Promise<number[]> {
    const known = (await this.of(place)).newest();
    const further = rows > known.length ? (await this.#furtherOf(place!, rows)).newest() : [];
    return [...known, ...further.slice(known.length)].slice(0, rows).map((values) => conformalRadius(values, level));
  }

  /** The residuals that count, of so many rows ahead: what a file keeps. @returns [series][rows] */
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
        `interval: ${rows} rows ahead, but of this model fewer were measured. Measure them with save({ ahead: ${rows} }), or ` +
          `refit({ ahead: ${rows} }) (train --ahead ${rows}), or create it with horizon: ${rows}.`,
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
 * How far off forecasts of many rows are, from the newest origins that training has not seen, with what follows at hand.
 * @param places all of them where every model has a series of its own, else one. @returns [places][rows][origins]
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
  // models forecast from as many origins each
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

/** The newest rows of a series that training has not seen, from which all that is forecast is known. */
function originsOf(
  { series, shape }: ForecastModels,
  { scalers }: Learned,
  place: number,
  rows: number,
): { origin: Origin; actual: Float64Array }[] {
  const own = series![place]!;
  const { target, future, holes } = own.frame;
  const [first] = own.samples('validation');
  // what is known ahead is read of whole blocks
  const reach = future.length > 0 ? Math.ceil(rows / shape.horizon) * shape.horizon : rows;
  const isKnown = (row: number) => row + reach <= target.length && !holes?.subarray(row, row + rows).includes(1);
  const samples = own.samples('all').filter((sample) => sample >= first! && isKnown(own.targetRow(sample)));
  const count = Math.min(own.samples('validation').length, MOST_ORIGINS);
  return Array.from(samples.slice(-count), (sample) => {
    const end = own.targetRow(sample);
    return { origin: { frame: own.known(sample), scalers: scalers[place]! }, actual: target.subarray(end, end + rows) };
  });
}
