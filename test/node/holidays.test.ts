import { describe, expect, test } from 'vitest';
import { readFrame } from '../../src/data/frame.ts';
import { ConfigError, DataError } from '../../src/errors.ts';
import { holidayName, holidaysOf } from '../../src/node/holidays.ts';
import { describeGpu } from '../gpu/device.ts';
import { lstmWebgpu, QUICK, resultOf, write } from './command.ts';

const HOUR = 3_600_000;
const rows = (first: string, count: number, hours = 24): string[] =>
  Array.from({ length: count }, (_, k) => new Date(Date.parse(`${first}T00:00Z`) + k * hours * HOUR).toISOString());
const frameOf = (dates: readonly string[]) =>
  readFrame(`date,y\n${dates.map((date, k) => `${date},${k}\n`).join('')}`, { column: 'y' });
const dated = (first: string, count: number, hours = 24) =>
  frameOf(rows(first, count, hours).map((date) => date.slice(0, hours < 24 ? 16 : 10)));

describe('holidaysOf', () => {
  const holidaysIn = async (place: string, first: string, count: number, ahead = 0, hours = 24) => {
    const name = holidayName(place);
    const frame = (await holidaysOf([name]))(dated(first, count, hours), ahead);
    const values = frame.future[name]!;
    expect(values).toHaveLength(count + ahead);
    return rows(first, count + ahead, hours).filter((_, k) => values[k] === 1);
  };
  const days = async (...args: Parameters<typeof holidaysIn>) =>
    (await holidaysIn(...args)).map((date) => date.slice(5, 10));

  test('marks public holidays, moving ones, and those of a region, also in future rows', async () => {
    expect(await days('BR', '2024-03-01', 31, 28)).toEqual(['03-29', '04-21']);
    expect(await days('us', '2021-03-25', 10)).toEqual([]);
    expect(await days('US-CA', '2021-03-25', 10)).toEqual(['03-31']);
    expect(await days('BR', '2023-12-24', 10)).toEqual(['12-25', '01-01']);
  });

  test('marks every hour of the day that the file names, and no other', async () => {
    const hours = await holidaysIn('BR', '2024-04-30', 72, 0, 1);
    expect(hours).toHaveLength(24);
    expect(new Set(hours.map((hour) => hour.slice(0, 10)))).toEqual(new Set(['2024-05-01']));
  });

  test('marks each day of a holiday that lasts for several', async () => {
    // the Korean New Year
    expect(await days('KR', '2024-02-08', 9)).toEqual(['02-10', '02-11', '02-12']);
  });

  test('rejects rows without such days, and unknown places', async () => {
    const refused = async (frame: ReturnType<typeof frameOf>, place = 'BR') =>
      (await holidaysOf([holidayName(place)]))(frame);
    const weekly = dated('2024-01-01', 12, 24 * 7);
    await expect(refused(weekly)).rejects.toThrow(DataError);
    await expect(refused(weekly)).rejects.toThrow(/holidays: by the dates in "date", rows are more than a day apart/);
    await expect(refused(frameOf(['2024-01', '2024-02', '2024-03']))).rejects.toThrow(/more than a day apart/);
    await expect(refused(readFrame('y\n1\n2\n', {}))).rejects.toThrow(/holidays: the file has no column of dates/);
    await expect(refused(frameOf(['2024-01-01', '2024-01-05', '2024-01-06', '2024-03-01']))).rejects.toThrow(
      /no usual step/,
    );
    for (const place of ['XX', 'BR-XX', 'US-CA-XX', 'BR-', '', 'constructor']) {
      await expect(refused(dated('2024-01-01', 5), place)).rejects.toThrow(ConfigError);
      await expect(refused(dated('2024-01-01', 5), place)).rejects.toThrow(/which is not in date-holidays/);
    }
  });
});

describeGpu('--holidays', () => {
  test('adds a column that the model reads, and that other commands recreate', async () => {
    const lines = rows('2023-03-01', 120).map((date, k) => `${date.slice(0, 10)},${k % 7}\n`);
    write('year.csv', `date,y\n${lines.join('')}`);
    const given = ['--holidays', 'br', '--calendar', 'auto', '--horizon', '2', '--model-out', 'h.st', '--json'];
    const run = await lstmWebgpu(['train', 'year.csv', ...QUICK, ...given]);
    expect(run.code, run.stderr).toBe(0);
    const next = await lstmWebgpu(['predict', 'h.st', 'year.csv', '--horizon', '5', '--json']);
    expect(next.code, next.stderr).toBe(0);
    expect(resultOf(next).predicted).toHaveLength(5);
    const scored = await lstmWebgpu(['evaluate', 'h.st', 'year.csv', '--json']);
    expect(scored.code, scored.stderr).toBe(0);
    const folds = ['backtest', 'year.csv', ...QUICK, '--holidays', 'BR', '--folds', '2', '--json'];
    expect((await lstmWebgpu(folds)).code).toBe(0);
    const shaped = await lstmWebgpu(['train', 'year.csv', '--from', 'h.st', '--holidays', 'BR']);
    expect(shaped.stderr).toContain('--holidays: the model in h.st has this setting already.');
    const unknown = await lstmWebgpu(['train', 'year.csv', ...QUICK, '--holidays', 'XX']);
    expect(unknown.stderr).toContain('holidays: got "XX", which is not in date-holidays.');
    expect(unknown.code).toBe(2);
  });
});
