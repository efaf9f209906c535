import { afterAll, beforeAll, expect, test } from 'vitest';
import type { NumericArray } from '../../src/arrays.ts';
import type { LstmError } from '../../src/errors.ts';
import { Forecaster } from '../../src/forecast/forecaster.ts';
import type { SeriesInput } from '../../src/forecast/frame.ts';
import { connect, type Engine, move, type WorkerForecaster } from '../../src/worker/client.ts';
import { ARRAY_KINDS, BAD_VALUES } from '../arrays.ts';
import { describeGpu, testDevice } from '../gpu/device.ts';

const rows = Array.from({ length: 20 }, (_, k) => (k * k) % 11);
const model = { windowLength: 3, hiddenSize: 2 };
const once = { epochs: 1, batchSize: 8 };

type Either = Pick<Forecaster, 'fit' | 'predict' | 'stateDict'>;

/** One array of one call; with `columns`, the forecaster has a past column `p` and a future column `f`. */
interface Call {
  name: string;
  columns: boolean;
  run(own: Either, values: NumericArray): Promise<unknown>;
}

const trained = async (own: Either, series: SeriesInput, global = false) => {
  const { epochs } = await own.fit(series, { ...once, global, from: 'initial' });
  return { loss: epochs[0]!.loss, weights: [...(await own.stateDict())] };
};
const frame = { target: rows, past: { p: rows }, future: { f: [...rows, 1] } };

const CALLS: readonly Call[] = [
  { name: 'fit, series', columns: false, run: (own, values) => trained(own, values) },
  { name: 'fit, one of several series', columns: false, run: (own, values) => trained(own, [rows, values], true) },
  { name: 'fit, past column', columns: true, run: (own, p) => trained(own, { ...frame, past: { p } }) },
  {
    name: 'predict, series',
    columns: false,
    async run(own, series) {
      await trained(own, rows);
      return own.predict({ series, horizon: 2 });
    },
  },
  {
    name: 'predict, past column',
    columns: true,
    async run(own, p) {
      await trained(own, frame);
      return own.predict({ series: { ...frame, past: { p } } });
    },
  },
];

describeGpu('an array sent to a worker', () => {
  let worker: Worker;
  let engine: Engine;
  let here: Record<'plain' | 'columns', Forecaster>;
  let there: Record<'plain' | 'columns', WorkerForecaster>;
  const both = (columns: boolean): [Either, Either] =>
    columns ? [here.columns, there.columns] : [here.plain, there.plain];

  beforeAll(async () => {
    worker = new Worker(new URL('./engine_worker.ts', import.meta.url), { type: 'module' });
    engine = await connect(worker);
    const device = testDevice();
    const withColumns = { ...model, past: ['p'], future: ['f'] };
    here = {
      plain: await Forecaster.create({ device, ...model }),
      columns: await Forecaster.create({ device, ...withColumns }),
    };
    there = {
      plain: await engine.Forecaster.create(model),
      columns: await engine.Forecaster.create(withColumns),
    };
  });
  afterAll(() => {
    engine.dispose();
    worker.terminate();
  });

  test.each(CALLS)('gives the same results as here, for any kind of array: $name', async ({ columns, run }) => {
    const [own, theirs] = both(columns);
    const expected = await run(own, rows);
    for (const { name, of } of ARRAY_KINDS) {
      const given = of(rows);
      expect(await run(theirs, given), name).toEqual(expected);
      expect(Array.from(given as ArrayLike<unknown>, Number), name).toEqual(rows); // not transferred or modified
    }
  });

  test.each(CALLS)('is rejected like here if it is not a number, or not an array: $name', async ({ columns, run }) => {
    const [own, theirs] = both(columns);
    const wrong = [...BAD_VALUES.map(({ value }) => value), Number.NaN, Infinity].map((value) =>
      rows.with(1, value as number),
    );
    for (const values of [...wrong, null, 'text', 7, new ArrayBuffer(8), new Map()] as NumericArray[]) {
      const [expected, error] = await Promise.all(
        [own, theirs].map((one) => run(one, values).then(undefined, (reason: LstmError) => reason)),
      );
      expect(error).toBeInstanceOf(Error);
      expect(error).toEqual(expected);
    }
  });

  test.each(CALLS)('may be a proxy: $name', async ({ columns, run }) => {
    const [own, theirs] = both(columns);
    expect(await run(theirs, new Proxy([...rows], {}))).toEqual(await run(own, rows));
  });

  test('may be shared memory: it is read when the run is awaited', async () => {
    const { buffer } = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
    const shared = new Float64Array(buffer, 8, rows.length);
    for (const series of [shared, [shared, shared]]) {
      const expected = await trained(here.plain, Array.isArray(series) ? [rows, rows] : rows, true);
      shared.set(rows);
      const report = there.plain
        .fit(series, { ...once, global: true, from: 'initial' })
        .then(({ epochs }) => epochs[0]!.loss);
      shared.fill(0);
      expect(await report).toBe(expected.loss);
    }
  });

  test('arrays in a list of series stay here, or are transferred on request', async () => {
    const [first, second] = [Float64Array.from(rows), Float32Array.from([9, 9, ...rows]).subarray(2)];
    const list = [first, second];
    const expected = await trained(here.plain, list, true);
    expect(await trained(there.plain, list, true)).toEqual(expected);
    expect([list[0], list[1], first.length, second.length]).toEqual([first, second, rows.length, rows.length]);
    expect(await trained(there.plain, move(list), true)).toEqual(expected);
    expect([first.length, second.length]).toEqual([0, 0]);
    await expect(trained(there.plain, first)).rejects.toThrow(/^fit: an argument cannot be sent .*detached/);
  });
});
