import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readSeries } from '../../src/data/csv.ts';
import { KINDS_OF_FILES } from './reading_kinds.ts';

const iso = (ms: number | undefined) => new Date(ms!).toISOString();

test('there are 200 files', () => expect(KINDS_OF_FILES.length).toBeGreaterThanOrEqual(200));

describe('reads, in time order,', () => {
  test.each(KINDS_OF_FILES)('$name', ({ input, values, span }) => {
    const series = readSeries(input);
    expect([...series.values]).toEqual(values);
    expect(series.moments && [iso(series.moments[0]), iso(series.moments.at(-1))]).toEqual(span);
  });

  test('rows in any order', () => {
    const files = KINDS_OF_FILES.filter(({ shuffled }) => shuffled);
    const orders = fc.shuffledSubarray([...Array(40).keys()], { minLength: 40 });
    fc.assert(
      fc.property(fc.constantFrom(...files), orders, ({ shuffled, values }, order) => {
        expect([...readSeries(shuffled!(order)).values]).toEqual(values);
      }),
      { numRuns: 500 },
    );
  });
});
