import { DispatchBuilder, record } from '../src/gpu/dispatch.ts';
import { type DeviceScope, during, GuardedDevice } from '../src/gpu/guarded_device.ts';
import { defineKernel } from '../src/gpu/kernel.ts';
import { createTensor } from '../src/gpu/tensor.ts';
import { untilDone } from '../src/gpu/waiting.ts';
import { DeviceError } from '../src/index.ts';
import fmaRateShader from './ceilings/fma_rate.wgsl';

/** Workgroups enough to fill the widest GPU. */
const MANY_GROUPS = 2048;
/** Eight chains of four components, and a multiply-add is two operations. */
const FLOPS_A_ROUND = 8 * 4 * 2;
/** A millisecond on a slow software adapter. */
const FIRST_ROUNDS_A_LANE = 2;
const MAX_ROUNDS = 2 ** 24;
/** A dispatch this long hides what submitting it costs, and still leaves the screen its frames. */
const DISPATCH_MS = 24;
/** Dispatches that took less say more about the submit than about the device. */
const COUNTS_FROM_MS = DISPATCH_MS / 2;
const MAX_GROWTH = 16;
/** Dispatches begin until then. */
const BUDGET_MS = 150;

const fmaRate = defineKernel<{ dims: { rounds: number; groups: number; seed: number }; overrides: 'WG' }>(
  fmaRateShader,
  ({ groups }) => [groups],
);

/**
 * GFLOP/s of fused multiply-adds when nothing else holds the device up: the best of the dispatches of some 150 ms, each
 * grown until it takes long enough to be timed. Awaits the device between them. Whatever else is queued on the device in
 * the meantime is timed, too, so measure before training.
 * @param groups workgroups; 1 gives what a model has that one workgroup holds. Default: the whole device.
 * @throws DeviceError when the device is lost. @throws ShaderError when it cannot compile the kernel.
 */
export const measureCeiling = (device: GPUDevice, groups = MANY_GROUPS): Promise<number> =>
  during(new GuardedDevice(device), (scope) => measure(scope, groups));

async function measure(guarded: DeviceScope, groups: number): Promise<number> {
  const device = guarded.raw;
  const kernel = await fmaRate.load(guarded);
  const lanes = groups * kernel.overrides.WG;
  const out = createTensor(guarded, 'ceiling', [lanes]);

  /** Milliseconds from submit to done, on a device that has nothing else to do. */
  async function millisecondsOf(rounds: number): Promise<number> {
    return during(guarded, (scope) => timed(new DispatchBuilder(scope, kernel.name), rounds));
  }

  async function timed(build: DispatchBuilder, rounds: number): Promise<number> {
    const dispatch = build.dispatch(kernel, { rounds, groups, seed: 0.5 }, { out });
    build.upload();
    const encoder = device.createCommandEncoder({ label: kernel.name });
    const pass = encoder.beginComputePass({ label: kernel.name });
    record(pass, [dispatch]);
    pass.end();
    const commands = encoder.finish();
    await untilDone(device.queue.onSubmittedWorkDone());
    const start = performance.now();
    device.queue.submit([commands]);
    await untilDone(device.queue.onSubmittedWorkDone());
    return performance.now() - start;
  }

  let best = 0;
  let rounds = Math.ceil((FIRST_ROUNDS_A_LANE * MANY_GROUPS) / groups);
  const start = performance.now();
  do {
    const ms = await millisecondsOf(rounds);
    if (ms >= COUNTS_FROM_MS) best = Math.max(best, (lanes * rounds * FLOPS_A_ROUND) / ms / 1e6);
    else rounds = Math.min(MAX_ROUNDS, Math.ceil(rounds * Math.min(MAX_GROWTH, DISPATCH_MS / ms)));
  } while (performance.now() - start < BUDGET_MS);
  if (best > 0) return best;
  throw new DeviceError('measureCeiling: the device answers without having worked; it was lost. Request a new one.');
}
