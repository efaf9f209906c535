import { expect, test } from 'vitest';
import { DataError, StateError } from '../../src/errors.ts';
import { Forecaster } from '../../src/forecast/forecaster.ts';
import { Trainer } from '../../src/nn/trainer.ts';
import { describeGpu, testDevice } from '../gpu/device.ts';

const series = Float64Array.from({ length: 60 }, (_, t) => Math.sin(t / 3));
const fit = { epochs: 2, batchSize: 16 };
const data = {
  inputs: { shape: [12, 3, 1], data: Float32Array.from({ length: 36 }, (_, k) => Math.cos(k)) },
  targets: { shape: [12, 1], data: Float32Array.from({ length: 12 }, (_, k) => Math.sin(k)) },
};
const otherData = { ...data, inputs: { ...data.inputs, data: new Float32Array(36).fill(1) } };

/** A model that trains from a checkpoint of a fit that was stopped after its first epoch. */
interface Trained {
  fit(): Promise<unknown>;
  resume(): Promise<unknown>;
  /** With other data than the checkpoint's. */
  resumeOther(): Promise<unknown>;
  weights(): Promise<unknown>;
  destroy(): void;
}

async function forecaster(): Promise<Trained> {
  const device = testDevice();
  const first = await Forecaster.create({ device, hiddenSize: 3, windowLength: 4 });
  for await (const { epoch } of first.fit(series, fit)) if (epoch === 1) break;
  const loaded = await Forecaster.load(await first.checkpoint(), { device });
  first.dispose();
  return {
    fit: async () => loaded.fit(series, { ...fit, from: 'initial' }),
    resume: async () => loaded.resume(series),
    resumeOther: async () => loaded.resume(series.map((value) => value + 1)),
    weights: () => loaded.stateDict(),
    destroy: () => loaded.dispose(),
  };
}

async function trainer(): Promise<Trained> {
  const device = testDevice();
  const first = await Trainer.create({ device, model: { inputSize: 1, hiddenSize: 3 } });
  for await (const { epoch } of first.fit(data, fit)) if (epoch === 1) break;
  const loaded = await Trainer.load(await first.checkpoint(), { device });
  first.dispose();
  return {
    fit: async () => loaded.fit(data, fit),
    resume: async () => loaded.resume(data),
    resumeOther: async () => loaded.resume(otherData),
    weights: () => loaded.stateDict(),
    destroy: () => loaded.dispose(),
  };
}

describeGpu.each([
  ['a forecaster', forecaster],
  ['a trainer', trainer],
] as const)('of two trainings of %s at once', (_, load) => {
  test.each([
    ['resume', 'resume'],
    ['resume', 'fit'],
    ['fit', 'resume'],
    ['fit', 'fit'],
  ] as const)('%s continues, and the %s after it is rejected', async (first, second) => {
    const [disturbed, alone] = [await load(), await load()];
    await alone[first]();
    const both = await Promise.allSettled([disturbed[first](), disturbed[second]()]);
    expect(both.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    const { reason } = both[1] as PromiseRejectedResult;
    expect(reason).toBeInstanceOf(StateError);
    expect(reason).toMatchObject({ code: 'already-training', details: { method: second } });
    expect(String(reason)).toMatch(new RegExp(`${second}: this (forecaster|trainer) is training already; wait for it`));
    expect(await disturbed.weights()).toEqual(await alone.weights());
    for (const one of [disturbed, alone]) one.destroy();
  });

  test('the second is rejected even if the first fails, and a third one works', async () => {
    const loaded = await load();
    const both = await Promise.allSettled([loaded.resumeOther(), loaded.resume()]);
    expect((both[0] as PromiseRejectedResult).reason).toBeInstanceOf(DataError);
    expect(String((both[1] as PromiseRejectedResult).reason)).toContain('is training already');
    await loaded.resume();
    const nothing = loaded.resume();
    await expect(nothing).rejects.toThrow(/there is no unfinished (training|fit)/);
    await expect(nothing).rejects.toMatchObject({ name: 'StateError', code: 'nothing-to-resume' });
    await loaded.fit();
    loaded.destroy();
  });
});
