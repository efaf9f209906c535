import { describe, expect, test } from 'vitest';
import { dryRow, ROWS } from '../../bench/gpu/rows.ts';
import { agree, COLUMNS, digits, heading, lineOf, stepUs, timesFastest, timesPeer } from '../../bench/gpu/table.ts';
import { flopsOf } from '../../bench/grid.ts';

describe('the table of npm run bench -- --gpu', () => {
  test('a step takes as long as the slower of device and host', () => {
    expect(stepUs({ gpuUs: [9, 5, 6], hostUs: [1, 3, 2] })).toBe(6);
    expect(stepUs({ gpuUs: [1, 2, 3], hostUs: [40, 10, 20] })).toBe(20);
  });

  test('a ratio is above 1 for what is slower, and missing where there is nothing to compare with', () => {
    expect(timesFastest(30, [30, 20, 60])).toBe(1.5);
    expect(timesFastest(20, [30, 20, 60])).toBe(1);
    expect(timesFastest(20, [])).toBeUndefined();
    expect(timesPeer(30, 120)).toBe(0.25);
    for (const missing of ['not here', 'skipped', 'failed', '-'] as const)
      expect(timesPeer(30, missing)).toBeUndefined();
  });

  test('losses of plans agree within rounding, and not with a NaN', () => {
    expect(agree([0.5, 0.25], [0.5001, 0.25])).toBe(true);
    expect(agree([0.5, 0.25], [0.5, 0.26])).toBe(false);
    expect(agree([0.5, Number.NaN], [0.5, 0.25])).toBe(false);
    expect(agree([0.5, 0.25], [0.5, Number.NaN])).toBe(false);
  });

  test('numbers have three digits, and what is missing a word', () => {
    expect([12_345, 5.1234, 0.0012345, 'not here', undefined].map((value) => digits(value as number))).toEqual([
      '12,300',
      '5.12',
      '0.00123',
      'not here',
      '-',
    ]);
  });

  test('a cell ends where its title does', () => {
    const titles = heading();
    for (const [name, { title }] of Object.entries(COLUMNS).filter(([, column]) => !('left' in column))) {
      const { length } = lineOf({ [name]: '1' });
      for (const [k, word] of title.entries())
        expect(titles[k]!.slice(0, length).endsWith(word), `${name}: ${titles[k]}`).toBe(true);
    }
  });

  test("a dry run's titles fit in their column", () => {
    for (const { title } of ROWS.map(dryRow)) expect(title.length).toBeLessThanOrEqual(COLUMNS.row.width);
  });
});

describe('a dry run', () => {
  test('shrinks every row to what a software adapter runs, with the same plans and layers', () => {
    for (const row of ROWS) {
      const dry = dryRow(row);
      expect(dry.models * flopsOf(dry.sizes)).toBeLessThan(1e8);
      expect(dry.plans).toEqual(row.plans);
      expect(dry.sizes.L).toBe(row.sizes.L);
      for (const [name, size] of Object.entries(dry.sizes)) {
        expect(size).toBeGreaterThanOrEqual(1);
        expect(size).toBeLessThanOrEqual(row.sizes[name as keyof typeof row.sizes]);
      }
    }
  });

  test('gives rows of different sizes different titles', () => {
    const of = (rows: typeof ROWS) => new Set(rows.map(({ title }) => title)).size;
    expect(of(ROWS)).toBe(ROWS.length);
    expect(of(ROWS.map(dryRow))).toBe(ROWS.length);
  });
});
