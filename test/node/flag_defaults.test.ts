import { beforeAll, describe, expect, test } from 'vitest';
import { readSeries } from '../../src/data/csv.ts';
import { readFrame } from '../../src/data/frame.ts';
import { ConfigError } from '../../src/errors.ts';
import { Forecaster } from '../../src/forecast/forecaster.ts';
import type { FitOptions } from '../../src/forecast/options.ts';
import { fitSettings, settingsOptimizer } from '../../src/forecast/settings.ts';
import { forecastShape } from '../../src/forecast/shape.ts';
import { wordOf } from '../../src/kinds.ts';
import { newCourse } from '../../src/node/course.ts';
import { type Flag, readArguments } from '../../src/node/flags.ts';
import { seriesFlags } from '../../src/node/input.ts';
import { scoreFlags } from '../../src/node/scores.ts';
import { fitFlags, fitOptions, modelFlags, modelOptions } from '../../src/node/setting_flags.ts';
import { settingsText } from '../../src/node/settings.ts';
import { describeGpu, testDevice } from '../gpu/device.ts';
import { events, lstmWebgpu, TUTORIAL, waveCsv, write } from './command.ts';

const flags = { ...modelFlags, ...fitFlags };

/** The options of a model and a fit from arguments, with the defaults of the library. */
function settingsOf(args: readonly string[]) {
  const { values } = readArguments(flags, [], args);
  const { seed = 0, ensemble = 1, ...shaped } = modelOptions(values);
  const shape = forecastShape(shaped);
  const fit = fitSettings(fitOptions(values), shape, ensemble);
  return { shape, fit: { ...fit, optimizer: settingsOptimizer(fit, 0).options }, seed, ensemble };
}

const ofLibrary = (options: FitOptions) => {
  const fit = fitSettings(options, forecastShape({}), 1);
  return settingsOptimizer(fit, 0).options;
};

describe('the command has no defaults of its own', () => {
  test('a flag that is not given is undefined', () => {
    const { values } = readArguments({ ...flags, ...seriesFlags, ...scoreFlags }, [], []);
    expect(Object.values(values).filter((value) => value !== undefined)).toEqual([]);
  });

  test('without flags, a model and a fit are those of the library without options', () => {
    const shape = forecastShape({});
    const fit = fitSettings({}, shape, 1);
    expect(settingsOf([])).toEqual({ shape, fit: { ...fit, optimizer: ofLibrary({}) }, seed: 0, ensemble: 1 });
  });

  // Adam has no momentum; lists and switches have no text for their default
  const shown = (Object.entries(flags) as [string, Flag<unknown>][]).filter(
    ([name, { usual }]) => name !== 'momentum' && ['string', 'number'].includes(typeof usual),
  );
  test.each(shown)('--%s with its default changes nothing', (name, { kind, usual }) => {
    const text = kind.words ? wordOf(kind as { words: Record<string, string> }, usual as string) : String(usual);
    expect(settingsOf([`--${name}`, text])).toEqual(settingsOf([]));
  });

  test.each([
    ['adam', { name: 'Adam', lr: 0.001, weightDecay: 0 }],
    ['adamw', { name: 'AdamW', lr: 0.001, weightDecay: 0.01 }],
    ['sgd', { name: 'SGD', lr: 0.001, weightDecay: 0, momentum: 0 }],
    ['rmsprop', { name: 'RMSprop', lr: 0.01, weightDecay: 0, momentum: 0, alpha: 0.99 }],
  ] as const)("--optimizer %s has torch's defaults, like the library's", (word, expected) => {
    const { optimizer } = settingsOf(['--optimizer', word]).fit;
    expect(optimizer).toMatchObject(expected);
    expect(optimizer).toEqual(ofLibrary({ optimizer: { name: expected.name } }));
    expect(settingsOf(['--optimizer', word, '--lr', '0.5', '--weight-decay', '0.25']).fit.optimizer).toMatchObject({
      lr: 0.5,
      weightDecay: 0.25,
    });
  });

  test('--zero-head is zeroHead of the model', () => {
    expect(settingsOf([]).shape.zeroHead).toBe(false);
    expect(settingsOf(['--zero-head']).shape.zeroHead).toBe(true);
  });

  test('a flag without effect next to another one is rejected', () => {
    const throws = (...args: string[]) => expect(() => settingsOf(args));
    throws('--momentum', '0.9').toThrow('--momentum: got 0.9, but adam has no momentum');
    throws('--momentum', '0', '--optimizer', 'adamw').toThrow(ConfigError);
    throws('--scaler-fit', 'all', '--scale-per', 'window').toThrow("scalerFit: got 'all' with scalePer 'window'");
    throws('--loss', 'l1', '--quantiles', '0.1,0.9').toThrow('leave the loss out');
    throws('--projection', '2', '--cell', 'gru').toThrow('only an LSTM has a projection');
  });
});

test('a chart lists the settings of its run, with defaults of its optimizer', () => {
  const file = { idColumn: undefined, series: [readFrame(waveCsv, {})], leftOut: [] };
  const report = { epochs: [], steps: 0, dispatches: 0, submits: 0, plan: 'timestep', seconds: 0 } as never;
  const listed = (fit: FitOptions) => Object.fromEntries(settingsText(newCourse({}, fit, file), report));
  expect(listed({ optimizer: { name: 'AdamW' } })).toMatchObject({
    ...{ 'learning rate': '0.001', optimizer: 'adamw', 'weight decay': '0.01' },
  });
  expect(listed({ optimizer: { name: 'RMSprop' } })).toMatchObject({ 'learning rate': '0.01', optimizer: 'rmsprop' });
  expect(listed({})).not.toHaveProperty('weight decay');
});

describeGpu('a training by the command and by the library', () => {
  beforeAll(() => {
    write('wave.csv', waveCsv);
  });

  test.each(['rmsprop', 'adamw', 'sgd'] as const)('with --optimizer %s gives the same losses', async (word) => {
    const name = ({ rmsprop: 'RMSprop', adamw: 'AdamW', sgd: 'SGD' } as const)[word];
    const args = [...TUTORIAL, '--hidden', '3', '--epochs', '2', '--batch', '16', '--optimizer', word, '--json'];
    const run = await lstmWebgpu(['train', 'wave.csv', ...args]);
    const losses = events(run).flatMap(({ type, loss }) => (type === 'epoch' ? [loss] : []));
    const fitted = async (options: FitOptions) => {
      const forecaster = await Forecaster.create({ device: testDevice(), hiddenSize: 3 });
      const { epochs } = await forecaster.fit(readSeries(waveCsv).values, { epochs: 2, batchSize: 16, ...options });
      forecaster.dispose();
      return epochs.map(({ loss }) => loss);
    };
    expect(losses).toEqual(await fitted({ optimizer: { name } }));
    expect(losses).not.toEqual(await fitted({}));
    if (name === 'AdamW') expect(losses).not.toEqual(await fitted({ optimizer: { name, weightDecay: 0 } }));
  });
});
