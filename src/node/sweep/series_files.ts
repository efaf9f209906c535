import { basename } from 'node:path';
import { readSeries, type Series, type SeriesOptions } from '../../data/csv.ts';
import { readManySeries } from '../../data/frame.ts';
import { ConfigError, DataError } from '../../errors.ts';
import { within } from '../../placing.ts';
import type { SweepSeries } from '../../sweep/jobs.ts';
import { displayName, readTableFile } from '../input.ts';

export interface SeriesFileOptions extends SeriesOptions {
  /** Column that names the series of each row. Default: each file is one series. */
  id: string | undefined;
}

/**
 * Reads the series of a sweep: one per file, named like the file, or with `id` one per value of that column. A series that cannot
 * be read is in the list with its problem, so that it fails alone.
 * @throws DataError for a missing file, or one without a table of several series.
 */
export async function readSweepSeries(paths: readonly string[], options: SeriesFileOptions): Promise<SweepSeries[]> {
  const names = paths.map((path) => basename(path).replace(/\.(?:csv|parquet)$/i, ''));
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  const { id, ...given } = options;
  for (const name of ['missing', 'gaps'] as const)
    if (given[name] === 'skip')
      throw new ConfigError(
        `--${name}: got skip, but a sweep trains on every window. Fill the rows with interpolate or previous.`,
      );
  const all: SweepSeries[] = [];
  for (const [k, path] of paths.entries()) {
    const name = counts.get(names[k]!)! > 1 ? path : names[k]!;
    const { table, known } = await readTableFile(path);
    const reading = { fileName: basename(path), ...given, ...known };
    if (id === undefined)
      all.push(
        sweepSeries(
          name,
          attempt(() => readSeries(table, reading)),
        ),
      );
    else {
      const many = within(displayName(path), () => readManySeries(table, { ...reading, id }));
      const prefix = paths.length > 1 ? `${name}:` : '';
      for (const [own, series] of many) all.push(sweepSeries(prefix + own, series));
    }
  }
  return all;
}

const sweepSeries = (id: string, read: Series | DataError): SweepSeries =>
  read instanceof DataError
    ? { id, values: [], problem: read.message, problemCode: read.code }
    : { id, values: read.values };

function attempt<T>(read: () => T): T | DataError {
  try {
    return read();
  } catch (error) {
    if (error instanceof DataError) return error;
    throw error;
  }
}
