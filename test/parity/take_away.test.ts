import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { TUTORIAL } from '../../demo/settings.ts';
import { pytorchCode } from '../../demo/take_away/pytorch_code.ts';
import { readSeries } from '../../src/data/csv.ts';
import { Forecaster } from '../../src/forecast/forecaster.ts';
import { describeGpu, testDevice } from '../gpu/device.ts';
import { printed } from '../pure/printed.ts';
import { testWith } from '../skips.ts';
import { pythonWith } from './live.ts';

const python = pythonWith('torch, pandas');

describeGpu('the PyTorch code that the page gives', () => {
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
