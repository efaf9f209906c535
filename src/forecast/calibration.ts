import { conformalRadius } from '../data/conformal.ts';
import { Decoded } from './decoded.ts';
import type { ForecastModels } from './models.ts';

/**
 * The basis of intervals: how far off forecasts were in rows not used in training. Only the newest residuals count, as many as
 * there are validation samples, so that intervals adapt when the series changes.
 * @see Barber, Candès, Ramdas & Tibshirani 2023, "Conformal prediction beyond exchangeability"
 */
export class Calibration {
  /** How many residuals count. */
  readonly #count: number;
  /** Ascending; empty if the series is not available. */
  readonly #samples: Uint32Array;
  /** |actual - predicted|, [steps][samples], in the units of the series. */
  readonly #residuals: readonly Float64Array[];

  /** @param residuals of a series that is not available: what {@link newest} returned. */
  constructor(
    residuals: readonly Float64Array[],
    count = residuals[0]!.length,
    samples: Uint32Array = new Uint32Array(),
  ) {
    this.#residuals = residuals;
    this.#count = count;
    this.#samples = samples;
  }

  /** Measures the residuals of each series from its validation set on; none without one. */
  static async measure(
    models: ForecastModels,
    learnersOf: (place: number) => readonly number[],
  ): Promise<Calibration[]> {
    const all: Calibration[] = [];
    for (const [place, series] of models.series!.entries()) {
      const [first] = series.samples('validation');
      if (first === undefined) break;
      const samples = series.samples('all').filter((sample) => sample >= first);
      const outputs = await models.outputs(series, samples, learnersOf(place));
      all.push(Calibration.of(Decoded.ofOutputs(series, samples, outputs), series.samples('validation').length));
    }
    return all;
  }

  /** From forecasts from the validation set on. @param count how many of them count. */
  static of(decoded: Decoded, count: number): Calibration {
    const actual = decoded.actual();
    const residuals = decoded
      .point()
      .map((values, step) => values.map((value, k) => Math.abs(actual[step]![k]! - value)));
    return new Calibration(residuals, count, decoded.samples);
  }

  /** The residuals that count at the end of the series, one array per step. */
  newest(): Float64Array[] {
    return this.#residuals.map((values) => values.slice(-this.#count));
  }

  /**
   * Half the width of the interval at each sample, from what was known before it: [steps][samples]. Samples before the end of
   * the validation set use the residuals at its end; samples of another series use the newest ones.
   * @param samples ascending. @throws DataError for too few residuals.
   */
  radiiAt(samples: Uint32Array, level: number, { ofAnother = false } = {}): Float64Array[] {
    if (ofAnother)
      return this.newest().map((values) => new Float64Array(samples.length).fill(conformalRadius(values, level)));
    const [count, measured] = [this.#count, this.#samples];
    return this.#residuals.map((values, step) => {
      let known = 0;
      return Float64Array.from(samples, (sample) => {
        // the error of a forecast k steps ahead is known k rows later
        while (measured[known]! < sample - step) known++;
        const end = Math.max(count, known);
        return conformalRadius(values.subarray(end - count, end), level);
      });
    });
  }
}
