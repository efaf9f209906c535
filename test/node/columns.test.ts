import { expect, test } from 'vitest';
import { conformalRadius } from '../../src/data/conformal.ts';
import { ConfigError, DataError, ShapeError } from '../../src/errors.ts';
import { Forecaster } from '../../src/forecast/forecaster.ts';
import type { SeriesFrame } from '../../src/forecast/frame.ts';
import type { FitOptions, ForecasterOptions } from '../../src/forecast/options.ts';
import { Trainer } from '../../src/nn/trainer.ts';
import { describeGpu, testDevice } from '../gpu/device.ts';
import { expectNormClose } from '../gpu/expect.ts';

const ROWS = 70;
const T = 6;

/** A positive price, a volume, and a weekday that is known ahead. */
const frame = {
  target: Float64Array.from({ length: ROWS }, (_, t) => 100 + t / 3 + 9 * Math.sin((2 * Math.PI * t) / 7)),
  past: { volume: Float64Array.from({ length: ROWS }, (_, t) => 1000 + ((t * 7919) % 101)) },
  future: { weekday: Float64Array.from({ length: ROWS + 12 }, (_, t) => t % 7) },
} satisfies SeriesFrame;

const mean = (values: ArrayLike<number>) => Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;

/** z = (x - center) / scale over some values: a second implementation of the standard scaler. */
function standard(values: ArrayLike<number>): { center: number; scale: number } {
  const center = mean(values);
  return { center, scale: Math.sqrt(mean(Array.from(values, (value) => (value - center) ** 2))) || 1 };
}

interface Sample {
  inputs: number[];
  targets: number[];
  /** The value of a step's output, from the outputs of the steps up to it. */
  decode: (outputs: readonly number[]) => number[];
}

type Case = Pick<ForecasterOptions, 'horizon' | 'transform' | 'scalePer'> & { trainRows: number };

/** Every window of the frame, written out: columns target, volume, and the weekday of each row that is forecast. */
function samplesOf({ horizon = 1, transform = 'none', scalePer = 'series', trainRows }: Case): Sample[] {
  const { target: y } = frame;
  const lag = transform === 'none' ? 0 : 1;
  const step = (t: number) =>
    transform === 'none' ? y[t]! : transform === 'difference' ? y[t]! - y[t - 1]! : Math.log(y[t]! / y[t - 1]!);
  const steps = Array.from(y, (_, t) => (t < lag ? 0 : step(t)));
  const whole = {
    target: standard(steps.slice(lag, trainRows)),
    volume: standard(frame.past.volume.slice(lag, trainRows)),
    weekday: standard(frame.future.weekday.slice(lag, trainRows)),
  };
  const seen = steps.slice(lag, trainRows);
  const changes = seen.slice(horizon).map((value, t) => value - seen[t]!);
  const z = ({ center, scale }: { center: number; scale: number }, value: number) => (value - center) / scale;
  return Array.from({ length: ROWS - lag - T - horizon + 1 }, (_, k) => {
    const start = lag + k;
    const own = (values: ArrayLike<number>, all: typeof whole.target) =>
      scalePer === 'window' ? standard(Array.from(values).slice(start, start + T)) : all;
    const last = { center: steps[start + T - 1]!, scale: standard(changes).scale };
    const ofTarget = scalePer === 'last' ? last : own(steps, whole.target);
    const ofVolume = own(frame.past.volume, whole.volume);
    const inputs = Array.from({ length: T }, (_, t) => [
      z(ofTarget, steps[start + t]!),
      z(ofVolume, frame.past.volume[start + t]!),
      ...Array.from({ length: horizon }, (_, h) => z(whole.weekday, frame.future.weekday[start + t + 1 + h]!)),
    ]);
    return {
      inputs: inputs.flat(),
      targets: Array.from({ length: horizon }, (_, h) => z(ofTarget, steps[start + T + h]!)),
      decode(outputs) {
        let before = y[start + T - 1]!;
        return outputs.map((output) => {
          const value = output * ofTarget.scale + ofTarget.center;
          before =
            transform === 'none' ? value : transform === 'difference' ? before + value : before * Math.exp(value);
          return before;
        });
      },
    };
  });
}

describeGpu('a forecaster with other columns', () => {
  test.each([
    [{}],
    [{ horizon: 3 }],
    [{ transform: 'difference', horizon: 2 }],
    [{ transform: 'logReturn' }],
    [{ scalePer: 'window', horizon: 2 }],
    [{ scalePer: 'window', transform: 'difference' }],
    [{ scalePer: 'last', horizon: 3 }],
    [{ scalePer: 'last', transform: 'difference', horizon: 2 }],
  ] as const)(
    'trains and forecasts as a trainer on samples made by hand: %j',
    async (options: Omit<Case, 'trainRows'>) => {
      const { horizon = 1 } = options;
      const lag = options.transform ? 1 : 0;
      const numSamples = ROWS - lag - T - horizon + 1;
      const numTrain = Math.trunc(0.8 * numSamples) - (horizon - 1);
      const samples = samplesOf({ ...options, trainRows: lag + numTrain + T + horizon - 1 });
      expect(samples.length).toBe(numSamples);
      const fit = { epochs: 3, batchSize: 5, shuffle: false, plan: 'timestep' } as const satisfies FitOptions;
      const forecaster = await Forecaster.create({
        ...{ device: testDevice(), windowLength: T, hiddenSize: 6, seed: 2, scaler: 'standard' },
        ...{ past: ['volume'], future: ['weekday'], ...options },
      });
      const I = 2 + horizon;
      expect([forecaster.config.inputSize, forecaster.config.outputSize]).toEqual([I, horizon]);
      const report = await forecaster.fit(frame, { ...fit, lr: 0.01 });
      const trainer = await Trainer.create({
        device: testDevice(),
        model: { inputSize: I, hiddenSize: 6, outputSize: horizon },
        optimizer: { name: 'Adam', lr: 0.01 },
        seed: 2,
      });
      const train = samples.slice(0, numTrain);
      const tensor = (shape: number[], values: number[]) => ({ shape, data: Float32Array.from(values) });
      const inputsOf = (some: Sample[]) =>
        tensor(
          [some.length, T, I],
          some.flatMap(({ inputs }) => inputs),
        );
      const reference = await trainer.fit(
        {
          inputs: inputsOf(train),
          targets: tensor(
            [numTrain, horizon],
            train.flatMap(({ targets }) => targets),
          ),
        },
        fit,
      );
      const losses = (of: typeof report) => of.epochs.map(({ loss }) => loss);
      expectNormClose(losses(report), losses(reference), { tensor: 'losses', tolerance: 'gradient' });

      const test = samples.slice(Math.trunc(0.8 * numSamples));
      const outputs = (await trainer.predict(inputsOf(test))).data;
      const said = test.map(({ decode }, k) => decode([...outputs.subarray(k * horizon, (k + 1) * horizon)]));
      const { steps, actual, firstRow } = await forecaster.evaluate();
      expect(steps.length).toBe(horizon);
      expect(actual[0]).toBe(frame.target[firstRow]);
      for (const [h, { predicted, step, firstRow: row, actual }] of steps.entries()) {
        expectNormClose(
          predicted,
          said.map((values) => values[h]!),
          { tensor: `step ${step}`, tolerance: 'gradient' },
        );
        expect(row).toBe(firstRow + h);
        expect(actual).toEqual(frame.target.slice(row, row + actual.length));
      }
      // the window before a known row, like at the end of a series
      const known = samples.at(-1)!;
      const end = ROWS - horizon;
      const ahead = await forecaster.predict({
        series: {
          target: frame.target.subarray(0, end),
          past: { volume: frame.past.volume.subarray(0, end) },
          future: frame.future,
        },
      });
      const last = known.decode([...outputs.subarray(outputs.length - horizon)]);
      expectNormClose(ahead, last, { tensor: 'ahead', tolerance: 'gradient' });
      const loaded = await Forecaster.load(await forecaster.save(), { device: testDevice() });
      expect(await loaded.predict({ series: frame })).toEqual(await forecaster.predict());
      for (const one of [forecaster, loaded]) one.dispose();
      trainer.dispose();
    },
  );

  test('feeds on its own forecasts beyond its horizon, with columns known ahead', async () => {
    const { target, future } = frame;
    const forecaster = await Forecaster.create({
      ...{
        device: testDevice(),
        windowLength: T,
        hiddenSize: 4,
        horizon: 2,
        future: ['weekday'],
        transform: 'difference',
      },
    });
    await forecaster.fit({ target, future }, { epochs: 2, batchSize: 8 });
    const six = await forecaster.predict({ horizon: 6 });
    let known = [...target];
    for (let block = 0; block < 3; block++) {
      const two = await forecaster.predict({ series: { target: known, future } });
      expect(six.subarray(2 * block, 2 * block + 2)).toEqual(two);
      known = [...known, ...two];
    }
    expect(await forecaster.predict({ horizon: 5 })).toEqual(six.subarray(0, 5));
    const tooFar = forecaster.predict({ horizon: 13 });
    await expect(tooFar).rejects.toThrow(
      'forecasting 13 rows needs 14, since the model forecasts 2 rows at once. Pass 84 rows.',
    );
    const details = { column: 'weekday', rows: ROWS + 12, needed: 84 };
    await expect(tooFar).rejects.toMatchObject({ code: 'future-too-short', details });
    forecaster.dispose();
  });

  test('reports what is missing, unknown, too short or not known ahead', async () => {
    const create = (options: Partial<ForecasterOptions>) =>
      Forecaster.create({ device: testDevice(), windowLength: T, hiddenSize: 4, ...options });
    const forecaster = await create({ past: ['volume'], future: ['weekday'] });
    const { target, past, future } = frame;
    await expect(forecaster.fit(target)).rejects.toThrow('past: the column "volume" is missing');
    await expect(forecaster.fit({ target, past: { ...past, other: target }, future })).rejects.toThrow(ConfigError);
    await expect(forecaster.fit({ target, past: { volume: target.subarray(1) }, future })).rejects.toThrow(ShapeError);
    await expect(forecaster.fit({ target, past, future: { weekday: target.subarray(1) } })).rejects.toThrow(ShapeError);
    const hole = past.volume.map((value, t) => (t === 3 ? Number.NaN : value));
    await expect(forecaster.fit({ target, past: { volume: hole }, future })).rejects.toThrow(
      'past.volume: row 4 is NaN',
    );
    await forecaster.fit(frame, { epochs: 1, batchSize: 16 });
    await expect(forecaster.predict({ horizon: 2 })).rejects.toThrow('Create the model with horizon: 2');
    await expect(create({ past: ['a'], future: ['a'] })).rejects.toThrow('listed twice');
    await expect(create({ quantiles: [0.9, 0.1] })).rejects.toThrow('ascending');
    await expect(create({ quantiles: [0.1], transform: 'difference', horizon: 2 })).rejects.toThrow(ConfigError);
    const logs = await create({ transform: 'logReturn' });
    await expect(logs.fit(target.map((value, t) => (t === 9 ? 0 : value)))).rejects.toThrow(DataError);
    for (const one of [forecaster, logs]) one.dispose();
  });

  test('trains one model of many series, each with its own scale, equally in any plan', async () => {
    const large = frame.target.map((value) => 1000 * value);
    const short = frame.target.subarray(0, 40);
    const losses: number[][] = [];
    for (const plan of ['resident', 'timestep'] as const) {
      const forecaster = await Forecaster.create({ device: testDevice(), windowLength: T, hiddenSize: 6 });
      const report = await forecaster.fit([large, short], { epochs: 3, batchSize: 8, plan, global: true });
      losses.push(report.epochs.map(({ loss }) => loss));
      expect(report.epochs[0]!.steps).toBe(Math.ceil((51 + 27) / 8));
      await expect(forecaster.evaluate()).rejects.toThrow('choose one with { of }');
      const [first, second] = [await forecaster.evaluate({ of: 0 }), await forecaster.evaluate({ of: 1 })];
      expect([first.actual.length, second.actual.length]).toEqual([13, 7]);
      expect(first.predicted[0]! / 1000).toBeGreaterThan(80);
      const loaded = await Forecaster.load(await forecaster.save(), { device: testDevice() });
      expect(await loaded.predict({ series: large, of: 0 })).toEqual(await forecaster.predict({ of: 0 }));
      for (const one of [forecaster, loaded]) one.dispose();
    }
    expectNormClose(losses[0]!, losses[1]!, { tensor: 'losses', tolerance: 'gradient' });
  });

  test('predicts quantiles in order, and the middle one as the forecast', async () => {
    const noisy = frame.target.map((value, t) => value + 8 * Math.sin(t * t));
    const forecaster = await Forecaster.create({
      ...{ device: testDevice(), windowLength: T, hiddenSize: 8, horizon: 2, quantiles: [0.1, 0.5, 0.9] },
    });
    const report = await forecaster.fit(noisy, { epochs: 60, batchSize: 8, lr: 0.02, plan: 'timestep' });
    expect(report.epochs.at(-1)!.loss).toBeLessThan(report.epochs[0]!.loss);
    const { steps, predicted } = await forecaster.evaluate({ part: 'train' });
    for (const { quantiles, actual } of steps) {
      const [low, middle, high] = quantiles.map(({ values }) => values);
      const below = (values: Float64Array) => mean(Array.from(actual, (value, k) => (value <= values[k]! ? 1 : 0)));
      expect(below(low!)).toBeLessThan(0.4);
      expect(below(high!)).toBeGreaterThan(0.6);
      expect(mean(low!)).toBeLessThan(mean(middle!));
      expect(mean(middle!)).toBeLessThan(mean(high!));
    }
    expect(predicted).toEqual(steps[0]!.quantiles[1]!.values);
    const ahead = await forecaster.predictQuantiles({ horizon: 3 });
    expect(ahead.map(({ level, values }) => [level, values.length])).toEqual(
      [0.1, 0.5, 0.9].map((level) => [level, 3]),
    );
    expect(ahead[1]!.values).toEqual(await forecaster.predict({ horizon: 3 }));
    forecaster.dispose();
  });

  test('gives the same intervals after it was saved, and names what they need', async () => {
    const forecaster = await Forecaster.create({ device: testDevice(), windowLength: T, hiddenSize: 4, horizon: 2 });
    await forecaster.fit(frame.target, { epochs: 2, batchSize: 8 });
    await expect(forecaster.predictInterval()).rejects.toThrow('validation: 0.2');
    await forecaster.fit(frame.target, { from: 'initial', epochs: 2, batchSize: 8, validation: 0.3 });
    const { predicted, low, high, level } = await forecaster.predictInterval({ level: 0.8 });
    expect(level).toBe(0.8);
    expect(predicted).toEqual(await forecaster.predict());
    expect(predicted.every((value, k) => low[k]! < value && value < high[k]!)).toBe(true);
    const { steps } = await forecaster.evaluate({ interval: 0.8 });
    const known = await forecaster.evaluate({ part: 'validation' });
    const residuals = known.actual.map((value, k) => value - known.predicted[k]!);
    const radius = conformalRadius(residuals, 0.8); // nothing newer is known at the first test row
    expect(steps[0]!.interval!.high[0]! - steps[0]!.predicted[0]!).toBeCloseTo(radius, 8);
    expect(steps[1]!.metrics.coverage).toBeGreaterThan(0);
    await expect(forecaster.predictInterval({ level: 0.99 })).rejects.toThrow(DataError);
    const loaded = await Forecaster.load(await forecaster.save(), { device: testDevice() });
    expect(await loaded.predictInterval({ level: 0.8, series: frame.target })).toEqual({ predicted, low, high, level });
    const again = await Forecaster.create({ device: testDevice(), windowLength: T, hiddenSize: 4, horizon: 2 });
    const run = again.fit(frame.target, { epochs: 2, batchSize: 8, validation: 0.3 });
    for await (const _ of run) await again.save(); // measures with the weights of that moment
    expect(await again.predictInterval({ level: 0.8 })).toEqual({ predicted, low, high, level });
    for (const one of [forecaster, loaded, again]) one.dispose();
  });

  test('requires the series of a forecast, and the models of an interval', async () => {
    const forecaster = await Forecaster.create({ device: testDevice(), windowLength: T, hiddenSize: 4, ensemble: 2 });
    const far = frame.target.map((value) => value + 1000);
    const fit = { epochs: 1, batchSize: 8, validation: 0.3 };
    await forecaster.fit([frame.target, far], fit);
    await expect(forecaster.predict()).rejects.toThrow('choose one with { of }');
    await expect(forecaster.predict({ of: 2 })).rejects.toThrow('expected a whole number from 0 to 1');
    const members = await forecaster.predictMembers();
    for (const of of [0, 1]) expect(await forecaster.predict({ of })).toEqual(members[of]);
    expect((await forecaster.evaluate({ member: 1, interval: 0.8 })).interval).toBeDefined();
    await forecaster.fit(frame.target, { ...fit, from: 'initial' });
    await expect(forecaster.evaluate({ member: 1, interval: 0.8 })).rejects.toThrow('mean over the members');
    forecaster.dispose();
  });
});
