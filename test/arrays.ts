// Arrays as callers may pass them, of every kind, and values that are not numbers.
import type { NumericArray } from '../src/arrays.ts';

/** A way to pass integers from 0 to 127. */
export interface ArrayKind {
  name: string;
  of(values: readonly number[]): NumericArray;
}

type TypedArrayClass = new (
  buffer: ArrayBufferLike,
  byteOffset: number,
  length: number,
) => ReturnType<ArrayKind['of']> & { set(values: ArrayLike<number>): void; [index: number]: number };

const CLASSES = [
  'Float32Array',
  'Float64Array',
  'Float16Array', // not available everywhere yet
  'Int8Array',
  'Uint8Array',
  'Uint8ClampedArray',
  'Int16Array',
  'Uint16Array',
  'Int32Array',
  'Uint32Array',
].flatMap((name) => {
  const Class = (globalThis as Record<string, unknown>)[name] as TypedArrayClass | undefined;
  return Class ? [{ name, Class }] : [];
});

function filled(Class: TypedArrayClass, values: readonly number[], buffer: ArrayBufferLike, at: number): NumericArray {
  const array = new Class(buffer, at, values.length);
  array.set(values);
  return array;
}

export const ARRAY_KINDS: readonly ArrayKind[] = [
  { name: 'a plain array', of: (values) => [...values] },
  { name: 'BigInt64Array', of: (values) => BigInt64Array.from(values, BigInt) },
  { name: 'BigUint64Array', of: (values) => BigUint64Array.from(values, BigInt) },
  ...CLASSES.flatMap(({ name, Class }): ArrayKind[] => [
    { name, of: (values) => filled(Class, values, new ArrayBuffer(8 * values.length), 0) },
    { name: `a part of a ${name}`, of: (values) => filled(Class, values, new ArrayBuffer(8 * values.length + 24), 16) },
  ]),
  // a page has shared memory only if it is isolated
  ...(typeof SharedArrayBuffer === 'undefined' ? [] : CLASSES.slice(0, 2)).map(
    ({ name, Class }): ArrayKind => ({
      name: `a ${name} of shared memory`,
      of: (values) => filled(Class, values, new SharedArrayBuffer(8 * values.length + 8), 8),
    }),
  ),
];

/** Values that are not numbers, and how messages show them. */
export const BAD_VALUES: readonly { name: string; value: unknown; text: string }[] = [
  { name: 'null', value: null, text: 'null' },
  { name: 'undefined', value: undefined, text: 'undefined' },
  { name: 'empty text', value: '', text: '""' },
  { name: 'a number in text', value: '7', text: '"7"' },
  { name: 'true', value: true, text: 'true' },
  { name: 'an array of one', value: [7], text: '[7]' },
  { name: 'an empty array', value: [], text: '[]' },
  { name: 'a typed array of one', value: Float32Array.of(7), text: '{"0":7}' },
  { name: 'a Date', value: new Date(0), text: '"1970-01-01T00:00:00.000Z"' },
  { name: 'an object', value: {}, text: '{}' },
  { name: 'a bigint', value: 7n, text: '7n' },
];
