import { ConfigError, DataError } from '../errors.ts';
import { skippedRows } from './encoder.ts';
import type { FittedSeries } from './fitted.ts';

/**
 * Samples from `first` on whose next rows are all available: in the series, or before the end of the fold, and none of them a
 * hole. Columns known ahead must cover every row that a model forecasts at once.
 * @param ahead steps; if equal to the horizon, these are simply samples of the series.
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

/** Samples of the test set that have `ahead` rows to forecast in it. */
export const testSamples = (series: FittedSeries, ahead: number): Uint32Array =>
  samplesAhead(series, series.parts.test.first, ahead);

/** Number of validation samples that have `ahead` rows to forecast before the test set. */
export function numValidated(series: FittedSeries, ahead: number): number {
  const end = series.targetRow(series.parts.test.first);
  return series.samples('validation').filter((sample) => series.targetRow(sample) + ahead <= end).length;
}

/**
 * @param ahead steps to score from each origin of the test set.
 * @throws DataError if the test set has too few rows. @throws ConfigError if future values of past columns would be needed.
 */
export function checkTestRows(series: FittedSeries, ahead: number): void {
  const { past, horizon } = series.shape;
  if (past.length > 0 && ahead > horizon)
    throw new ConfigError(
      `ahead: got ${ahead}, but the model forecasts ${horizon} at once, and the columns ${past.join(', ')} are unknown after ` +
        `the last row. Create the model with horizon: ${ahead}.`,
    );
  if (testSamples(series, ahead).length === 0)
    throw new DataError(
      `ahead: got ${ahead}, but the test set has no origin with ${ahead} rows after it. Score fewer steps ahead, or test on ` +
        'more rows.',
    );
}
