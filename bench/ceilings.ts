import { DispatchBuilder, record } from '../src/gpu/dispatch.ts';
import { GuardedDevice } from '../src/gpu/guarded_device.ts';
import { defineKernel } from '../src/gpu/kernel.ts';
import { createTensor } from '../src/gpu/tensor.ts';
import { timeRound } from '../src/gpu/timing.ts';
import { untilDone } from '../src/gpu/waiting.ts';
import { measureCeiling } from './ceiling.ts';
import barrierCostShader from './ceilings/barrier_cost.wgsl';
import emptyDispatchShader from './ceilings/empty_dispatch.wgsl';
import type { Contender, Result } from './contender.ts';
import type { Heat } from './heat.ts';

const BARRIERS_A_ROUND = 2;
/** A model on a software adapter, and WebGPU's largest workgroup by default. */
const BARRIER_LANES = [8, 256];
const BARRIER_TIMING = { enoughMs: 24, firstRounds: 100, maxRounds: 2 ** 24 };
const DISPATCH_TIMING = { enoughMs: 24, firstRounds: 100, maxRounds: 2 ** 14 };
const HOST_DISPATCHES = 2000;
const COPY_BYTES = 64 * 2 ** 20;
/** Of copies, so that submitting them and waiting for them is a small part. */
const COPY_MS = 24;

const barrierCost = defineKernel<{ dims: { rounds: number }; overrides: 'WG' }>(barrierCostShader, () => [1]);
const emptyDispatch = defineKernel<{ dims: { step: number }; overrides: never }>(emptyDispatchShader, () => [1]);

/**
 * The device's best rates; the name of each contender includes its unit.
 * @param heat queued before every sample.
 */
export async function ceilings(device: GPUDevice, deviceName: string, heat: Heat): Promise<Contender[]> {
  const guarded = new GuardedDevice(device);
  const out = createTensor(guarded, 'ceiling', [Math.max(...BARRIER_LANES)]);
  const [empty, ...barriers] = await Promise.all([
    emptyDispatch.load(guarded),
    ...BARRIER_LANES.map((WG) => barrierCost.load(guarded, { WG })),
  ]);

  async function barrierUs(kernel: (typeof barriers)[number]): Promise<number> {
    const ms = await timeRound(guarded, 'barrier', BARRIER_TIMING, (pass, rounds) => {
      const build = new DispatchBuilder(guarded, 'barrier');
      record(pass, [build.dispatch(kernel, { rounds }, { out })]);
      build.upload();
    });
    return (1000 * ms) / BARRIERS_A_ROUND;
  }

  const build = new DispatchBuilder(guarded, 'empty');
  const dispatch = build.dispatch(empty, { step: 1 }, { out });
  build.upload();
  const encodeDispatches = (pass: GPUComputePassEncoder, count: number) => {
    for (let k = 0; k < count; k++) record(pass, [dispatch]);
  };

  /** Each adds to the same value, so it waits for the one before. */
  const dispatchUs = async () => 1000 * (await timeRound(guarded, 'empty', DISPATCH_TIMING, encodeDispatches));

  /** Encoding and submitting, while the device is busy with other work. */
  async function hostDispatchUs(): Promise<number> {
    const start = performance.now();
    const encoder = device.createCommandEncoder({ label: 'empty' });
    const pass = encoder.beginComputePass({ label: 'empty' });
    encodeDispatches(pass, HOST_DISPATCHES);
    pass.end();
    device.queue.submit([encoder.finish()]);
    const ms = performance.now() - start;
    await untilDone(device.queue.onSubmittedWorkDone());
    return (1000 * ms) / HOST_DISPATCHES;
  }

  async function copyGbPerSecond(): Promise<number> {
    const usage = GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
    const [from, to] = [0, 1].map((k) => device.createBuffer({ label: `copy ${k}`, size: COPY_BYTES, usage }));
    const copies = async (count: number): Promise<number> => {
      const encoder = device.createCommandEncoder({ label: 'copy' });
      for (let k = 0; k < count; k++) encoder.copyBufferToBuffer(from!, 0, to!, 0, COPY_BYTES);
      const commands = encoder.finish();
      heat();
      await untilDone(device.queue.onSubmittedWorkDone());
      const start = performance.now();
      device.queue.submit([commands]);
      await untilDone(device.queue.onSubmittedWorkDone());
      return performance.now() - start;
    };
    const count = Math.max(1, Math.round(COPY_MS / (await copies(1))));
    const many = Math.max(1, Math.round((COPY_MS * count) / (await copies(count))));
    const ms = await copies(many);
    from!.destroy();
    to!.destroy();
    return (COPY_BYTES * many) / ms / 1e6;
  }

  const rows: [string, () => Promise<number>][] = [
    [`${WHOLE_DEVICE}, GFLOP/s`, () => measureCeiling(device)],
    [`${ONE_WORKGROUP}, GFLOP/s`, () => measureCeiling(device, 1)],
    ...barriers.map((kernel): [string, () => Promise<number>] => [
      `exchange by a barrier, ${kernel.overrides.WG} invocations, us`,
      () => barrierUs(kernel),
    ]),
    ['dependent dispatch, us', dispatchUs],
    ['dispatch on the host, us', hostDispatchUs],
    ['copy within the device, GB/s', copyGbPerSecond],
  ];
  return rows.map(([name, sample]) => ({
    name,
    device: deviceName,
    prepare: async () => void (await sample()),
    sample: () => {
      heat();
      return sample();
    },
  }));
}

const WHOLE_DEVICE = 'multiply-adds, whole device';
const ONE_WORKGROUP = 'multiply-adds, one workgroup';

/** GFLOP/s of multiply-adds among the results of {@link ceilings}. */
export const fmaRates = (results: readonly Result[]) => {
  const rate = (of: string) => results.find(({ name }) => name.startsWith(of))!.median;
  return { wholeDevice: rate(WHOLE_DEVICE), oneWorkgroup: rate(ONE_WORKGROUP) };
};
