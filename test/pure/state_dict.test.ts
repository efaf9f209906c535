import { describe, expect, test } from 'vitest';
import { DataError, ShapeError } from '../../src/errors.ts';
import { readSafetensors } from '../../src/io/safetensors.ts';
import { type ModelOptions, modelConfig } from '../../src/model/config.ts';
import { parameterTable, type StateDict } from '../../src/model/parameters.ts';
import { matchStateDict } from '../../src/model/state_dict.ts';

const base = { inputSize: 2, hiddenSize: 4 };
const tableOf = (options: Partial<ModelOptions>) => parameterTable(modelConfig({ ...base, ...options }));

/** Weights of a model under other names; each tensor holds its index. */
function weightsOf(options: Partial<ModelOptions>, recurrent = 'lstm.', head = 'fc.'): StateDict {
  const rename = (name: string) => name.replace(/^(lstm|gru|rnn)\./, recurrent).replace(/^fc\./, head);
  return new Map(
    tableOf(options).map(({ name, shape }, k) => {
      const data = new Float32Array(shape.reduce((product, size) => product * size, 1)).fill(k);
      return [rename(name), { shape, data }];
    }),
  );
}

const merged = (...parts: StateDict[]): StateDict => new Map(parts.flatMap((part) => [...part]));

describe('matchStateDict', () => {
  const everything = { numLayers: 2, bidirectional: true, projSize: 3 };

  test.each([
    ['lstm.', 'fc.'],
    ['rnn.', 'V.'],
    ['encoder.lstm.', 'decoder.out.'],
    ['module.model.rnn.', 'module.model.V.'],
    ['', 'linear.'],
  ])("removes the prefixes '%s' and '%s'", (recurrent, head) => {
    const matched = matchStateDict(weightsOf(everything, recurrent, head), tableOf(everything));
    expect([...matched.keys()]).toEqual(tableOf(everything).map(({ name }) => name));
    for (const [k, { data }] of [...matched.values()].entries()) expect(data[0]).toBe(k);
  });

  test('accepts a single module, with any prefix and without one', () => {
    const table = tableOf({ head: 'none' });
    for (const prefix of ['', 'lstm.', 'a.b.']) {
      const given = new Map([...weightsOf({ head: 'none' })].map(([name, value]) => [prefix + name, value]));
      expect([...matchStateDict(given, table).keys()]).toEqual(table.map(({ name }) => name));
    }
  });

  test('accepts one of several modules, selected by the prefix', () => {
    const two = merged(weightsOf({}, 'a.rnn.', 'a.V.'), weightsOf({ hiddenSize: 6 }, 'b.rnn.', 'b.V.'));
    expect(matchStateDict(two, tableOf({}), { prefix: 'a.' }).get('fc.weight')!.shape).toEqual([1, 4]);
    expect(() => matchStateDict(two, tableOf({}))).toThrow(/2 recurrent modules \('a.rnn.', 'b.rnn.'\).*\{ prefix \}/);
    expect([...matchStateDict(two, tableOf({ head: 'none' }), { prefix: 'a.rnn.' }).keys()]).toContain('weight_ih_l0');
  });

  test.each<[string, StateDict, Partial<ModelOptions>, RegExp]>([
    ['an extra head', merged(weightsOf({}), weightsOf({}, 'lstm.', 'other.')), {}, /'fc.', 'other.'|'fc', 'other'/],
    ['a head that the model does not have', weightsOf({}), { head: 'none' }, /expected nothing/],
    ['no head', weightsOf({ head: 'none' }), {}, /expected one head/],
    [
      'names of something else',
      merged(weightsOf({}), new Map([['norm.scale', { shape: [1], data: new Float32Array(1) }]])),
      {},
      /norm.scale: neither/,
    ],
    ['two directions for one', weightsOf({ bidirectional: true }), {}, /_reverse: .*bidirectional: true/],
    ['one direction for two', weightsOf({}), { bidirectional: true }, /bidirectional: false/],
    ['a projection', weightsOf({ projSize: 2 }), {}, /weight_hr_l0: .*projSize/],
    ['no projection', weightsOf({}), { projSize: 2 }, /projSize/],
    ['biases', weightsOf({}), { bias: false }, /bias_ih_l0: .*bias: true/],
    ['no biases', weightsOf({ bias: false }), {}, /bias: false/],
    ['more layers', weightsOf({ numLayers: 2 }), {}, /_l1: .*larger numLayers/],
    ['fewer layers', weightsOf({}), { numLayers: 2 }, /smaller numLayers/],
    ['another hidden size', weightsOf({ hiddenSize: 5 }), {}, /weight_ih_l0: got shape \[20, 2\].*expected \[16, 2\]/],
    ['another cell', weightsOf({ cell: 'GRU' }, 'lstm.'), {}, /weight_ih_l0: got shape \[12, 2\]/],
  ])('describes the problem with %s', (_, weights, options, message) => {
    const act = () => matchStateDict(weights, tableOf(options));
    expect(act).toThrow(ShapeError);
    expect(act).toThrow(message);
  });

  test("accepts a cell's parameters as those of a single layer", () => {
    const table = tableOf({ head: 'none' });
    const cellName = (name: string) => name.replace('_l0', '');
    for (const prefix of ['', 'cell.', 'model.rnn.']) {
      const given = new Map([...weightsOf({ head: 'none' })].map(([name, value]) => [prefix + cellName(name), value]));
      expect([...given.keys()][0]).toBe(`${prefix}weight_ih`);
      const matched = matchStateDict(given, table);
      expect([...matched].map(([name, { data }]) => [name, data[0]])).toEqual(table.map(({ name }, k) => [name, k]));
    }
    const withHead = new Map([...weightsOf({})].map(([name, value]) => [cellName(name), value]));
    expect(matchStateDict(withHead, tableOf({})).size).toBe(6);
    const several = merged(withHead, new Map([['lstm.weight_ih_l0', { shape: [1], data: new Float32Array(1) }]]));
    for (const both of [several, new Map([...several].reverse())])
      expect(() => matchStateDict(both, tableOf({}))).toThrow(
        'lstm.weight_ih: lstm.weight_ih_l0 is also present, expected one of them.',
      );
    const deeper = new Map([...withHead].map(([name, value]) => [name.replace('lstm.', 'lstm.cells.0.'), value]));
    const second = new Map([...deeper].map(([name, value]) => [name.replace('cells.0.', 'cells.1.'), value]));
    expect(() => matchStateDict(merged(deeper, second), tableOf({}))).toThrow(
      "2 recurrent modules ('lstm.cells.0.', 'lstm.cells.1.')",
    );
  });

  describe('of a file', () => {
    /** Weights with tensors of other types, as in a file. */
    const fileOf = (others: Record<string, { dtype: string; shape: number[] }>, weights = weightsOf({})) => {
      const entries: [string, unknown][] = [];
      const bytes: number[] = [];
      const add = (name: string, dtype: string, shape: readonly number[], own: readonly number[]) => {
        entries.push([name, { dtype, shape, data_offsets: [bytes.length, bytes.length + own.length] }]);
        bytes.push(...own);
      };
      for (const [name, { shape, data }] of weights)
        if (!(name in others)) add(name, 'F32', shape, [...new Uint8Array(data.buffer)]);
      for (const [name, { dtype, shape }] of Object.entries(others)) {
        const count = shape.reduce((product, size) => product * size, 1);
        add(name, dtype, shape, new Array<number>(count * (dtype === 'BOOL' ? 1 : 8)).fill(0));
      }
      const header = new TextEncoder().encode(JSON.stringify(Object.fromEntries(entries)));
      const file = new Uint8Array(8 + header.length + bytes.length);
      new DataView(file.buffer).setBigUint64(0, BigInt(header.length), true);
      file.set(header, 8);
      file.set(bytes, 8 + header.length);
      return readSafetensors(file).tensors;
    };

    test('skips tensors that are not floats, and accepts F64 for a parameter', () => {
      const tensors = fileOf({
        'bn.num_batches_tracked': { dtype: 'I64', shape: [] },
        mask: { dtype: 'BOOL', shape: [3] },
        'fc.bias': { dtype: 'F64', shape: [1] },
      });
      const matched = matchStateDict(tensors, tableOf({}));
      expect([...matched.keys()]).toEqual(tableOf({}).map(({ name }) => name));
      expect([...matched.get('fc.bias')!.data]).toEqual([0]);
    });

    test('rejects integers for a parameter by name, and a float norm next to it', () => {
      const matching = (tensors: StateDict) => () => matchStateDict(tensors, tableOf({}));
      const whole = matching(fileOf({ 'lstm.weight_hh_l0': { dtype: 'I64', shape: [16, 4] } }));
      expect(whole).toThrow(DataError);
      expect(whole).toThrow('tensor "lstm.weight_hh_l0" has dtype "I64"');
      const norm = merged(weightsOf({}), new Map([['bn.running_mean', { shape: [2], data: new Float32Array(2) }]]));
      expect(matching(norm)).toThrow('bn.running_mean: neither a recurrent parameter nor');
    });
  });

  test('reports that no name has the prefix', () => {
    expect(() => matchStateDict(weightsOf({}), tableOf({}), { prefix: 'gru.' })).toThrow(
      /prefix: got 'gru.'.*lstm.weight_ih_l0/,
    );
  });
});
