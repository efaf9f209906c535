import fc from 'fast-check';
import { expect } from 'vitest';
import { MinMaxScaler } from '../../../src/data/scaler.ts';
import { modelSection, parseModelFile } from '../../../src/forecast/model_file.ts';
import type { FitOptions } from '../../../src/forecast/options.ts';
import { type FitSettings, fitSettings, settingsOptimizer } from '../../../src/forecast/settings.ts';
import { forecastShape } from '../../../src/forecast/shape.ts';
import { initialWeights } from '../../../src/model/init.ts';
import { memberPrefix, memberTensors } from '../../../src/model/members.ts';
import { parameterTable } from '../../../src/model/parameters.ts';
import type { SavedTraining } from '../../../src/train/checkpoint.ts';
import { writeTrainedFile } from '../../../src/train/file.ts';
import type { FileKind } from './kind.ts';
import { anyJson, editHeader } from './safetensors.ts';

const fits = fc.constantFrom<FitOptions>(
  {},
  { optimizer: { name: 'Adam', amsgrad: true, betas: [0.8, 0.99] }, clip: { norm: 1 }, shuffle: true },
  {
    optimizer: { name: 'SGD', momentum: 0.9, nesterov: true },
    schedule: { name: 'ReduceLROnPlateau', patience: 2 },
    earlyStopping: { patience: 3 },
  },
  {
    optimizer: { name: 'RMSprop', centered: true, momentum: 0.5 },
    loss: { name: 'huber', delta: 2 },
    schedule: {
      name: 'SequentialLR',
      schedules: [{ name: 'LinearLR' }, { name: 'StepLR', stepSize: 3 }],
      milestones: [4],
    },
    earlyStopping: true,
  },
);

/** As a forecaster writes them, but without a device: every tensor is a different draw of initial weights. */
const files = fc
  .tuple(fits, fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 4 }), fc.nat(9))
  .map(([fit, ensemble, epoch, step]) => {
    const shape = forecastShape({ windowLength: 4, hiddenSize: 2 });
    const settings = fitSettings({ ...fit, epochs: 5 }, shape, ensemble);
    const members = Array.from({ length: ensemble }, (_, k) => initialWeights(shape.config, k));
    const hasBest = settings.earlyStopping !== undefined && epoch > 1;
    const prefixes = Object.values(settingsOptimizer(settings, 0).state).map((name) => `optimizer.${name}.`);
    const extra = members.flatMap((values, k) =>
      [...prefixes, ...(hasBest ? ['best.'] : [])].flatMap((prefix) =>
        [...values].map(([name, value]) => [memberPrefix(k, ensemble) + prefix + name, value] as const),
      ),
    );
    const report = { loss: 0.5, lastLoss: 0.25, lr: 1e-3, stopped: false };
    const models = members.map(() => ({
      ...{ stepsTaken: 10 * (epoch - 1), lossSum: 1.5, lastLoss: step > 0 ? 0.5 : null },
      schedule: settings.schedule?.name === 'ReduceLROnPlateau' ? { badEpochs: 0, cooldown: 0, reductions: 1 } : {},
      stopping: { best: hasBest ? { loss: 0.5, epoch: 1 } : null, badEpochs: 0, stopped: false },
      report: epoch > 1 ? report : null,
    }));
    const reports = Array.from({ length: epoch - 1 }, (_, k) => ({ epoch: k + 1, loss: 0.5, models: [report] }));
    const position = { epoch, step, models };
    const one = new MinMaxScaler().fit([1, 4]);
    const model = {
      ...{ shape, seed: 1, residuals: [], ids: [], seriesOf: members.map(() => [0]) },
      scalers: [{ target: one, past: [], future: [] }],
    };
    const bytes = writeTrainedFile('forecaster', {
      tensors: new Map([...memberTensors(members), ...extra]),
      model: modelSection(model, ensemble),
      training: { settings, epochsBefore: 0, hashes: ['ab'], reports, position },
    });
    const best = members.map((values) => (hasBest ? values : undefined));
    return { bytes, held: { settings: JSON.parse(JSON.stringify(settings)) as unknown, position, members, best } };
  });

const VALUES = [
  ...['null', 'true', '0', '-1', '1.5', '1e9', '1e15', '1e300', '9007199254740992', '"1"', '"x"', '"constructor"'],
  ...['[]', '{}', '[1]', '[null]', '"__proto__"', '{"name":"constructor"}', '{"name":"StepLR","stepSize":"3"}'],
];
const KEYS = [
  ...[
    'epochsBefore',
    'settings',
    'hashes',
    'reports',
    'position',
    'epochs',
    'batchSize',
    'shuffle',
    'plan',
    'sliceMs',
    'lr',
  ],
  ...['optimizer', 'betas', 'amsgrad', 'momentum', 'loss', 'name', 'delta', 'clip', 'norm', 'schedule', 'schedules'],
  ...['milestones', 'patience', 'split', 'validation', 'scalerFit', 'earlyStopping', 'restoreBest', 'global', 'epoch'],
  ...['step', 'models', 'stepsTaken', 'lossSum', 'lastLoss', 'reductions', 'stopping', 'best', 'badEpochs', 'report'],
];

type Header = { __metadata__?: Record<string, string> };
type Json = Record<string, unknown>;

/** Replaces the value at the n-th occurrence of a key anywhere in the tree; without one, adds it next to the settings. */
function put(training: Json, key: string, value: unknown): Json {
  let found = false;
  const edited = JSON.parse(JSON.stringify(training), (name, old: unknown) => {
    if (name !== key) return old;
    found = true;
    return value;
  }) as Json;
  return found ? edited : { ...training, settings: { ...(training.settings as Json), [key]: value } };
}

const edits = fc.oneof(
  fc.tuple(fc.constantFrom(...KEYS), fc.oneof(fc.constantFrom(...VALUES), anyJson)).map(([key, json]) =>
    editHeader((header: Header) => {
      const training = JSON.parse(header.__metadata__?.['lstm_webgpu.training'] ?? '{}') as Json;
      const text = JSON.stringify(put(training, key, JSON.parse(json)));
      return JSON.stringify({ ...header, __metadata__: { ...header.__metadata__, 'lstm_webgpu.training': text } });
    }),
  ),
  fc
    .constantFrom('', 'null', '7', '[]', '{}', '"x"', '{')
    .map((text) =>
      editHeader((header: Header) =>
        JSON.stringify({ ...header, __metadata__: { ...header.__metadata__, 'lstm_webgpu.training': text } }),
      ),
    ),
  // a tensor of another name
  fc
    .nat(60)
    .map((k) =>
      editHeader((header: Header) =>
        JSON.stringify(
          Object.fromEntries(Object.entries(header).map(([name, v], n) => [n === k ? `${name}x` : name, v])),
        ),
      ),
    ),
);

const numbers = (values: ReadonlyMap<string, { data: ArrayLike<number> }> | undefined) =>
  values && [...values].map(([name, { data }]) => [name, Array.from(data)]);

interface Held {
  settings: unknown;
  position: unknown;
  members: SavedTraining<FitSettings>['members'];
  best: SavedTraining<FitSettings>['best'];
}

export const checkpoints: FileKind<Held> = {
  name: 'a checkpoint',
  files,
  edits,
  reads(bytes, { settings, position, members, best }) {
    const saved = parseModelFile(bytes).training!;
    expect(JSON.parse(JSON.stringify(saved.settings))).toEqual(settings);
    expect(saved.position).toEqual(position);
    for (const kept of saved.kept.values()) expect(kept.map(numbers)).toEqual(members.map(numbers));
    expect(saved.best.map(numbers)).toEqual(best.map(numbers));
  },
  holds(bytes) {
    const { training, shape, members } = parseModelFile(bytes);
    if (training === undefined) return; // its key was hit: a model file
    const { settings, position, kept, best } = training;
    // the result is what a fit would have accepted
    expect(fitSettings(settings, shape, members.length)).toEqual(settings);
    expect(settings.lr.every((lr) => Number.isFinite(lr) && lr >= 0)).toBe(true);
    expect(Object.values(settingsOptimizer(settings, 0).options)).not.toContain(null);
    expect(position.epoch).toBeLessThanOrEqual(settings.epochs + 1);
    expect([position.models.length, best.length]).toEqual([members.length, members.length]);
    const names = parameterTable(shape.config).map(({ name }) => name);
    for (const models of [...kept.values(), best.filter((values) => values !== undefined)])
      for (const values of models) expect([...values.keys()]).toEqual(names);
  },
};
