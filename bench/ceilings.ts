import type { LoadedKernel } from '../src/gpu/compile.ts';
import { DispatchBuilder, record } from '../src/gpu/dispatch.ts';
import { GuardedDevice } from '../src/gpu/guarded_device.ts';
import { defineKernel } from '../src/gpu/kernel.ts';
import { createTensor } from '../src/gpu/tensor.ts';
import { untilDone } from '../src/gpu/waiting.ts';
import { measureCeiling } from './ceiling.ts';
import barrierCostShader from './ceilings/barrier_cost.wgsl';
import emptyDispatchShader from './ceilings/empty_dispatch.wgsl';
import type { Contender } from './contender.ts';

const BARRIER_ROUNDS = 20_000;
const BARRIER_LANES = 8;
const DISPATCHES = 2000;
const COPY_BYTES = 64 * 2 ** 20;

const barrierCost = defineKernel<{ dims: { rounds: number }; overrides: never }>(barrierCostShader, () => [1]);
const emptyDispatch = defineKernel<{ dims: { step: number }; overrides: never }>(emptyDispatchShader, () => [1]);

/** What the device can do at best; each contender's unit stands in its name. */
export async function ceilings(device: GPUDevice, deviceName: string): Promise<Contender[]> {
  const guarded = new GuardedDevice(device);
  const out = createTensor(guarded, 'ceiling', [BARRIER_LANES]);
  const [barrier, empty] = await Promise.all([barrierCost.load(guarded), emptyDispatch.load(guarded)]);

  /** From submit to done, on a device that has nothing else to do. */
  async function millisecondsOf(commands: GPUCommandBuffer): Promise<number> {
    await untilDone(device.queue.onSubmittedWorkDone());
    const start = performance.now();
    device.queue.submit([commands]);
    await untilDone(device.queue.onSubmittedWorkDone());
    return performance.now() - start;
  }

  /** Seconds that `times` dispatches of a kernel take, from submit to done. */
  async function seconds<Dims extends Record<string, number>>(kernel: LoadedKernel<Dims>, dims: Dims, times: number) {
    const build = new DispatchBuilder(guarded, kernel.name);
    const dispatch = build.dispatch(kernel, dims, { out });
    build.upload();
    const encoder = device.createCommandEncoder({ label: kernel.name });
    const pass = encoder.beginComputePass({ label: kernel.name });
    for (let k = 0; k < times; k++) record(pass, [dispatch], 0);
    pass.end();
    const ms = await millisecondsOf(encoder.finish());
    return ms / 1000;
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
    [
      'barrier, 8 invocations, us',
      async () => ((await seconds(barrier, { rounds: BARRIER_ROUNDS }, 1)) / BARRIER_ROUNDS / 2) * 1e6,
    ],
    ['dispatch, us', async () => ((await seconds(empty, { step: 1 }, DISPATCHES)) / DISPATCHES) * 1e6],
    ['copy within the device, GB/s', copyGbPerSecond],
  ];
  return rows.map(([name, sample]) => ({
    name,
    device: deviceName,
    prepare: async () => void (await sample()),
    sample,
  }));
}
