import { readFileSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import * as data from '../../src/data.ts';
import { ConfigError } from '../../src/errors.ts';
import * as library from '../../src/index.ts';
import { requestNodeDevice } from '../../src/node/device.ts';
import { describeGpu, testDevice, testGpu } from '../gpu/device.ts';

const { Forecaster, Trainer, LSTM, GRU, RNN } = library;

/** The given options, with one that no call has. */
const bad = (options: object = {}) => ({ ...options, qzx: 1 }) as never;

const series = Float64Array.from({ length: 40 }, (_, t) => Math.sin(t / 3) + 2);
const CSV = 'id,x\n1,2\n1,3';
const model = { inputSize: 1, hiddenSize: 2 };
const tensor = (...shape: number[]) => ({
  shape,
  data: new Float32Array(shape.reduce((product, size) => product * size, 1)),
});
const samples = { inputs: tensor(4, 3, 1), targets: tensor(4, 1) };
const metrics = { actual: [1, 2], predicted: [1, 2], naive: [0, 1] };
const quick = { epochs: 1, batchSize: 16 };

let forecaster: library.Forecaster;
let trainer: library.Trainer;
let lstm: library.LSTM;

const shared = { model: { hiddenSize: 2, windowLength: 4 }, fit: quick };
const job = { series, seed: 0 };
const packs = (given: object, jobs: object[] = [job], controls: object = {}) =>
  library.trainPack(testDevice(), given as never, jobs as never, controls as never);
const sweepOf = (given: object) => library.sweep({ device: testDevice(), series: [], ...given } as never).next();

/** Every exported call with an object of options, by its name in the API report; several if it has several objects. */
const CALLS: Readonly<Record<string, readonly (() => unknown)[]>> = {
  autotune: [() => library.autotune(testDevice(), bad())],
  backtest: [
    () => library.backtest(series, bad({ device: testDevice() })),
    () => library.backtest(series, { device: testDevice(), model: bad() }),
    () => library.backtest(series, { device: testDevice(), fit: bad() }),
    () => library.backtest(bad({ target: series }), { device: testDevice() }),
  ],
  baselineForecast: [() => data.baselineForecast('naive', [1, 2], [0], 1, bad())],
  estimateMemory: [
    () => library.estimateMemory(model, bad({ windowLength: 3 })),
    () => library.estimateMemory(bad(model), { windowLength: 3 }),
    () => library.estimateMemory(model, { windowLength: 3, optimizer: bad({ name: 'Adam' }) }),
  ],
  forecast: [
    () => library.forecast(series, bad({ device: testDevice() })),
    () => library.forecast(bad({ target: series }), { device: testDevice() }),
  ],
  forecastMetrics: [
    () => library.forecastMetrics(bad(metrics)),
    () => library.forecastMetrics({ ...metrics, interval: bad({ low: [0, 0], high: [9, 9] }) }),
  ],
  openStore: [() => library.openStore('name', bad())],
  parseCsv: [() => data.parseCsv(CSV, bad())],
  readFrame: [() => library.readFrame(CSV, bad())],
  readManySeries: [
    () => library.readManySeries(CSV, bad({ id: 'id' })),
    () => library.readManySeries(CSV, bad({ columns: ['x'] })),
  ],
  readSeries: [() => library.readSeries(CSV, bad())],
  recipeSettings: [() => library.recipeSettings(series, bad())],
  requestDevice: [() => library.requestDevice(bad({ gpu: testGpu() })), () => requestNodeDevice(bad())],
  selfTest: [() => library.selfTest(testDevice(), bad())],
  splitSamples: [() => data.splitSamples(bad({ rows: 9, windowLength: 2, split: 0.5 }))],
  sweep: [
    () => sweepOf(bad()),
    () => sweepOf({ series: [bad({ id: 'a', values: series })] }),
    () => sweepOf({ grid: bad() }),
    () => sweepOf({ folds: bad({ count: 2, testRows: 2 }) }),
    () => sweepOf({ sample: bad({ jobs: 1 }) }),
  ],
  trainPack: [
    () => packs(bad(shared)),
    () => packs({ ...shared, model: bad(shared.model) }),
    () => packs({ ...shared, fit: bad(quick) }),
    () => packs(shared, [job], bad()),
    async () => fail(await packs(shared, [bad(job)])),
    async () => fail(await packs(shared, [{ ...job, fold: bad({ trainRows: 20, testRows: 5 }) }])),
    async () => fail(await packs(shared, [{ ...job, schedule: bad({ name: 'StepLR', stepSize: 1 }) }])),
  ],
  'MinMaxScaler.constructor': [() => new data.MinMaxScaler(bad())],
  'MinMaxScaler.fit': [() => new data.MinMaxScaler().fit([1, 2], bad())],
  'CenteredScaler.constructor': [() => new data.StandardScaler(bad({ center: 0, scale: 1 }))],
  'CenteredScaler.fit': [() => new data.RobustScaler().fit([1, 2], bad())],
  'Scaler.fit': [() => data.createScaler('standard').fit([1, 2], bad())],
  'Forecaster.create': [
    () => Forecaster.create(bad({ device: testDevice() })),
    () => Forecaster.create({ device: testDevice(), outputSize: 2 } as never),
  ],
  'Forecaster.load': [async () => Forecaster.load(await forecaster.save(), bad({ device: testDevice() }))],
  'Forecaster.fit': [
    () => forecaster.fit(series, bad()),
    () => forecaster.fit(bad({ target: series })),
    ...(['clip', 'earlyStopping'] as const).map((name) => () => forecaster.fit(series, { [name]: bad() })),
    () => forecaster.fit(series, { optimizer: bad({ name: 'SGD' }) }),
    () => forecaster.fit(series, { loss: bad({ name: 'quantile' }) }),
    () => forecaster.fit(series, { schedule: bad({ name: 'StepLR', stepSize: 1 }) }),
  ],
  'Forecaster.refit': [() => forecaster.refit(bad())],
  'Forecaster.resume': [() => forecaster.resume(series, bad())],
  'Forecaster.evaluate': [() => forecaster.evaluate(bad())],
  'Forecaster.predict': [
    () => forecaster.predict(bad()),
    () => forecaster.predict({ series: bad({ target: series }) }),
  ],
  'Forecaster.predictEach': [() => forecaster.predictEach(bad())],
  'Forecaster.save': [() => forecaster.save(bad())],
  'Forecaster.predictInterval': [() => forecaster.predictInterval(bad())],
  'Forecaster.predictMembers': [() => forecaster.predictMembers(bad())],
  'Forecaster.predictQuantiles': [() => forecaster.predictQuantiles(bad())],
  'LSTM.create': [() => LSTM.create(bad({ device: testDevice(), ...model }))],
  'GRU.create': [() => GRU.create(bad({ device: testDevice(), ...model }))],
  'RNN.create': [() => RNN.create(bad({ device: testDevice(), ...model }))],
  'RecurrentModule.constructor': [() => LSTM.create(bad({ device: testDevice(), ...model }))],
  'RecurrentModule.forward': [() => lstm.forward(tensor(3, 1, 1), bad())],
  'RecurrentModule.backward': [() => lstm.backward(bad())],
  'RecurrentModule.gradientFlow': [() => lstm.gradientFlow(bad())],
  'RecurrentModule.loadStateDict': [async () => lstm.loadStateDict(await lstm.stateDict(), bad())],
  'Trainer.create': [
    () => Trainer.create(bad({ device: testDevice(), model })),
    () => Trainer.create({ device: testDevice(), model: bad(model) }),
  ],
  'Trainer.load': [async () => Trainer.load(await trainer.checkpoint(), bad({ device: testDevice() }))],
  'Trainer.fit': [
    () => trainer.fit(samples, bad()),
    () => trainer.fit(bad(samples)),
    () => trainer.fit(samples, { validation: bad(samples) }),
  ],
  'Trainer.resume': [() => trainer.resume(samples, bad())],
  'Trainer.predict': [() => trainer.predict(samples.inputs, bad())],
  'Trainer.loadStateDict': [async () => trainer.loadStateDict(await trainer.stateDict(), bad())],
};

/** Throws the error of a job of a pack, if it failed. */
function fail(results: readonly library.PackResult[]): void {
  for (const result of results) if (!result.ok) throw result.error;
}

/** Calls of an API report with a parameter that is an object of options: of a named type, or written out. */
function callsOf(report: string): string[] {
  const calls: string[] = [];
  let owner = '';
  for (const line of report.split('\n')) {
    owner = /^export (?:abstract )?(?:class|interface) (\w+)/.exec(line)?.[1] ?? (line.startsWith('}') ? '' : owner);
    const [, exported, member, parameters] =
      /^(?:export function (\w+)| {4}(?:protected |static )*(\w+))\((.*?)(?:\): .*)?$/.exec(line) ?? [];
    if (
      !/: (?:\{$|[^,]*(?:Options|Controls|Settings|Gradients|ForecastData|CenteredScalerState))/.test(parameters ?? '')
    )
      continue;
    calls.push(exported ?? `${owner}.${member}`);
  }
  return calls;
}

test('the calls tried here are all those of the API reports', () => {
  const reports = ['lstm-webgpu', 'lstm-webgpu.data'].map((name) => readFileSync(`etc/${name}.api.md`, 'utf8'));
  const found = reports.flatMap(callsOf);
  expect(new Set(found)).toEqual(new Set(Object.keys(CALLS)));
});

describeGpu('an unknown option', () => {
  beforeAll(async () => {
    forecaster = await Forecaster.create({
      device: testDevice(),
      hiddenSize: 2,
      windowLength: 4,
      quantiles: [0.1, 0.5],
    });
    await forecaster.fit(series, { ...quick, validation: 0.3 });
    trainer = await Trainer.create({ device: testDevice(), model });
    await trainer.fit(samples, { epochs: 1 });
    lstm = await LSTM.create({ device: testDevice(), ...model });
    await lstm.forward(tensor(3, 1, 1));
  });

  test.each(Object.entries(CALLS).flatMap(([name, calls]) => calls.map((call, k) => [name, k, call] as const)))(
    'is rejected by its name: %s, call %d',
    async (_, __, call) => {
      const error: unknown = await (async () => call())().catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(ConfigError);
      expect((error as Error).message).toMatch(/unknown key "(qzx|outputSize)"/);
    },
  );

  test('is rejected with the name that was probably meant', async () => {
    await expect(forecaster.evaluate({ intervall: 0.9 } as never)).rejects.toThrow('Did you mean interval?');
    await expect(forecaster.predict({ horzion: 3 } as never)).rejects.toThrow('Did you mean horizon?');
    expect(() => library.readSeries(CSV, { colum: 'x' } as never)).toThrow('Did you mean column?');
    await expect(lstm.forward(tensor(3, 1, 1), { length: [3] } as never)).rejects.toThrow('Did you mean lengths?');
  });

  test('of undefined is ignored', async () => {
    await expect(forecaster.predict({ horzion: undefined } as never)).resolves.toHaveLength(1);
  });

  test.each([5, 'text', null, [1]])('is not all that is rejected: %j is not an object of options', async (options) => {
    await expect(forecaster.predict(options as never)).rejects.toThrow('expected an object of options');
    await expect(forecaster.evaluate(options as never)).rejects.toThrow(ConfigError);
    await expect(trainer.predict(samples.inputs, options as never)).rejects.toThrow(ConfigError);
    expect(() => library.readSeries(CSV, options as never)).toThrow(ConfigError);
  });
});
