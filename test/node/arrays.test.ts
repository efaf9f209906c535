import { beforeAll, expect, test } from 'vitest';
import type { NumericArray } from '../../src/arrays.ts';
import { ConfigError, DataError } from '../../src/errors.ts';
import { backtest } from '../../src/forecast/backtest.ts';
import { Forecaster } from '../../src/forecast/forecaster.ts';
import type { OneSeries } from '../../src/forecast/frame.ts';
import { trainPack } from '../../src/forecast/pack.ts';
import { GRU, LSTM, RNN } from '../../src/nn/recurrent.ts';
import { Trainer } from '../../src/nn/trainer.ts';
import type { SampleData } from '../../src/nn/trainer_options.ts';
import { sweep } from '../../src/sweep/sweep.ts';
import { ARRAY_KINDS, BAD_VALUES } from '../arrays.ts';
import { describeGpu, testDevice } from '../gpu/device.ts';

const upTo = (count: number): number[] => Array.from({ length: count }, (_, k) => k % 5);

/** One array of one call. */
interface Call {
  name: string;
  /** Whole numbers. */
  given: readonly number[];
  /** Start of the message about a second value, shown as `text`. */
  message(text: string): string;
  /** NaN and infinity: as in PyTorch, or rejected. */
  nonFinite?: 'taken';
  /** The class of the error. Default DataError. */
  kind?: typeof ConfigError;
  /** Start of the message that rejects 1e300, for values that are rounded to float32. */
  tooLarge?: string;
  run(values: NumericArray): Promise<unknown>;
}

const [T, N, I, H] = [2, 2, 2, 2];
const series = upTo(20).map((value, k) => value + (k % 3));
const sizes = { inputSize: I, hiddenSize: H };
const model = { windowLength: 3, hiddenSize: 2 };
const still = { optimizer: { name: 'SGD', lr: 0 } } as const;

let lstm: LSTM;
let modules: Readonly<Record<string, LSTM | GRU | RNN>>;
let trainers: Readonly<Record<'last' | 'every' | 'classes', Trainer>>;
let forecaster: Forecaster;
let withColumns: Forecaster;

const input = { shape: [T, N, I], data: upTo(T * N * I) };
const states = { shape: [1, N, H], data: upTo(N * H) };

const inTensor = (name: string, place: string, expected = 'a number') => ({
  message: (text: string) => `${name}: got ${text}, expected ${expected}, at ${place} (from 0).`,
  tooLarge: `${name}: got 1e+300, expected ${expected}${expected.startsWith('classes') ? '' : ' that float32 can represent'}, at ${place}`,
});
const inLengths = {
  message: (text: string) => `lengths[1]: got ${text}, expected a whole number from 1 to the input's 2 steps.`,
  kind: ConfigError,
};
const inSeries = (name: string) => ({
  message: (text: string) => `${name}: row 2 is ${text}, expected a finite number.`,
});
const taken = 'taken' as const;

async function gradientsOf(d: Parameters<LSTM['backward']>[0]) {
  await lstm.forward(input);
  const { parameters, ...others } = await lstm.backward(d);
  return { others, parameters: [...parameters] };
}

const MODULES: readonly Call[] = [
  {
    name: 'forward, input',
    given: input.data,
    ...inTensor('input', '[0, 0, 1]'),
    nonFinite: taken,
    run: (data) => lstm.forward({ ...input, data }),
  },
  {
    name: 'forward, h0',
    given: states.data,
    ...inTensor('h0', '[0, 0, 1]'),
    nonFinite: taken,
    run: (data) => lstm.forward(input, { h0: { ...states, data }, c0: states }),
  },
  {
    name: 'forward, c0',
    given: states.data,
    ...inTensor('c0', '[0, 0, 1]'),
    nonFinite: taken,
    run: (data) => lstm.forward(input, { h0: states, c0: { ...states, data } }),
  },
  {
    name: 'forward, lengths',
    given: [2, 1],
    ...inLengths,
    run: (lengths) => lstm.forward(input, { lengths }),
  },
  {
    name: 'backward, output',
    given: upTo(T * N * H),
    ...inTensor('output', '[0, 0, 1]'),
    nonFinite: taken,
    run: (data) => gradientsOf({ output: { shape: [T, N, H], data } }),
  },
  ...(['hn', 'cn'] as const).map(
    (name): Call => ({
      name: `backward, ${name}`,
      given: states.data,
      ...inTensor(name, '[0, 0, 1]'),
      nonFinite: taken,
      run: (data) => gradientsOf({ [name]: { ...states, data } }),
    }),
  ),
  {
    name: 'gradientFlow, output',
    given: upTo(T * N * H),
    ...inTensor('output', '[0, 0, 1]'),
    nonFinite: taken,
    async run(data) {
      await lstm.forward(input);
      return lstm.gradientFlow({ output: { shape: [T, N, H], data } });
    },
  },
  ...(['LSTM', 'GRU', 'RNN'] as const).map(
    (name): Call => ({
      name: `loadStateDict of ${name}`,
      given: upTo({ LSTM: 4, GRU: 3, RNN: 1 }[name] * H),
      ...inTensor('x.bias_hh_l0', '[1]'),
      nonFinite: taken,
      async run(data) {
        const module = modules[name]!;
        const weights = await module.stateDict();
        module.loadStateDict(new Map([...weights].map(([key, value]) => [`x.${key}`, changed(key, value, data)])));
        return [...(await module.stateDict())];
      },
    }),
  ),
];

/** The last tensor of a state dict has the values under test; all others are ones, which must not be loaded if it is rejected. */
const changed = (key: string, { shape, data }: { shape: readonly number[]; data: Float32Array }, last: NumericArray) =>
  key === 'bias_hh_l0' ? { shape, data: last } : { shape, data: data.map(() => 1) };

const S = 3;
const samples = { inputs: { shape: [S, T, I], data: upTo(S * T * I) }, targets: { shape: [S, 1], data: upTo(S) } };
const steps = { ...samples, targets: { shape: [S, T, 1], data: upTo(S * T) } };
const classes = { ...samples, targets: { shape: [S, T], data: [0, 1, 2, 0, 1, 2] } };
const once = { epochs: 1, batchSize: 2, shuffle: false };

async function lossesOf(kind: keyof typeof trainers, data: SampleData, validation?: SampleData) {
  const { epochs } = await trainers[kind].fit(data, { ...once, ...(validation && { validation }) });
  return epochs.map(({ loss, validationLoss }) => ({ loss, validationLoss }));
}

const TRAINER: readonly Call[] = [
  {
    name: 'fit, inputs',
    given: samples.inputs.data,
    ...inTensor('inputs', 'sample 0, step 0, value 1', 'a finite number'),
    run: (data) => lossesOf('last', { ...samples, inputs: { ...samples.inputs, data } }),
  },
  {
    name: 'fit, targets of the last step',
    given: samples.targets.data,
    ...inTensor('targets', 'sample 1, value 0', 'a finite number'),
    run: (data) => lossesOf('last', { ...samples, targets: { ...samples.targets, data } }),
  },
  {
    name: 'fit, targets of every step',
    given: steps.targets.data,
    ...inTensor('targets', 'sample 0, step 1, value 0', 'a finite number'),
    run: (data) => lossesOf('every', { ...steps, targets: { ...steps.targets, data } }),
  },
  {
    name: 'fit, classes',
    given: classes.targets.data,
    ...inTensor('targets', 'sample 0, step 1', 'classes: whole numbers from 0 to 2'),
    run: (data) => lossesOf('classes', { ...classes, targets: { ...classes.targets, data } }),
  },
  {
    name: 'fit, lengths',
    given: [2, 1, 2],
    ...inLengths,
    run: (lengths) => lossesOf('every', { ...steps, lengths }),
  },
  {
    name: 'fit, inputs of the validation',
    given: samples.inputs.data,
    ...inTensor('validation.inputs', 'sample 0, step 0, value 1', 'a finite number'),
    run: (data) => lossesOf('last', samples, { ...samples, inputs: { ...samples.inputs, data } }),
  },
  {
    name: 'fit, classes of the validation',
    given: classes.targets.data,
    ...inTensor('validation.targets', 'sample 0, step 1', 'classes: whole numbers from 0 to 2'),
    run: (data) => lossesOf('classes', classes, { ...classes, targets: { ...classes.targets, data } }),
  },
  {
    name: 'predict, inputs',
    given: samples.inputs.data,
    ...inTensor('inputs', 'sample 0, step 0, value 1'),
    nonFinite: taken,
    run: (data) => trainers.last.predict({ ...samples.inputs, data }),
  },
  {
    name: 'predict, lengths',
    given: [2, 1, 2],
    ...inLengths,
    run: (lengths) => trainers.every.predict(samples.inputs, { lengths }),
  },
];

async function forecastsOf(one: OneSeries, columns = false) {
  const own = columns ? withColumns : forecaster;
  const { epochs } = await own.fit(one, { epochs: 1, batchSize: 8, from: 'initial' });
  return { loss: epochs[0]!.loss, weights: [...(await own.stateDict())] };
}

/** The error of a job that failed. */
function succeeded<Result extends { ok: boolean }>(result: Result & { reason?: string; error?: Error }): Result {
  if (!result.ok) throw result.error ?? new DataError(result.reason!);
  return result;
}

const past = series.toReversed();
const future = [...series, 1, 2, 3];

const FORECASTS: readonly Call[] = [
  { name: 'fit, series', given: series, ...inSeries('series'), run: (values) => forecastsOf(values) },
  { name: 'fit, one of several series', given: series, ...inSeries('series 2 of 2: series'), run: fitTwo },
  {
    name: 'fit, target',
    given: series,
    ...inSeries('target'),
    run: (target) => forecastsOf({ target, past: { p: past }, future: { f: future } }, true),
  },
  {
    name: 'fit, past column',
    given: past,
    ...inSeries('past.p'),
    run: (p) => forecastsOf({ target: series, past: { p }, future: { f: future } }, true),
  },
  {
    name: 'fit, future column',
    given: future,
    ...inSeries('future.f'),
    run: (f) => forecastsOf({ target: series, past: { p: past }, future: { f } }, true),
  },
  { name: 'evaluate, series', given: series, ...inSeries('series'), run: (other) => evaluated(other) },
  { name: 'predict, series', given: series, ...inSeries('series'), run: (values) => forecast(values) },
  {
    name: 'predict, future column',
    given: future,
    ...inSeries('future.f'),
    async run(f) {
      await forecastsOf({ target: series, past: { p: past }, future: { f: future } }, true);
      return withColumns.predict({ series: { target: series, past: { p: past }, future: { f } } });
    },
  },
  {
    name: 'backtest',
    given: series,
    ...inSeries('series'),
    async run(values) {
      const options = { device: testDevice(), folds: 2, model, fit: { epochs: 1 } };
      return (await backtest(values, options)).metrics;
    },
  },
  {
    name: 'trainPack',
    given: series,
    ...inSeries('series'),
    async run(values) {
      const [result] = await trainPack(testDevice(), { model, fit: { epochs: 1 } }, [{ series: values, seed: 0 }]);
      return succeeded(result!);
    },
  },
  {
    name: 'sweep',
    given: series,
    message: (text) =>
      `series: row 2 ${/NaN|Inf/.test(text) ? '' : `of the ${series.length} values `}is ${text}, expected a`,
    async run(values) {
      const options = { device: testDevice(), grid: { ...model, epochs: 1 }, series: [{ id: 'a', values }] };
      for await (const result of sweep(options)) {
        const { seconds: _, ...same } = succeeded<typeof result & { seconds?: number }>(result);
        return same;
      }
    },
  },
];

async function fitTwo(values: NumericArray) {
  const { epochs } = await forecaster.fit([series, values], { epochs: 1, batchSize: 8, global: true, from: 'initial' });
  return epochs[0]!.loss;
}

async function evaluated(other: OneSeries) {
  await forecastsOf(series);
  return forecaster.evaluate({ series: other });
}

async function forecast(other: OneSeries) {
  await forecastsOf(series);
  return forecaster.predict({ series: other, horizon: 2 });
}

describeGpu('every array argument', () => {
  beforeAll(async () => {
    const device = testDevice();
    lstm = await LSTM.create({ device, ...sizes });
    const [other, gru, rnn] = [await LSTM.create({ device, ...sizes }), GRU, RNN];
    modules = { LSTM: other, GRU: await gru.create({ device, ...sizes }), RNN: await rnn.create({ device, ...sizes }) };
    const create = (own: { outputSize?: number; head?: 'every' }, loss?: 'crossEntropy') =>
      Trainer.create({ device, model: { ...sizes, ...own }, ...(loss && { loss: { name: loss } }), ...still });
    trainers = {
      last: await create({}),
      every: await create({ head: 'every' }),
      classes: await create({ outputSize: 3, head: 'every' }, 'crossEntropy'),
    };
    forecaster = await Forecaster.create({ device, ...model });
    withColumns = await Forecaster.create({ device, ...model, past: ['p'], future: ['f'] });
  });

  const all = [...MODULES, ...TRAINER, ...FORECASTS];

  test.each(all)('is read by value from any kind of array: $name', async ({ given, run }) => {
    const expected = await run(Float32Array.from(given));
    for (const { name, of } of ARRAY_KINDS) expect(await run(of(given)), name).toEqual(expected);
  });

  test.each(all)(
    'is refused by its place where it is no number: $name',
    async ({ given, message, kind = DataError, run }) => {
      for (const { value, text } of BAD_VALUES) {
        const refused = run(given.with(1, value as number));
        await expect(refused, text).rejects.toThrow(kind);
        await expect(refused).rejects.toThrow(message(text));
      }
    },
  );

  test.each(all)(
    'accepts NaN and infinity only where PyTorch does: $name',
    async ({ given, message, nonFinite, run }) => {
      for (const value of [Number.NaN, Infinity, -Infinity])
        for (const values of [given.with(1, value), Float32Array.from(given).with(1, value)])
          if (nonFinite === 'taken') await run(values);
          else await expect(run(values)).rejects.toThrow(message(String(value)));
    },
  );

  test.each(all.filter(({ tooLarge }) => tooLarge))(
    'is refused where float32 would make it infinite: $name',
    async ({ given, tooLarge, run }) => {
      for (const values of [given.with(1, 1e300), Float64Array.from(given).with(1, 1e300)])
        await expect(run(values)).rejects.toThrow(tooLarge);
    },
  );

  test.each(all)('is rejected by name if it is not an array: $name', async ({ message, run }) => {
    const [name] = /.*(?=: row|: got)/.exec(message('x'))!;
    for (const value of [null, 'text', 7, new ArrayBuffer(8), new Map()])
      await expect(run(value as never), String(value)).rejects.toThrow(
        new RegExp(`^${name.replace('[1]', '')}(.data)?: got .*, expected numbers in a plain array or a typed array`),
      );
  });
});
