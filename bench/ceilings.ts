import { DispatchBuilder, record } from '../src/gpu/dispatch.ts';
import { GuardedDevice } from '../src/gpu/guarded_device.ts';
import { defineKernel } from '../src/gpu/kernel.ts';
import { createTensor } from '../src/gpu/tensor.ts';
import { timeRound } from '../src/gpu/timing.ts';
import { untilDone } from '../src/gpu/waiting.ts';
import { measureCeiling } from './ceiling.ts';
import barrierCostShader from './ceilings/barrier_cost.wgsl';
import emptyDispatchShader from './ceilings/empty_dispatch.wgsl';
import type { Contender } from './contender.ts';

const BARRIERS_A_ROUND = 2;
const BARRIER_TIMING = { enoughMs: 24, firstRounds: 1000, maxRounds: 2 ** 24 };
const BARRIER_LANES = 8;
const DISPATCHES = 2000;
const COPY_BYTES = 64 * 2 ** 20;

const barrierCost = defineKernel<{ dims: { rounds: number }; overrides: never }>(barrierCostShader, () => [1]);
const emptyDispatch = defineKernel<{ dims: { step: number }; overrides: never }>(emptyDispatchShader, () => [1]);

/** The device's best rates; the name of each contender includes its unit. */
export async function ceilings(device: GPUDevice, deviceName: string): Promise<Contender[]> {
  const guarded = new GuardedDevice(device);
  const out = createTensor(guarded, 'ceiling', [BARRIER_LANES]);
  const [barrier, empty] = await Promise.all([barrierCost.load(guarded), emptyDispatch.load(guarded)]);

  /** From submit to completion, on an idle device. */
  async function millisecondsOf(commands: GPUCommandBuffer): Promise<number> {
    await untilDone(device.queue.onSubmittedWorkDone());
    const start = performance.now();
    device.queue.submit([commands]);
    await untilDone(device.queue.onSubmittedWorkDone());
    return performance.now() - start;
  }

  async function barrierUs(): Promise<number> {
    const ms = await timeRound(guarded, 'barrier', BARRIER_TIMING, (pass, rounds) => {
      const build = new DispatchBuilder(guarded, 'barrier');
      record(pass, [build.dispatch(barrier, { rounds }, { out })]);
      build.upload();
    });
    return (1000 * ms) / BARRIERS_A_ROUND;
  }

  /** From submit to completion; most of it is the host's work. */
  async function dispatchUs(): Promise<number> {
    const build = new DispatchBuilder(guarded, 'empty');
    const dispatch = build.dispatch(empty, { step: 1 }, { out });
    build.upload();
    const encoder = device.createCommandEncoder({ label: 'empty' });
    const pass = encoder.beginComputePass({ label: 'empty' });
    for (let k = 0; k < DISPATCHES; k++) record(pass, [dispatch], 0);
    pass.end();
    return (1000 * (await millisecondsOf(encoder.finish()))) / DISPATCHES;
  }

  async function copyGbPerSecond(): Promise<number> {
    const usage = GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
    const [from, to] = [0, 1].map((k) => device.createBuffer({ label: `copy ${k}`, size: COPY_BYTES, usage }));
    const encoder = device.createCommandEncoder({ label: 'copy' });
    encoder.copyBufferToBuffer(from!, 0, to!, 0, COPY_BYTES);
    const ms = await millisecondsOf(encoder.finish());
    from!.destroy();
    to!.destroy();
    return COPY_BYTES / ms / 1e6;
  }

  const rows: [string, () => Promise<number>][] = [
    ['multiply-adds, whole device, GFLOP/s', () => measureCeiling(device)],
    ['multiply-adds, one workgroup, GFLOP/s', () => measureCeiling(device, 1)],
    ['barrier, 8 invocations, us', barrierUs],
    ['dispatch, us', dispatchUs],
    ['copy within the device, GB/s', copyGbPerSecond],
  ];
  return rows.map(([name, sample]) => ({
    name,
    device: deviceName,
    prepare: async () => void (await sample()),
    sample,
  }));
}
