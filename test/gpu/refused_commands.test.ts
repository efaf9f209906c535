import { afterEach, expect, test } from 'vitest';
import { CommandError } from '../../src/errors.ts';
import { backtest } from '../../src/forecast/backtest.ts';
import { Forecaster } from '../../src/forecast/forecaster.ts';
import { trainPack } from '../../src/forecast/pack.ts';
import { LSTM } from '../../src/nn/recurrent.ts';
import { Trainer } from '../../src/nn/trainer.ts';
import { sweep } from '../../src/sweep/sweep.ts';
import { describeGpu, testDevice } from './device.ts';
import { stateBeforeFit, stateOf } from './trainer_state.ts';

const series = Float64Array.from({ length: 60 }, (_, row) => 100 + 10 * Math.sin(row / 5) + row / 10);
const filled = (...shape: number[]) => ({
  shape,
  data: Float32Array.from({ length: shape.reduce((product, size) => product * size) }, (_, k) => Math.sin(k)),
});
const samples = { inputs: filled(20, 5, 1), targets: filled(20, 1) };
const model = { hiddenSize: 3, windowLength: 5 };
const fit = { epochs: 2, batchSize: 16 };

const forecasterJob = (options: object) => async (device: GPUDevice) => {
  const forecaster = await Forecaster.create({ device, ...model });
  try {
    const { epochs } = await forecaster.fit(series, { ...fit, ...options });
    const { metrics } = await forecaster.evaluate();
    const file = await forecaster.save();
    return [
      ...epochs.map(({ loss }) => loss),
      metrics.rmse,
      ...(await forecaster.predict({ horizon: 2 })),
      file.length,
    ];
  } finally {
    forecaster.dispose();
  }
};

/** Calls of the library, and the numbers that come of them. */
const JOBS: Record<string, (device: GPUDevice) => Promise<number[]>> = {
  'Forecaster, resident': forecasterJob({ validation: 0.3, earlyStopping: true }),
  'Forecaster, sequence': forecasterJob({ plan: 'sequence', optimizer: { name: 'RMSprop' } }),
  'Forecaster, timestep': forecasterJob({ plan: 'timestep', clip: { norm: 1 } }),
  async Trainer(device) {
    const trainer = await Trainer.create({ device, model: { cell: 'GRU', inputSize: 1, hiddenSize: 4 } });
    try {
      const { epochs } = await trainer.fit(samples, { epochs: 2, batchSize: 8, validation: samples });
      const { data } = await trainer.predict(samples.inputs);
      return [...epochs.map(({ loss }) => loss), ...data, (await trainer.checkpoint()).length];
    } finally {
      trainer.dispose();
    }
  },
  async LSTM(device) {
    const module = await LSTM.create({ device, inputSize: 3, hiddenSize: 2, numLayers: 2, bidirectional: true });
    try {
      const { output } = await module.forward(filled(5, 2, 3));
      const { input, parameters } = await module.backward({ output });
      return [...output.data, ...input.data, ...parameters.get('weight_hh_l0')!.data];
    } finally {
      module.dispose();
    }
  },
  async backtest(device) {
    return [(await backtest(series, { device, folds: 2, testRows: 10, model, fit })).metrics.rmse];
  },
  async trainPack(device) {
    const results = await trainPack(device, { model, fit }, [{ series, seed: 0 }]);
    return results.map((result) => (result.ok ? result.metrics.rmse : Number.NaN));
  },
  async sweep(device) {
    const rmse: number[] = [];
    for await (const result of sweep({ device, series: [{ id: 'a', values: series }], grid: { ...model, ...fit } }))
      rmse.push(result.ok ? result.metrics.rmse : Number.NaN);
    return rmse;
  },
};

const real = new Map<string, unknown>();

/** Replaces a method of the shared device until the test is over. */
function replace<Name extends 'createBuffer'>(name: Name, by: (original: GPUDevice[Name]) => GPUDevice[Name]): void {
  const device = testDevice();
  const original = (real.get(name) ?? device[name].bind(device)) as GPUDevice[Name];
  real.set(name, original);
  device[name] = by(original);
}

afterEach(() => {
  for (const name of real.keys()) Reflect.deleteProperty(testDevice(), name);
  real.clear();
});

/** More than any device has. */
const TOO_LARGE = 2 ** 45;

/** A browser has scopes of its own, but the calls are the same: two of them are enough there. */
const tried = Object.entries(JOBS).filter(
  ([name]) => typeof window === 'undefined' || name === 'Forecaster, sequence' || name === 'LSTM',
);

describeGpu('a command that the device refuses', () => {
  test.each(tried)('%s: whichever buffer there is no room for, no other numbers come of it', async (_, job) => {
    const device = testDevice();
    let count = 0;
    replace('createBuffer', (create) => (descriptor) => {
      count++;
      return create(descriptor);
    });
    const expected = await job(device);
    const total = count;
    for (let refused = 1; refused <= total; refused++) {
      count = 0;
      replace('createBuffer', (create) => (descriptor) => {
        count++;
        return create(count === refused ? { ...descriptor, size: TOO_LARGE } : descriptor);
      });
      const outcome: unknown = await job(device).catch((error: unknown) => error);
      if (Array.isArray(outcome)) expect(outcome, `buffer ${refused} of ${total}`).toEqual(expected);
      else expect(outcome, `buffer ${refused} of ${total}`).toBeInstanceOf(CommandError);
    }
    expect(total).toBeGreaterThan(15);
  });

  test('names the buffer, its size and a way out; a smaller batch then trains as if nothing had been', async () => {
    const device = testDevice();
    const run = async (isFull: boolean) => {
      const forecaster = await Forecaster.create({ device, hiddenSize: 3, windowLength: 5 });
      try {
        if (isFull) {
          replace(
            'createBuffer',
            (create) => (descriptor) =>
              create(
                /^(m|gates_l0)$|snapshot/.test(String(descriptor.label))
                  ? { ...descriptor, size: TOO_LARGE }
                  : descriptor,
              ),
          );
          const error = await forecaster.fit(series, { ...fit, plan: 'sequence' }).then(
            () => undefined,
            (reason: unknown) => reason as CommandError,
          );
          expect(error).toBeInstanceOf(CommandError);
          expect(error?.type).toBe('validation'); // no device has buffers of this size, whatever its memory
          expect(error?.message).toMatch(/refused the buffer 'gates_l0' of \d+ bytes/);
          replace('createBuffer', (create) => create);
        }
        return (await forecaster.fit(series, { ...fit, plan: 'sequence' })).epochs.map(({ loss }) => loss);
      } finally {
        forecaster.dispose();
      }
    };
    expect(await run(true)).toEqual(await run(false));
  });

  test('fails the call that made it, and no other on the same device', async () => {
    const device = testDevice();
    const [one, other] = await Promise.all([0, 1].map((seed) => Forecaster.create({ device, ...model, seed })));
    const alone = (await other!.fit(series, fit)).epochs.map(({ loss }) => loss);
    replace(
      'createBuffer',
      (create) => (descriptor) =>
        create(String(descriptor.label) === 'gates_l0' ? { ...descriptor, size: TOO_LARGE } : descriptor),
    );
    const [failed, beside] = await Promise.allSettled([
      one!.fit(series, { ...fit, plan: 'timestep' }),
      other!.fit(series, { ...fit, from: 'initial' }),
    ]);
    expect(failed.status === 'rejected' && failed.reason).toBeInstanceOf(CommandError);
    expect(beside.status === 'fulfilled' && beside.value.epochs.map(({ loss }) => loss)).toEqual(alone);
    one!.dispose();
    other!.dispose();
  });

  test("leaves the caller's error scopes and handlers alone", async () => {
    const device = testDevice();
    const heard: unknown[] = [];
    const listen = (event: Event) => heard.push(event);
    device.addEventListener('uncapturederror', listen);
    const forecaster = await Forecaster.create({ device, ...model });
    replace(
      'createBuffer',
      (create) => (descriptor) =>
        create(String(descriptor.label) === 'gates_l0' ? { ...descriptor, size: TOO_LARGE } : descriptor),
    );
    device.pushErrorScope('validation');
    device.pushErrorScope('out-of-memory');
    await expect(forecaster.fit(series, { ...fit, plan: 'sequence' })).rejects.toBeInstanceOf(CommandError);
    expect(await device.popErrorScope()).toBeNull();
    expect(await device.popErrorScope()).toBeNull();
    forecaster.dispose();
    await device.queue.onSubmittedWorkDone();
    device.removeEventListener('uncapturederror', listen);
    expect(heard).toEqual([]);
  });

  test('takes nothing from the weights: they are those of the last slice that was accepted', async () => {
    const device = testDevice();
    const trainer = await Trainer.create({ device, model: { inputSize: 1, hiddenSize: 4 } });
    await trainer.fit(samples, { epochs: 1, batchSize: 8 });
    const before = await stateOf(trainer);
    replace(
      'createBuffer',
      (create) => (descriptor) =>
        create(/snapshot|readback/.test(String(descriptor.label)) ? { ...descriptor, size: TOO_LARGE } : descriptor),
    );
    await expect(trainer.fit(samples, { epochs: 1, batchSize: 8 })).rejects.toBeInstanceOf(CommandError);
    replace('createBuffer', (create) => create);
    expect(await stateBeforeFit(trainer, samples)).toEqual(before);
    trainer.dispose();
  });
});
