import { describe, expect, test } from 'vitest';
import { ShapeError } from '../../src/errors.ts';
import { type ModelOptions, modelConfig } from '../../src/model/config.ts';
import { parameterTable, type StateDict } from '../../src/model/parameters.ts';
import { matchStateDict } from '../../src/model/state_dict.ts';

const base = { inputSize: 2, hiddenSize: 4 };
const tableOf = (options: Partial<ModelOptions>) => parameterTable(modelConfig({ ...base, ...options }));

/** Weights of a model under other names; each tensor holds its own number. */
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
  ])("takes '%s' and '%s' off", (recurrent, head) => {
    const matched = matchStateDict(weightsOf(everything, recurrent, head), tableOf(everything));
    expect([...matched.keys()]).toEqual(tableOf(everything).map(({ name }) => name));
    for (const [k, { data }] of [...matched.values()].entries()) expect(data[0]).toBe(k);
  });

  test('takes a module by itself, with any prefix, and without one', () => {
    const table = tableOf({ head: 'none' });
    for (const prefix of ['', 'lstm.', 'a.b.']) {
      const given = new Map([...weightsOf({ head: 'none' })].map(([name, value]) => [prefix + name, value]));
      expect([...matchStateDict(given, table).keys()]).toEqual(table.map(({ name }) => name));
    }
  });

  test('takes one of several modules, where the prefix says which', () => {
    const two = merged(weightsOf({}, 'a.rnn.', 'a.V.'), weightsOf({ hiddenSize: 6 }, 'b.rnn.', 'b.V.'));
    expect(matchStateDict(two, tableOf({}), { prefix: 'a.' }).get('fc.weight')!.shape).toEqual([1, 4]);
    expect(() => matchStateDict(two, tableOf({}))).toThrow(/2 recurrent modules \('a.rnn.', 'b.rnn.'\).*\{ prefix \}/);
    expect([...matchStateDict(two, tableOf({ head: 'none' }), { prefix: 'a.rnn.' }).keys()]).toContain('weight_ih_l0');
  });

  test.each<[string, StateDict, Partial<ModelOptions>, RegExp]>([
    ['a head too many', merged(weightsOf({}), weightsOf({}, 'lstm.', 'other.')), {}, /'fc.', 'other.'|'fc', 'other'/],
    ['a head where there is none', weightsOf({}), { head: 'none' }, /expected nothing/],
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
  ])('says what is wrong with %s', (_, weights, options, message) => {
    const act = () => matchStateDict(weights, tableOf(options));
    expect(act).toThrow(ShapeError);
    expect(act).toThrow(message);
  });

  test('says when no name has the prefix', () => {
    expect(() => matchStateDict(weightsOf({}), tableOf({}), { prefix: 'gru.' })).toThrow(
      /prefix: got 'gru.'.*lstm.weight_ih_l0/,
    );
  });
});
