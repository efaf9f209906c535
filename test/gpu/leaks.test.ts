import { expect, test } from 'vitest';
import { Forecaster } from '../../src/forecast/forecaster.ts';
import { requestDevice } from '../../src/gpu/device.ts';
import { GRU } from '../../src/nn/recurrent.ts';
import { Trainer } from '../../src/nn/trainer.ts';
import { describeGpu, testGpu } from './device.ts';
import { usedHeap } from './garbage.ts';
import { liveBuffers } from './live_buffers.ts';

const FITS = 1000;
/** After this many fits no buffer may be left: kernels are compiled. */
const WARM = 10;
/** After this many fits the heap may not grow: engines keep compiling hot code for about that long. */
const SETTLED = 300;
/** Bytes. A report alone has 500, a model's weights 400; a page's heap varies by up to half a MiB. */
const MOST_PER_FIT = typeof window === 'undefined' ? 1024 : 2048;
const series = Float64Array.from({ length: 12 }, (_, k) => Math.sin(k) + k / 9);

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[Math.floor((sorted.length - 1) / 2)]! + sorted[Math.ceil((sorted.length - 1) / 2)]!) / 2;
}

/** Does not use `expect`, which keeps something of each call. */
function check(ok: boolean, what: string): void {
  if (!ok) throw new Error(what);
}

async function rejects(run: PromiseLike<unknown>, message: RegExp): Promise<void> {
  const error = await run.then(
    () => undefined,
    (reason: unknown) => reason as Error,
  );
  check(message.test(String(error?.message)), `got ${error?.message ?? 'no error'}, expected ${message}`);
}

/** The whole life of a forecaster. */
async function forecast(device: GPUDevice, k: number): Promise<void> {
  const plan = (['resident', 'timestep', 'sequence'] as const)[k % 3]!;
  const forecaster = await Forecaster.create({
    device,
    windowLength: 3,
    hiddenSize: 4,
    seed: k,
    ensemble: 1 + (k % 2),
  });
  const { epochs } = await forecaster.fit(series, { epochs: 1, plan });
  check(Number.isFinite(epochs[0]!.loss), 'a loss that is not finite');
  await forecaster.evaluate();
  check((await forecaster.predict()).length === 1, 'no prediction');
  if (k % 10 === 0) await (await Forecaster.load(await forecaster.save(), { device })).dispose();
  forecaster.dispose();
}

/** A fit that is aborted, one whose loss is not finite, one that is left early, and one that is rejected. */
async function fail(device: GPUDevice, k: number): Promise<void> {
  const forecaster = await Forecaster.create({ device, windowLength: 3, hiddenSize: 4, seed: k });
  const controller = new AbortController();
  const onProgress = () => controller.abort(new Error('enough'));
  await rejects(forecaster.fit(series, { epochs: 9, signal: controller.signal, onProgress }), /enough/);
  const wild = { lr: 1e38, optimizer: { name: 'SGD' } } as const;
  await rejects(forecaster.fit(series, { epochs: 9, ...wild }), /became|not finite/);
  for await (const { epoch } of forecaster.fit(series, { epochs: 9 })) if (epoch === 2) break;
  await rejects(forecaster.fit(series.subarray(0, 3)), /rows/);
  await rejects(forecaster.fit(series, { plan: 'resident', loss: { name: 'l1' } }), /cannot run/);
  await rejects(forecaster.predict({ series: [1] }), /rows/);
  forecaster.dispose();
}

async function trainSamples(device: GPUDevice, k: number): Promise<void> {
  const trainer = await Trainer.create({ device, model: { cell: 'GRU', inputSize: 1, hiddenSize: 4 }, seed: k });
  const inputs = { shape: [3, 4, 1], data: Float32Array.from(series) };
  const targets = { shape: [3, 1], data: new Float32Array(3) };
  await trainer.fit({ inputs, targets }, { epochs: 1, chunkSamples: 1, batchSize: 1 });
  await trainer.predict(inputs);
  await rejects(trainer.fit({ inputs, targets }, { epochs: 1, plan: 'resident' }), /cannot run/);
  trainer.dispose();
}

async function runModule(device: GPUDevice, k: number): Promise<void> {
  const module = await GRU.create({ device, inputSize: 1, hiddenSize: 4, seed: k });
  for (const T of [4, 6]) {
    const { output } = await module.forward({ shape: [T, 2, 1], data: new Float32Array(2 * T).fill(0.5) });
    await module.backward({ output });
  }
  await module.gradientFlow();
  await rejects(module.forward({ shape: [2, 2, 9], data: new Float32Array(36) }), /input/);
  module.dispose();
}

describeGpu('1000 fits in one place', () => {
  test('leave no buffer on the device, and do not grow the heap', async () => {
    const device = await requestDevice({ gpu: testGpu() });
    let made = 0;
    const alive = liveBuffers(device, () => made++);
    const heaps: number[] = [];
    for (let k = 0; k < FITS; k++) {
      await (k % 10 === 3 ? fail : k % 10 === 5 ? trainSamples : k % 10 === 7 ? runModule : forecast)(device, k);
      check(alive.size === 0, `${alive.size} buffers are left after fit ${k + 1}`);
      if (k + 1 === WARM || (k + 1) % 50 === 0) heaps.push(await usedHeap());
    }
    expect(made).toBeGreaterThan(10 * FITS);
    const [warm, ...later] = heaps as [number, ...number[]]; // every 50 fits
    const settled = later.slice(SETTLED / 50 - 1);
    const half = Math.floor(settled.length / 2);
    const [first, second] = [median(settled.slice(0, half)), median(settled.slice(half))];
    const apart = (FITS - SETTLED + 50) / 2;
    const said = `heap after ${WARM} fits, and then every 50: ${heaps.map((bytes) => (bytes / 2 ** 20).toFixed(2)).join(' ')} MiB`;
    console.info(said);
    expect((second - first) / apart, said).toBeLessThan(MOST_PER_FIT);
    expect((second - warm) / 2 ** 20, said).toBeLessThan(6); // MiB of code, which engines keep compiling for a while
    device.destroy();
  });
});
