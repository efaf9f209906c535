import { readFileSync } from 'node:fs';
import { createContext, runInContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { ConfigError, DataError } from '../../src/errors.ts';
import { parseModelFile } from '../../src/forecast/model_file.ts';
import { type BytesInput, bytesOf } from '../../src/io/bytes.ts';
import { readSafetensors, writeSafetensors } from '../../src/io/safetensors.ts';
import { parseTrainerFile } from '../../src/nn/trainer_file.ts';

const file = readFileSync('test/golden/from_pytorch.safetensors');
const expected = [...file];
const exact = Uint8Array.from(file).buffer;
const within = new Uint8Array(file.length + 24);
within.set(file, 8);

const shared = new Uint8Array(new SharedArrayBuffer(file.length));
shared.set(file);

describe('the bytes of a file', () => {
  test.each<[string, BytesInput]>([
    ['a Uint8Array', Uint8Array.from(file)],
    ['a Buffer of Node', file],
    ['part of a larger array', within.subarray(8, 8 + file.length)],
    ['an ArrayBuffer', exact],
    ['a DataView', new DataView(within.buffer, 8, file.length)],
    ['a view of other numbers', new Uint16Array(within.buffer, 8, file.length / 2)],
    ['an ArrayBuffer of another context', runInContext(`Uint8Array.of(${expected}).buffer`, createContext())],
    ['a Uint8Array of another context', runInContext(`Uint8Array.of(${expected})`, createContext())],
    ['shared memory', shared],
  ])('are read from %s', (_, given) => {
    expect([...bytesOf('it', given)]).toEqual(expected.slice(0, given.byteLength));
    expect(readSafetensors(given)).toEqual(readSafetensors(file));
  });

  test('are empty if the buffer was transferred', () => {
    const moved = Uint8Array.from(file);
    const { buffer } = moved;
    structuredClone(moved, { transfer: [buffer] });
    for (const given of [moved, buffer]) expect(() => readSafetensors(given)).toThrow(DataError);
  });

  test('are copied from shared memory', () => {
    const bytes = bytesOf('it', shared.subarray(1, 3));
    expect([bytes.length, bytes.buffer instanceof ArrayBuffer]).toEqual([2, true]);
  });

  test.each<[unknown, RegExp]>([
    ['model.safetensors', /got "model.safetensors", .* an ArrayBuffer; pass the contents of the file, not its name\.$/],
    [Promise.resolve(exact), /got a Promise, .*; await it\.$/],
    [new Response(exact), /got a value of type Response, .*; pass await response.arrayBuffer\(\)\.$/],
    [new Blob([exact]), /type Blob, .*; pass await blob.arrayBuffer\(\)\.$/],
    [expected, /type Array, .*; pass Uint8Array.from\(list\)\.$/],
    [{}, /type Object, expected the bytes of a file: a Uint8Array or an ArrayBuffer\.$/],
    [undefined, /got undefined, expected the bytes/],
    [null, /got null, expected the bytes/],
    [7, /got 7, expected the bytes/],
  ])('are not read from %s, which the error names', (given, message) => {
    for (const [name, read] of [
      ['readSafetensors', readSafetensors],
      ['Forecaster.load', parseModelFile],
      ['Trainer.load', parseTrainerFile],
    ] as const) {
      const reading = () => read(given as BytesInput);
      expect(reading).toThrow(ConfigError);
      expect(reading).toThrow(message);
      expect(reading).toThrow(`${name}: got`);
    }
  });
});

const bytes = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));

describe('a file of another format is identified', () => {
  test.each([
    // as torch 1.13 and NumPy write them
    [
      'torch.save',
      'PK\x03\x04\0\0\x08\x08\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x10\0\x12\0archive/data.pklFB\x0e\0',
      /a PyTorch file from torch.save .*safetensors.torch.save_file\(model.state_dict\(\), /,
    ],
    [
      'torch.save under a name',
      'PK\x03\x04\0\0\x08\x08\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x0e\0\x14\0model/data.pkl',
      /a PyTorch file/,
    ],
    [
      'torch.save before 1.6',
      '\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.\x80\x02M\xe9\x03.',
      /a Python pickle, perhaps a PyTorch file.*save_file/,
    ],
    ['a pickle', '\x80\x04\x95\n\0\0\0\0\0\0\0}\x94\x8c', /a Python pickle/],
    [
      'numpy.savez',
      'PK\x03\x04\x14\0\0\0\0\0\0\0!\0.\xe3\xf9\xbc\x98\0\0\0\x98\0\0\0\x05\0\x14\0a.npy\x01\0',
      /a NumPy archive \(.npz\).*safetensors.numpy.save_file/,
    ],
    ['numpy.save', "\x93NUMPY\x01\0v\0{'descr': ", /a NumPy array/],
    [
      'Keras 3',
      'PK\x03\x04\x14\0\0\0\0\0\0\0!\0.\xe3\xf9\xbc\x40\0\0\0\x40\0\0\0\x0d\0\0\0metadata.json{"keras_version"',
      /a Keras model.*save_file/,
    ],
    ['Keras 2', '\x89HDF\r\n\x1a\n\0\0\0\0\0\x08\x08\0', /an HDF5 file, as written by Keras/],
    ['ONNX', '\x08\x07\x12\x07pytorch\x1a\x061.13.0:\xe3\x11\nM', /an ONNX model.*save_file/],
    ['GGUF', 'GGUF\x03\0\0\0\x01\0\0\0', /a GGUF model/],
    ['gzip', '\x1f\x8b\x08\0\0\0\0\0\0\x03abcdefg', /compressed with gzip. Decompress it first/],
    ['JSON', '{"metadata":{"total_size":7},"weight_map":{}}', /JSON, not weights/],
    ['a list of JSON', '[{"name": "lstm"}]', /JSON/],
    ['HTML', '<!DOCTYPE html>\n<html><body>404</body></html>', /HTML or XML, .*Check the address/],
    ['HTML after blank lines', '\xef\xbb\xbf\n\n<html lang="de">', /HTML/],
    ['a pointer of Git LFS', 'version https://git-lfs.github.com/spec/v1\noid sha256:4d7a', /git lfs pull/],
    ['CSV', 'Date,Close\n2000-01-03,1455.22\n', /text, not a model/],
    [
      'a zip archive',
      'PK\x03\x04\x14\0\0\0\0\0\0\0!\0.\xe3\xf9\xbc\x40\0\0\0\x40\0\0\0\x05\0\0\0a.txt',
      /a zip archive/,
    ],
  ])('%s', (_, start, message) => {
    for (const [where, read] of [
      [/^safetensors: this is /, readSafetensors],
      [/^model file: safetensors: this is /, parseModelFile],
      [/^model file: safetensors: this is /, parseTrainerFile],
    ] as const) {
      const reading = () => read(bytes(start));
      expect(reading).toThrow(DataError);
      expect(reading).toThrow(message);
      expect(reading).toThrow(where);
    }
  });

  test('but not one that is damaged', () => {
    for (const first of [0x80, 0x7b, 0x3c, 0x50, 0x08, 0x1f]) {
      const damaged = new Uint8Array(64);
      damaged.set([first, 2, 0, 0, 0, 0, 0, 0, 0x7b]); // a truncated header
      expect(() => readSafetensors(damaged)).toThrow('The file is damaged, truncated, or not a safetensors file.');
    }
  });

  test('and so are plain weights, and a checkpoint of the other class', () => {
    expect(() => parseModelFile(file)).toThrow(
      /it was not written by a Forecaster's save\(\) or checkpoint\(\).* loadStateDict/,
    );
    const own = (writer: string) =>
      writeSafetensors(new Map(), { 'lstm_webgpu.format': '3', [`lstm_webgpu.${writer}`]: '{}' });
    expect(() => parseModelFile(own('trainer'))).toThrow(/a Trainer wrote it; use Trainer.load\(\)\.$/);
    expect(() => parseTrainerFile(own('forecaster'))).toThrow(/a Forecaster wrote it; use Forecaster.load\(\)\.$/);
    expect(() => parseModelFile(own('recipe'))).toThrow(
      /forecast\(\) wrote it; use forecast\(series, \{ model \}\)\.$/,
    );
    const older = writeSafetensors(new Map(), { 'lstm_webgpu.format': '2' });
    expect(() => parseModelFile(older)).toThrow('format "2", this version reads 3');
  });
});
