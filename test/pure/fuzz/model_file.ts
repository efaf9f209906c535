import fc from 'fast-check';
import { expect } from 'vitest';
import { MinMaxScaler } from '../../../src/data/scaler.ts';
import { modelFile, parseModelFile, type SavedModel } from '../../../src/forecast/model_file.ts';
import { forecastShape } from '../../../src/forecast/shape.ts';
import { readSafetensors } from '../../../src/io/safetensors.ts';
import { type CellName, modelConfig } from '../../../src/model/config.ts';
import { initialWeights } from '../../../src/model/init.ts';
import { parameterTable } from '../../../src/model/parameters.ts';
import type { FileKind } from './kind.ts';
import { anyJson, editHeader } from './safetensors.ts';

const options = fc.record({
  cell: fc.constantFrom<CellName>('LSTM', 'GRU', 'RNN_TANH', 'RNN_RELU'),
  hiddenSize: fc.integer({ min: 1, max: 3 }),
  numLayers: fc.integer({ min: 1, max: 2 }),
  bias: fc.boolean(),
  bidirectional: fc.boolean(),
});

const scaler = fc
  .tuple(fc.double({ min: -1e6, max: 1e6, noNaN: true }), fc.double({ min: 1e-3, max: 1e6, noNaN: true }))
  .map(([low, range]) => new MinMaxScaler().fit([low + 0, low + range])); // + 0: JSON has no -0

const files = fc
  .tuple(options, fc.integer({ min: 1, max: 30 }), fc.nat(), fc.integer({ min: 1, max: 3 }), fc.nat(2), scaler)
  .map(([given, windowLength, seed, ensemble, numScalers, one]) => {
    const shape = forecastShape({ ...given, windowLength });
    const { config } = shape;
    const scalers = Array.from({ length: [0, 1, ensemble][numScalers]! }, () => ({
      target: one,
      past: [],
      future: [],
    }));
    const places = scalers.map((_, k) => k);
    const held: SavedModel = {
      ...{ shape, seed, scalers, ids: seed % 2 ? places.map((k) => `series ${k}`) : [] },
      seriesOf: scalers.length > 0 ? Array.from({ length: ensemble }, () => places) : [],
      residuals: scalers.map(() => [Float64Array.of(0, 1.5)]),
      members: Array.from({ length: ensemble }, (_, k) => initialWeights(config, seed + k)),
    };
    return { bytes: modelFile(held), held };
  });

/** Parts of the section, by path. */
const FIELDS = ['shape', 'seed', 'ensemble', 'scalers', 'ids', 'seriesOf', 'residuals'] as const;
const READS = [
  'config',
  'windowLength',
  'horizon',
  'past',
  'future',
  'quantiles',
  'scaler',
  'scalePer',
  'zeroHead',
  'transform',
] as const;
const OPTIONS = [
  ...(['cell', 'inputSize', 'hiddenSize', 'numLayers', 'bias', 'dropout', 'bidirectional', 'projSize'] as const),
  ...(['outputSize', 'head'] as const),
];
const TEXTS = ['', ' ', 'NaN', 'Infinity', '-1', '0', '1.5', '1e9', '1e15', '1e300', '4294967296', '9007199254740993'];
const VALUES = [
  ...['null', 'true', '0', '-1', '1.5', '2', '1e9', '1e15', '1e300', '9007199254740991', '"1"', '"GRU"', '"toString"'],
  ...['"every"', '"none"', '[]', '{}', '[1]', '"__proto__"'],
];

type Header = { __metadata__?: Record<string, unknown> };
type Json = Record<string, unknown>;
const SECTION = 'lstm_webgpu.forecaster';
const withMetadata = (header: Header, name: string, value: unknown): string =>
  JSON.stringify({ ...header, __metadata__: { ...header.__metadata__, [name]: value } });

/** An edit of the section's JSON, or of its text. */
const editSection = (edit: (section: Json) => Json) =>
  editHeader((header: Header) => {
    const section = JSON.parse(String(header.__metadata__?.[SECTION] ?? '{}')) as Json;
    return withMetadata(header, SECTION, JSON.stringify(edit(section)));
  });
const part = (section: Json, name: string) => (section[name] ?? {}) as Json;

const values = fc.oneof(fc.constantFrom(...VALUES), anyJson).map((json) => JSON.parse(json) as unknown);
const edits = fc.oneof(
  fc
    .tuple(fc.constantFrom(...FIELDS), values)
    .map(([field, value]) => editSection((own) => ({ ...own, [field]: value }))),
  fc
    .tuple(fc.constantFrom(...READS), values)
    .map(([field, value]) => editSection((own) => ({ ...own, shape: { ...part(own, 'shape'), [field]: value } }))),
  fc.tuple(fc.constantFrom(...OPTIONS), values).map(([name, value]) =>
    editSection((own) => {
      const shape = part(own, 'shape');
      return { ...own, shape: { ...shape, config: { ...part(shape, 'config'), [name]: value } } };
    }),
  ),
  // metadata of another JSON type, text that is not a section, or none
  fc
    .tuple(
      fc.constantFrom(SECTION, 'lstm_webgpu.format'),
      fc.oneof(fc.constantFrom(null, 7, true, [], {}, undefined, ...TEXTS), anyJson),
    )
    .map(([name, value]) => editHeader((header: Header) => withMetadata(header, name, value))),
  fc
    .tuple(fc.constantFrom('dataMin', 'dataMax', 'featureRange'), values)
    .map(([name, value]) =>
      editSection(
        (own) => JSON.parse(JSON.stringify(own), (key, old: unknown) => (key === name ? value : old)) as Json,
      ),
    ),
);

const plain = ({ shape, seed, ids, seriesOf, residuals, scalers, members }: SavedModel) => ({
  ...{ shape, seed, ids, seriesOf },
  residuals: residuals.map((steps) => steps.map((values) => [...values])),
  scalers: scalers.map(({ target }) => target.toJSON()),
  members: members.map((weights) => [...weights].map(([name, { shape, data }]) => [name, [...shape], [...data]])),
});

export const modelFiles: FileKind<SavedModel> = {
  name: 'a model file',
  files,
  edits,
  reads: (bytes, held) => expect(plain(parseModelFile(bytes))).toEqual(plain(held)),
  holds(bytes) {
    const { shape, seed, scalers, ids, seriesOf, members } = parseModelFile(bytes);
    const { config, windowLength, horizon, past, future, quantiles } = shape;
    const { tensors } = readSafetensors(bytes);
    expect(modelConfig(config)).toEqual(config);
    expect([typeof config.cell, typeof config.dropout]).toEqual(['string', 'number']);
    const inputSize = 1 + past.length + horizon * future.length;
    expect([config.inputSize, config.outputSize]).toEqual([inputSize, horizon * Math.max(1, quantiles.length)]);
    expect(config.head).toBe('last');
    expect(Number.isSafeInteger(windowLength) && windowLength >= 1, `window ${windowLength}`).toBe(true);
    expect(Number.isInteger(seed) && seed >= 0 && seed < 2 ** 32, `seed ${seed}`).toBe(true);
    expect(seriesOf.length).toBe(scalers.length > 0 ? members.length : 0);
    expect(new Set(ids).size).toBe(ids.length > 0 ? scalers.length : 0);
    expect(seriesOf.flat().every((place) => place < scalers.length)).toBe(true);
    for (const { target } of scalers) expect(target.inverseTransform([-1, 1]).every(Number.isFinite)).toBe(true);
    for (const [k, weights] of members.entries()) {
      expect([...weights.keys()]).toEqual(parameterTable(config).map(({ name }) => name));
      for (const { name, shape } of parameterTable(config)) {
        const stored = tensors.get((members.length > 1 ? `members.${k}.` : '') + name)!;
        expect(weights.get(name)!.shape).toEqual(shape);
        expect(weights.get(name)!.data).toEqual(stored.data);
      }
    }
  },
};
