import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { TUTORIAL } from '../../demo/settings.ts';
import { pandasDates } from '../../demo/take_away/pandas_dates.ts';
import { pytorchCode } from '../../demo/take_away/pytorch_code.ts';
import type { RunSource } from '../../demo/take_away/run.ts';
import { readSeries, type SeriesOptions } from '../../src/data/csv.ts';
import { Forecaster } from '../../src/forecast/forecaster.ts';
import { describeGpu, testDevice } from '../gpu/device.ts';
import { printed } from '../pure/printed.ts';
import { testWith } from '../skips.ts';
import { pythonWith } from './live.ts';

const python = pythonWith('torch, pandas');

const pandas = pythonWith('pandas');
const withPandas = testWith(pandas ? undefined : 'python3 with pandas: apt-get install python3-pandas');

describe('the PyTorch code of the page reads a file as the page does', () => {
  const dateOf = (k: number) => new Date(Date.UTC(2024, 0, 1 + k)).toISOString().slice(0, 10);
  const inBrazil = (k: number) => dateOf(k).split('-').reverse().join('/');
  const isWeekday = (k: number) => new Date(dateOf(k)).getUTCDay() % 6 > 0;
  const rows = Array.from({ length: 60 }, (_, k) => k).filter((k) => ![10, 11, 30].includes(k));
  const file = (some: number[], date: (k: number) => string, holes: number[] = []) =>
    `Date,Value\n${some.map((k) => `${date(k)},${holes.includes(k) ? '' : Math.sin(k).toFixed(3)}`).join('\n')}`;
  const turned = file(rows.toReversed(), inBrazil);
  const shuffled = file([...rows.slice(20), ...rows.slice(0, 20)], dateOf);
  const months = file(rows, (k) => new Date(Date.UTC(2010, k, 1)).toISOString().slice(0, 10));

  withPandas.each<[string, string, Pick<SeriesOptions, 'missing' | 'rows'>]>([
    ['newest first', turned, {}],
    ['in no order', shuffled, { rows: 40 }],
    ['by the month', months, { rows: 50 }],
    ['from Monday to Friday', file(rows.filter(isWeekday), dateOf), {}],
    ['with holes dropped', file(rows, dateOf, [12, 40]), { missing: 'drop', rows: 33 }],
    ['with holes filled', file(rows, dateOf, [12, 40]), { missing: 'interpolate' }],
  ])('where rows are missing: %s', (_, csv, reading) => {
    const folder = mkdtempSync(join(tmpdir(), 'lstm-webgpu-code-'));
    const options = { column: 'Value', missing: 'error', gaps: 'interpolate', rows: undefined, ...reading } as const;
    const series = readSeries(csv, options);
    const dates = pandasDates(series);
    const code = pytorchCode(TUTORIAL, { ...options, fileName: 'series.csv', dates } as RunSource);
    const reader = code.slice(0, code.indexOf('num_samples')).replaceAll(/^.*import.* torch.*\n|^from torch.*\n/gm, '');
    writeFileSync(join(folder, 'series.csv'), csv);
    writeFileSync(join(folder, 'read.py'), `${reader}print(*values)`);
    const { stdout, stderr, status } = spawnSync(pandas!, ['read.py'], { cwd: folder, encoding: 'utf8' });
    rmSync(folder, { recursive: true });
    expect(status, stderr).toBe(0);
    const theirs = stdout.trim().split(' ').map(Number);
    expect(theirs).toHaveLength(series.values.length);
    for (const [k, value] of series.values.entries()) expect(theirs[k]).toBeCloseTo(value, 9);
  });
});

describeGpu('the PyTorch code of the page', () => {
  const csv = ['Date,Value', ...Array.from({ length: 90 }, (_, t) => `${t},${(Math.sin(t / 4) + t / 50).toFixed(6)}`)];

  testWith(python ? undefined : 'python3 with torch and pandas: apt-get install python3-torch python3-pandas').each([
    { ...TUTORIAL, hiddenSize: 8, epochs: 5 },
    { ...TUTORIAL, cell: 'GRU', numLayers: 2, hiddenSize: 6, batchSize: 7, epochs: 4, lr: 0.01, scalerFit: 'train' },
    { ...TUTORIAL, cell: 'RNN_RELU', hiddenSize: 6, batchSize: 4, epochs: 3, ensemble: 2 },
  ] as const)('trains and forecasts as the page does: $cell, $numLayers layers', async (settings) => {
    const folder = mkdtempSync(join(tmpdir(), 'lstm-webgpu-code-'));
    const source = { fileName: 'series.csv', column: 'Value', rows: 80, missing: 'error' } as const;
    writeFileSync(join(folder, source.fileName), csv.join('\n'));
    writeFileSync(join(folder, 'run.py'), pytorchCode(settings, source));
    const { stdout, stderr, status } = spawnSync(python!, ['run.py'], { cwd: folder, encoding: 'utf8' });
    rmSync(folder, { recursive: true });
    expect(status, stderr).toBe(0);
    const theirs = printed(stdout);

    const { values } = readSeries(csv.join('\n'), { column: 'Value', rows: 80 });
    const { cell, numLayers, hiddenSize, windowLength, seed, ensemble, horizon, ...fit } = settings;
    const options = { device: testDevice(), cell, numLayers, hiddenSize, windowLength, seed, ensemble };
    const forecaster = await Forecaster.create(options);
    const { epochs } = await forecaster.fit(values, fit);
    expect(theirs.losses).toHaveLength(epochs.length);
    for (const [k, { loss }] of epochs.entries()) expect(theirs.losses[k]! / loss).toBeCloseTo(1, 4);
    const { metrics } = await forecaster.evaluate();
    expect(theirs.rmse / metrics.rmse).toBeCloseTo(1, 4);
    expect(theirs.naiveRmse / metrics.naiveRmse).toBeCloseTo(1, 6);
    const future = await forecaster.predict({ horizon });
    expect(theirs.future).toHaveLength(horizon);
    for (const [k, value] of future.entries()) expect(Math.abs(theirs.future[k]! - value)).toBeLessThan(1e-3);
    forecaster.dispose();
  });
});
