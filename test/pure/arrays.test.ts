import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import {
  FINITE,
  float32s,
  float64s,
  type NumericArray,
  shapeOf,
  type TensorInput,
  tensorOf,
} from '../../src/arrays.ts';
import { ConfigError, DataError, ShapeError } from '../../src/errors.ts';
import { ARRAY_KINDS, BAD_VALUES } from '../arrays.ts';

const numbers = [3, 0, 1, 127, 2];

describe.each([
  ['float32s', float32s, Float32Array],
  ['float64s', float64s, Float64Array],
] as const)('%s', (_, read, Kind) => {
  test.each(ARRAY_KINDS)('reads numbers by value out of $name', ({ of }) => {
    const values = read('x', of(numbers));
    expect(values).toBeInstanceOf(Kind);
    expect([...values]).toEqual(numbers);
  });

  test.each(BAD_VALUES)('names the row that is $name', ({ value, text }) => {
    const act = () => read('past.volume', [1, 2, value as number, value as number]);
    expect(act).toThrow(DataError);
    expect(act).toThrow(`past.volume: row 3 of the 4 values is ${text}, expected a number.`);
  });

  test('treats a hole in an array as undefined', () => {
    // biome-ignore lint/suspicious/noSparseArray: this is what is tested
    expect(() => read('x', [1, , 3] as number[])).toThrow('x: row 2 of the 3 values is undefined, expected a number.');
  });

  test.each([
    ['null', null, 'null'],
    ['undefined', undefined, 'undefined'],
    ['text', '123', '"123"'],
    ['a number', 5, '5'],
    ['true', true, 'true'],
    ['an object', { 0: 1 }, '[object Object]'],
    ['a Map', new Map([[0, 1]]), '[object Map]'],
    ['a Set', new Set([1]), '[object Set]'],
    ['a promise', Promise.resolve([1]), '[object Promise]'],
    ['bytes without a type', new ArrayBuffer(8), '[object ArrayBuffer]'],
    ['a DataView', new DataView(new ArrayBuffer(8)), '[object DataView]'],
    ['an invalid length', { length: -1 }, '[object Object]'],
    ['an endless length', { length: Infinity }, '[object Object]'],
  ])('rejects %s, which is not an array', (__, value, text) => {
    const act = () => read('series', value as never);
    expect(act).toThrow(ConfigError);
    expect(act).toThrow(`series: got ${text}, expected numbers in a plain array or a typed array.`);
  });

  test('accepts array-likes and proxies of arrays', () => {
    expect([...read('x', { length: 2, 0: 5, 1: 6 })]).toEqual([5, 6]);
    expect([...read('x', new Proxy([5, 6], {}))]).toEqual([5, 6]);
  });

  test.each([
    [2n ** 53n, 2 ** 53],
    [-(2n ** 62n), -(2 ** 62)],
    [-1n, -1],
  ])('reads %d out of a BigInt64Array', (value, expected) => {
    expect([...read('x', BigInt64Array.of(value))]).toEqual([expected]);
  });

  test.each([2n ** 53n + 1n, -(2n ** 53n) - 1n, 2n ** 63n - 1n])(
    'rejects %sn, which float64 cannot represent',
    (value) => {
      expect(() => read('x', BigInt64Array.of(0n, value))).toThrow(
        `x: row 2 of the 2 values is ${value}n, expected a number that float64 can represent.`,
      );
      expect(() => read('x', BigUint64Array.of(2n ** 64n - 1n))).toThrow('that float64 can represent');
    },
  );

  test('keeps NaN, infinities and the sign of zero, unless the rules say otherwise', () => {
    const given = [Number.NaN, Infinity, -Infinity, -0];
    for (const values of [given, Float32Array.from(given), Float64Array.from(given)])
      expect([...read('x', values)]).toEqual(given);
    for (const values of [[1, Number.NaN], Float32Array.of(1, Infinity), Float64Array.of(1, -Infinity)])
      expect(() => read('x', values, FINITE)).toThrow(
        /^x: row 2 of the 2 values is (NaN|-?Infinity), expected a finite/,
      );
  });

  test('checks numbers before they are rounded', () => {
    const whole = { accepts: Number.isInteger, expected: 'a whole number' };
    for (const values of [[0.99999999999], Float64Array.of(0.99999999999)])
      expect(() => read('x', values, whole)).toThrow(
        'x: row 1 of the 1 values is 0.99999999999, expected a whole number.',
      );
  });

  test('returns the same array if it has the right type, and a copy on request', () => {
    const own = Kind.of(1, 2, 3);
    expect(read('x', own)).toBe(own);
    const part = own.subarray(1);
    expect(read('x', part)).toBe(part);
    const copy = read('x', own, { copy: true });
    expect([...copy]).toEqual([...own]);
    expect(copy.buffer).not.toBe(own.buffer);
  });

  test('copies from shared and resizable memory', () => {
    const shared = new (Kind as Float32ArrayConstructor)(new SharedArrayBuffer(2 * Kind.BYTES_PER_ELEMENT)).fill(7);
    const values = read('x', shared);
    shared.fill(0);
    expect([...values]).toEqual([7, 7]);
    expect(values.buffer).toBeInstanceOf(ArrayBuffer);
    const resizable = Reflect.construct(ArrayBuffer, [16, { maxByteLength: 32 }]) as ArrayBuffer;
    const growing = new Kind(resizable).fill(7);
    expect(read('x', growing).buffer).not.toBe(resizable);
    expect([...read('x', growing)]).toEqual([...growing]);
  });

  test('recognizes arrays of another realm', () => {
    for (const name of ['Array', 'Float32Array', 'Float64Array', 'Int32Array'])
      expect([...read('x', runInNewContext(`${name}.of(1, 2)`) as NumericArray)]).toEqual([1, 2]);
    expect([...read('x', runInNewContext('BigInt64Array.of(1n, 2n)') as NumericArray)]).toEqual([1, 2]);
  });
});

describe('float32s', () => {
  test('rounds to the nearest float32', () => {
    expect([...float32s('x', [0.1, 16_777_217, 1e-300])]).toEqual([Math.fround(0.1), 16_777_216, 0]);
  });

  test.each([1e300, -1e39, Number.MAX_VALUE])('rejects %d, which would become infinite', (value) => {
    for (const values of [[0, value], Float64Array.of(0, value)])
      expect(() => float32s('x', values)).toThrow(
        `x: row 2 of the 2 values is ${value}, expected a number that float32 can represent.`,
      );
    expect([...float64s('x', [value])]).toEqual([value]);
  });

  test('accepts the largest numbers that round to a float32', () => {
    const largest = 3.4028234663852886e38;
    expect([...float32s('x', [largest, 3.4028235677973362e38])]).toEqual([largest, largest]);
    expect(() => float32s('x', [3.4028235677973366e38])).toThrow('that float32 can represent');
  });
});

describe('tensorOf', () => {
  test.each(ARRAY_KINDS)('reads $name', ({ of }) => {
    expect(tensorOf('x', { shape: [5, 1], data: of(numbers) })).toEqual({
      shape: [5, 1],
      data: Float32Array.from(numbers),
    });
  });

  test('reads a scalar, and a tensor without values', () => {
    expect(tensorOf('x', { shape: [], data: [4] }).data).toEqual(Float32Array.of(4));
    expect(tensorOf('x', { shape: [0, 3], data: [] })).toEqual({ shape: [0, 3], data: new Float32Array() });
  });

  test('finds no values in an array that was transferred to a worker', () => {
    const data = new Float32Array(2);
    structuredClone(data, { transfer: [data.buffer] });
    expect(() => tensorOf('x', { shape: [2], data })).toThrow('x: got 0 values, but shape [2] needs 2.');
  });

  test('gives the position of a bad value', () => {
    const data = Array.from({ length: 24 }, (_, k) => (k === 17 ? null : k)) as number[];
    expect(() => tensorOf('h0', { shape: [2, 3, 4], data })).toThrow(
      'h0: got null, expected a number, at [1, 1, 1] (from 0).',
    );
  });

  test.each([
    ['nothing', undefined, ConfigError, 'x: got undefined, expected { shape, data }.'],
    ['an array', [1, 2], ConfigError, 'x: got [object Array], expected { shape, data }.'],
    ['text', 'x', ConfigError, 'x: got "x", expected { shape, data }.'],
    ['no data', { shape: [2] }, ConfigError, 'x: got [object Object], expected { shape, data }.'],
    ['a shape that is a number', { shape: 2, data: [1, 2] }, ConfigError, 'x.shape: got 2, expected numbers'],
    ['sizes in text', { shape: ['2'], data: [1, 2] }, ShapeError, 'x: got the shape ["2"], expected positive whole'],
    ['a negative size', { shape: [-1, -2], data: [1, 2] }, ShapeError, 'x: got the shape [-1,-2], expected'],
    ['a broken size', { shape: [0.5, 4], data: [1, 2] }, ShapeError, 'x: got the shape [0.5,4], expected'],
    ['an invalid size', { shape: [Number.NaN], data: [1] }, ShapeError, 'x: got the shape [null], expected'],
    ['too few values', { shape: [2, 2], data: [1, 2] }, ShapeError, 'x: got 2 values, but shape [2, 2] needs 4.'],
    ['data that is a number', { shape: [1], data: 1 }, ConfigError, 'x.data: got 1, expected numbers'],
    [
      'nested data',
      { shape: [2, 1], data: [[1], [2]] },
      DataError,
      'x: got [1], expected a number, at [0, 0] (from 0).',
    ],
  ])('describes the problem with %s', (_, tensor, kind, message) => {
    const act = () => tensorOf('x', tensor as TensorInput);
    expect(act).toThrow(kind);
    expect(act).toThrow(message);
  });

  test('returns a shape that later changes to the input do not affect', () => {
    const shape = [2];
    const read = shapeOf('x', { shape, data: [1, 2] });
    shape[0] = 9;
    expect(read).toEqual([2]);
  });
});
