import { expect, test } from 'vitest';
import { DataError, DeviceLostError, StateError, TrainingError } from '../../src/errors.ts';
import { Forecaster } from '../../src/forecast/forecaster.ts';
import type { FitOptions, ForecasterOptions } from '../../src/forecast/options.ts';
import { requestDevice } from '../../src/gpu/device.ts';
import { readSafetensors, writeSafetensors } from '../../src/io/safetensors.ts';
import { describeGpu, testDevice, testGpu } from '../gpu/device.ts';
import { bitsOf } from '../gpu/expect.ts';

const series = Float64Array.from({ length: 90 }, (_, t) => Math.sin(t / 3) + t / 50);

type Case = [string, Omit<ForecasterOptions, 'device'>, FitOptions];

/** Trainings that use everything that a next step may depend on. */
const CASES: Case[] = [
  ['resident, shuffled', { hiddenSize: 8 }, { epochs: 4, plan: 'resident', shuffle: true }],
  [
    'an ensemble that stops early, member by member',
    { hiddenSize: 5, ensemble: 3 },
    { epochs: 8, batchSize: 4, earlyStopping: { patience: 1 }, validation: 0.3, lr: [0.1, 0.01, 0.001] },
  ],
  [
    'two layers with dropout, AdamW, a plateau and clipping',
    { cell: 'GRU', hiddenSize: 4, numLayers: 2, dropout: 0.4 },
    {
      epochs: 5,
      batchSize: 8,
      shuffle: true,
      plan: 'timestep',
      optimizer: { name: 'AdamW', lr: 0.05, amsgrad: true },
      schedule: { name: 'ReduceLROnPlateau', patience: 0, threshold: 0.1 },
      clip: { norm: 0.5 },
    },
  ],
  [
    'the sequence plan with momentum',
    { hiddenSize: 4, projSize: 2, horizon: 3, transform: 'difference' },
    { epochs: 3, batchSize: 4, plan: 'sequence', optimizer: { name: 'SGD', lr: 0.05, momentum: 0.9 } },
  ],
];

async function expectSame(got: Forecaster, expected: Forecaster): Promise<void> {
  for (let member = 0; member < expected.ensemble; member++)
    for (const [name, { data }] of await expected.stateDict(member))
      expect(bitsOf((await got.stateDict(member)).get(name)!.data), `${name} of ${member}`).toEqual(bitsOf(data));
}

/** Stops a training after some slices. @returns a checkpoint of that moment. */
async function checkpointAfter(slices: number, model: Case[1], options: FitOptions): Promise<Uint8Array> {
  const forecaster = await Forecaster.create({ device: testDevice(), ...model });
  let seen = 0;
  let bytes: Promise<Uint8Array> | undefined;
  const stopper = new AbortController();
  const onProgress = () => {
    seen++;
    if (seen === slices) bytes = forecaster.checkpoint();
    if (seen === slices + 3) stopper.abort(new Error('enough'));
  };
  const run = forecaster.fit(series, { ...options, sliceMs: 0.001, signal: stopper.signal, onProgress });
  await expect(run).rejects.toThrow('enough');
  forecaster.dispose();
  return bytes!;
}

describeGpu('a checkpoint', () => {
  test.each(CASES)('leads to results bit-identical to a training that never stopped: %s', async (_, model, options) => {
    const straight = await Forecaster.create({ device: testDevice(), ...model });
    const report = await straight.fit(series, options);
    for (const slices of [1, 17]) {
      const bytes = await checkpointAfter(slices, model, options);
      const resumed = await Forecaster.load(bytes, { device: testDevice() });
      const again = await resumed.resume(series);
      await expectSame(resumed, straight);
      const timeless = (epochs: typeof report.epochs) =>
        epochs.map(({ epoch, loss, lastLoss, validationLoss, models }) => ({
          epoch,
          loss,
          lastLoss,
          validationLoss,
          models,
        }));
      expect(timeless(again.epochs)).toEqual(timeless(report.epochs));
      expect(await resumed.predict({ horizon: 4 })).toEqual(await straight.predict({ horizon: 4 }));
      resumed.dispose();
    }
    straight.dispose();
  });

  test('can be made between two epochs, after an abort, and at the end', async () => {
    const options: FitOptions = { epochs: 4, batchSize: 4 };
    const straight = await Forecaster.create({ device: testDevice(), hiddenSize: 4 });
    await straight.fit(series, options);
    const left = await Forecaster.create({ device: testDevice(), hiddenSize: 4 });
    let between: Uint8Array | undefined;
    for await (const { epoch } of left.fit(series, options)) {
      between = await left.checkpoint();
      if (epoch === 2) break;
    }
    for (const bytes of [between!, await left.checkpoint(), await straight.checkpoint()]) {
      const resumed = await Forecaster.load(bytes, { device: testDevice() });
      expect((await resumed.resume(series)).epochs.map(({ epoch }) => epoch)).toEqual([1, 2, 3, 4]);
      await expectSame(resumed, straight);
      resumed.dispose();
    }
    for (const forecaster of [straight, left]) forecaster.dispose();
  });

  test('is made at intervals, never two at once; a failed write ends the fit with its reason', async () => {
    const forecaster = await Forecaster.create({ device: testDevice(), hiddenSize: 4 });
    let [writing, written] = [0, 0];
    const onCheckpoint = async (bytes: Uint8Array) => {
      expect(++writing).toBe(1);
      await new Promise((resolve) => setTimeout(resolve, 2));
      expect(bytes.length).toBeGreaterThan(1000);
      writing--;
      written++;
    };
    await forecaster.fit(series, { epochs: 20, sliceMs: 0.01, onCheckpoint, checkpointEveryMs: 0 });
    expect(written).toBeGreaterThan(3);
    expect(writing).toBe(0);
    const full = () => Promise.reject(new Error('the disk is full'));
    const run = forecaster.fit(series, { epochs: 1000, onCheckpoint: full, checkpointEveryMs: 0, sliceMs: 1 });
    await expect(run).rejects.toThrow('the disk is full');
    const late = async () => {
      await new Promise((resolve) => setTimeout(resolve, 200));
      return full();
    };
    const short = forecaster.fit(series, { epochs: 1, batchSize: 64, onCheckpoint: late, checkpointEveryMs: 0 });
    await expect(short).rejects.toThrow('the disk is full');
    forecaster.dispose();
  });

  test('is also a model file; other series, and files without a training, are rejected', async () => {
    const forecaster = await Forecaster.create({ device: testDevice(), hiddenSize: 4 });
    await expect(forecaster.checkpoint()).rejects.toThrow(StateError);
    await forecaster.fit(series, { epochs: 1 });
    const loaded = await Forecaster.load(await forecaster.checkpoint(), { device: testDevice() });
    expect(await loaded.predict({ series })).toEqual(await forecaster.predict());
    const other = loaded.resume(series.map((value) => value + 1));
    await expect(other).rejects.toThrow(DataError);
    await expect(other).rejects.toMatchObject({ code: 'other-series' });
    await expect(loaded.resume([series, series])).rejects.toThrow('got 2 series for 1 models');
    const { tensors, metadata } = readSafetensors(await forecaster.checkpoint());
    const training = JSON.parse(metadata['lstm_webgpu.training']!);
    Object.assign(training.position, { epoch: 1, step: 999 });
    const beyond = writeSafetensors(tensors, { ...metadata, 'lstm_webgpu.training': JSON.stringify(training) });
    const broken = await Forecaster.load(beyond, { device: testDevice() });
    await expect(broken.resume(series)).rejects.toThrow(/position: got step 999 of epoch 1, which has \d+ steps/);
    broken.dispose();
    const model = await Forecaster.load(await forecaster.save(), { device: testDevice() });
    await expect(model.resume(series)).rejects.toThrow('there is no unfinished training');
    await expect(loaded.resume(series, { sliceMs: Number.NaN })).rejects.toThrow('sliceMs');
    const [first, second] = await Promise.allSettled([loaded.resume(series), loaded.resume(series)]);
    expect([first.status, second.status]).toEqual(['fulfilled', 'rejected']);
    expect(String((second as PromiseRejectedResult).reason)).toContain('resume: this forecaster is training already');
    for (const one of [forecaster, loaded, model]) one.dispose();
  });
});

describeGpu('a lost device', () => {
  test.each(CASES)('with recover is replaced, and training ends bit-identical: %s', async (_, model, options) => {
    const straight = await Forecaster.create({ device: testDevice(), ...model });
    const report = await straight.fit(series, options);
    const device = await requestDevice({ gpu: testGpu() });
    const forecaster = await Forecaster.create({ device, ...model });
    let slices = 0;
    const onProgress = () => {
      slices++;
      if (slices === 9 || slices === 21) forecaster.device.destroy();
    };
    const lost: string[] = [];
    const again = await forecaster.fit(series, {
      ...options,
      sliceMs: 0.001,
      onProgress,
      recover: () => requestDevice({ gpu: testGpu() }),
      onDeviceLost: ({ reason, recovers }) => lost.push(`${reason} ${recovers}`),
    });
    expect(lost).toEqual(['destroyed true', 'destroyed true']);
    expect(forecaster.device).not.toBe(device);
    await expectSame(forecaster, straight);
    expect(again.epochs.map(({ loss }) => loss)).toEqual(report.epochs.map(({ loss }) => loss));
    expect((await forecaster.evaluate({ member: 0 })).metrics).toEqual(
      (await straight.evaluate({ member: 0 })).metrics,
    );
    for (const one of [forecaster, straight]) one.dispose();
  });

  test('is also replaced while a checkpoint is being written, and does not end the fit', async () => {
    const options: FitOptions = { epochs: 4, batchSize: 8, plan: 'resident', sliceMs: 0.001 };
    const straight = await Forecaster.create({ device: testDevice(), hiddenSize: 4 });
    await straight.fit(series, options);
    const forecaster = await Forecaster.create({
      device: await requestDevice({ gpu: testGpu() }),
      hiddenSize: 4,
    });
    let [slices, lost, checkpoints] = [0, 0, 0];
    await forecaster.fit(series, {
      ...options,
      recover: () => requestDevice({ gpu: testGpu() }),
      checkpointEveryMs: 0, // one is always being written
      onCheckpoint: () => void checkpoints++,
      onDeviceLost: () => lost++,
      onProgress: () => {
        slices++;
        if (slices === 1 || slices === 9 || slices === 21) forecaster.device.destroy();
      },
    });
    expect(lost).toBe(3);
    expect(checkpoints).toBeGreaterThan(3);
    await expectSame(forecaster, straight);
    for (const one of [forecaster, straight]) one.dispose();
  });

  test('is replaced twice, but not a third time without a slice in between', async () => {
    const forecaster = await Forecaster.create({
      device: await requestDevice({ gpu: testGpu() }),
      hiddenSize: 4,
    });
    const recovers: boolean[] = [];
    const run = forecaster.fit(series, {
      epochs: 4,
      recover: () => requestDevice({ gpu: testGpu() }),
      beforeSlice: () => void forecaster.device.destroy(),
      onDeviceLost: (event) => recovers.push(event.recovers),
    });
    await expect(run).rejects.toThrow(/Lost 3 devices in a row at epoch 1, step 0/);
    expect(recovers).toEqual([true, true, false]);
    await expect(forecaster.checkpoint()).rejects.toThrow(DeviceLostError);
    forecaster.dispose();
  });

  test.each(['an error of onDeviceLost', 'an abort that recover ignores'])(
    'ends the fit, and who waits for a checkpoint, by %s',
    async (way) => {
      const stopper = new AbortController();
      const forecaster = await Forecaster.create({ device: await requestDevice({ gpu: testGpu() }), hiddenSize: 4 });
      let late: Promise<GPUDevice> | undefined;
      let waiting: Promise<unknown> | undefined;
      const run = forecaster.fit(series, {
        ...{ epochs: 4, signal: stopper.signal, checkpointEveryMs: 0, onCheckpoint: () => undefined },
        onProgress: () => {
          waiting = forecaster.checkpoint();
          waiting.catch(() => undefined);
          forecaster.device.destroy();
        },
        onDeviceLost: () => {
          if (way.startsWith('an error')) throw new Error('enough');
          setTimeout(() => stopper.abort(new Error('enough')), 5);
        },
        recover: async () => {
          await new Promise((resolve) => setTimeout(resolve, 50));
          late = requestDevice({ gpu: testGpu() });
          return late;
        },
      });
      await expect(run).rejects.toThrow('enough');
      await expect(waiting).rejects.toThrow('enough');
      forecaster.dispose();
      if (way.startsWith('an error')) return;
      await new Promise((resolve) => setTimeout(resolve, 60));
      expect((await (await late!).lost).reason).toBe('destroyed'); // by the library
    },
  );

  test('leaves the best weights if training stops early', async () => {
    const device = await requestDevice({ gpu: testGpu() });
    const forecaster = await Forecaster.create({ device, hiddenSize: 4 });
    const options: FitOptions = { epochs: 40, batchSize: 8, lr: 0.1, validation: 0.3 };
    const losses: number[] = [];
    const run = forecaster.fit(series, { ...options, earlyStopping: { patience: 100 } });
    const training = (async () => {
      for await (const { validationLoss } of run) {
        losses.push(validationLoss!);
        if (losses.length === 12) device.destroy();
      }
    })();
    await expect(training).rejects.toThrow(DeviceLostError);
    const short = await Forecaster.create({ device: testDevice(), hiddenSize: 4 });
    await short.fit(series, { ...options, epochs: losses.indexOf(Math.min(...losses)) + 1 });
    await expectSame(forecaster, short);
    short.dispose();
  });

  test('without recover rejects with its own error, and reports it in an event', async () => {
    const device = await requestDevice({ gpu: testGpu() });
    const forecaster = await Forecaster.create({ device, hiddenSize: 4 });
    const events: unknown[] = [];
    const run = forecaster.fit(series, {
      epochs: 1000,
      onProgress: () => device.destroy(),
      onDeviceLost: ({ recovers }) => events.push(recovers),
    });
    await expect(run).rejects.toThrow(DeviceLostError);
    expect(events).toEqual([false]);
  });
});

describeGpu('early stopping', () => {
  /** Something that a large learning rate learns and loses again. */
  const options: FitOptions = { epochs: 30, batchSize: 8, lr: 0.1, validation: 0.3, earlyStopping: { patience: 3 } };

  test('ends before the last epoch with the weights of the best one', async () => {
    const forecaster = await Forecaster.create({ device: testDevice(), hiddenSize: 4 });
    const { epochs } = await forecaster.fit(series, options);
    const losses = epochs.map(({ validationLoss }) => validationLoss!);
    const best = losses.indexOf(Math.min(...losses));
    expect(epochs.length).toBe(best + 1 + 3);
    expect(epochs.length).toBeLessThan(30);
    expect(epochs.at(-1)!.models[0]!.stopped).toBe(true);
    const short = await Forecaster.create({ device: testDevice(), hiddenSize: 4 });
    await short.fit(series, { ...options, earlyStopping: false, epochs: best + 1 });
    await expectSame(forecaster, short);
    for (const one of [forecaster, short]) one.dispose();
  });

  test.each(['an abort', 'leaving the loop', 'a loss that is not finite'])('also keeps them after %s', async (way) => {
    const forecaster = await Forecaster.create({ device: testDevice(), hiddenSize: 4 });
    const stopper = new AbortController();
    const endless = { ...options, earlyStopping: { patience: 1000 } };
    const losses: number[] = [];
    const schedule = { name: 'StepLR', stepSize: 12, gamma: 1e30 } as const;
    const run = forecaster.fit(series, {
      ...endless,
      signal: stopper.signal,
      ...(way.startsWith('a loss') && { schedule }),
    });
    try {
      for await (const { epoch, validationLoss } of run) {
        losses.push(validationLoss!);
        if (epoch === 12 && way === 'leaving the loop') break;
        if (epoch === 12 && way === 'an abort') stopper.abort(new Error('enough'));
      }
    } catch (error) {
      if (way === 'an abort') expect((error as Error).message).toBe('enough');
      else expect(error).toBeInstanceOf(TrainingError);
    }
    expect(losses.length).toBe(12);
    const best = losses.indexOf(Math.min(...losses));
    const short = await Forecaster.create({ device: testDevice(), hiddenSize: 4 });
    await short.fit(series, { ...options, earlyStopping: false, epochs: best + 1 });
    await expectSame(forecaster, short);
    for (const one of [forecaster, short]) one.dispose();
  });

  test('stops each member of an ensemble like alone, bit for bit', async () => {
    const ensemble = await Forecaster.create({ device: testDevice(), hiddenSize: 4, ensemble: 3, seed: 5 });
    await ensemble.fit(series, options);
    for (const member of [0, 1, 2]) {
      const single = await Forecaster.create({ device: testDevice(), hiddenSize: 4, seed: 5 + member });
      await single.fit(series, options);
      for (const [name, { data }] of await single.stateDict())
        expect(bitsOf((await ensemble.stateDict(member)).get(name)!.data), name).toEqual(bitsOf(data));
      single.dispose();
    }
    ensemble.dispose();
  });
});

describeGpu('a loss that is not finite', () => {
  test.each([
    [{ plan: 'resident' }, 1e38],
    [{ plan: 'timestep' }, 1e38],
    [{ plan: 'timestep', optimizer: { name: 'SGD' } }, 1e30],
  ] as const)('names epoch, step and tensor: %j, lr %d', async (options, lr) => {
    const forecaster = await Forecaster.create({ device: testDevice(), hiddenSize: 4 });
    const error = await forecaster.fit(series, { epochs: 3, ...options, lr }).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(TrainingError);
    const { epoch, step, tensor, model, message } = error as TrainingError;
    expect(error).toMatchObject({ code: 'training-not-finite', details: { epoch, step, tensor, model } });
    expect(epoch).toBe(1);
    expect(step).toBeGreaterThan(0);
    expect(model).toBe(0);
    expect(['y', ...(await forecaster.stateDict()).keys()]).toContain(tensor);
    expect(message).toContain(tensor);
    for (const { data } of (await forecaster.stateDict()).values()) expect(data.every(Number.isFinite)).toBe(true);
    forecaster.dispose();
  });

  test('leaves finite weights even if the device is lost then', async () => {
    const device = await requestDevice({ gpu: testGpu() });
    const forecaster = await Forecaster.create({ device, hiddenSize: 4 });
    await expect(forecaster.fit(series, { epochs: 3, plan: 'timestep', lr: 1e38 })).rejects.toThrow(TrainingError);
    const before = await forecaster.stateDict();
    device.destroy();
    await device.lost;
    for (const [name, { data }] of await forecaster.stateDict())
      expect(bitsOf(data), name).toEqual(bitsOf(before.get(name)!.data));
  });
});
