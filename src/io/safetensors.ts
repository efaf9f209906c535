import { checkMap, float32s, listOf, type TensorInput } from '../arrays.ts';
import { DataError, ShapeError } from '../errors.ts';
import { shown } from '../shown.ts';

/** A tensor as read; `dtype` is what the file held, `data` is float32 always. */
export interface StoredTensor {
  shape: number[];
  data: Float32Array;
  dtype: SafetensorsDtype;
}

/** What the numbers of a file may be. */
export type SafetensorsDtype = 'F32' | 'F16' | 'BF16' | 'F64';

/** A file as read. */
export interface SafetensorsFile {
  /** By name, in the order of the header. */
  tensors: Map<string, StoredTensor>;
  /** The header's `__metadata__`; empty when there is none. */
  metadata: Record<string, string>;
}

/** The format's own limit for the JSON header. */
const MAX_HEADER_BYTES = 100_000_000;
const LENGTH_BYTES = 8;
const ALIGNMENT = 8;
const METADATA = '__metadata__';

/** Bytes of one value, and how it is read; everything in the file is little-endian, whatever the machine is. */
const DTYPES: Record<SafetensorsDtype, { size: number; read: (view: DataView, at: number) => number }> = {
  F32: { size: 4, read: (view, at) => view.getFloat32(at, true) },
  F64: { size: 8, read: (view, at) => view.getFloat64(at, true) },
  F16: { size: 2, read: (view, at) => fromFloat16(view.getUint16(at, true)) },
  BF16: { size: 2, read: (view, at) => fromBfloat16(view.getUint16(at, true)) },
};

/**
 * Writes tensors as float32, in the order of the map.
 * @throws ShapeError when `data` does not fill `shape`. @throws DataError for a name or a header the format refuses, and for a
 *   value that is no number, or finite and beyond float32.
 * @see https://huggingface.co/docs/safetensors
 */
export function writeSafetensors(
  tensors: ReadonlyMap<string, TensorInput>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  const entries: [string, unknown][] = [];
  if (Object.keys(metadata).length > 0) entries.push([METADATA, metadata]);
  const values: Float32Array[] = [];
  let end = 0;
  checkMap('safetensors', tensors);
  for (const [name, { shape, data }] of tensors) {
    if (name === METADATA) throw new DataError(`safetensors: no tensor can be named ${METADATA}; rename it.`);
    const { length } = listOf(`safetensors: ${name}`, data);
    if (!isSizes(shape) || product(shape) !== length)
      throw new ShapeError(`safetensors: ${name} has ${length} values, which do not fill its shape [${shape}].`);
    values.push(float32s(`safetensors: ${name}`, data));
    const begin = end;
    end += 4 * length;
    entries.push([name, { dtype: 'F32', shape, data_offsets: [begin, end] }]);
  }
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(entries)));
  const headerBytes = Math.ceil(json.length / ALIGNMENT) * ALIGNMENT;
  if (headerBytes > MAX_HEADER_BYTES)
    throw new DataError(`safetensors: the header takes ${headerBytes} bytes, the format allows ${MAX_HEADER_BYTES}.`);
  const bytes = new Uint8Array(LENGTH_BYTES + headerBytes + end);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(headerBytes), true);
  bytes.fill(0x20, LENGTH_BYTES, LENGTH_BYTES + headerBytes);
  bytes.set(json, LENGTH_BYTES);
  let at = LENGTH_BYTES + headerBytes;
  for (const data of values)
    for (const word of new Uint32Array(data.buffer, data.byteOffset, data.length)) {
      view.setUint32(at, word, true); // as a number, a NaN would lose its payload
      at += 4;
    }
  return bytes;
}

/**
 * Reads a safetensors file. Float64 is rounded to float32; values beyond its range become infinite.
 * @throws DataError for anything that the format does not allow, and for dtypes other than F32, F16, BF16 and F64.
 */
export function readSafetensors(bytes: Uint8Array): SafetensorsFile {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerBytes = headerLength(view);
  const dataStart = LENGTH_BYTES + headerBytes;
  const header = parseHeader(bytes.subarray(LENGTH_BYTES, dataStart));
  const metadata = readMetadata(header[METADATA]);
  const entries = Object.entries(header)
    .filter(([name]) => name !== METADATA)
    .map(([name, entry]) => readEntry(name, entry));
  checkLayout(entries, bytes.length - dataStart);
  const tensors = new Map(
    entries.map(({ name, dtype, shape, numValues, begin }) => {
      const { size, read } = DTYPES[dtype];
      const data = new Float32Array(numValues);
      const words = new Uint32Array(data.buffer);
      const start = dataStart + begin;
      if (dtype === 'F32') for (let k = 0; k < numValues; k++) words[k] = view.getUint32(start + k * size, true);
      else for (let k = 0; k < numValues; k++) data[k] = read(view, start + k * size);
      return [name, { shape, data, dtype }];
    }),
  );
  return { tensors, metadata };
}

interface Entry {
  name: string;
  dtype: SafetensorsDtype;
  shape: number[];
  numValues: number;
  /** First byte, and the byte past the last, counted from the end of the header. */
  begin: number;
  end: number;
}

const broken = (what: string): DataError =>
  new DataError(`safetensors: ${what} The file is damaged, cut short, or no safetensors file.`);

function headerLength(view: DataView): number {
  if (view.byteLength < LENGTH_BYTES)
    throw broken(`got ${view.byteLength} bytes, expected at least the ${LENGTH_BYTES} of the header's length.`);
  const length = view.getBigUint64(0, true);
  if (length > BigInt(MAX_HEADER_BYTES))
    throw broken(`the header claims ${length} bytes, the format allows ${MAX_HEADER_BYTES}.`);
  const room = view.byteLength - LENGTH_BYTES;
  if (length > BigInt(room)) throw broken(`the header claims ${length} bytes, but only ${room} follow.`);
  return Number(length);
}

function parseHeader(bytes: Uint8Array): Record<string, unknown> {
  if (bytes[0] !== 0x7b) throw broken("the header does not start with '{'.");
  let text: string;
  let header: unknown;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    header = JSON.parse(text);
  } catch (error) {
    throw broken(`the header is no JSON (${(error as Error).message}).`);
  }
  const repeated = repeatedKey(text);
  if (repeated !== undefined) throw broken(`the header has ${shown(repeated)} twice.`);
  return header as Record<string, unknown>;
}

/** The first key that one object has twice. JSON.parse keeps the last without a word, so valid JSON is walked again. */
function repeatedKey(json: string): string | undefined {
  const objects: (Set<string> | null)[] = []; // null for an array
  let string = '';
  for (let at = 0; at < json.length; at++) {
    const character = json[at];
    if (character === '{') objects.push(new Set());
    else if (character === '[') objects.push(null);
    else if (character === '}' || character === ']') objects.pop();
    else if (character === '"') {
      const first = at++;
      while (json[at] !== '"') at += json[at] === '\\' ? 2 : 1;
      string = json.slice(first, at + 1);
    } else if (character === ':') {
      const key = JSON.parse(string) as string;
      const keys = objects.at(-1);
      if (keys?.has(key)) return key;
      keys?.add(key);
    }
  }
  return undefined;
}

function readMetadata(value: unknown): Record<string, string> {
  if (value === undefined) return {};
  if (!isObject(value) || Object.values(value).some((text) => typeof text !== 'string'))
    throw broken(`${METADATA} is no object of strings.`);
  return value as Record<string, string>;
}

function readEntry(name: string, entry: unknown): Entry {
  const where = `tensor ${shown(name)}`;
  if (!isObject(entry)) throw broken(`${where} has no description.`);
  const { dtype, shape, data_offsets: offsets } = entry;
  if (typeof dtype !== 'string') throw broken(`${where} has no dtype.`);
  if (!Object.hasOwn(DTYPES, dtype))
    throw new DataError(
      `safetensors: ${where} has dtype ${shown(dtype)}, expected one of ${Object.keys(DTYPES).join(', ')}. ` +
        'Convert it before saving, for example with tensor.float() in PyTorch.',
    );
  if (!isSizes(shape)) throw broken(`${where} has shape ${shown(shape)}, expected sizes of 0 and up.`);
  if (!isSizes(offsets) || offsets.length !== 2)
    throw broken(`${where} has data_offsets ${shown(offsets)}, expected [begin, end].`);
  const [begin, end] = offsets as [number, number];
  const numValues = product(shape);
  const numBytes = numValues === undefined ? undefined : product([numValues, DTYPES[dtype as SafetensorsDtype].size]);
  if (numValues === undefined || numBytes === undefined || end - begin !== numBytes)
    throw broken(
      `${where} has ${end - begin} bytes (${begin} to ${end}), but shape ${shown(shape)} in ${dtype} ` +
        `needs ${numBytes ?? 'more than there can be'}.`,
    );
  return { name, dtype: dtype as SafetensorsDtype, shape, numValues, begin, end };
}

/** Tensors fill the bytes after the header without a hole, an overlap or a rest. */
function checkLayout(entries: readonly Entry[], numBytes: number): void {
  let filled = 0;
  for (const { name, begin, end } of [...entries].sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (begin !== filled)
      throw broken(
        `tensor ${shown(name)} starts at byte ${begin}, expected ${filled}: ` +
          `${begin > filled ? 'a hole' : 'an overlap'}.`,
      );
    filled = end;
  }
  if (filled !== numBytes) throw broken(`the tensors take ${filled} bytes, but ${numBytes} follow the header.`);
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isSizes = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);

/** Undefined where the product leaves the whole numbers that float64 holds exactly. */
function product(sizes: readonly number[]): number | undefined {
  let result = 1;
  for (const size of sizes) {
    result *= size;
    if (!Number.isSafeInteger(result)) return undefined;
  }
  return result;
}

/** IEEE 754 binary16: 1 sign, 5 exponent, 10 fraction bits. */
function fromFloat16(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction ? Number.NaN : sign * Infinity;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

const word = new DataView(new ArrayBuffer(4));

/** The upper half of a float32. */
function fromBfloat16(bits: number): number {
  word.setUint32(0, bits << 16);
  return word.getFloat32(0);
}
