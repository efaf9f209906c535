import { describe, expect, test, vi } from 'vitest';
import { Forecaster } from '../../src/forecast/forecaster.ts';
import { ForecastModels } from '../../src/forecast/models.ts';
import type { SweepSeries } from '../../src/sweep/jobs.ts';
import type { SweepResult } from '../../src/sweep/results.ts';
import { type SweepOptions, sweep } from '../../src/sweep/sweep.ts';
import { describeGpu, testDevice, testFamily } from './device.ts';
import { limitedDevice } from './limited_device.ts';

const wave = (id: string, rows: number) => ({
  id,
  values: Float64Array.from({ length: rows }, (_, k) => Math.sin(k / 2 + rows)),
});

const series: SweepSeries[] = [
  wave('a', 30),
  { id: 'constant', values: new Float64Array(30).fill(2) },
  wave('b', 34),
  { id: 'short', values: [1, 2, 3] },
  { id: 'hole', values: wave('c', 30).values.with(4, Number.NaN) },
];

const plan = { grid: { windowLength: 4, hiddenSize: 4, epochs: 2, batchSize: 8, lr: [0.01, 0.03] } };

async function collect(options: Partial<SweepOptions> = {}): Promise<SweepResult[]> {
  const results: SweepResult[] = [];
  for await (const result of sweep({ device: testDevice(), series, ...plan, ...options })) results.push(result);
  return results.sort((a, b) => (a.key < b.key ? -1 : 1));
}

/** Everything except its duration, and the number of jobs trained together. */
const numbersOf = (results: readonly SweepResult[]) => results.map((result) => ({ ...result, seconds: 0, packed: 0 }));

describeGpu('sweep', () => {
  test('trains what can be trained, and reports why the rest cannot', async () => {
    const results = await collect();
    const reasons = results.map((result) => [result.series, result.ok ? '' : result.reason] as const);
    expect(results).toHaveLength(10);
    expect(reasons.filter(([, reason]) => reason === '').map(([id]) => id)).toHaveLength(4);
    expect(Object.fromEntries(reasons)).toEqual({
      a: '',
      b: '',
      constant: expect.stringContaining('A constant series has nothing to learn'),
      short: expect.stringContaining('got 3 rows'),
      hole: expect.stringContaining('NaN'),
    });
    const codes = results.flatMap((result) => (result.ok ? [] : [[result.series, result.code] as const]));
    expect(Object.fromEntries(codes)).toEqual({ constant: 'constant', short: 'too-short', hole: 'bad-value' });
  });

  test('gives the same results and models however many jobs train together', async () => {
    const alone = numbersOf(await collect({ packSize: 1 }));
    expect(numbersOf(await collect({ packSize: 3 }))).toEqual(alone);
    expect(numbersOf(await collect())).toEqual(alone);
  });

  test('a model is one that Forecaster loads', async () => {
    const [result] = (await collect()).filter(({ ok }) => ok);
    if (!result?.ok) throw new Error('nothing was trained');
    const forecaster = await Forecaster.load(result.model, { device: testDevice() });
    expect((await forecaster.predict({ series: wave('d', 10).values })).every(Number.isFinite)).toBe(true);
    forecaster.dispose();
  });

  test('leaves out finished jobs', async () => {
    const all = await collect();
    const done = all.slice(0, 7).map(({ key }) => key);
    expect(numbersOf(await collect({ done }))).toEqual(numbersOf(all.slice(7)));
  });

  test("stops with the signal's reason", async () => {
    const controller = new AbortController();
    const seen: string[] = [];
    const run = async () => {
      for await (const { key } of sweep({
        device: testDevice(),
        series,
        ...plan,
        packSize: 1,
        signal: controller.signal,
      })) {
        seen.push(key);
        controller.abort(new Error('enough'));
      }
    };
    await expect(run()).rejects.toThrow('enough');
    expect(seen).toHaveLength(1);
  });

  describe('a signal that aborts while a pack is scored', () => {
    async function keysUntil(reason: Error): Promise<string[]> {
      const controller = new AbortController();
      const { outputsOfEach } = ForecastModels.prototype;
      const spy = vi.spyOn(ForecastModels.prototype, 'outputsOfEach').mockImplementationOnce(function (
        this: ForecastModels,
        ...args
      ) {
        controller.abort(reason);
        return outputsOfEach.apply(this, args);
      });
      const keys: string[] = [];
      const run = async () => {
        const options = { device: testDevice(), series: [series[0]!], packSize: 1, signal: controller.signal };
        for await (const { key } of sweep({ ...options, ...plan })) keys.push(key);
      };
      await expect(run()).rejects.toBe(reason);
      spy.mockRestore();
      return keys;
    }

    test('keeps its results', async () => {
      expect(await keysUntil(new Error('enough'))).toHaveLength(1);
    });
  });

  test('a job that does not fit the device fails alone; the rest of its pack and plan is trained', async () => {
    const device = await limitedDevice(2 ** 20);
    const grid = { ...plan.grid, hiddenSize: [4, 512], lr: 0.01 };
    const results = await collect({ device, grid, series: [series[0]!, series[2]!] });
    device.destroy();
    const outcomes = results.map((result) => [result.configuration.hiddenSize, result.ok || result.code] as const);
    expect(outcomes.sort()).toEqual([
      [4, true],
      [4, true],
      [512, 'too-large'],
      [512, 'too-large'],
    ]);
    const reason = results.flatMap((result) => (result.ok ? [] : result.reason))[0];
    expect(reason).toContain('but this device allows');
  });

  test('a pack that does not fit the device is trained in parts, with the same results', async (context) => {
    if (testFamily === 'gpu') context.skip('there, a pack too large for its kernels trains with another plan');
    const device = await limitedDevice(2 ** 14);
    const models = Array.from({ length: 12 }, (_, k) => wave(`w${k}`, 30));
    const grid = { ...plan.grid, lr: 0.01 };
    const whole = await collect({ grid, series: models });
    const inParts = await collect({ device, grid, series: models });
    device.destroy();
    expect(numbersOf(inParts)).toEqual(numbersOf(whole));
    expect(whole.map((result) => result.ok && result.packed)).toEqual(Array(12).fill(12));
    expect(Math.max(...inParts.map((result) => (result.ok ? result.packed : 12)))).toBeLessThan(12);
  });

  test('rejects an invalid plan and packSize', async () => {
    await expect(collect({ grid: { epochs: 0 } })).rejects.toThrow('grid.epochs: got 0');
    await expect(collect({ packSize: 0 })).rejects.toThrow('packSize: got 0, expected a whole number of at least 1.');
  });
});
