import { expect, test } from 'vitest';
import { extremes } from '../../src/charts/extremes.ts';
import { timeTicks } from '../../src/charts/time_ticks.ts';

const [HOUR, DAY] = [36e5, 864e5];
const from = (start: number, step: number, rows: number) => Array.from({ length: rows }, (_, k) => start + step * k);
const months = Array.from({ length: 84 }, (_, k) => Date.UTC(2018, k));
const days = from(Date.UTC(2023, 10, 15), DAY, 120);
const hours = from(Date.UTC(2024, 0, 1), HOUR, 96);
/** With room for labels of this many letters. */
const textsOf = (moments: number[], letters: number, language = 'en') =>
  timeTicks(moments, 0, moments.length - 1, (moments.length - 1) / letters, language).map(({ text }) => text);

test('ticks are at the start of calendar periods, with the shortest possible labels', () => {
  expect(textsOf(months, 60)).toEqual(['2018', '2019', '2020', '2021', '2022', '2023', '2024']);
  expect(textsOf(months, 30)).toEqual(['2018', '2020', '2022', '2024']);
  expect(textsOf(days, 60)).toEqual(['Dec 2023', 'Jan 2024', 'Feb', 'Mar']);
  expect(textsOf(days, 140)[0]).toBe('Nov 20, 2023'); // a Monday
  expect(textsOf(hours, 130)).toEqual(['Jan 1, 2024', '12:00', 'Jan 2', '12:00', 'Jan 3', '12:00', 'Jan 4', '12:00']);
  expect(textsOf(days, 60, 'pt-BR')[1]).toBe('jan. de 2024');
});

test('no two ticks are closer than the length of a label, also if rows are missing', () => {
  const gappy = days.filter((_, k) => k < 20 || k > 100);
  for (const letters of [20, 60, 140, 400]) {
    const rows = timeTicks(gappy, 0, gappy.length - 1, (gappy.length - 1) / letters, 'en').map(({ row }) => row);
    for (const [k, row] of rows.slice(1).entries())
      expect(((row - rows[k]!) * letters) / (gappy.length - 1)).toBeGreaterThanOrEqual(7);
  }
});

test('a week that lacks a day keeps its tick', () => {
  const weekdays = days.filter((ms) => new Date(ms).getUTCDay() % 6 !== 0 && ms !== Date.UTC(2023, 11, 8));
  const weeks = textsOf(weekdays.slice(0, 40), 8 * 16);
  expect(weeks).toEqual(['Nov 20, 2023', 'Nov 27', 'Dec 4', 'Dec 11', 'Dec 18', 'Dec 25', 'Jan 1, 2024', 'Jan 8']);
});

test('extremes contain every value between low and high, and leave out gaps', () => {
  const values = [3, 1, null, 2, 8, 5, null, null, 9];
  expect(extremes(values, 0, 8, 3)).toEqual([
    { row: 1, low: 1, high: 3 },
    { row: 4, low: 2, high: 8 },
    { row: 7, low: 9, high: 9 },
  ]);
  expect(extremes(values, 6, 7, 2)).toEqual([]);
  expect(extremes(values, 0, 8, 100)).toHaveLength(6);
});
