import { afterAll, beforeAll, expect, test } from 'vitest';
import { Forecaster } from '../../src/forecast/forecaster.ts';
import { limitSideBySide, mostSideBySide } from '../../src/gpu/side_by_side.ts';
import { modelConfig } from '../../src/model/config.ts';
import { Trainer } from '../../src/nn/trainer.ts';
import { planChecks } from '../../src/self_test/plan_checks.ts';
import { describeQuads, guardedTestDevice, testDevice, useFamily } from './device.ts';
import { expectNormClose } from './expect.ts';
import { randomValues } from './run_kernel.ts';
import { runPlan } from './run_plan.ts';

/** What a lane does when it gives up: kernels that would wait then end with invalid results. */
const giveUp = (failed: GPUBuffer) => testDevice().queue.writeBuffer(failed, 0, Uint32Array.of(1));

/** Trains a model with the plan `timestep`; @returns the losses of its epochs and the number of steps and dispatches. */
async function trained(
  model: { hiddenSize: number; numLayers?: number; windowLength?: number },
  batchSize: number,
  onProgress = () => {},
) {
  const forecaster = await Forecaster.create({ device: testDevice(), windowLength: 6, ...model });
  const series = Float64Array.from({ length: 100 }, (_, t) => Math.sin(t / 5));
  const losses: number[] = [];
  const controls = { epochs: 2, batchSize, plan: 'timestep', onProgress, sliceMs: 1 } as const;
  const fit = forecaster.fit(series, controls);
  for await (const { loss } of fit) losses.push(loss);
  const { steps, dispatches } = await fit;
  forecaster.dispose();
  return { losses, steps, dispatches };
}

/** Buffers with a label that a device makes from now on. @param use called with each. */
function buffersWith(label: string, use: (buffer: GPUBuffer) => void = () => {}) {
  const device = testDevice();
  const made: GPUBuffer[] = [];
  const create = device.createBuffer.bind(device);
  device.createBuffer = (descriptor) => {
    const buffer = create(descriptor);
    if (descriptor.label !== label) return buffer;
    made.push(buffer);
    use(buffer);
    return buffer;
  };
  return { made, stop: () => Reflect.deleteProperty(device, 'createBuffer') };
}

describeQuads('the timestep plan where workgroups run side by side', () => {
  useFamily('gpu');
  let usual: number;
  beforeAll(() => {
    usual = mostSideBySide(guardedTestDevice());
  });
  afterAll(() => limitSideBySide(guardedTestDevice(), usual));

  test('has one dispatch per time step each way where they do not', async () => {
    limitSideBySide(guardedTestDevice(), 0);
    const perStep = async (windowLength: number) => {
      const { dispatches, steps } = await trained({ hiddenSize: 5, numLayers: 2, windowLength }, 8);
      return dispatches / steps;
    };
    expect((await perStep(30)) - (await perStep(10))).toBe(2 * 2 * 20); // both ways, two layers
  });

  test('has as many dispatches for a long window as for a short one, and the same losses', async () => {
    limitSideBySide(guardedTestDevice(), 0);
    const fused = await trained({ hiddenSize: 5, numLayers: 2 }, 8);
    limitSideBySide(guardedTestDevice(), 1);
    const persistent = await trained({ hiddenSize: 5, numLayers: 2 }, 8);
    expectNormClose(persistent.losses, fused.losses, { tensor: 'losses', tolerance: 'trace' });
    expect(fused.dispatches - persistent.dispatches).toBe(persistent.steps * 2 * 2 * (6 - 2)); // of which one marks words
    expect(mostSideBySide(guardedTestDevice())).toBe(1);
  });

  test('has the same losses with as many workgroups as a device takes, whether or not it runs them side by side', async () => {
    limitSideBySide(guardedTestDevice(), 0);
    const fused = await trained({ hiddenSize: 32 }, 4);
    limitSideBySide(guardedTestDevice(), usual || 2); // 2: a software adapter has as many threads, perhaps
    const exchanged = await trained({ hiddenSize: 32 }, 4);
    expectNormClose(exchanged.losses, fused.losses, { tensor: 'losses', tolerance: 'trace' });
  });

  test('has the same gradients with both directions and several layers', async () => {
    const config = modelConfig({ inputSize: 2, hiddenSize: 7, numLayers: 2, bidirectional: true, head: 'every' });
    const order = [0, 3, 1];
    const sizes = { windowLength: 5, batchSize: 3, lr: 0 };
    const run = { device: testDevice(), config, series: randomValues(24, 1), order, ...sizes };
    const [persistent, fused] = [await runPlan('timestep (persistent)', run), await runPlan('timestep (gpu)', run)];
    for (const [name, { data }] of fused.gradients)
      expectNormClose(persistent.gradients.get(name)!.data, data, { tensor: name, tolerance: 'gradient' });
  });

  test('repeats a slice whose workgroups gave up, with a dispatch per time step from then on', async () => {
    limitSideBySide(guardedTestDevice(), 0);
    const fused = await trained({ hiddenSize: 5 }, 8);
    limitSideBySide(guardedTestDevice(), 1);
    const { made, stop } = buffersWith('failed');
    let slices = 0;
    const repeated = await trained({ hiddenSize: 5 }, 8, () => {
      slices++;
      if (slices === 3) giveUp(made.at(-1)!);
    }).finally(stop);
    expect(slices).toBeGreaterThan(5);
    expect(mostSideBySide(guardedTestDevice())).toBe(0);
    expectNormClose(repeated.losses, fused.losses, { tensor: 'losses', tolerance: 'trace' });
    expect(repeated.steps).toBe(fused.steps);
  });

  test('repeats a slice with the samples of its chunk', async () => {
    const data = {
      inputs: { shape: [12, 4, 1], data: randomValues(48, 1) },
      targets: { shape: [12, 1], data: randomValues(12, 2) },
      lengths: [4, 2, 1, 4, 3, 3, 2, 4, 1, 4, 2, 3],
    };
    const controls = { epochs: 3, batchSize: 2, chunkSamples: 2, plan: 'timestep' } as const;
    const lossesOf = async (onProgress = () => {}) => {
      const trainer = await Trainer.create({
        device: testDevice(),
        model: { inputSize: 1, hiddenSize: 5, outputSize: 1 },
      });
      const { epochs } = await trainer.fit(data, { ...controls, onProgress });
      trainer.dispose();
      return epochs.map(({ loss }) => loss);
    };
    limitSideBySide(guardedTestDevice(), 0);
    const fused = await lossesOf();
    limitSideBySide(guardedTestDevice(), 1);
    const { made, stop } = buffersWith('failed');
    let slices = 0;
    const repeated = await lossesOf(() => {
      if (++slices === 3) giveUp(made.at(-1)!);
    }).finally(stop);
    expect(mostSideBySide(guardedTestDevice())).toBe(0);
    expectNormClose(repeated, fused, { tensor: 'losses', tolerance: 'trace' });
  });

  test('repeats the step of the self-test', async () => {
    limitSideBySide(guardedTestDevice(), 1);
    const check = planChecks(guardedTestDevice()).find(({ name }) => name === 'training step, timestep')!;
    const run = async () => Math.max(...Object.values(await check.run(guardedTestDevice())));
    expect(await run()).toBeLessThan(check.tolerance);
    expect(mostSideBySide(guardedTestDevice())).toBe(1);
    const { stop } = buffersWith('failed', giveUp);
    expect(await run().finally(stop)).toBeLessThan(check.tolerance);
    expect(mostSideBySide(guardedTestDevice())).toBe(0);
  });

  test('has a dispatch per time step where the trial fails', async () => {
    limitSideBySide(guardedTestDevice(), 0);
    const fused = await trained({ hiddenSize: 6 }, 8);
    limitSideBySide(guardedTestDevice(), 1);
    const { made, stop } = buffersWith('failed', giveUp);
    const other = await trained({ hiddenSize: 6 }, 8).finally(stop);
    expect(made).toHaveLength(1); // the trial's
    expect(mostSideBySide(guardedTestDevice())).toBe(0);
    expect(other).toEqual(fused);
  });
});
