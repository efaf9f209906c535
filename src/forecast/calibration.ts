import { conformalRadius } from '../data/conformal.ts';
import { Decoded } from './decoded.ts';
import type { ForecastModels } from './models.ts';

/**
 * What intervals are measured by: how far off forecasts were in rows that training has not seen. The newest ones count, as
 * many as the validation part has, so that intervals follow a series that changes its ways.
 * @see Barber, Candès, Ramdas & Tibshirani 2023, "Conformal prediction beyond exchangeability"
 */
export class Calibration {
  /** How many count. */
  readonly #count: number;
  /** Rising; empty of a series that is not at hand. */
  readonly #samples: Uint32Array;
  /** |actual - predicted|, [steps][samples], in the units of the series. */
  readonly #residuals: readonly Float64Array[];

  /** @param residuals of a series that is not at hand: what {@link newest} gave. */
  constructor(
    residuals: readonly Float64Array[],
    count = residuals[0]!.length,
    samples: Uint32Array = new Uint32Array(),
  ) {
    this.#residuals = residuals;
    this.#count = count;
    this.#samples = samples;
  }

  /** Measures residuals from the validation part on, of each series; none where it has no such part. */
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

  /** By forecasts from the validation part on. @param count of them that count. */
  static of(decoded: Decoded, count: number): Calibration {
    const actual = decoded.actual();
    const residuals = decoded
      .point()
      .map((values, step) => values.map((value, k) => Math.abs(actual[step]![k]! - value)));
    return new Calibration(residuals, count, decoded.samples);
  }

  /** The residuals that count at the end of the series, [steps]. */
  newest(): Float64Array[] {
    return this.#residuals.map((values) => values.slice(-this.#count));
  }

  /**
   * Half the width of an interval at each sample, by what was known before it: [steps][samples]. Samples before the end of the
   * validation part have those of its end, and those of another series the newest ones.
   * @param samples rising. @throws DataError for too few residuals.
   */
  radiiAt(samples: Uint32Array, level: number, { ofAnother = false } = {}): Float64Array[] {
    if (ofAnother)
      return this.newest().map((values) => new Float64Array(samples.length).fill(conformalRadius(values, level)));
    const [count, measured] = [this.#count, this.#samples];
    return this.#residuals.map((values, step) => {
      let known = 0;
      return Float64Array.from(samples, (sample) => {
        // a forecast of k rows ahead is known to have been wrong k rows later
        while (measured[known]! < sample - step) known++;
        const end = Math.max(count, known);
        return conformalRadius(values.subarray(end - count, end), level);
      });
    });
  }
}
