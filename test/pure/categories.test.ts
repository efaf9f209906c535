import { describe, expect, test } from 'vitest';
import { readFrame } from '../../src/data/frame.ts';
import { ConfigError, DataError } from '../../src/errors.ts';

const text = `day,y,sky,promo,visits
2024-01-01,1,sun,yes,10
2024-01-02,2, rain ,no,20
2024-01-03,3,sun,no,30
2024-01-04,4,fog,yes,40
`;
const columns = (of: Record<string, Float64Array>) => Object.entries(of).map(([name, values]) => [name, [...values]]);
const filled = (promo: string) => text.replace('2024-01-04,4,fog,yes', promo);

describe('a column of text', () => {
  test('becomes a column of 0 and 1 for each value, or one column if there are two values, in the requested order', () => {
    const { past, future } = readFrame(text, { column: 'y', past: ['sky', 'visits'], future: ['promo'] });
    expect(columns(past)).toEqual([
      ['sky=fog', [0, 0, 0, 1]],
      ['sky=rain', [0, 1, 0, 0]],
      ['sky=sun', [1, 0, 1, 0]],
      ['visits', [10, 20, 30, 40]],
    ]);
    expect(columns(future)).toEqual([['promo=yes', [1, 0, 0, 1]]]);
  });

  test('may hold booleans, JSON, mixed case or a constant, and may be given by index', () => {
    const json = JSON.stringify([
      { y: 1, open: true, shop: 'a' },
      { y: 2, open: false, shop: 'a' },
    ]);
    expect(columns(readFrame(json, { column: 'y', past: ['open', 2] }).past)).toEqual([
      ['open=true', [1, 0]],
      ['shop=a', [1, 1]],
    ]);
    const upper = 'y,open\n1,TRUE\n2,FALSE\n';
    expect(Object.keys(readFrame(upper, { column: 'y', future: ['Open'] }).future)).toEqual(['open=TRUE']);
  });

  test('continues into future rows', () => {
    const frame = readFrame(`${text}2024-01-05,,,no,\n`, { column: 'y', future: ['promo'] });
    expect(columns(frame.future)).toEqual([['promo=yes', [1, 0, 0, 1, 0]]]);
    expect(frame.values).toHaveLength(4);
  });

  test('has missing values, like numbers, which the previous value fills', () => {
    const holed = filled('2024-01-04,4,,yes');
    const asked = { column: 'y', past: ['sky'] };
    expect(() => readFrame(holed, asked)).toThrow(DataError);
    expect(() => readFrame(holed, asked)).toThrow(/row 5, column "sky": got "", expected a value/);
    expect(readFrame(holed, { ...asked, missing: 'drop' }).values).toHaveLength(3);
    for (const missing of ['interpolate', 'previous', 'skip'] as const) {
      const { past, holes } = readFrame(holed, { ...asked, missing });
      expect(columns(past)).toEqual([['sky=sun', [1, 0, 1, 1]]]);
      expect(holes && [...holes]).toEqual(missing === 'skip' ? [0, 0, 0, 1] : undefined);
    }
    const gap = `${text}2024-01-06,6,rain,no,60\n2024-01-07,7,sun,no,70\n`;
    const { past } = readFrame(gap, { column: 'y', past: ['sky', 'visits'], gaps: 'interpolate' });
    expect([...past['sky=fog']!]).toEqual([0, 0, 0, 1, 1, 0, 0]);
    expect([...past.visits!]).toEqual([10, 20, 30, 40, 50, 60, 70]);
  });

  test('is rejected with too many values, with none, or if it is requested twice', () => {
    const many = `y,name\n${Array.from({ length: 51 }, (_, k) => `${k},n${k}x\n`).join('')}`;
    expect(() => readFrame(many, { column: 'y', past: ['name'] })).toThrow(
      /past: "name" has 51 different values, expected at most 50/,
    );
    const fewer = many.slice(0, many.lastIndexOf('50,'));
    expect(Object.keys(readFrame(fewer, { column: 'y', past: ['name'] }).past)).toHaveLength(50);
    expect(() => readFrame('y,x\n1,\n2,\n', { column: 'y', past: ['x'] })).toThrow(/"x" holds text, expected numbers/);
    expect(() => readFrame(text, { column: 'y', past: ['day'] })).toThrow(/"day" holds dates, expected numbers/);
    expect(() => readFrame(text, { column: 'y', past: ['sky'], future: ['sky=sun'] })).toThrow(ConfigError);
    expect(() => readFrame(text, { column: 'y', past: ['sky', 'sky'] })).toThrow(/"sky=fog" is already used by past/);
  });
});

describe('a value of a column', () => {
  const read = (file: string, past: string[]) => {
    const frame = readFrame(file, { column: 'y', past });
    return { past: columns(frame.past), notes: frame.notes.filter(({ code }) => code === 'unseen-value') };
  };

  test('is that column of 0 and 1, under the requested name', () => {
    expect(read(text, ['sky=rain', 'Sky=sun', 'sky=snow', 'sky=fog'])).toEqual({
      past: [
        ['sky=rain', [0, 1, 0, 0]],
        ['Sky=sun', [1, 0, 1, 0]],
        ['sky=snow', [0, 0, 0, 0]],
        ['sky=fog', [0, 0, 0, 1]],
      ],
      notes: [],
    });
  });

  test('is looked up only if no column has that name, in the column with the longest name', () => {
    const named = 'y,a,a=b,a=b=c\n1,x,2,5\n2,b,3,6\n';
    expect(read(named, ['a=b', 'a=b=3', 'a=x']).past).toEqual([
      ['a=b', [2, 3]],
      ['a=b=3', [0, 1]],
      ['a=x', [1, 0]],
    ]);
    expect(() => read(text, ['moon=full'])).toThrow(/past: got "moon=full", but the file has/);
  });

  test('reports values that were not requested in a note', () => {
    expect(read(text, ['sky=rain', 'sky=sun']).notes).toEqual([
      { code: 'unseen-value', column: 'sky', value: 'fog', rows: 1 },
    ]);
    expect(read(text, ['promo=yes']).notes).toEqual([]);
    expect(read(filled('2024-01-04,4,fog,maybe'), ['promo=yes']).notes).toEqual([
      { code: 'unseen-value', column: 'promo', value: 'maybe', rows: 1 },
    ]);
    expect(read(filled('2024-01-04,4,fog,zero'), ['promo=yes']).notes).toEqual([
      { code: 'unseen-value', column: 'promo', value: 'zero', rows: 1 },
    ]);
  });
});
