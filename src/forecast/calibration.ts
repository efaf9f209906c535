import { conformalRadius } from '../data/conformal.ts';
import { actualValues, decodeSamples, learnersOf, pointForecasts } from './decoded.ts';
import type { FittedSeries } from './fitted.ts';
import type { ForecastModels } from './models.ts';

/**
 * What intervals are measured by: how far off forecasts were in rows that training has not seen. The newest ones count, as
 * many as the validation part has, so that intervals follow a series that changes its ways.
 * @see Barber, Candès, Ramdas & Tibshirani 2023, "Conformal prediction beyond exchangeability"
 */
export interface Calibration {
  /** How many count. */
  count: number;
  /** The sample of the first one; the others follow. */
  firstSample: number;
  /** |actual - predicted|, [steps][samples], in the units of the series. */
  residuals: readonly Float64Array[];
}

/** @throws ConfigError for a level that cannot be, DataError for one that the validation part is too short for. */
export function checkLevel({ parts: { validation } }: FittedSeries, level: number): void {
  conformalRadius(new Float64Array(validation.end - validation.first), level);
}

/** Residuals from the validation part on, of each series; empty where there is none. */
export async function calibrate(
  models: ForecastModels,
  seriesOf: readonly (readonly number[])[],
): Promise<Calibration[]> {
  const all: Calibration[] = [];
  for (const [place, series] of models.series!.entries()) {
    const { first, end } = series.parts.validation;
    if (first === end) break;
    const samples = series.samples('all').subarray(first);
    const outputs = await models.outputs(series, samples, learnersOf(seriesOf, place));
    const actual = actualValues(series, samples);
    const residuals = pointForecasts(decodeSamples(series, samples, outputs)).map((values, step) =>
      values.map((value, k) => Math.abs(actual[step]![k]! - value)),
    );
    all.push({ count: end - first, firstSample: first, residuals });
  }
  return all;
}

/** The residuals that count at the end of a series, [steps]. */
export const newestResiduals = ({ count, residuals }: Calibration): Float64Array[] =>
  residuals.map((values) => values.slice(-count));

/** What {@link newestResiduals} gave, at the end of a series that is not at hand. */
export const storedCalibration = (residuals: readonly Float64Array[]): Calibration => ({
  count: residuals[0]!.length,
  firstSample: 0,
  residuals,
});

/** Half the width of an interval behind the end of a series, [steps]. @throws DataError for too few residuals. */
export const radiiAhead = (calibration: Calibration, level: number): number[] =>
  newestResiduals(calibration).map((values) => conformalRadius(values, level));

/**
 * Half the width of an interval at each sample, by what was known before it: [steps][samples]. Samples before the end of the
 * validation part have those of its end, and those of another series the newest ones.
 * @throws DataError for too few residuals.
 */
export function radiiAt(
  calibration: Calibration,
  samples: Uint32Array,
  level: number,
  { ofAnother = false } = {},
): Float64Array[] {
  const { count, firstSample, residuals } = calibration;
  if (ofAnother) return radiiAhead(calibration, level).map((radius) => new Float64Array(samples.length).fill(radius));
  return residuals.map((values, step) =>
    Float64Array.from(samples, (sample) => {
      // a forecast of k rows ahead is known to have been wrong k rows later
      const end = Math.max(count, sample - firstSample - step);
      return conformalRadius(values.subarray(end - count, end), level);
    }),
  );
}
