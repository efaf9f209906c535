import { expect, test } from 'vitest';
import { DeviceLostError } from '../../src/errors.ts';
import { backtest } from '../../src/forecast/backtest.ts';
import { Forecaster } from '../../src/forecast/forecaster.ts';
import type { FitOptions } from '../../src/forecast/options.ts';
import { trainPack } from '../../src/forecast/pack.ts';
import { requestDevice } from '../../src/gpu/device.ts';
import { Trainer } from '../../src/nn/trainer.ts';
import type { TrainerFitOptions } from '../../src/nn/trainer_options.ts';
import type { DeviceLostEvent } from '../../src/train/controls.ts';
import type { FitReport, Progress } from '../../src/train/report.ts';
import { describeGpu, testDevice, testGpu } from '../gpu/device.ts';
import { bitsOf } from '../gpu/expect.ts';
import { stateOf } from '../gpu/trainer_state.ts';

const series = Float64Array.from({ length: 60 }, (_, t) => Math.sin(t / 3) + t / 40);
const another = () => requestDevice({ gpu: testGpu() });
const model = { hiddenSize: 3, windowLength: 4 };
const EPOCHS = 3;
/** Two slices per epoch, each epoch with validation and saved weights. */
const options: FitOptions = {
  ...{ epochs: EPOCHS, batchSize: 8, sliceMs: 0.001, plan: 'resident', lr: 0.05 },
  ...{ validation: 0.3, earlyStopping: { patience: 9 } },
};

/** The place in a fit where the device is lost. */
interface Moment {
  options?: FitOptions;
  /** Number of an epoch in a loop, from 1. */
  atEpoch?: number;
}

/** Moments at which a training may lose its device, by where `lose` is called. */
const MOMENTS: Record<string, (lose: () => void) => Moment> = {
  'in onProgress of the first slice': (lose) => ({ options: { onProgress: () => lose() } }),
  'in onProgress of the last slice': (lose) => ({
    options: { onProgress: ({ epoch, step, steps }) => epoch === EPOCHS && step === steps && lose() },
  }),
  "in onProgress of an epoch's last slice, before it is validated": (lose) => ({
    options: { onProgress: ({ epoch, step, steps }) => epoch === 2 && step === steps && lose() },
  }),
  'soon after the last slice': (lose) => ({
    options: {
      onProgress({ epoch, step, steps }) {
        if (epoch === EPOCHS && step === steps) queueMicrotask(() => queueMicrotask(lose));
      },
    },
  }),
  'in beforeSlice of the first slice': (lose) => ({ options: { beforeSlice: () => void lose() } }),
  'while beforeSlice is awaited': (lose) => ({
    options: {
      async beforeSlice() {
        await new Promise((resolve) => setTimeout(resolve, 5));
        lose();
      },
    },
  }),
  'in onCheckpoint': (lose) => ({ options: { checkpointEveryMs: 0, onCheckpoint: () => void lose() } }),
  'in the last onCheckpoint, after the last epoch': (lose) => ({
    options: {
      checkpointEveryMs: 0,
      async onCheckpoint() {
        await new Promise((resolve) => setTimeout(resolve, 300)); // everything else has finished by then
        lose();
      },
    },
  }),
  'between two epochs': () => ({ atEpoch: 2 }),
  'after the last epoch': () => ({ atEpoch: EPOCHS }),
};

/** A fit that keeps its device. */
async function fitUndisturbed() {
  const straight = await Forecaster.create({ device: testDevice(), ...model });
  return { straight, report: await straight.fit(series, options) };
}
let fitted: ReturnType<typeof fitUndisturbed> | undefined;
function undisturbed(): ReturnType<typeof fitUndisturbed> {
  fitted ??= fitUndisturbed();
  return fitted;
}

/** A fit that loses its device at a given moment. */
async function fitLosing(moment: (typeof MOMENTS)[string], given: FitOptions) {
  const forecaster = await Forecaster.create({ device: await another(), ...model });
  const lost: DeviceLostEvent[] = [];
  let isLost = false;
  const lose = () => {
    if (!isLost) forecaster.device.destroy();
    isLost = true;
  };
  const { atEpoch, options: more } = moment(lose);
  const run = forecaster.fit(series, { ...options, ...more, ...given, onDeviceLost: (event) => lost.push(event) });
  const epochs: number[] = [];
  const training = (async () => {
    if (atEpoch === undefined) return await run;
    for await (const { epoch } of run) {
      epochs.push(epoch);
      if (epoch === atEpoch) lose();
    }
    return await run;
  })();
  const report = await training.catch((error: unknown) => error);
  return { forecaster, report, lost, epochs, isLost };
}

const samplesOfSeries = () => ({
  inputs: { shape: [20, 4, 1], data: Float32Array.from({ length: 80 }, (_, k) => series[k % 60]!) },
  targets: { shape: [20, 1], data: Float32Array.from({ length: 20 }, (_, k) => series[k]!) },
});

async function expectSame(got: Forecaster, expected: Forecaster): Promise<void> {
  for (const [name, { data }] of await expected.stateDict())
    expect(bitsOf((await got.stateDict()).get(name)!.data), name).toEqual(bitsOf(data));
}

describeGpu('a device that is lost', () => {
  test.each(Object.keys(MOMENTS))(
    '%s is replaced with recover: the fit ends bit-identical, and forecasts',
    async (name) => {
      const { straight, report: expected } = await undisturbed();
      const { forecaster, report, lost, epochs, isLost } = await fitLosing(MOMENTS[name]!, { recover: another });
      expect(isLost).toBe(true);
      expect(report).not.toBeInstanceOf(Error);
      expect(lost.map(({ recovers }) => recovers)).toEqual([true]);
      const losses = (fit: FitReport) => fit.epochs.map(({ loss, validationLoss }) => [loss, validationLoss]);
      expect(losses(report as FitReport)).toEqual(losses(expected));
      expect([[], [1, 2, 3]]).toContainEqual(epochs); // none twice
      await expectSame(forecaster, straight);
      expect(await forecaster.predict({ horizon: 3 })).toEqual(await straight.predict({ horizon: 3 }));
      forecaster.dispose();
    },
  );

  test.each(['in onProgress of the first slice', 'in onProgress of the last slice', 'while beforeSlice is awaited'])(
    '%s is replaced with recover: a Trainer that continues its last fit ends bit-identical, with the same counts',
    async (name) => {
      const samples = samplesOfSeries();
      const settings = { epochs: EPOCHS, batchSize: 8, sliceMs: 0.001 };
      const fitTwice = async (device: GPUDevice, more: (trainer: Trainer) => TrainerFitOptions) => {
        const trainer = await Trainer.create({ device, model: { cell: 'GRU', inputSize: 1, hiddenSize: 3 } });
        await trainer.fit(samples, { ...settings, epochs: 1 });
        const { epochs } = await trainer.fit(samples, { ...settings, ...more(trainer) });
        return {
          losses: epochs.map(({ epoch, loss }) => [epoch, loss]),
          state: await stateOf(trainer),
        };
      };
      const expected = await fitTwice(testDevice(), () => ({}));
      const lost: DeviceLostEvent[] = [];
      const got = await fitTwice(await another(), (trainer) => {
        let isLost = false;
        const lose = () => {
          if (!isLost) trainer.device.destroy();
          isLost = true;
        };
        const hooks = MOMENTS[name]!(lose).options;
        return { ...hooks, recover: another, onDeviceLost: (event) => lost.push(event) } as TrainerFitOptions;
      });
      expect(lost.map(({ recovers }) => recovers)).toEqual([true]);
      expect(got.losses).toEqual(expected.losses);
      for (const [tensor, { data }] of expected.state) expect(got.state.get(tensor)!.data, tensor).toEqual(data);
    },
  );

  test.each([
    'in onProgress of the last slice',
    'soon after the last slice',
    'in onCheckpoint',
    'in the last onCheckpoint, after the last epoch',
    'after the last epoch',
  ])('%s ends the fit without recover', async (name) => {
    const { forecaster, report, lost } = await fitLosing(MOMENTS[name]!, {});
    expect(report).toBeInstanceOf(DeviceLostError);
    expect(lost.map(({ recovers }) => recovers)).toEqual([false]);
    forecaster.dispose();
  });

  test('after a command, early or the very last, is replaced with recover', async () => {
    const straight = await Forecaster.create({ device: await another(), ...model });
    const count = watchCommands(straight.device, () => undefined);
    await straight.fit(series, options);
    const all = count();
    expect(all).toBeGreaterThan(30);
    for (const last of [1, 20, all - 2, all - 1, all]) {
      const device = await another();
      const forecaster = await Forecaster.create({ device, ...model });
      watchCommands(device, (commands) => {
        if (commands === last) device.destroy();
      });
      let lost = 0;
      await forecaster.fit(series, { ...options, recover: another, onDeviceLost: () => lost++ });
      expect(lost, `after command ${last} of ${all}`).toBe(1);
      await expectSame(forecaster, straight);
      expect((await forecaster.predict()).every(Number.isFinite)).toBe(true);
      forecaster.dispose();
    }
    straight.device.destroy();
  });

  test('after the end also ends every other training', async () => {
    const atTheEnd =
      (device: GPUDevice) =>
      ({ epoch, epochs, step, steps }: Progress) => {
        if (epoch === epochs && step === steps) device.destroy();
      };
    const inputs = { shape: [6, 2, 1], data: new Float32Array(12).fill(0.5) };
    const trainer = async (device: GPUDevice) => {
      const one = await Trainer.create({ device, model: { inputSize: 1, hiddenSize: 2 } });
      const targets = { shape: [6, 1], data: new Float32Array(6) };
      return one.fit({ inputs, targets }, { epochs: 2, onProgress: atTheEnd(device) });
    };
    const fit = { epochs: 2, batchSize: 8 };
    const fold = (device: GPUDevice) =>
      backtest(series, { device, folds: 2, model, fit, onProgress: atTheEnd(device) });
    const pack = (device: GPUDevice) =>
      trainPack(device, { model, fit }, [{ series, seed: 1 }], { onProgress: atTheEnd(device) });
    for (const train of [trainer, fold, pack])
      await expect(train(await another()), train.name).rejects.toThrow(DeviceLostError);
  });
});

/** Calls back after every command to a device. @returns how many there were. */
function watchCommands({ queue }: GPUDevice, after: (commands: number) => void): () => number {
  let commands = 0;
  for (const name of ['submit', 'writeBuffer'] as const) {
    const command = queue[name].bind(queue) as (...args: unknown[]) => undefined;
    queue[name] = (...args: unknown[]) => {
      command(...args);
      after(++commands);
    };
  }
  return () => commands;
}
