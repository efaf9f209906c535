import { describe, expect, test } from 'vitest';
import { DataError, ShapeError } from '../../src/errors.ts';
import { readSafetensors, writeSafetensors } from '../../src/io/safetensors.ts';

/** Written by `safetensors.serialize` of the Python package safetensors 0.8.0, with the values asserted below. */
const FROM_PYTHON =
  'oAEAAAAAAAB7Il9fbWV0YWRhdGFfXyI6eyJtYWRlX2J5Ijoic2FmZXRlbnNvcnMgMC44LjAifSwiZG91YmxlIjp7ImR0eXBlIjoiRjY0Iiwic2hh' +
  'cGUiOlsyXSwiZGF0YV9vZmZzZXRzIjpbMCwxNl19LCJmYy53ZWlnaHQiOnsiZHR5cGUiOiJGMzIiLCJzaGFwZSI6WzIsM10sImRhdGFfb2Zmc2V0' +
  'cyI6WzE2LDQwXX0sIm5vbmUiOnsiZHR5cGUiOiJGMzIiLCJzaGFwZSI6WzAsNF0sImRhdGFfb2Zmc2V0cyI6WzQwLDQwXX0sInNjYWxhciI6eyJk' +
  'dHlwZSI6IkYzMiIsInNoYXBlIjpbXSwiZGF0YV9vZmZzZXRzIjpbNDAsNDRdfSwiYnJhaW4iOnsiZHR5cGUiOiJCRjE2Iiwic2hhcGUiOlsyLDFd' +
  'LCJkYXRhX29mZnNldHMiOls0NCw0OF19LCJoYWxmIjp7ImR0eXBlIjoiRjE2Iiwic2hhcGUiOlsyXSwiZGF0YV9vZmZzZXRzIjpbNDgsNTJdfX0g' +
  'ICAgIJqZmZmZmbk/nHUAiDzkN/4AAAA/AACgvwAAQEBvEoM6AAAAwAAA+EAAAChCwD8AwAA+AYA=';

const fromBase64 = (text: string) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0));

/** A file with any header and any number of bytes after it. */
function file(header: unknown, numBytes = 0): Uint8Array {
  const json = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + json.length + numBytes);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
  bytes.set(json, 8);
  return bytes;
}

const f32 = (shape: unknown, begin: unknown, end: unknown) => ({ dtype: 'F32', shape, data_offsets: [begin, end] });

const ours = () =>
  writeSafetensors(
    new Map([
      ['lstm.weight_ih_l0', { shape: [2, 3], data: Float32Array.of(0.5, -1.25, 3, 1e-3, -2, 7.75) }],
      ['scalar', { shape: [], data: Float32Array.of(-0) }],
      ['empty', { shape: [0, 4], data: new Float32Array(0) }],
      ['ü "quoted"', { shape: [2], data: Float32Array.of(Number.NaN, -Infinity) }],
    ]),
    { format: 'pt', note: 'naïve \\ "x"' },
  );

describe('readSafetensors', () => {
  test('reads F32, F64, F16 and BF16 as written by the Python package', () => {
    const { tensors, metadata } = readSafetensors(fromBase64(FROM_PYTHON));
    expect(metadata).toEqual({ made_by: 'safetensors 0.8.0' });
    expect(Object.fromEntries(tensors)).toEqual({
      'fc.weight': { dtype: 'F32', shape: [2, 3], data: Float32Array.of(0.5, -1.25, 3, 1e-3, -2, 7.75) },
      half: { dtype: 'F16', shape: [2], data: Float32Array.of(1.5, -(2 ** -24)) },
      brain: { dtype: 'BF16', shape: [2, 1], data: Float32Array.of(1.5, -2) },
      double: { dtype: 'F64', shape: [2], data: Float32Array.of(0.1, -Infinity) },
      scalar: { dtype: 'F32', shape: [], data: Float32Array.of(42) },
      none: { dtype: 'F32', shape: [0, 4], data: new Float32Array(0) },
    });
  });

  test('reads a view into a larger buffer, at any alignment', () => {
    const bytes = ours();
    const larger = new Uint8Array(bytes.length + 7);
    larger.set(bytes, 3);
    expect(readSafetensors(larger.subarray(3, 3 + bytes.length))).toEqual(readSafetensors(bytes));
  });

  test('keeps every bit of a float32, including NaN', () => {
    const words = Uint32Array.of(0x7f800001, 0xffc12345, 0x80000000, 1);
    const bytes = writeSafetensors(new Map([['x', { shape: [4], data: new Float32Array(words.buffer) }]]));
    expect(new Uint32Array(readSafetensors(bytes).tensors.get('x')!.data.buffer)).toEqual(words);
  });

  test('has a short message for very deep nesting and very long values', () => {
    const deep = `${'['.repeat(20_000)}${']'.repeat(20_000)}`;
    for (const shape of [deep, `"${'x'.repeat(20_000)}"`, `[${'7,'.repeat(20_000)}7]`]) {
      const bytes = file(`{"x":{"dtype":"F32","shape":${shape},"data_offsets":[0,4]}}`, 4);
      expect(() => readSafetensors(bytes)).toThrow(DataError);
      expect(() => readSafetensors(bytes)).toThrow(/^.{0,300}$/);
    }
  });

  test('reads F16 infinities and NaN', () => {
    const bytes = file({ h: { dtype: 'F16', shape: [3], data_offsets: [0, 6] } }, 6);
    bytes.set([0x00, 0x7c, 0x00, 0xfc, 0x01, 0x7e], bytes.length - 6);
    expect([...readSafetensors(bytes).tensors.get('h')!.data]).toEqual([Infinity, -Infinity, Number.NaN]);
  });

  test('accepts tensors in any order of the header', () => {
    const { tensors } = readSafetensors(file({ b: f32([1], 4, 8), a: f32([1], 0, 4) }, 8));
    expect([...tensors.keys()]).toEqual(['b', 'a']);
  });

  test.each([
    ['I64', 8],
    ['U8', 1],
    ['BOOL', 1],
    ['F8_E4M3', 1],
    ['C64', 8],
  ])('skips a tensor of %s, and names tensor and dtype if its values are read', (dtype, size) => {
    const bytes = file({ step: { dtype, shape: [1], data_offsets: [0, size] }, w: f32([1], size, size + 4) }, size + 4);
    bytes.set([0, 0, 0x80, 0x3f], bytes.length - 4);
    const { tensors } = readSafetensors(bytes);
    expect([...tensors.get('w')!.data]).toEqual([1]);
    const { dtype: stored, shape } = tensors.get('step')!;
    expect({ stored, shape }).toEqual({ stored: dtype, shape: [1] });
    const asking = () => tensors.get('step')!.data;
    expect(asking).toThrow(DataError);
    expect(asking).toThrow(`tensor "step" has dtype "${dtype}", expected one of F32, F64, F16, BF16`);
  });

  test.each([
    ['F4', [2, 3], 3],
    ['F6_E2M3', [4], 3],
  ])('computes the size of values of less than a byte: %s', (dtype, shape, size) => {
    const read = (numBytes: number) =>
      readSafetensors(file({ a: { dtype, shape, data_offsets: [0, numBytes] } }, numBytes)).tensors.get('a')!.shape;
    expect(read(size)).toEqual(shape);
    expect(() => read(size + 1)).toThrow(`has ${size + 1} bytes`);
  });

  const huge = Number.MAX_SAFE_INTEGER;
  test.each<[string, Uint8Array, RegExp]>([
    ['no bytes', new Uint8Array(0), /0 bytes/],
    ['half a length', new Uint8Array(7), /7 bytes/],
    ['a header past the end', file('{}').fill(9, 0, 1), /claims 9 bytes, but only 2 follow/],
    ['a header of 2^64 - 1 bytes', new Uint8Array(16).fill(255), /claims 18446744073709551615 bytes/],
    ['an empty header', file(''), /does not start with/],
    ['a header after a space', file(' {}'), /does not start with/],
    ['a list', file('[]'), /does not start with/],
    ['broken JSON', file('{"a":'), /not JSON/],
    ['deeply nested JSON', file(`{"a":${'['.repeat(1e6)}`), /not JSON/],
    ['invalid UTF-8', file('{"?":1}').fill(0xff, 10, 11), /not JSON/],
    ['a tensor twice', file('{"a":{"dtype":"F32","shape":[0],"data_offsets":[0,0]},"\\u0061":1}'), /"a" twice/],
    ['a dtype twice', file('{"a":{"dtype":"F16","dtype":"F32","shape":[0],"data_offsets":[0,0]}}'), /"dtype" twice/],
    ['metadata that is not text', file({ __metadata__: { a: 1 } }), /not an object of strings/],
    ['a list as metadata', file({ __metadata__: ['a'] }), /not an object of strings/],
    ['a tensor without description', file({ a: null }), /"a" has no description/],
    ['a tensor without dtype', file({ a: { shape: [], data_offsets: [0, 4] } }, 4), /no dtype/],
    ['a dtype that there is not', file({ a: { ...f32([], 0, 4), dtype: 'I33' } }, 4), /dtype "I33"/],
    ['half a byte', file({ a: { dtype: 'F4', shape: [3], data_offsets: [0, 2] } }, 2), /needs more than is possible/],
    ['a dtype that every object has', file({ a: { ...f32([], 0, 4), dtype: 'toString' } }, 4), /dtype "toString"/],
    ['a negative size', file({ a: f32([-1], 0, 4) }, 4), /has shape \[-1\]/],
    ['a fractional size', file({ a: f32([0.5, 2], 0, 4) }, 4), /has shape/],
    ['a shape that is a number', file({ a: f32(1, 0, 4) }, 4), /has shape 1/],
    ['an offset that is text', file({ a: f32([1], '0', 4) }, 4), /data_offsets/],
    ['an offset past whole numbers', file({ a: f32([1], 0, 2 ** 60) }, 4), /data_offsets/],
    ['offsets backwards', file({ a: f32([1], 4, 0) }, 4), /has -4 bytes/],
    ['a shape that overflows', file({ a: f32([huge, huge, huge], 0, 4) }, 4), /more than is possible/],
    ['a shape that overflows before a 0', file({ a: f32([huge, huge, 0], 0, 0) }), /more than is possible/],
    ['a byte size that overflows', file({ a: f32([huge], 0, 4) }, 4), /more than is possible/],
    ['fewer bytes than the shape needs', file({ a: f32([2], 0, 4) }, 4), /has 4 bytes .* needs 8/],
    ['a hole', file({ a: f32([1], 0, 4), b: f32([1], 8, 12) }, 12), /"b" starts at byte 8, expected 4: a gap/],
    ['an overlap', file({ a: f32([2], 0, 8), b: f32([1], 4, 8) }, 8), /"b" starts at byte 4, expected 8: an overlap/],
    ['bytes left over', file({ a: f32([1], 0, 4) }, 5), /take 4 bytes, but 5 follow/],
    ['data cut short', file({ a: f32([1], 0, 4) }, 3), /take 4 bytes, but 3 follow/],
  ])('rejects %s', (_, bytes, message) => {
    expect(() => readSafetensors(bytes)).toThrow(DataError);
    expect(() => readSafetensors(bytes)).toThrow(message);
  });

  test('rejects every truncated file, and never fails differently on a flipped byte', () => {
    const bytes = ours();
    for (let length = 0; length < bytes.length; length++)
      expect(() => readSafetensors(bytes.subarray(0, length))).toThrow(DataError);
    for (let at = 0; at < bytes.length; at++)
      for (const flip of [0x01, 0x20, 0x80]) {
        const flipped = bytes.slice();
        flipped[at]! ^= flip;
        try {
          readSafetensors(flipped);
        } catch (error) {
          expect(error, `byte ${at} ^ ${flip}`).toBeInstanceOf(DataError);
        }
      }
  });
});

describe('writeSafetensors', () => {
  test('is read back the same: order, shapes, bits and metadata', () => {
    const { tensors, metadata } = readSafetensors(ours());
    expect(metadata).toEqual({ format: 'pt', note: 'naïve \\ "x"' });
    expect([...tensors.keys()]).toEqual(['lstm.weight_ih_l0', 'scalar', 'empty', 'ü "quoted"']);
    expect(tensors.get('lstm.weight_ih_l0')).toEqual({
      dtype: 'F32',
      shape: [2, 3],
      data: Float32Array.of(0.5, -1.25, 3, 1e-3, -2, 7.75),
    });
    expect(Object.is(tensors.get('scalar')!.data[0], -0)).toBe(true);
    expect([...tensors.get('ü "quoted"')!.data]).toEqual([Number.NaN, -Infinity]);
  });

  test('pads the header with spaces, so that the values start at a multiple of 8', () => {
    for (const name of ['a', 'ab', 'abc', 'abcd', 'abcde', 'abcdef', 'abcdefg', 'abcdefgh']) {
      const bytes = writeSafetensors(new Map([[name, { shape: [1], data: Float32Array.of(1) }]]), {});
      expect((bytes.length - 4) % 8).toBe(0);
      expect(readSafetensors(bytes).metadata).toEqual({});
    }
  });

  test('writes a file without tensors', () => {
    expect(readSafetensors(writeSafetensors(new Map(), {})).tensors.size).toBe(0);
  });

  test.each(['__proto__', 'constructor', '0'])('keeps a tensor and a metadata entry named %s', (name) => {
    const bytes = writeSafetensors(
      new Map([[name, { shape: [1], data: Float32Array.of(7) }]]),
      Object.fromEntries([[name, 'x']]),
    );
    const { tensors, metadata } = readSafetensors(bytes);
    expect([...tensors.get(name)!.data]).toEqual([7]);
    expect(Object.entries(metadata)).toEqual([[name, 'x']]);
  });

  test('rejects values that do not match the shape, and the reserved name of the metadata', () => {
    const data = Float32Array.of(1, 2);
    expect(() => writeSafetensors(new Map([['w', { shape: [3], data }]]), {})).toThrow(ShapeError);
    expect(() => writeSafetensors(new Map([['w', { shape: [-1, -2], data }]]), {})).toThrow(/w has 2 values/);
    expect(() => writeSafetensors(new Map([['__metadata__', { shape: [2], data }]]), {})).toThrow(DataError);
  });
});
