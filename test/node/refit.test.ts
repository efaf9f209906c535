import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ConfigError, StateError } from '../../src/errors.ts';
import { Forecaster } from '../../src/forecast/forecaster.ts';
import { parseModelFile } from '../../src/forecast/model_file.ts';
import type { FitOptions, ForecasterOptions } from '../../src/forecast/options.ts';
import { describeGpu, testDevice } from '../gpu/device.ts';
import { inFolder, lstmWebgpu, QUICK, resultOf, waveCsv, write } from './command.ts';

const ROWS = 60;
const target = Float64Array.from({ length: ROWS }, (_, t) => 100 + t / 2 + 9 * Math.sin((2 * Math.PI * t) / 7));
const FIT: FitOptions = { epochs: 3, batchSize: 8, lr: 0.01, shuffle: true };

const create = (more: Partial<ForecasterOptions> = {}) =>
  Forecaster.create({ device: testDevice(), windowLength: 6, hiddenSize: 4, horizon: 2, ...more });

describeGpu('refit', () => {
  test.each([{}, { ensemble: 2 }])('is a fit of all rows from the initial weights: %o', async (more) => {
    const [whole, again] = [await create(more), await create(more)];
    const straight = await whole.fit(target, { ...FIT, split: 1 });
    expect(straight.epochs[0]!.steps).toBe(Math.ceil((ROWS - 6 - 1) / 8));
    await again.fit(target, { ...FIT, validation: 0.2 });
    const { high } = await again.predictInterval({ level: 0.6 });
    const radius = high[0]! - (await again.predict())[0]!;
    const report = await again.refit({ ahead: 4 });
    expect(report.epochs.map(({ loss }) => loss)).toEqual(straight.epochs.map(({ loss }) => loss));
    const predicted = await again.predict({ horizon: 4 });
    expect(predicted).toEqual(await whole.predict({ horizon: 4 }));
    // intervals are those measured before
    const interval = await again.predictInterval({ level: 0.6, horizon: 4 });
    expect(interval.predicted).toEqual(predicted);
    expect(interval.high[0]! - predicted[0]!).toBeCloseTo(radius, 8);
    const loaded = await Forecaster.load(await again.save(), { device: testDevice() });
    expect(await loaded.predictInterval({ series: target, level: 0.6, horizon: 4 })).toEqual(interval);
    await expect(again.predictInterval({ horizon: 6 })).rejects.toThrow('refit({ ahead: 6 })');
    await expect(again.evaluate()).rejects.toThrow('the test set is empty; fit with split: 0.8');
    for (const one of [whole, again, loaded]) one.dispose();
  });

  test('trains for as many epochs as the best ones took, also for series with a model each', async () => {
    const forecaster = await create({ ensemble: 2 });
    const series = [
      { id: 'a', target },
      { id: 'b', target: target.map((value, t) => 3 * value + (t % 5)) },
    ];
    const fit = await forecaster.fit(series, { ...FIT, epochs: 12, lr: 0.2, earlyStopping: { patience: 2 } });
    const best = [0, 1].map((model) => {
      const losses = fit.epochs.map(({ models }) => models[model]!.validationLoss!);
      return losses.indexOf(Math.min(...losses)) + 1;
    });
    const report = await forecaster.refit();
    expect(report.epochs).toHaveLength(Math.round((best[0]! + best[1]!) / 2));
    const each = await forecaster.predictEach();
    expect(each.map(({ id }) => id)).toEqual(['a', 'b']);
    forecaster.dispose();
  });

  test('is rejected if there is nothing to repeat', async () => {
    const forecaster = await create();
    await expect(forecaster.refit()).rejects.toThrow(ConfigError);
    await forecaster.fit(target, FIT);
    await expect(forecaster.refit({ epochs: 3 } as never)).rejects.toThrow('unknown key "epochs"');
    await forecaster.fit(target, FIT); // continues from the weights
    await expect(forecaster.refit()).rejects.toThrow("Fit with from: 'initial' first");
    await expect(forecaster.predictInterval()).rejects.toThrow(StateError);
    const loaded = await Forecaster.load(await forecaster.save(), { device: testDevice() });
    await expect(loaded.refit()).rejects.toThrow('call fit() first');
    for (const one of [forecaster, loaded]) one.dispose();
  });

  test('--refit keeps the model of all rows, with the earlier scores and intervals', async () => {
    write('wave.csv', waveCsv);
    const args = ['train', 'wave.csv', ...QUICK, '--validation', '0.3', '--json', '--model-out'];
    const plain = await lstmWebgpu([...args, 'plain.st']);
    const run = await lstmWebgpu([...args, 'all.st', '--refit', '--ahead', '4']);
    expect(run.code, run.stderr).toBe(0);
    expect(resultOf(run).rmse).toBe(resultOf(plain).rmse);
    expect(run.stdout).toContain('{"type":"refit","epochs":2,');
    const [before, after] = ['plain.st', 'all.st'].map((name) => parseModelFile(readFileSync(inFolder(name))));
    expect(after!.residuals[0]!.length).toBe(4);
    expect(after!.residuals[0]![0]).toEqual(before!.residuals[0]![0]);
    const bits = ({ members }: typeof before & object) => [...members[0]!].map(([, { data }]) => [...data]);
    expect(bits(after!)).not.toEqual(bits(before!));
    const next = ['predict', 'all.st', 'wave.csv', '--horizon', '4', '--interval', '0.5', '--json'];
    expect((resultOf(await lstmWebgpu(next)) as { predicted: number[] }).predicted).toHaveLength(4);
    const text = await lstmWebgpu(['train', 'wave.csv', ...QUICK, '--refit']);
    expect(text.stdout).toMatch(/\nTrained again on all rows: 2 epochs in [\d.]+ s\.\n/);
    const split = await lstmWebgpu(['train', 'wave.csv', ...QUICK, '--split', '1']);
    expect([split.code, split.stderr]).toEqual([2, expect.stringContaining('--split: got 1, which leaves nothing')]);
    const from = await lstmWebgpu(['train', 'wave.csv', '--from', 'all.st', '--refit']);
    expect(from.stderr).toContain('--refit trains from the initial weights');
  });
});
