import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { describe, expect, test } from 'vitest';
import { readFrame } from '../../src/data/frame.ts';
import { DataError } from '../../src/errors.ts';
import { isParquet, parquetTable } from '../../src/node/parquet_table.ts';
import { describeGpu } from '../gpu/device.ts';
import { built, events, lstmWebgpu, QUICK, resultOf, runNode, wave, waveCsv, write } from './command.ts';

type Columns = Parameters<typeof parquetWriteBuffer>[0]['columnData'];
const bytesOf = (columnData: Columns, options: object = {}) =>
  new Uint8Array(parquetWriteBuffer({ columnData, ...options }));
const dates = wave.map(({ date }) => new Date(`${date}T00:00Z`));

describe('parquetTable', () => {
  const read = async (columnData: Columns, options?: object) =>
    JSON.parse(await parquetTable(bytesOf(columnData, options))) as { columns: string[]; data: unknown[][] };

  test('keeps numbers bit for bit, digits of integers, moments, booleans and text', async () => {
    const values = [0.1 + 0.2, -5e-324, 1.7976931348623157e308, Number.NaN];
    const table = await read([
      { name: 'y', type: 'DOUBLE', data: values },
      { name: 'n', type: 'INT64', data: [9007199254740993n, -1n, 0n, 2n] },
      {
        name: 'when',
        type: 'TIMESTAMP',
        data: ['T00:00', 'T06:30', 'T12:00:05', 'T18:00'].map((time) => new Date(`2024-01-01${time}Z`)),
      },
      { name: 'open', type: 'BOOLEAN', data: [true, false, true, null], nullable: true },
      { name: 'a "b", c', type: 'STRING', data: ['x\n', '"', ',', ''] },
    ]);
    expect(table.columns).toEqual(['y', 'n', 'when', 'open', 'a "b", c']);
    expect(table.data.map((row) => row[0])).toEqual([...values.slice(0, 3), null]);
    expect(table.data.map((row) => row[1])).toEqual(['9007199254740993', '-1', '0', '2']);
    expect(table.data.map((row) => row[2])).toEqual([
      ...['2024-01-01T00:00:00Z', '2024-01-01T06:30:00Z', '2024-01-01T12:00:05Z', '2024-01-01T18:00:00Z'],
    ]);
    expect(table.data.map((row) => row[3])).toEqual([true, false, true, null]);
    expect(table.data.map((row) => row[4])).toEqual(['x\n', '"', ',', '']);
  });

  test('reads decimals by their digits', async () => {
    const schema = [
      { name: 'root', num_children: 1 },
      { name: 'price', type: 'INT64', converted_type: 'DECIMAL', scale: 2, precision: 12, repetition_type: 'REQUIRED' },
    ];
    const prices = [0.07, 19.99, 1234567.89, -0.29];
    const { data } = await read([{ name: 'price', data: prices }], { schema });
    expect(data.map(([price]) => price)).toEqual(prices);
  });

  test('gives the same frame as its CSV', async () => {
    const visits = wave.map((_, k) => (k === 3 ? null : k % 7));
    const sky = wave.map((_, k) => ['sun', 'rain', 'fog'][k % 3]!);
    const bytes = bytesOf([
      { name: 'date', type: 'TIMESTAMP', data: dates },
      { name: 'close', type: 'DOUBLE', data: wave.map(({ value }) => Number(value)) },
      { name: 'visits', type: 'INT32', data: visits, nullable: true },
      { name: 'sky', type: 'STRING', data: sky },
    ]);
    const csv = wave.map(({ date, value }, k) => `${date},${Number(value)},${visits[k] ?? ''},${sky[k]}\n`).join('');
    const options = { column: 'close', past: ['visits', 'sky'], missing: 'interpolate' } as const;
    expect(readFrame(await parquetTable(bytes), { ...options, header: true })).toEqual(
      readFrame(`date,close,visits,sky\n${csv}`, options),
    );
  });

  test('reads what Node.js can decompress, and names the problem of other files', async () => {
    const column: Columns = [{ name: 'y', type: 'DOUBLE', data: [1, 2, 3] }];
    const compressors = { GZIP: (input: Uint8Array) => gzipSync(input) };
    for (const options of [{ codec: 'UNCOMPRESSED' }, { codec: 'SNAPPY' }, { codec: 'GZIP', compressors }])
      expect((await read(column, options)).data).toEqual([[1], [2], [3]]);
    expect(isParquet(new TextEncoder().encode('PAR,1'))).toBe(false);
    const whole = bytesOf(column);
    for (const damaged of [whole.subarray(0, 4), whole.subarray(0, -9), whole.with(-1, 0)])
      await expect(parquetTable(damaged)).rejects.toThrow(DataError);
    await expect(parquetTable(whole.subarray(0, 4))).rejects.toThrow(
      /^This Parquet file cannot be read: .* or as CSV\.$/,
    );
    expect(() => readFrame(whole, {})).toThrow(
      /got a Parquet file, expected a table as text\. Read its rows with hyparquet/,
    );
  });
});

test('a missing package is named, with what to do', async () => {
  const alone = mkdtempSync(join(tmpdir(), 'lstm-webgpu-alone-')); // without packages
  try {
    cpSync(built('.'), join(alone, 'dist'), { recursive: true });
    write('few.parquet', bytesOf([{ name: 'y', type: 'DOUBLE', data: [1, 2, 3] }]));
    write('few.csv', waveCsv);
    const run = (...args: string[]) => runNode([join(alone, 'dist', 'node', 'cli.js'), 'train', ...args]);
    const parquet = await run('few.parquet');
    expect(parquet.stderr).toContain('few.parquet: This is a Parquet file: npm install hyparquet first');
    const holidays = await run('few.csv', '--holidays', 'BR');
    expect(holidays.stderr).toContain('holidays: npm install date-holidays first');
    expect([parquet.code, holidays.code]).toEqual([2, 2]);
  } finally {
    rmSync(alone, { recursive: true });
  }
});

describeGpu('a Parquet file', () => {
  test('is trained on, scored and forecast like its CSV', async () => {
    write('wave.csv', waveCsv);
    const bytes = bytesOf([
      { name: 'date', type: 'TIMESTAMP', data: dates },
      { name: 'volume', type: 'INT64', data: wave.map((_, k) => BigInt(k)) },
      { name: 'close', type: 'DOUBLE', data: wave.map(({ value }) => Number(value)) },
    ]);
    write('wave.parquet', bytes);
    const train = async (file: string, model: string) => {
      const run = await lstmWebgpu(['train', file, ...QUICK, '--past', 'volume', '--model-out', model, '--json']);
      expect(run.code, run.stderr).toBe(0);
      return events(run)
        .filter(({ type }) => type === 'epoch')
        .map(({ loss }) => loss);
    };
    expect(await train('wave.parquet', 'p.st')).toEqual(await train('wave.csv', 'c.st'));
    const [ours, theirs] = await Promise.all(
      ['wave.parquet', 'wave.csv'].map(async (file) => resultOf(await lstmWebgpu(['predict', 'p.st', file, '--json']))),
    );
    expect(ours).toEqual(theirs);
    const piped = await lstmWebgpu(['evaluate', 'p.st', 'wave.parquet', '--json']);
    expect(piped.code, piped.stderr).toBe(0);
    write('torn.parquet', bytes.subarray(0, 200));
    const torn = await lstmWebgpu(['train', 'torn.parquet', ...QUICK]);
    expect(torn.stderr).toContain('torn.parquet: This Parquet file cannot be read: ');
    expect(torn.code).toBe(1);
  });
});
