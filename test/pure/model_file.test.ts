import { describe, expect, test } from 'vitest';
import { DataError } from '../../src/errors.ts';
import { modelFile, parseModelFile } from '../../src/forecast/model_file.ts';
import { forecastShape } from '../../src/forecast/shape.ts';
import { readSafetensors, writeSafetensors } from '../../src/io/safetensors.ts';
import { initialWeights } from '../../src/model/init.ts';

const shape = forecastShape({ windowLength: 4, hiddenSize: 3 });
const { config } = shape;

/** A file of a model with 3 units, with changed fields in its section. */
function fileWith(changes: object): Uint8Array {
  const bytes = modelFile({
    ...{ shape, seed: 9, scalers: [], ids: [], seriesOf: [], residuals: [] },
    members: [initialWeights(config, 9)],
  });
  const { tensors, metadata } = readSafetensors(bytes);
  const section = JSON.parse(metadata['lstm_webgpu.forecaster']!) as object;
  return writeSafetensors(tensors, {
    ...metadata,
    'lstm_webgpu.forecaster': JSON.stringify({ ...section, ...changes }),
  });
}

const readsWith = (change: object) => ({ shape: { ...shape, ...change } });
const configWith = (change: object) => readsWith({ config: { ...config, ...change } });

describe('parseModelFile', () => {
  test('reads the output of modelFile', () => {
    expect(parseModelFile(fileWith({}))).toMatchObject({ shape, seed: 9, scalers: [], ids: [], seriesOf: [] });
  });

  test.each([
    ['a seed that is not a number', { seed: 'nine' }, /seed is "nine", expected a whole number from 0 to 4294967295/],
    ['a seed past 32 bits', { seed: 4294967296 }, /seed is 4294967296/],
    [
      'a window of no rows',
      readsWith({ windowLength: 0 }),
      /windowLength: got 0, expected a whole number of at least 1/,
    ],
    ['a horizon in a text', readsWith({ horizon: '2' }), /horizon: got "2", expected/],
    ['columns that are not a list', readsWith({ past: 7 }), /past/],
    ['an unknown scaler', readsWith({ scaler: 'toString' }), /scaler: got "toString"/],
    ['a member in another format', { ensemble: '0x1' }, /ensemble is "0x1"/],
    ['series of models that there are not', { seriesOf: [[0]] }, /seriesOf: expected the places of 0 series/],
    ['residuals without a series', { residuals: [[[1]]] }, /residuals: got 1, but 0 scalers/],
    ['more members than tensors', { ensemble: 1000000000 }, /ensemble is 1000000000, expected .* from 1 to 6/],
    ['a config that is not an object', readsWith({ config: null }), /config is null, expected an object/],
    ['a shape that is not an object', { shape: [] }, /shape is \[\], expected an object/],
    [
      'layers too large for any memory',
      configWith({ numLayers: 1e9 }),
      /numLayers: got 1000000000, expected .* from 1 to 100/,
    ],
    ['missing layers', configWith({ numLayers: 100 }), /100 layers in 6 tensors/],
    ['missing units', configWith({ hiddenSize: 50_000 }), /lstm.weight_ih_l0 is \[12,1\], expected \[200000,1\]/],
    ['a cell by a name that objects have', configWith({ cell: 'toString' }), /cell: got "toString"/],
    ['a cell in a list', configWith({ cell: ['LSTM'] }), /cell: got \["LSTM"\]/],
    ['dropout in a list', configWith({ dropout: [] }), /dropout: got \[\]/],
    ['a model that reads two series', configWith({ inputSize: 2 }), /config has inputSize 2, expected 1/],
    ['a head on every step', configWith({ head: 'every' }), /config has head "every", expected last/],
  ] as const)('refuses %s', (_, changes, message) => {
    expect(() => parseModelFile(fileWith(changes))).toThrow(DataError);
    expect(() => parseModelFile(fileWith(changes))).toThrow(message);
  });
});
