import { ConfigError, DataError } from '../errors.ts';
import { skippedRows } from './encoder.ts';
import type { FittedSeries } from './fitted.ts';

/**
 * Samples from one on whose next rows are all there: in the series, or up to the end of its fold, and none of them a hole. Where
 * columns are known ahead, they are of all rows that a model forecasts at once.
 * @param ahead rows; of the horizon these are samples of the series' parts.
 */
export function samplesAhead(series: FittedSeries, first: number, ahead: number): Uint32Array {
  const { horizon } = series.shape;
  const { future, holes } = series.frame;
  if (ahead === horizon) return series.samples('all').filter((sample) => sample >= first);
  const count = Math.max(0, series.numSamples + horizon - ahead - first);
  const before = skippedRows(series.shape);
  const reach = Math.ceil(ahead / horizon) * horizon;
  return Uint32Array.from({ length: count }, (_, k) => first + k).filter((sample) => {
    const target = series.targetRow(sample);
    const rows = holes?.subarray(series.startOf(sample) - before, target + ahead);
    return !rows?.includes(1) && future.every(({ length }) => target + reach <= length);
  });
}

/** Samples of the test part, with so many rows ahead in it. */
export const testSamples = (series: FittedSeries, ahead: number): Uint32Array =>
  samplesAhead(series, series.parts.test.first, ahead);

/** How many validation samples have so many rows ahead before the test part. */
export function numValidated(series: FittedSeries, ahead: number): number {
  const end = series.targetRow(series.parts.test.first);
  return series.samples('validation').filter((sample) => series.targetRow(sample) + ahead <= end).length;
}

/**
 * @param ahead rows that are to be scored from each origin of the test part.
 * @throws DataError where the part has not so many. @throws ConfigError where past columns would have to be known.
 */
export function checkTestRows(series: FittedSeries, ahead: number): void {
  const { past, horizon } = series.shape;
  if (past.length > 0 && ahead > horizon)
    throw new ConfigError(
      `ahead: got ${ahead}, but nobody knows the columns ${past.join(', ')} after the last row, and the model forecasts ` +
        `${horizon} at once: give it horizon: ${ahead}.`,
    );
  if (testSamples(series, ahead).length === 0)
    throw new DataError(
      `ahead: got ${ahead}, but from no origin of the test part all of the next ${ahead} rows are in it. Score fewer rows ahead, or ` +
        'test on more rows.',
    );
}
