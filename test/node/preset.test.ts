import { readFileSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import { readSeries } from '../../src/data/csv.ts';
import { Forecaster } from '../../src/forecast/forecaster.ts';
import { parseModelFile } from '../../src/forecast/model_file.ts';
import { describeGpu, testDevice } from '../gpu/device.ts';
import { events, inFolder, lstmWebgpu, resultOf, TUTORIAL, waveCsv, write } from './command.ts';

/** A weekly season with noise and a slow drift, one value per day. */
const weekCsv = `date,sales\n${Array.from({ length: 260 }, (_, t) => {
  const day = new Date(Date.UTC(2024, 0, 1 + t)).toISOString().slice(0, 10);
  const value = 200 + t / 5 + 40 * Math.sin((2 * Math.PI * t) / 7) + 12 * Math.sin(12.9898 * t * t);
  return `${day},${value.toFixed(3)}\n`;
}).join('')}`;

const lossesOf = (run: Awaited<ReturnType<typeof lstmWebgpu>>) =>
  events(run).flatMap(({ type, loss }) => (type === 'epoch' ? [loss] : []));

describeGpu('a training without settings', () => {
  beforeAll(() => {
    write('week.csv', weekCsv);
    write('wave.csv', waveCsv);
  });

  test('has the recipe’s, beats the seasonal naive forecast, and keeps them in its file', async () => {
    const run = await lstmWebgpu(['train', 'week.csv', '--epochs', '25', '--model-out', 'week.st', '--json']);
    expect(run.code, run.stderr).toBe(0);
    expect(run.stderr).toContain('Settings: window 28, hidden units 16, scaled per window, epochs 25, batch size 16');
    expect(events(run).find(({ type }) => type === 'settings')).toMatchObject({ windowLength: 28, lr: 0.01 });
    const { mae, baselines } = resultOf(run) as { mae: number; baselines: Record<string, { mae: number }> };
    expect(Object.keys(baselines)).toEqual(['naive', 'drift', 'movingAverage', 'seasonalNaive', 'ets']);
    expect(mae).toBeLessThan(baselines.seasonalNaive!.mae);
    const { shape } = parseModelFile(readFileSync(inFolder('week.st')));
    expect(shape).toMatchObject({ windowLength: 28, scalePer: 'window', scaler: 'standard', zeroHead: true });
    const further = await lstmWebgpu(['train', 'week.csv', '--from', 'week.st', '--epochs', '1', '--json']);
    expect(events(further).find(({ type }) => type === 'settings')).toMatchObject({ windowLength: 28, epochs: 1 });
    expect(further.code, further.stderr).toBe(0);
  });

  test('with --preset tutorial are those of the library, bit for bit', async () => {
    const run = await lstmWebgpu(['train', 'wave.csv', ...TUTORIAL, '--epochs', '2', '--json']);
    expect(events(run).some(({ type }) => type === 'settings')).toBe(false);
    const forecaster = await Forecaster.create({ device: testDevice() });
    const { epochs } = await forecaster.fit(readSeries(waveCsv).values, { epochs: 2 });
    forecaster.dispose();
    expect(lossesOf(run)).toEqual(epochs.map(({ loss }) => loss));
  });

  test('keeps those that are given, also a clip norm of 0', async () => {
    const given = ['--window', '5', '--hidden', '3', '--epochs', '1', '--clip-norm', '0', '--scaler', 'minmax'];
    const run = await lstmWebgpu(['train', 'wave.csv', ...given, '--json']);
    expect(run.code, run.stderr).toBe(0);
    expect(events(run).find(({ type }) => type === 'settings')).toMatchObject({ windowLength: 5, hiddenSize: 3 });
    expect(resultOf(run)).toMatchObject({ plan: 'resident' }); // this plan does not clip
  });

  test('in a backtest also has the recipe’s, chosen from the rows before the first fold', async () => {
    const args = ['backtest', 'week.csv', '--folds', '2', '--test-rows', '20', '--epochs', '2', '--json'];
    const first = await lstmWebgpu(args);
    expect(first.code, first.stderr).toBe(0);
    expect(Object.keys(resultOf(first).baselines as object)).toContain('ets');
    const [header, ...rows] = weekCsv.trimEnd().split('\n');
    const late = rows.map((row, t) => (t < 240 ? row : row.replace(/,.*/, `,${900 + ((t * t) % 37)}`)));
    write('late.csv', [header, ...late].join('\n'));
    const second = await lstmWebgpu(args.with(1, 'late.csv'));
    const foldsOf = (run: typeof first) => events(run).filter(({ type }) => type === 'fold');
    expect(foldsOf(second)[0]).toEqual(foldsOf(first)[0]);
    expect(foldsOf(second)[1]).not.toEqual(foldsOf(first)[1]);
    const expanding = await lstmWebgpu([...args, '--scheme', 'expanding']);
    expect(expanding.code, expanding.stderr).toBe(0);
  });

  test('rejects a preset together with a checkpoint, which has its settings', async () => {
    const { code, stderr } = await lstmWebgpu(['train', 'wave.csv', '--resume', 'k.ckpt', ...TUTORIAL]);
    expect(stderr).toContain('--preset: a resumed training keeps the settings of its checkpoint, k.ckpt');
    expect(code).toBe(2);
  });
});
