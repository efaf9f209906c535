import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readSeries } from '../../src/data/csv.ts';

const FOLDER = 'test/pure/fixtures/published';

/** Files in the formats of these programs and agencies, with invented numbers; a column is given only if several are possible. */
const PUBLISHED: readonly {
  name: string;
  first: number;
  last: number;
  count: number;
  start: string;
  column?: string;
}[] = [
  { name: 'yahoo.csv', first: 50.0, last: 56.47, count: 15, start: '2023-03-06T00:00:00.000Z' },
  { name: 'yfinance_multilevel.csv', first: 50.0, last: 56.47, count: 15, start: '2023-03-06T00:00:00.000Z' },
  { name: 'nasdaq.csv', first: 50.0, last: 56.47, count: 15, start: '2023-03-06T00:00:00.000Z' },
  { name: 'stooq.txt', first: 50.0, last: 56.47, count: 15, start: '2023-03-06T00:00:00.000Z' },
  { name: 'metatrader5.csv', first: 50.0, last: 56.47, count: 15, start: '2023-03-06T00:00:00.000Z' },
  { name: 'alphavantage.csv', first: 50.0, last: 56.47, count: 15, start: '2023-03-06T00:00:00.000Z' },
  { name: 'alphavantage_pandas.csv', first: 50.0, last: 56.47, count: 15, start: '2023-03-06T00:00:00.000Z' },
  { name: 'cryptodatadownload.csv', first: 50.0, last: 56.47, count: 15, start: '2023-03-06T00:00:00.000Z' },
  {
    name: 'binance_klines.csv',
    first: 50.0,
    last: 56.47,
    count: 15,
    start: '2023-03-06T00:00:00.000Z',
    column: 'column 5',
  },
  { name: 'investing_pt.csv', first: 50.0, last: 56.47, count: 15, start: '2023-03-06T00:00:00.000Z' },
  { name: 'investing_en.csv', first: 50.0, last: 56.47, count: 15, start: '2023-03-06T00:00:00.000Z' },
  { name: 'ecb_data_portal.csv', first: 50.0, last: 56.47, count: 15, start: '2023-03-06T00:00:00.000Z' },
  { name: 'ecb_sdmx.csv', first: 50.0, last: 56.47, count: 15, start: '2023-03-06T00:00:00.000Z' },
  { name: 'eurostat_sdmx.csv', first: 50.0, last: 56.47, count: 15, start: '2020-01-01T00:00:00.000Z' },
  { name: 'bundesbank.csv', first: 50.0, last: 56.47, count: 15, start: '2023-03-06T00:00:00.000Z' },
  { name: 'fred.csv', first: 50.0, last: 56.47, count: 15, start: '2020-01-01T00:00:00.000Z' },
  { name: 'bls.csv', first: 50.0, last: 56.47, count: 15, start: '2020-01-01T00:00:00.000Z' },
  { name: 'world_bank.csv', first: 50.0, last: 56.47, count: 15, start: '1990-01-01T00:00:00.000Z', column: 'Brazil' },
  { name: 'world_bank_databank.csv', first: 50.0, last: 56.47, count: 15, start: '1990-01-01T00:00:00.000Z' },
  { name: 'ons_uk.csv', first: 50.0, last: 56.47, count: 15, start: '2020-01-01T00:00:00.000Z' },
  { name: 'ibge_sidra.csv', first: 50.0, last: 56.47, count: 15, start: '2020-01-01T00:00:00.000Z' },
  { name: 'bcb_sgs.csv', first: 50.0, last: 56.47, count: 15, start: '2023-03-06T00:00:00.000Z' },
  {
    name: 'inmet.csv',
    first: 50.0,
    last: 56.47,
    count: 15,
    start: '2023-03-06T00:00:00.000Z',
    column: 'TEMPERATURA DO AR - BULBO SECO, HORARIA (°C)',
  },
  { name: 'usgs_rdb.txt', first: 50.0, last: 56.47, count: 15, start: '2023-03-06T05:00:00.000Z' },
  {
    name: 'entsoe_load.csv',
    first: 50.0,
    last: 56.47,
    count: 15,
    start: '2023-03-06T00:00:00.000Z',
    column: 'Actual Total Load [MW] - BZN|DE-LU',
  },
  { name: 'entsoe_prices.csv', first: 50.0, last: 56.47, count: 15, start: '2023-03-06T00:00:00.000Z' },
  { name: 'smard.csv', first: 50.0, last: 56.47, count: 15, start: '2023-03-06T00:00:00.000Z' },
  {
    name: 'uci_power.txt',
    first: 50.0,
    last: 56.47,
    count: 15,
    start: '2023-03-16T17:24:00.000Z',
    column: 'Global_active_power',
  },
  { name: 'uci_air_quality.csv', first: 50.0, last: 56.47, count: 15, start: '2004-03-16T18:00:00.000Z', column: 'T' },
  { name: 'uci_beijing_pm25.csv', first: 50.0, last: 56.47, count: 15, start: '2023-03-06T00:00:00.000Z' },
  { name: 'kaggle_daily_births.csv', first: 50.0, last: 56.47, count: 15, start: '2023-03-06T00:00:00.000Z' },
  { name: 'kaggle_air_passengers.csv', first: 50.0, last: 56.47, count: 15, start: '2020-01-01T00:00:00.000Z' },
  { name: 'kaggle_prophet.csv', first: 50.0, last: 56.47, count: 15, start: '2023-03-06T00:00:00.000Z' },
  { name: 'google_trends.csv', first: 20, last: 27, count: 15, start: '2023-03-06T00:00:00.000Z' },
  { name: 'home_assistant.csv', first: 50.0, last: 56.47, count: 15, start: '2023-03-06T00:00:00.123Z' },
  { name: 'grafana.csv', first: 50.0, last: 56.47, count: 15, start: '2023-03-06T00:00:00.000Z' },
  { name: 'influxdb.csv', first: 50.0, last: 56.47, count: 15, start: '2023-03-06T00:00:00.000Z' },
  { name: 'pandas_index.csv', first: 50.0, last: 56.47, count: 15, start: '2023-03-06T00:00:00.000Z' },
  { name: 'pandas_range_index.csv', first: 50.0, last: 56.47, count: 15, start: '2023-03-06T00:00:00.000Z' },
  { name: 'pandas_series.csv', first: 50.0, last: 56.47, count: 15, start: '2023-03-06T00:00:00.000Z' },
  { name: 'r_write_table.txt', first: 50.0, last: 56.47, count: 15, start: '2023-03-06T00:00:00.000Z' },
  { name: 'excel_en_us.csv', first: 50.0, last: 56.47, count: 15, start: '2023-03-06T00:00:00.000Z' },
  { name: 'excel_de.csv', first: 50.0, last: 56.47, count: 15, start: '2023-03-06T00:00:00.000Z' },
  { name: 'excel_pt_br.csv', first: 50.0, last: 56.47, count: 15, start: '2023-03-06T00:00:00.000Z' },
  { name: 'excel_fr.txt', first: 50.0, last: 56.47, count: 15, start: '2020-01-01T00:00:00.000Z' },
];

test('every file is listed', () =>
  expect(readdirSync(FOLDER).sort()).toEqual(PUBLISHED.map(({ name }) => name).sort()));

describe('reads files published as', () => {
  test.each(PUBLISHED)('$name', ({ name, first, last, count, start, column }) => {
    const { values, moments } = readSeries(readFileSync(`${FOLDER}/${name}`), { column });
    expect([values[0], values.at(-1), values.length]).toEqual([first, last, count]);
    expect(new Date(moments![0]!).toISOString()).toBe(start);
  });

  const several = PUBLISHED.filter(({ column }) => column !== undefined);
  test.each(several)('$name, of which a column has to be chosen', ({ name, column }) => {
    expect(() => readSeries(readFileSync(`${FOLDER}/${name}`))).toThrow(JSON.stringify(column));
  });
});
