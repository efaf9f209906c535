import { describe, expect, test } from 'vitest';
import { DataError } from '../../src/errors.ts';
import { modelFile, parseModelFile } from '../../src/forecast/model_file.ts';
import { readSafetensors, writeSafetensors } from '../../src/io/safetensors.ts';
import { modelConfig } from '../../src/model/config.ts';
import { initialWeights } from '../../src/model/init.ts';

const config = modelConfig({ inputSize: 1, hiddenSize: 3 });

/** A file of a model of 3 units, with fields of its metadata changed. */
function fileWith(changes: Record<string, string>): Uint8Array {
  const bytes = modelFile({ config, windowLength: 4, seed: 9, scalers: [], members: [initialWeights(config, 9)] });
  const { tensors, metadata } = readSafetensors(bytes);
  const changed = Object.entries(changes).map(([name, text]) => [`lstm_webgpu.${name}`, text]);
  return writeSafetensors(tensors, { ...metadata, ...Object.fromEntries(changed) });
}

const configWith = (change: object) => ({ config: JSON.stringify({ ...config, ...change }) });

describe('parseModelFile', () => {
  test('reads what modelFile wrote', () => {
    expect(parseModelFile(fileWith({}))).toMatchObject({ config, windowLength: 4, seed: 9, scalers: [] });
  });

  test.each([
    ['a seed that is no number', { seed: 'nine' }, /seed is "nine", expected a whole number from 0 to 4294967295/],
    ['a seed past 32 bits', { seed: '4294967296' }, /seed is "4294967296"/],
    ['a window of no rows', { window_length: '' }, /window_length is "", expected a whole number from 1/],
    ['a window in another notation', { window_length: '0x10' }, /window_length is "0x10"/],
    ['more members than tensors', { ensemble: '1000000000' }, /ensemble is "1000000000", expected .* from 1 to 6/],
    ['a config that is no object', { config: 'null' }, /config is null, expected an object/],
    ['a config that is no JSON', { config: '{' }, /config is no JSON/],
    ['layers that no memory holds', configWith({ numLayers: 1e9 }), /1000000000 layers in 6 tensors/],
    [
      'units that are not there',
      configWith({ hiddenSize: 1e9 }),
      /lstm.weight_ih_l0 is \[12,1\], expected \[4000000000,1\]/,
    ],
    ['a cell by a name that objects have', configWith({ cell: 'toString' }), /cell: got "toString"/],
    ['a cell in a list', configWith({ cell: ['LSTM'] }), /cell: got \["LSTM"\]/],
    ['dropout in a list', configWith({ dropout: [] }), /dropout: got \[\]/],
    [
      'a model that reads two series',
      configWith({ inputSize: 2 }),
      /inputSize 2, outputSize 1, head last, expected 1, 1 and last/,
    ],
    ['a head on every step', configWith({ head: 'every' }), /head every, expected/],
  ] as const)('refuses %s', (_, changes, message) => {
    expect(() => parseModelFile(fileWith(changes))).toThrow(DataError);
    expect(() => parseModelFile(fileWith(changes))).toThrow(message);
  });
});
