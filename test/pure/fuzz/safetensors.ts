import fc from 'fast-check';
import { expect } from 'vitest';
import { readSafetensors, writeSafetensors } from '../../../src/io/safetensors.ts';
import { sha256 } from '../../../src/io/sha256.ts';
import type { Edit, FileKind } from './kind.ts';

/** Any bits, including NaN with a payload. */
const tensor = fc
  .array(fc.nat(4), { maxLength: 3 })
  .chain((shape) => {
    const count = shape.reduce((product, size) => product * size, 1);
    return fc.tuple(fc.constant(shape), fc.uint8Array({ minLength: 4 * count, maxLength: 4 * count }));
  })
  .map(([shape, bytes]) => ({ shape, data: new Float32Array(bytes.slice().buffer) }));

const names = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.constantFrom('__proto__', 'constructor', '7', ''),
);

type Held = { tensors: Map<string, { shape: number[]; data: Float32Array }>; metadata: Record<string, string> };

const files = fc
  .tuple(fc.array(fc.tuple(names, tensor), { maxLength: 4 }), fc.dictionary(fc.string(), fc.string(), { maxKeys: 2 }))
  .chain(([entries, metadata]) => {
    const held: Held = { tensors: new Map(entries.filter(([name]) => name !== '__metadata__')), metadata };
    const bytes = writeSafetensors(held.tensors, metadata);
    // or as other programs write it, without a checksum
    return fc.constantFrom({ bytes, held }, { bytes: withoutChecksum(bytes), held });
  });

const bitsOf = ({ buffer, byteOffset, byteLength }: Float32Array) => [
  ...new Uint8Array(buffer, byteOffset, byteLength),
];

/** The JSON header and the bytes after it. @throws if there is none. */
function partsOf(bytes: Uint8Array): { header: Record<string, unknown>; data: Uint8Array } {
  const end = 8 + Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, end))) as Record<string, unknown>;
  return { header, data: bytes.subarray(end) };
}

function join(json: string, data: Uint8Array): Uint8Array {
  const header = new TextEncoder().encode(json);
  const bytes = new Uint8Array(8 + header.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(header.length), true);
  bytes.set(header, 8);
  bytes.set(data, 8 + header.length);
  return bytes;
}

/**
 * An edit of the header's JSON with a matching checksum, so that the checks after the checksum are also tested.
 * If an earlier edit left no header to edit, the file stays unchanged.
 */
export const editHeader =
  (edit: (header: Record<string, unknown>) => string): Edit =>
  (bytes) => {
    try {
      const { header, data } = partsOf(bytes);
      return renewChecksum(join(edit(header), data));
    } catch {
      return bytes;
    }
  };

const CHECKSUM = /("lstm_webgpu\.sha256":"lstm_webgpu )[0-9a-f]{64}/;

function renewChecksum(bytes: Uint8Array): Uint8Array {
  const end = 8 + Number(new DataView(bytes.buffer).getBigUint64(0, true));
  const json = new TextDecoder().decode(bytes.subarray(8, end));
  const zeros = json.replace(CHECKSUM, `$1${'0'.repeat(64)}`);
  const sum = sha256(join(zeros, bytes.subarray(end)));
  return join(json.replace(CHECKSUM, `$1${sum}`), bytes.subarray(end));
}

function withoutChecksum(bytes: Uint8Array): Uint8Array {
  const { header, data } = partsOf(bytes);
  const { 'lstm_webgpu.sha256': _, ...metadata } = header.__metadata__ as Record<string, string>;
  return join(JSON.stringify({ ...header, __metadata__: metadata }), data);
}

const DEEP = `${'['.repeat(20_000)}${']'.repeat(20_000)}`;

/** JSON values of an unexpected type. */
export const anyJson: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    ...['null', 'true', '-1', '-0', '0.5', '1e400', '9007199254740993', '1e15', '4294967296', '{}', '[]', '""', DEEP],
    ...[
      '"F32"',
      '"F64"',
      '"BF16"',
      '"I8"',
      '"\\u0000"',
      '[0,0]',
      '[-1,-1]',
      '[1e15,1e15]',
      '[0,4]',
      '[4,0]',
      '"__proto__"',
    ],
    ...['[2147483648,2147483648]', `"${'x'.repeat(5000)}"`, `[${'7,'.repeat(5000)}7]`],
  ),
  fc.json({ maxDepth: 3 }),
);

const edits: fc.Arbitrary<Edit> = fc.oneof(
  fc.tuple(fc.nat(), fc.constantFrom('dtype', 'shape', 'data_offsets', 'more'), anyJson).map(([place, key, json]) =>
    editHeader((header) => {
      const all = Object.keys(header);
      const name = all[place % (all.length || 1)] ?? 'none';
      const entry = JSON.stringify({ ...(header[name] as object), [key]: '@' }).replace('"@"', () => json);
      return JSON.stringify({ ...header, [name]: '@' }).replace('"@"', () => entry);
    }),
  ),
  fc.tuple(fc.nat(), anyJson).map(([place, json]) =>
    editHeader((header) => {
      const all = [...Object.keys(header), '__metadata__'];
      return JSON.stringify({ ...header, [all[place % all.length]!]: '@' }).replace('"@"', () => json);
    }),
  ),
  // the same name twice
  fc.nat().map((place) =>
    editHeader((header) => {
      const all = Object.entries(header);
      const [name, entry] = all[place % (all.length || 1)] ?? ['none', {}];
      return JSON.stringify(header).replace(/^\{/, () => `{${JSON.stringify(name)}:${JSON.stringify(entry)},`);
    }),
  ),
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(
    (length): Edit =>
      (bytes) => {
        const other = bytes.slice();
        if (other.length >= 8) new DataView(other.buffer).setBigUint64(0, length, true);
        return other;
      },
  ),
);

export const safetensors: FileKind<Held> = {
  name: 'a safetensors file',
  files,
  edits,
  reads(bytes, { tensors, metadata }) {
    const read = readSafetensors(bytes);
    expect(read.metadata).toEqual(metadata);
    expect([...read.tensors.keys()].sort()).toEqual([...tensors.keys()].sort());
    for (const [name, { shape, data }] of tensors) {
      expect(read.tensors.get(name)!.shape).toEqual(shape);
      expect(bitsOf(read.tensors.get(name)!.data), name).toEqual(bitsOf(data));
    }
  },
  holds(bytes) {
    const { tensors } = readSafetensors(bytes);
    const { header, data } = partsOf(bytes);
    expect(tensors.size).toBe(Object.keys(header).filter((name) => name !== '__metadata__').length);
    let taken = 0;
    for (const [name, { shape, data: values, dtype }] of tensors) {
      const entry = header[name] as { dtype: string; shape: number[]; data_offsets: [number, number] };
      expect(dtype).toBe(entry.dtype);
      expect(shape).toEqual(entry.shape);
      expect(values.length).toBe(shape.reduce((product, size) => product * size, 1) + 0);
      const [begin, end] = entry.data_offsets;
      taken += end - begin;
      if (dtype === 'F32') expect(bitsOf(values), name).toEqual([...data.subarray(begin, end)]);
    }
    expect(taken).toBe(data.length);
  },
};
