import { describe, expect, test } from 'vitest';
import { checkClip } from '../../src/engine/clip.ts';
import { type LossOptions, lossOf } from '../../src/engine/losses.ts';
import { type OptimizerOptions, optimizerOf } from '../../src/engine/optimizers.ts';
import type { ClipOptions } from '../../src/engine/plan.ts';
import { ConfigError } from '../../src/errors.ts';
import type { FitOptions } from '../../src/forecast/options.ts';
import { fitSettings } from '../../src/forecast/settings.ts';
import { forecastShape } from '../../src/forecast/shape.ts';
import { configWarnings, type ModelOptions, modelConfig } from '../../src/model/config.ts';

const throwsWith = (act: () => unknown, message: string) => {
  expect(act).toThrow(ConfigError);
  expect(act).toThrow(message);
};

describe('optimizer options', () => {
  test("default to torch's", () => {
    expect(optimizerOf({ name: 'Adam' }).options).toEqual({
      ...{ name: 'Adam', lr: 1e-3, betas: [0.9, 0.999], eps: 1e-8 },
      ...{ weightDecay: 0, amsgrad: false },
    });
    expect(optimizerOf({ name: 'AdamW', lr: undefined as never }).options).toMatchObject({
      lr: 1e-3,
      weightDecay: 0.01,
    });
    expect(optimizerOf({ name: 'SGD' }).options).toMatchObject({ lr: 1e-3, momentum: 0, nesterov: false });
    expect(optimizerOf({ name: 'RMSprop' }).options).toMatchObject({ lr: 1e-2, alpha: 0.99, centered: false });
  });

  test('determine the state kept between steps', () => {
    expect(optimizerOf({ name: 'Adam', amsgrad: true }).state).toEqual({
      ...{ m: 'exp_avg', v: 'exp_avg_sq' },
      extra: 'max_exp_avg_sq',
    });
    expect(optimizerOf({ name: 'SGD' }).state).toEqual({});
    expect(optimizerOf({ name: 'SGD', momentum: 0.9 }).state).toEqual({ m: 'momentum_buffer' });
    expect(optimizerOf({ name: 'RMSprop', centered: true }).state).toEqual({ v: 'square_avg', extra: 'grad_avg' });
  });

  test.each([
    [{ name: 'Adam', lr: -1 }, 'lr: got -1'],
    [{ name: 'Adam', betas: [0.9, 1] }, 'betas[1]: got 1'],
    [{ name: 'Adam', eps: 0 }, 'eps: got 0'],
    [{ name: 'AdamW', weightDecay: Number.NaN }, 'weightDecay: got NaN'],
    [{ name: 'SGD', nesterov: true }, 'nesterov: got true with momentum 0'],
    [{ name: 'SGD', nesterov: true, momentum: 0.9, dampening: 0.1 }, 'dampening 0.1'],
    [{ name: 'SGD', momentum: -0.1 }, 'momentum: got -0.1'],
    [{ name: 'RMSprop', alpha: 1.5 }, 'alpha: got 1.5'],
    [{ name: 'Lion' }, 'optimizer.name: got "Lion"'],
    [{ name: 'constructor' }, 'optimizer.name: got "constructor"'],
    [{ name: 'Adam', lr: '0.1' }, 'lr: got "0.1"'],
    [{ name: 'Adam', betas: [0.9] }, 'betas: got [0.9], expected two numbers'],
    [{ name: 'Adam', betas: null }, 'betas: got null'],
    [{ name: 'Adam', amsgrad: 'no' }, 'amsgrad: got "no", expected true or false'],
    [null, 'optimizer: got null, expected an object of options'],
    [{ name: 'Adam', momentum: 0.9 }, 'optimizer (Adam): unknown key "momentum". Known: lr, betas, eps, amsgrad'],
    [{ name: 'SGD', betas: [0.9, 0.99] }, 'optimizer (SGD): unknown key "betas"'],
    [{ name: 'RMSprop', weigthDecay: 1 }, 'optimizer (RMSprop): unknown key "weigthDecay". Known: lr,'],
  ])('describe the problem with %j', (options, message) => {
    throwsWith(() => optimizerOf(options as OptimizerOptions), message);
  });
});

describe('loss options', () => {
  test.each([
    [{ name: 'mae' }, 'loss.name: got "mae"'],
    [{ name: 'constructor' }, 'loss.name: got "constructor"'],
    [{ name: '__proto__' }, 'loss.name: got "__proto__"'],
    [{ name: 'huber', delta: '1' }, 'loss.delta: got "1"'],
    [{ name: 'quantile', quantiles: 0.5 }, 'loss.quantiles: got 0.5'],
    [7, 'loss: got 7, expected an object of options'],
    [{ name: 'mse', reduction: 'none' }, 'loss.reduction: got "none"'],
    [{ name: 'huber', delta: 0 }, 'loss.delta: got 0'],
    [{ name: 'mse', delta: 2 }, 'loss (mse): unknown key "delta". Known: reduction.'],
    [{ name: 'smoothL1', beta: -1 }, 'loss.beta: got -1'],
    [{ name: 'quantile', quantiles: [0.5, 1] }, 'loss.quantiles[1]: got 1'],
    [{ name: 'quantile', quantiles: [] }, 'loss.quantiles: got []'],
  ])('describe the problem with %j', (options, message) => {
    throwsWith(() => lossOf(options as LossOptions), message);
  });

  test('determine how many targets a model predicts', () => {
    expect(lossOf({ name: 'mse' }).targetSize(4)).toBe(4);
    expect(lossOf({ name: 'crossEntropy' }).targetSize(4)).toBe(1);
    expect(lossOf({ name: 'quantile' }).targetSize(6)).toBe(2);
    throwsWith(() => lossOf({ name: 'quantile' }).targetSize(4), 'outputSize: got 4, expected a multiple of 3');
  });
});

describe('clip', () => {
  test.each([
    [{ norm: 0 }, 'clip.norm: got 0'],
    [{ value: -1 }, 'clip.value: got -1'],
    [7, 'clip: got 7, expected an object of options'],
    [null, 'clip: got null'],
    [{ nrom: 1 }, 'clip: unknown key "nrom". Known: norm, value.'],
  ])('describes the problem with %j', (options, message) =>
    throwsWith(() => checkClip(options as ClipOptions), message),
  );
});

describe('fit settings', () => {
  const shape = forecastShape({ windowLength: 4, hiddenSize: 2 });

  test.each([
    [{ plan: 'constructor' }, 'plan: got "constructor"'],
    [{ schedule: [] }, 'schedule: got []'],
    [{ schedule: { name: 'constructor' } }, 'schedule.name: got "constructor"'],
    [{ lr: null }, 'lr: got null'],
    [{ lr: ['0.1'] }, 'lr: got "0.1"'],
    [{ lr: [undefined] }, 'lr[0]: got undefined'],
    [{ optimizer: 'x' }, 'optimizer: got "x"'],
    [{ earlyStopping: 7 }, 'earlyStopping: got 7'],
    [{ earlyStopping: { restoreBest: 1 } }, 'earlyStopping.restoreBest: got 1'],
    [{ split: null }, 'split: got null'],
    [{ validation: '0.1' }, 'validation: got "0.1"'],
    [{ shuffle: 1 }, 'shuffle: got 1'],
    [{ loss: { name: 'constructor' } }, 'loss.name: got "constructor"'],
  ])('describe the problem with %j', (options, message) => {
    throwsWith(() => fitSettings(options as FitOptions, shape, 1), message);
  });

  test('survive JSON unchanged', () => {
    const settings = fitSettings({ earlyStopping: true, clip: { norm: 1 } }, shape, 2);
    expect(fitSettings(JSON.parse(JSON.stringify(settings)) as FitOptions, shape, 2)).toEqual(settings);
  });
});

describe('model options', () => {
  test.each([
    [{ hiddenSize: 0 }, 'hiddenSize: got 0'],
    [{ numLayers: 1.5 }, 'numLayers: got 1.5'],
    [{ dropout: 1.1 }, 'dropout: got 1.1'],
    [{ dropout: -0.1 }, 'dropout: got -0.1'],
    [{ projSize: -1 }, 'projSize: got -1'],
    [{ projSize: 4 }, 'projSize: got 4, expected less than hiddenSize, which is 4'],
    [{ projSize: 2, cell: 'GRU' }, 'projSize: got 2 for cell GRU'],
    [{ cell: 'lstm' }, 'cell: got "lstm"'],
    [{ cell: 'constructor' }, 'cell: got "constructor"'],
    [{ bias: 1 }, 'bias: got 1, expected true or false'],
    [{ head: 'first' }, 'head: got "first"'],
    [{ outputSize: 0 }, 'outputSize: got 0'],
  ])('describe the problem with %j', (options, message) => {
    throwsWith(() => modelConfig({ inputSize: 1, hiddenSize: 4, ...options } as ModelOptions), message);
  });

  test('warn of dropout with a single layer, as torch does', () => {
    const of = (numLayers: number) => modelConfig({ inputSize: 1, hiddenSize: 4, numLayers, dropout: 0.2 });
    expect(configWarnings(of(1))).toEqual([expect.stringMatching(/dropout: got 0.2 with numLayers 1/)]);
    expect(configWarnings(of(2))).toEqual([]);
  });
});

test.each(['from', 'scalerFit', 'validation', 'split', 'batchSize', 'shuffle', 'plan', 'global'])(
  'of a fit, %s must not be null, as it may be in JSON',
  (name) => throwsWith(() => fitSettings({ [name]: null }, forecastShape({}), 1), `${name}: got null, expected`),
);
