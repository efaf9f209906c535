import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { listJobs, type SweepJob, type SweepSeries } from '../../src/sweep/jobs.ts';
import { packJobs, shardOf } from '../../src/sweep/packs.ts';
import { checkPlan, configurations, type SweepPlan } from '../../src/sweep/plan.ts';

const series = (count: number) =>
  Array.from({ length: count }, (_, k) => ({
    id: `s${k}`,
    values: Float64Array.from({ length: 30 + (k % 5) }, Math.sin),
  }));

const keysOf = (jobs: readonly SweepJob[]) => jobs.map(({ key }) => key);

describe('checkPlan', () => {
  test('accepts the plan of the example', () => {
    const plan: unknown = JSON.parse(readFileSync('examples/sweep/plan.json', 'utf8'));
    expect(configurations(checkPlan(plan).grid ?? {}).length).toBeGreaterThan(1);
  });

  const wrong: [plan: unknown, message: string][] = [
    [[], 'plan: got [], expected an object with grid, seeds, folds, sample.'],
    [{ gird: {} }, 'plan: unknown key "gird". Did you mean grid?'],
    [{ grid: { hiddenUnits: 4 } }, 'grid: unknown key "hiddenUnits". Did you mean hiddenSize?'],
    [{ grid: { device: 1 } }, 'grid: unknown key "device". Known: windowLength, horizon, cell'],
    [{ grid: { lr: [] } }, 'grid.lr: got [], expected a list with at least one entry.'],
    [{ grid: { lr: [0.1, -1] } }, 'grid.lr: got -1, expected a finite number of at least 0.'],
    [{ grid: [{}, { hiddenSize: '8' }] }, 'grid[1].hiddenSize: got "8", expected a whole number from 1 to 65536.'],
    [{ grid: { epochs: 0 } }, 'grid.epochs: got 0, expected a whole number of at least 1.'],
    [{ grid: { ahead: 0 } }, 'grid.ahead: got 0, expected a whole number from 1 to 10000.'],
    [{ grid: { split: 1 } }, 'grid.split: got 1, expected a number above 0 and below 1.'],
    [{ grid: { shuffle: 'no' } }, 'grid.shuffle: got "no", expected true or false.'],
    [{ grid: { cell: 'LTSM' } }, 'grid.cell: got "LTSM", expected \'LSTM\''],
    [{ grid: { optimizer: 'Adam' } }, 'grid.optimizer: got "Adam", expected an object of options.'],
    [{ grid: { optimizer: { name: 'Adam', weigthDecay: 1 } } }, 'unknown key "weigthDecay". Known: lr,'],
    [{ grid: { optimizer: { name: 'Adam', momentum: 0.9 } } }, 'grid.optimizer (Adam): unknown key "momentum".'],
    [{ grid: { schedule: { name: 'StepLR', patience: 3 } } }, 'grid.schedule (StepLR): unknown key "patience".'],
    [{ grid: { loss: { name: 'rmse' } } }, 'grid.loss.name: got "rmse", expected \'mse\''],
    [{ grid: { quantiles: 0.5 } }, 'grid.quantiles: got 0.5, expected a list'],
    [{ grid: { quantiles: [0.5, 0.1] } }, 'grid.quantiles: got 0.5, 0.1, expected ascending numbers'],
    [
      { grid: { earlyStopping: { patence: 3 } } },
      'grid.earlyStopping: unknown key "patence". Known: patience, minDelta, restoreBest.',
    ],
    [{ grid: { lr: [[0.1]] } }, 'grid.lr: got [0.1], expected a number.'],
    [{ grid: { lr: [0.1, 0.1] } }, 'grid.lr: 0.1 occurs twice'],
    [{ grid: [{ lr: [0.1, 1] }, { lr: 0.1 }] }, 'grid: the configuration {"lr":0.1} occurs twice'],
    [{ seeds: [1, 2, 1] }, 'seeds: 1 occurs twice'],
    [{ seeds: [-1] }, 'seeds[0]: got -1, expected a whole number from 0 to 4294967295.'],
    [{ seeds: 3 }, 'seeds: got 3, expected a list'],
    [{ folds: { count: 3 } }, 'folds.testRows: got undefined, expected a whole number of at least 1.'],
    [
      { grid: [{}, { split: [0.7, 0.9] }], folds: { count: 3, testRows: 5 } },
      'grid.split: got 0.7, but folds already decide',
    ],
    [{ sample: { jobs: 0 } }, 'sample.jobs: got 0, expected a whole number from 1 to 500000.'],
  ];
  test.each(wrong)('refuses %j', (plan, message) => {
    expect(() => checkPlan(plan)).toThrow(message);
    expect(() => checkPlan(plan)).toThrow(expect.objectContaining({ name: 'ConfigError' }));
  });
});

const upTo = (count: number, step = 1) => Array.from({ length: count }, (_, k) => (k + 1) * step);
/** 10^8 configurations. */
const vast = {
  ...{ hiddenSize: upTo(100), windowLength: upTo(100), lr: upTo(100, 0.001), batchSize: upTo(10), epochs: upTo(10) },
};

describe('plans with too many jobs are rejected before anything is created', () => {
  const cases: [name: string, plan: SweepPlan, message: string][] = [
    ['configurations', { grid: vast }, '1 series x 100000000 configurations x 1 seeds x 1 folds are 100000000 jobs'],
    ['folds', { folds: { count: 1e9, testRows: 1 } }, 'x 1000000000 folds are 1000000000 jobs'],
    ['seeds', { seeds: upTo(1e6) }, 'x 1000000 seeds x 1 folds are 1000000 jobs'],
    [
      'values',
      { grid: { lr: upTo(1e6) }, sample: { jobs: 3 } },
      'grid.lr: got 1000000 values to try, expected at most',
    ],
    ['layers', { grid: { numLayers: 1e7 } }, 'grid.numLayers: got 10000000, expected a whole number from 1 to 100.'],
    [
      'units',
      { grid: { hiddenSize: 1e9 } },
      'grid.hiddenSize: got 1000000000, expected a whole number from 1 to 65536.',
    ],
    [
      'steps ahead',
      { grid: { horizon: 1e9 } },
      'grid.horizon: got 1000000000, expected a whole number from 1 to 10000.',
    ],
    [
      'a sample of too many',
      { grid: vast, seeds: upTo(1e5), folds: { count: 1e5, testRows: 1 }, sample: { jobs: 3 } },
      'jobs, but a sample is drawn from at most 9007199254740991.',
    ],
  ];
  test.each(cases)('%s', { timeout: 20_000 }, (_, plan, message) => {
    expect(() => checkPlan(plan)).toThrow(message);
  });

  test('also counts the series', async () => {
    await expect(listJobs(series(6), { seeds: upTo(1e5) })).rejects.toThrow(
      'plan: 6 series x 1 configurations x 100000 seeds x 1 folds are 600000 jobs, but a sweep has at most 500000.',
    );
  });

  test('a sample of them is drawn without creating the others', { timeout: 20_000 }, async () => {
    const jobs = await listJobs(series(2), { grid: vast, seeds: upTo(1e6), sample: { jobs: 20 } });
    expect(new Set(keysOf(jobs)).size).toBe(20);
    expect(new Set(jobs.map(({ series: { id } }) => id)).size).toBe(2);
    expect(new Set(jobs.map(({ configuration }) => configuration.hiddenSize)).size).toBeGreaterThan(10);
  });

  test('drawn jobs are checked, the rest are not', async () => {
    const grid = { ...vast, projSize: [0, ...upTo(99)] }; // most are larger than their hiddenSize
    expect(() => checkPlan({ grid, sample: { jobs: 20 } })).toThrow(
      /^grid.projSize: got 1, expected less than hiddenSize/,
    );
    const other = { ...vast, hiddenSize: [200, ...upTo(99)], projSize: [0, ...upTo(99)] };
    await expect(listJobs(series(1), { grid: other, sample: { jobs: 20 } })).rejects.toThrow(/^grid.projSize: got/);
  });
});

test('quantiles are one value, and a list of lists is several', () => {
  const quantiles = [0.1, 0.5, 0.9];
  expect([...configurations({ quantiles })]).toEqual([{ quantiles }]);
  expect([...configurations({ quantiles: [quantiles, [0.5]] })]).toEqual([{ quantiles }, { quantiles: [0.5] }]);
});

describe('listJobs', () => {
  const plan: SweepPlan = {
    grid: { hiddenSize: [4, 8], lr: [0.1, 0.01] },
    seeds: [0, 7],
    folds: { count: 2, testRows: 5 },
  };

  test('is the product of series, configurations, seeds and folds, in this order', async () => {
    const jobs = await listJobs(series(3), plan);
    expect(jobs).toHaveLength(3 * 4 * 2 * 2);
    expect(new Set(keysOf(jobs)).size).toBe(jobs.length);
    const { series: first, configuration, seed, fold } = jobs[3]!;
    expect({ id: first.id, configuration, seed, fold }).toEqual({
      id: 's0',
      configuration: { hiddenSize: 4, lr: 0.1 },
      seed: 7,
      fold: { trainRows: 25, testRows: 5 },
    });
    expect(jobs[2]!.fold).toEqual({ trainRows: 20, testRows: 5 });
  });

  test('several grids are concatenated', () => {
    expect([...configurations([{ hiddenSize: 4 }, { cell: ['GRU', 'LSTM'] }])]).toEqual([
      { hiddenSize: 4 },
      { cell: 'GRU' },
      { cell: 'LSTM' },
    ]);
  });

  test('a key depends only on values, id, configuration, seed and fold', async () => {
    const [one] = series(1);
    const key = async (change: Partial<SweepSeries> = {}, changed: SweepPlan = {}) =>
      keysOf(await listJobs([{ ...one!, ...change }], { grid: { epochs: 2, hiddenSize: 4 }, ...changed }))[0];
    const plain = await key();
    expect(plain).toMatch(/^[0-9a-f]{32}$/);
    expect(await key({ values: Array.from(one!.values) })).toBe(plain);
    expect(await key({}, { grid: { hiddenSize: [4], epochs: 2 } })).toBe(plain); // the order of names does not matter
    const others = await Promise.all([
      key({ id: 'other' }),
      key({ values: Float64Array.from(one!.values).with(3, 0.5) }),
      key({ problem: 'no' }),
      key({}, { grid: { epochs: 3, hiddenSize: 4 } }),
      key({}, { seeds: [1] }),
      key({}, { folds: { count: 1, testRows: 4 } }),
      key({}, { folds: { count: 1, testRows: 5 } }),
    ]);
    expect(new Set([plain, ...others]).size).toBe(8);
  });

  test('a sample is a subset of the product, the same for the same seed', async () => {
    const all = keysOf(await listJobs(series(5), plan));
    const draw = async (seed: number) => keysOf(await listJobs(series(5), { ...plan, sample: { jobs: 20, seed } }));
    const drawn = await draw(1);
    expect(drawn).toEqual(all.filter((key) => drawn.includes(key)));
    expect(drawn).toHaveLength(20);
    expect(await draw(1)).toEqual(drawn);
    expect(await draw(2)).not.toEqual(drawn);
  });

  test('rejects two series of one name, and an empty list', async () => {
    await expect(listJobs([...series(2), ...series(1)])).rejects.toThrow('two have the id "s0"');
    await expect(listJobs([])).rejects.toThrow('series: got none');
    for (const none of [undefined, null, {}, 'a'])
      await expect(listJobs(none as never)).rejects.toThrow(/^series: got .*, expected at least one/);
    for (const wrong of [null, 'a', [1, 2], { values: [1, 2] }])
      await expect(listJobs([...series(1), wrong as never])).rejects.toThrow(
        /^series\[1\]: got .*, expected \{ id, values/,
      );
  });
});

describe('packJobs', () => {
  test('groups jobs that differ only in series, seed, rate and fold; every job once', async () => {
    const jobs = await listJobs(series(7), { grid: { hiddenSize: [4, 8], lr: [0.1, 0.01] }, seeds: [0, 1] });
    const packs = packJobs(jobs, 10);
    expect(packs.map((pack) => pack.jobs.length)).toEqual([10, 10, 8, 10, 10, 8]);
    for (const { settings, jobs } of packs) {
      expect(settings.model).toEqual({ hiddenSize: jobs[0]!.configuration.hiddenSize });
      expect(new Set(jobs.map(({ configuration }) => configuration.hiddenSize)).size).toBe(1);
    }
    expect(keysOf(packs.flatMap((pack) => pack.jobs)).sort()).toEqual(keysOf(jobs).sort());
    expect(packJobs(jobs, 10)).toEqual(packs);
  });

  test('jobs of different budgets share a pack, with equal ones adjacent', async () => {
    const schedule = [1, 2].map((stepSize) => ({ name: 'StepLR', stepSize }) as const);
    const jobs = await listJobs(series(3), { grid: { epochs: [30, 10], schedule } });
    const [pack, ...others] = packJobs(jobs, 12);
    expect(others).toEqual([]);
    expect(pack!.settings.fit).toEqual({});
    const lengths = pack!.jobs.map((job) => [job.configuration.epochs, job.series.values.length]);
    expect(lengths).toEqual([10, 30].flatMap((epochs) => [30, 30, 31, 31, 32, 32].map((rows) => [epochs, rows])));
  });

  test('series of similar length share a pack', async () => {
    const packs = packJobs(await listJobs(series(10)), 2);
    const lengths = packs.map((pack) => pack.jobs.map((job) => job.series.values.length));
    expect(lengths).toEqual([30, 31, 32, 33, 34].map((rows) => [rows, rows]));
  });

  test('a pack needs no more memory than one buffer of any device', async () => {
    const jobs = await listJobs(series(20), { grid: { hiddenSize: 256, windowLength: 4, batchSize: 1 } });
    const packs = packJobs(jobs, 1000);
    const weights = 4 * 256 * (1 + 256 + 2) + 256 + 1;
    for (const pack of packs) expect(pack.jobs.length * weights * 4).toBeLessThan(128 * 2 ** 20);
    expect(packs.length).toBeGreaterThan(1);
    expect(packs.flatMap((pack) => pack.jobs)).toHaveLength(20);
  });

  test('counts every window if each has its own scale', async () => {
    const values = Float64Array.from({ length: 6000 }, Math.sin);
    const long = Array.from({ length: 32 }, (_, k) => ({ id: `s${k}`, values }));
    const grid = { windowLength: 200, horizon: 3, scalePer: 'window' } as const;
    const packsOf = async (plan: SweepPlan) => packJobs(await listJobs(long, plan), 1000);
    const windows = (rows: number) => 4 * 203 * (rows - 202);
    const packs = await packsOf({ grid });
    for (const { jobs } of packs) expect(jobs.length * windows(6000)).toBeLessThan(128 * 2 ** 20);
    expect(packs.flatMap(({ jobs }) => jobs)).toHaveLength(32);
    const folds = await packsOf({ grid, folds: { count: 2, testRows: 2900 } }); // the first ends in row 3100
    expect(folds[0]!.jobs.filter(({ fold }) => fold!.trainRows === 200)).toHaveLength(32);
    expect(await packsOf({ grid: { ...grid, scalePer: 'series' } })).toHaveLength(1);
  });

  test('a job too large for any pack gets its own', async () => {
    const packs = packJobs(await listJobs(series(2), { grid: { hiddenSize: 2048 } }), 10);
    expect(packs.map((pack) => pack.jobs.length)).toEqual([1, 1]);
  });
});

test('shards contain every job once, and equal shares of every configuration', async () => {
  const jobs = await listJobs(series(11), { grid: { hiddenSize: [4, 8, 16] } });
  const shards = [0, 1, 2].map((index) => shardOf(jobs, index, 3));
  expect(keysOf(shards.flat()).sort()).toEqual(keysOf(jobs).sort());
  for (const shard of shards)
    for (const hiddenSize of [4, 8, 16]) {
      const count = shard.filter(({ configuration }) => configuration.hiddenSize === hiddenSize).length;
      expect(count).toBeGreaterThanOrEqual(3);
      expect(count).toBeLessThanOrEqual(4);
    }
});
