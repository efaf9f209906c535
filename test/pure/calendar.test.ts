import { expect, test } from 'vitest';
import { calendarColumns, calendarNames, cyclesOf } from '../../src/data/calendar.ts';

test.each([
  [{ unit: 'ms', count: 3_600_000 }, ['hour', 'weekday', 'month']],
  [{ unit: 'day', count: 1 }, ['weekday', 'month']],
  [{ unit: 'weekday', count: 1 }, ['weekday', 'month']],
  [{ unit: 'day', count: 7 }, ['month']],
  [{ unit: 'month', count: 1 }, ['month']],
  [{ unit: 'month', count: 3 }, ['month']],
  [{ unit: 'month', count: 12 }, []],
] as const)('a step of %j is short enough for %j', (frequency, cycles) => {
  expect(cyclesOf(frequency)).toEqual(cycles);
});

test('columns are periodic: they repeat after a day, a week and a year', () => {
  const names = calendarNames(['hour', 'weekday', 'month']);
  const at = (date: string) => calendarColumns(names, Float64Array.of(Date.parse(date)));
  const of = (date: string, name: string) => at(date)[`calendar:${name}`]![0]!;
  expect(names).toHaveLength(6);
  expect(of('2024-01-01T00:00Z', 'weekday cos')).toBeCloseTo(1); // a Monday
  expect(of('2024-01-08T00:00Z', 'weekday sin')).toBeCloseTo(of('2024-01-01T00:00Z', 'weekday sin'));
  expect(of('1969-12-29T00:00Z', 'weekday cos')).toBeCloseTo(1);
  expect(of('2024-01-01T06:00Z', 'hour sin')).toBeCloseTo(1);
  expect(of('1960-01-01T06:00Z', 'hour sin')).toBeCloseTo(1);
  expect(of('2024-07-01T12:00Z', 'month cos')).toBeCloseTo(-1, 3);
  expect(of('2023-05-09T00:00Z', 'month sin')).toBeCloseTo(of('2025-05-09T00:00Z', 'month sin'), 2);
});
