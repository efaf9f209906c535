// Every array that a caller passes in is read here, by value, or rejected.
import { ConfigError, DataError, ShapeError } from './errors.ts';
import { shown } from './shown.ts';

/**
 * Numbers as callers may pass them: a plain array or any typed array. Only the values matter, not the element type; a
 * BigInt64Array or BigUint64Array is rejected if float64 cannot represent one of its values exactly.
 */
export type NumericArray = ArrayLike<number> | BigInt64Array | BigUint64Array;

/** An array with its shape: row-major, last axis fastest, one value per element of `shape` ([] is a scalar). */
export interface TensorValue {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** A {@link TensorValue} as callers may pass it: the numbers may be in any kind of array and are rounded to float32. */
export interface TensorInput {
  readonly shape: readonly number[];
  readonly data: NumericArray;
}

/** The end of a message about one bad value: its position in the array, the value, and what was expected. */
export type Place = (index: number, got: string, expected: string, count: number) => string;

const inRows: Place = (index, got, expected, count) =>
  `row ${index + 1} of the ${count} values is ${got}, expected ${expected}.`;

/** How to read an array. */
export interface ArrayRules {
  /** Which numbers are allowed. Default: all of them, including NaN and infinity. */
  accepts?: (value: number, index: number) => boolean;
  /** The allowed numbers, in words. Default 'a number'. */
  expected?: string;
  /** Default: by row, from 1. */
  place?: Place;
  /** Copy, because the caller may change the array while it is in use. Default false. */
  copy?: boolean;
}

/** Rules for numbers other than NaN and infinity. */
export const FINITE: ArrayRules = { accepts: Number.isFinite, expected: 'a finite number' };

/** Rules for arrays that are used after the call has returned. */
export const COPIED: ArrayRules = { copy: true };

/**
 * Values rounded to float32; a Float32Array is returned as is.
 * @param name of the argument, for messages.
 * @throws ConfigError if this is not an array. @throws DataError naming the first value that is not a number, is not accepted,
 *   or is finite and beyond the range of float32.
 */
export const float32s = (name: string, values: NumericArray, rules?: ArrayRules): Float32Array<ArrayBuffer> =>
  readNumbers(Float32Array, name, values, rules);

/** Like {@link float32s}, but float64. */
export const float64s = (name: string, values: NumericArray, rules?: ArrayRules): Float64Array<ArrayBuffer> =>
  readNumbers(Float64Array, name, values, rules);

/**
 * The shape of a tensor passed by a caller.
 * @throws ConfigError if it is not { shape, data }. @throws ShapeError if the shape has anything but whole numbers.
 */
export function shapeOf(name: string, tensor: TensorInput): readonly number[] {
  if (typeof tensor !== 'object' || tensor === null || !('shape' in tensor && 'data' in tensor))
    throw new ConfigError(`${name}: got ${whatIs(tensor)}, expected { shape, data }.`);
  const shape = Array.from(listOf(`${name}.shape`, tensor.shape) as ArrayLike<number>);
  if (!shape.every((size) => Number.isSafeInteger(size) && size >= 0))
    throw new ShapeError(`${name}: got the shape ${shown(shape)}, expected positive whole numbers.`);
  return shape;
}

/** Like {@link float32s}, with the shape. @throws ShapeError if the number of values does not match the shape. */
export function tensorOf(
  name: string,
  tensor: TensorInput,
  rules?: ArrayRules,
): { shape: readonly number[]; data: Float32Array<ArrayBuffer> } {
  const shape = shapeOf(name, tensor);
  const count = shape.reduce((product, size) => product * size, 1);
  const { length } = listOf(`${name}.data`, tensor.data);
  if (length !== count)
    throw new ShapeError(`${name}: got ${length} values, but shape [${shape.join(', ')}] needs ${count}.`);
  return { shape, data: float32s(name, tensor.data, { place: inTensor(shape), ...rules }) };
}

/** @throws ConfigError if it is not a Map. */
export function checkMap(name: string, tensors: ReadonlyMap<string, TensorInput>): void {
  if (tagOf(tensors) !== '[object Map]')
    throw new ConfigError(`${name}: got ${whatIs(tensors)}, expected a Map from names to { shape, data }.`);
}

/** By index on every axis, from 0. @param axes what each axis counts, in words; without it, positions read [1, 0, 2]. */
export const inTensor =
  (shape: readonly number[], axes?: readonly string[]): Place =>
  (index, got, expected) => {
    const places: number[] = [];
    let rest = index;
    for (const size of shape.toReversed()) {
      places.unshift(rest % size);
      rest = Math.floor(rest / size);
    }
    const where = axes ? `${places.map((place, k) => `${axes[k]} ${place}`).join(', ')}` : `[${places.join(', ')}]`;
    return `got ${got}, expected ${expected}, at ${where} (from 0).`;
  };

const tagOf = (value: unknown): string => Object.prototype.toString.call(value);

/** 'Float32Array' and so on, also for arrays from another realm; undefined if it is not a view of a buffer. */
export const typedArrayName = (value: unknown): string | undefined =>
  ArrayBuffer.isView(value) ? tagOf(value).slice('[object '.length, -1) : undefined;

function readNumbers<Values extends Float32Array<ArrayBuffer> | Float64Array<ArrayBuffer>>(
  Kind: { new (length: number): Values; readonly BYTES_PER_ELEMENT: number },
  name: string,
  values: unknown,
  { accepts, expected = 'a number', place = inRows, copy }: ArrayRules = {},
): Values {
  const list = listOf(name, values);
  const { length } = list;
  const bits = 8 * Kind.BYTES_PER_ELEMENT;
  const refused = (index: number, wanted = expected) =>
    new DataError(`${name}: ${place(index, shown(list[index]), wanted, length)}`, {
      code: 'bad-value',
      details: { argument: name, index, got: shown(list[index]), expected: wanted },
    });
  if (typedArrayName(list) === `Float${bits}Array`) {
    const given = list as Values;
    const own = copy || !isOrdinary(given.buffer) ? (given.slice() as Values) : given;
    if (accepts) for (let k = 0; k < length; k++) if (!accepts(own[k]!, k)) throw refused(k);
    return own;
  }
  const own = new Kind(length);
  for (let k = 0; k < length; k++) {
    const got = list[k];
    const isWide = typeof got === 'bigint' && ArrayBuffer.isView(list);
    const value = isWide ? Number(got) : got;
    if (typeof value !== 'number' || accepts?.(value, k) === false) throw refused(k);
    own[k] = value;
    if (isWide ? BigInt(value) !== got : !Number.isFinite(own[k]) && Number.isFinite(value))
      throw refused(k, `${expected} that float${isWide ? 64 : bits} can represent`);
  }
  return own;
}

/** Anything with a length and numbered elements of any type. @throws ConfigError for anything else. */
export function listOf(name: string, values: unknown): ArrayLike<unknown> {
  const length = typeof values === 'object' && (values as Partial<ArrayLike<unknown>> | null)?.length;
  if (Number.isSafeInteger(length) && Number(length) >= 0) return values as ArrayLike<unknown>;
  throw new ConfigError(`${name}: got ${whatIs(values)}, expected numbers in a plain array or a typed array.`);
}

const whatIs = (value: unknown): string => (typeof value === 'object' && value ? tagOf(value) : shown(value));

/** Memory that is not shared and cannot be resized. */
const isOrdinary = (buffer: ArrayBufferLike & { resizable?: boolean }): boolean =>
  buffer instanceof ArrayBuffer && !buffer.resizable;
