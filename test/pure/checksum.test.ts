import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DataError } from '../../src/errors.ts';
import { modelFile, parseModelFile } from '../../src/forecast/model_file.ts';
import { forecastShape } from '../../src/forecast/shape.ts';
import { readSafetensors, writeSafetensors } from '../../src/io/safetensors.ts';
import { sha256 } from '../../src/io/sha256.ts';
import { initialWeights } from '../../src/model/init.ts';
import { checkpoints } from './fuzz/checkpoint.ts';
import { modelFiles } from './fuzz/model_file.ts';
import { safetensors } from './fuzz/safetensors.ts';

test('sha256 is SHA-256, of parts of any lengths', () => {
  const parts = fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 4 });
  fc.assert(
    fc.property(parts, (given) => {
      const whole = createHash('sha256');
      for (const part of given) whole.update(part);
      expect(sha256(...given)).toBe(whole.digest('hex'));
    }),
  );
  expect(sha256()).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
});

/** Changes one byte of a file. The position is from 0 to below 1. */
function flipped(bytes: Uint8Array, place: number, by: number): Uint8Array {
  const other = bytes.slice();
  other[Math.floor(place * bytes.length)]! ^= by;
  return other;
}

const place = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const oneBit = fc.nat(7).map((bit) => 1 << bit);
const anyByte = fc.integer({ min: 1, max: 255 });

describe.each([
  ['a model file', modelFiles.files, /^model file: /],
  ['a checkpoint', checkpoints.files, /^model file: /],
] as const)('%s', (_, files, message) => {
  test.each([
    ['a bit', oneBit],
    ['a byte', anyByte],
  ] as const)('with %s changed anywhere is rejected: 1,000 times', (_, change) => {
    fc.assert(
      fc.property(files as fc.Arbitrary<{ bytes: Uint8Array }>, place, change, ({ bytes }, at, by) => {
        const read = () => parseModelFile(flipped(bytes, at, by));
        expect(read).toThrow(DataError);
        expect(read).toThrow(message);
      }),
      { numRuns: 1000 },
    );
  });
});

test('a change of any bit of a file by writeSafetensors is detected, also in the checksum, its name and spaces', () => {
  const bytes = writeSafetensors(new Map([['w', { shape: [3], data: Float32Array.of(1, -2, 3) }]]), { a: 'b' });
  expect(readSafetensors(bytes)).toMatchObject({ metadata: { a: 'b' }, hasChecksum: true });
  for (let at = 0; at < bytes.length; at++)
    for (let bit = 0; bit < 8; bit++)
      expect(() => readSafetensors(flipped(bytes, at / bytes.length, 1 << bit)), `bit ${bit} of byte ${at}`).toThrow(
        DataError,
      );
});

test('a changed character anywhere in a header is detected', () => {
  const shape = forecastShape({ windowLength: 2, hiddenSize: 1 });
  const members = [initialWeights(shape.config, 1)];
  const bytes = modelFile({ shape, seed: 1, scalers: [], ids: [], seriesOf: [], residuals: [], members });
  const header = Number(new DataView(bytes.buffer).getBigUint64(0, true));
  const characters = new TextEncoder().encode('"\\{}[]:, \n0a_A.');
  for (let at = 8; at < 8 + header; at++)
    for (const character of characters) {
      if (bytes[at] === character) continue;
      const other = bytes.slice();
      other[at] = character;
      expect(() => parseModelFile(other), `${character} at ${at}`).toThrow(DataError);
    }
});

describe('readSafetensors', () => {
  test('reads files from other programs, which have no checksum', () => {
    const header = new TextEncoder().encode('{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}');
    const bytes = new Uint8Array(8 + header.length + 4);
    bytes[0] = header.length;
    bytes.set(header, 8);
    const { tensors, hasChecksum, metadata } = readSafetensors(bytes);
    expect([tensors.get('w')!.data[0], hasChecksum, metadata]).toEqual([0, false, {}]);
  });

  test('gives a file that was read and written again a new checksum', () => {
    fc.assert(
      fc.property(safetensors.files, ({ bytes }) => {
        const { tensors, metadata } = readSafetensors(bytes);
        tensors.set('one more', { shape: [1], data: Float32Array.of(7), dtype: 'F32' });
        const again = readSafetensors(writeSafetensors(tensors, metadata));
        expect(again.hasChecksum).toBe(true);
        expect(again.metadata).toEqual(metadata);
      }),
    );
  });
});

test('a model file without its checksum is rejected, and accepted once it is rewritten', () => {
  const shape = forecastShape({ windowLength: 2, hiddenSize: 1 });
  const members = [initialWeights(shape.config, 1)];
  const bytes = modelFile({ shape, seed: 1, scalers: [], ids: [], seriesOf: [], residuals: [], members });
  const text = new TextDecoder('latin1').decode(bytes);
  const cut = text.replace(/,?"lstm_webgpu\.sha256":"lstm_webgpu [0-9a-f]{64}"/, (entry) => ' '.repeat(entry.length));
  const plain = Uint8Array.from(cut, (character) => character.charCodeAt(0));
  expect(() => parseModelFile(plain)).toThrow(/its checksum is missing.*writeSafetensors/);
  const { tensors, metadata } = readSafetensors(plain);
  expect(parseModelFile(writeSafetensors(tensors, metadata)).seed).toBe(1);
});
