import { checkMap, float32s, listOf, type TensorInput } from '../arrays.ts';
import { DataError, ShapeError } from '../errors.ts';
import { messageOf, shown } from '../shown.ts';
import { type BytesInput, bytesOf } from './bytes.ts';
import { addChecksum, CHECKSUM, checkChecksum, NO_CHECKSUM } from './checksum.ts';
import { bytesOfValues, isDtype, isRead, READ_DTYPES, readValues, type SafetensorsDtype } from './dtypes.ts';
import { foreignFile } from './foreign_file.ts';

/** A tensor from a file; `dtype` is that of the file, `data` is always float32. */
export interface StoredTensor {
  shape: number[];
  /** @throws DataError if the file contains integers, booleans, or unsupported floats. */
  readonly data: Float32Array;
  dtype: SafetensorsDtype;
}

/** A file's contents. */
export interface SafetensorsFile {
  /** By name, in header order. */
  tensors: Map<string, StoredTensor>;
  /** The header's `__metadata__` without the checksum; empty if there is none. */
  metadata: Record<string, string>;
  /** True: every byte is unchanged since {@link writeSafetensors}. False: the file has no checksum, so another program wrote it. */
  hasChecksum: boolean;
}

/** The format's limit for the JSON header. */
const MAX_HEADER_BYTES = 100_000_000;
const LENGTH_BYTES = 8;
const ALIGNMENT = 8;
const METADATA = '__metadata__';

/**
 * Writes tensors as float32, in map order, with a checksum in the metadata, so that {@link readSafetensors} detects later
 * changes; other readers ignore it.
 * @throws ShapeError if the number of values in `data` does not match `shape`. @throws DataError for a name or a header that
 *   the format does not allow, and for a value that is not a number, or is finite and beyond float32.
 * @see https://huggingface.co/docs/safetensors
 */
export function writeSafetensors(
  tensors: ReadonlyMap<string, TensorInput>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  const entries: [string, unknown][] = [[METADATA, { ...metadata, [CHECKSUM]: NO_CHECKSUM }]];
  const values: Float32Array[] = [];
  let end = 0;
  checkMap('safetensors', tensors);
  for (const [name, { shape, data }] of tensors) {
    if (name === METADATA) throw new DataError(`safetensors: no tensor can be named ${METADATA}; rename it.`);
    const { length } = listOf(`safetensors: ${name}`, data);
    if (!isSizes(shape) || product(shape) !== length)
      throw new ShapeError(`safetensors: ${name} has ${length} values, which do not match its shape [${shape}].`);
    values.push(float32s(`safetensors: ${name}`, data));
    const begin = end;
    end += 4 * length;
    entries.push([name, { dtype: 'F32', shape, data_offsets: [begin, end] }]);
  }
  const header = JSON.stringify(Object.fromEntries(entries));
  const json = new TextEncoder().encode(header);
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
      view.setUint32(at, word, true); // not as a number, because a NaN would lose its payload
      at += 4;
    }
  addChecksum(bytes, header, LENGTH_BYTES);
  return bytes;
}

/**
 * Reads a safetensors file. F16 and BF16 are converted to float32 exactly; F64 is rounded, and values beyond float32 become
 * infinite. Tensors of other types are listed, but their values cannot be read.
 * @throws DataError for anything the format does not allow, for files of another kind, which it names, and if the checksum of
 *   {@link writeSafetensors} does not match the bytes. @throws ConfigError if `file` is not a byte array.
 */
export function readSafetensors(file: BytesInput): SafetensorsFile {
  const bytes = bytesOf('readSafetensors', file);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerBytes = headerLength(bytes, view);
  const dataStart = LENGTH_BYTES + headerBytes;
  const { text, header } = parseHeader(bytes, dataStart);
  const { [CHECKSUM]: _, ...metadata } = readMetadata(header[METADATA]);
  const checksum = checkChecksum(bytes, text, LENGTH_BYTES, readMetadata(header[METADATA]));
  if (checksum === 'wrong')
    throw new DataError(
      'safetensors: the file is damaged: its checksum does not match. Download or write it again. If it was ' +
        `changed on purpose, remove ${CHECKSUM} from its metadata; writeSafetensors() adds a new one.`,
      { code: 'file-damaged' },
    );
  const entries = Object.entries(header)
    .filter(([name]) => name !== METADATA)
    .map(([name, entry]) => readEntry(name, entry));
  checkLayout(entries, bytes.length - dataStart);
  const tensors = new Map(entries.map((entry) => [entry.name, storedTensor(entry, view, dataStart)]));
  return { tensors, metadata, hasChecksum: checksum === 'right' };
}

function storedTensor(
  { name, dtype, shape, numValues, begin }: Entry,
  view: DataView,
  dataStart: number,
): StoredTensor {
  if (isRead(dtype)) return { shape, dtype, data: readValues(dtype, view, dataStart + begin, numValues) };
  return {
    shape,
    dtype,
    get data(): never {
      throw new DataError(
        `safetensors: tensor ${shown(name)} has dtype ${shown(dtype)}, expected one of ${READ_DTYPES.join(', ')}. Convert it ` +
          'before saving, for example with tensor.float() in PyTorch, or leave it out.',
      );
    },
  };
}

interface Entry {
  name: string;
  dtype: SafetensorsDtype;
  shape: number[];
  numValues: number;
  /** First byte, and the byte past the last, relative to the end of the header. */
  begin: number;
  end: number;
}

const broken = (what: string, cause?: unknown): DataError =>
  new DataError(`safetensors: ${what} The file is damaged, truncated, or not a safetensors file.`, {
    code: 'file-damaged',
    ...(cause !== undefined && { cause }),
  });

/** The error for bytes that are wrong from the start: they may be of another kind. */
function notSafetensors(bytes: Uint8Array, what: string): DataError {
  const foreign = foreignFile(bytes);
  if (foreign === undefined) return broken(what);
  return new DataError(`safetensors: this is ${foreign}`, { code: 'file-of-another-kind' });
}

function headerLength(bytes: Uint8Array, view: DataView): number {
  if (view.byteLength < LENGTH_BYTES)
    throw broken(`got ${view.byteLength} bytes, expected at least the ${LENGTH_BYTES} of the header's length.`);
  const length = view.getBigUint64(0, true);
  if (length > BigInt(MAX_HEADER_BYTES))
    throw notSafetensors(bytes, `the header claims ${length} bytes, the format allows ${MAX_HEADER_BYTES}.`);
  const room = view.byteLength - LENGTH_BYTES;
  if (length > BigInt(room)) throw notSafetensors(bytes, `the header claims ${length} bytes, but only ${room} follow.`);
  return Number(length);
}

function parseHeader(bytes: Uint8Array, end: number): { text: string; header: Record<string, unknown> } {
  if (end === LENGTH_BYTES || bytes[LENGTH_BYTES] !== 0x7b)
    throw notSafetensors(bytes, "the header does not start with '{'.");
  let text: string;
  let header: unknown;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes.subarray(LENGTH_BYTES, end));
    header = JSON.parse(text);
  } catch (error) {
    throw broken(`the header is not JSON (${messageOf(error)}).`, error);
  }
  const repeated = repeatedKey(text);
  if (repeated !== undefined) throw broken(`the header has ${shown(repeated)} twice.`);
  return { text, header: header as Record<string, unknown> };
}

/** The first key that one object has twice. JSON.parse silently keeps the last one, so this scans valid JSON again. */
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
    throw broken(`${METADATA} is not an object of strings.`);
  return value as Record<string, string>;
}

function readEntry(name: string, entry: unknown): Entry {
  const where = `tensor ${shown(name)}`;
  if (!isObject(entry)) throw broken(`${where} has no description.`);
  const { dtype, shape, data_offsets: offsets } = entry;
  if (typeof dtype !== 'string') throw broken(`${where} has no dtype.`);
  if (!isDtype(dtype)) throw broken(`${where} has the unknown dtype ${shown(dtype)}.`);
  if (!isSizes(shape)) throw broken(`${where} has shape ${shown(shape)}, expected sizes of 0 and up.`);
  if (!isSizes(offsets) || offsets.length !== 2)
    throw broken(`${where} has data_offsets ${shown(offsets)}, expected [begin, end].`);
  const [begin, end] = offsets as [number, number];
  const numValues = product(shape);
  const numBytes = numValues === undefined ? undefined : bytesOfValues(dtype, numValues);
  if (numValues === undefined || numBytes === undefined || end - begin !== numBytes)
    throw broken(
      `${where} has ${end - begin} bytes (${begin} to ${end}), but shape ${shown(shape)} in ${dtype} ` +
        `needs ${numBytes ?? 'more than is possible'}.`,
    );
  return { name, dtype, shape, numValues, begin, end };
}

/** Checks that tensors fill the bytes after the header without gaps, overlaps or trailing bytes. */
function checkLayout(entries: readonly Entry[], numBytes: number): void {
  let filled = 0;
  for (const { name, begin, end } of [...entries].sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (begin !== filled)
      throw broken(
        `tensor ${shown(name)} starts at byte ${begin}, expected ${filled}: ` +
          `${begin > filled ? 'a gap' : 'an overlap'}.`,
      );
    filled = end;
  }
  if (filled !== numBytes) throw broken(`the tensors take ${filled} bytes, but ${numBytes} follow the header.`);
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isSizes = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);

/** Undefined if the product exceeds the integers that float64 can represent exactly. */
function product(sizes: readonly number[]): number | undefined {
  let result = 1;
  for (const size of sizes) {
    result *= size;
    if (!Number.isSafeInteger(result)) return undefined;
  }
  return result;
}
