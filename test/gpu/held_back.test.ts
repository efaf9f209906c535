import { expect, test } from 'vitest';
import { Forecaster } from '../../src/forecast/forecaster.ts';
import { LSTM } from '../../src/nn/recurrent.ts';
import { Trainer } from '../../src/nn/trainer.ts';
import { describeGpu, testDevice } from './device.ts';
import { bitsOf } from './expect.ts';

const series = Float64Array.from({ length: 60 }, (_, t) => Math.sin(t / 3));
const options = { epochs: 3, batchSize: 8, plan: 'timestep', sliceMs: 0.001 } as const;
const create = () => Forecaster.create({ device: testDevice(), hiddenSize: 4, windowLength: 5 });

describeGpu('a training that beforeSlice holds back', () => {
  test('gives checkpoints meanwhile, from inside and outside, that resume bit-identically', async () => {
    const [straight, held] = [await create(), await create()];
    await straight.fit(series, options);
    const checkpoints: Uint8Array[] = [];
    let slices = 0;
    const beforeSlice = async () => {
      slices++;
      if (slices === 4) checkpoints.push(await held.checkpoint());
      if (slices === 7) await new Promise<void>((resolve) => void later().then(resolve));
    };
    const later = async () => {
      await new Promise((resolve) => setTimeout(resolve, 20)); // everything in progress is done by then
      checkpoints.push(await held.checkpoint());
    };
    await held.fit(series, { ...options, beforeSlice });
    expect(checkpoints.length).toBe(2);
    const weights = await straight.stateDict();
    for (const bytes of [undefined, ...checkpoints]) {
      const one = bytes ? await Forecaster.load(bytes, { device: testDevice() }) : held;
      if (bytes) await one.resume(series);
      for (const [name, { data }] of await one.stateDict())
        expect(bitsOf(data), name).toEqual(bitsOf(weights.get(name)!.data));
      one.dispose();
    }
    straight.dispose();
  });

  test('ends when it is aborted from inside, and leaves no listener on the signal', async () => {
    const forecaster = await create();
    const stopper = new AbortController();
    const { signal } = stopper;
    let listeners = 0;
    const [add, remove] = [signal.addEventListener.bind(signal), signal.removeEventListener.bind(signal)];
    signal.addEventListener = (...args: Parameters<typeof add>) => {
      listeners++;
      add(...args);
    };
    signal.removeEventListener = (...args: Parameters<typeof remove>) => {
      listeners--;
      remove(...args);
    };
    let slices = 0;
    const beforeSlice = () => {
      if (++slices < 9) return Promise.resolve();
      stopper.abort(new Error('enough'));
      return new Promise<void>(() => undefined);
    };
    await expect(forecaster.fit(series, { ...options, signal, beforeSlice })).rejects.toThrow('enough');
    expect(slices).toBe(9);
    expect(listeners).toBe(0);
    forecaster.dispose();
  });

  test('does not wait if beforeSlice returns a value, and handles one that aborts and fails', async () => {
    const forecaster = await create();
    let slices = 0;
    const counts = (() => ++slices) as unknown as () => undefined;
    await forecaster.fit(series, { ...options, beforeSlice: counts });
    expect(slices).toBeGreaterThan(3);
    const stopper = new AbortController();
    const failing = async () => {
      stopper.abort(new Error('enough'));
      stopper.signal.throwIfAborted();
    };
    const { signal } = stopper; // an unhandled rejection would fail the run of all tests
    await expect(forecaster.fit(series, { ...options, signal, beforeSlice: failing })).rejects.toThrow('enough');
    forecaster.dispose();
  });

  test('gives no checkpoint ahead of the reported progress', async () => {
    const forecaster = await create();
    const stopper = new AbortController();
    const onProgress = () => {
      stopper.abort(new Error('enough'));
      stopper.signal.throwIfAborted(); // while another slice is in flight
    };
    const run = forecaster.fit(series, { ...options, signal: stopper.signal, onProgress });
    await expect(run).rejects.toThrow('enough');
    await expect(forecaster.checkpoint()).rejects.toThrow('enough');
    forecaster.dispose();
  });
});

describeGpu('a disposed forecaster', () => {
  test('at the end of its block, like everything else with GPU memory', async () => {
    const device = testDevice();
    const model = { inputSize: 1, hiddenSize: 3 };
    const all = [await create(), await Trainer.create({ device, model }), await LSTM.create({ device, ...model })];
    for (const one of all) {
      one[Symbol.dispose]();
      await expect((one as Trainer).stateDict()).rejects.toThrow('was disposed; create a new one');
    }
  });

  test('ends its fit first, and rejects every later call by name', async () => {
    const forecaster = await create();
    const onProgress = () => forecaster.dispose();
    await expect(forecaster.fit(series, { ...options, onProgress })).rejects.toThrow('disposed during training');
    const other = await create();
    await other.fit(series, options);
    const predicting = other.predict();
    other.dispose();
    expect((await predicting).every(Number.isFinite)).toBe(true);
    for (const one of [forecaster, other]) {
      await expect(one.fit(series, options)).rejects.toThrow('fit: this forecaster was disposed; create a new one.');
      await expect(one.predict()).rejects.toThrow(/^predict: this forecaster was disposed/);
      await expect(one.evaluate()).rejects.toThrow(/^evaluate: this forecaster was disposed/);
      for (const method of ['stateDict', 'save', 'checkpoint'] as const)
        await expect(one[method]()).rejects.toThrow(new RegExp(`^${method}: this forecaster was disposed`));
      one.dispose();
    }
  });

  test('names unknown options', async () => {
    const misspelt = { device: testDevice(), hiddensize: 3 } as never;
    await expect(Forecaster.create(misspelt)).rejects.toThrow(
      'Forecaster.create: unknown key "hiddensize". Known: target, idColumn',
    );
    const forecaster = await create();
    await expect(forecaster.fit(series, { epoch: 1 } as never)).rejects.toThrow(
      'fit: unknown key "epoch". Known: epochs',
    );
    forecaster.dispose();
  });
});
