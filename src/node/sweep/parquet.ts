import type { BasicType, ColumnSource } from 'hyparquet-writer';
import type { ForecastMetrics } from '../../data/metrics.ts';
import { ConfigError } from '../../errors.ts';
import { messageOf } from '../../shown.ts';
import type { ResultRow } from './results_file.ts';

/** @throws ConfigError with what to install. */
export async function loadParquetWriter(): Promise<typeof import('hyparquet-writer')> {
  try {
    return await import('hyparquet-writer');
  } catch (error) {
    throw new ConfigError(`--parquet-out: npm install hyparquet-writer first (${messageOf(error)})`, { cause: error });
  }
}

/** Complete, by its type. */
const SCORES: Readonly<Record<keyof ForecastMetrics, true>> = {
  mae: true,
  rmse: true,
  mape: true,
  smape: true,
  mase: true,
  relativeMae: true,
  naiveMae: true,
  naiveRmse: true,
  r2: true,
  directionalAccuracy: true,
  coverage: true,
};

/** The rows as a Parquet file with one column per field; configuration and baselines as JSON, null for missing fields. */
export function parquetBytes(
  { parquetWriteBuffer }: typeof import('hyparquet-writer'),
  rows: readonly ResultRow[],
): Uint8Array {
  const column = (name: string, type: BasicType, of: (row: ResultRow) => unknown): ColumnSource => ({
    name,
    type,
    nullable: true,
    data: rows.map((row) => of(row) ?? null),
  });
  const trained = (row: ResultRow) => (row.ok ? row : undefined);
  const columnData = [
    column('key', 'STRING', ({ key }) => key),
    column('series', 'STRING', ({ series }) => series),
    column('configuration', 'STRING', ({ configuration }) => JSON.stringify(configuration)),
    column('seed', 'DOUBLE', ({ seed }) => seed),
    column('train_rows', 'INT32', ({ fold }) => fold?.trainRows),
    column('test_rows', 'INT32', ({ fold }) => fold?.testRows),
    column('version', 'STRING', ({ version }) => version),
    column('ok', 'BOOLEAN', ({ ok }) => ok),
    column('reason', 'STRING', (row) => (row.ok ? undefined : row.reason)),
    column('code', 'STRING', (row) => (row.ok ? undefined : row.code)),
    ...(Object.keys(SCORES) as (keyof ForecastMetrics)[]).map((name) =>
      column(name, 'DOUBLE', (row) => trained(row)?.metrics[name]),
    ),
    column('baselines', 'STRING', (row) => (row.ok ? JSON.stringify(row.baselines) : undefined)),
    column('epochs', 'INT32', (row) => trained(row)?.epochs),
    column('loss', 'DOUBLE', (row) => trained(row)?.loss),
    column('device', 'STRING', (row) => trained(row)?.device),
    column('seconds', 'DOUBLE', (row) => trained(row)?.seconds),
    column('packed', 'INT32', (row) => trained(row)?.packed),
    column('model_file', 'STRING', ({ modelFile }) => modelFile),
  ];
  return new Uint8Array(parquetWriteBuffer({ columnData }));
}
