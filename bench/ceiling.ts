import { DispatchBuilder, record } from '../src/gpu/dispatch.ts';
import { during, GuardedDevice } from '../src/gpu/guarded_device.ts';
import { defineKernel } from '../src/gpu/kernel.ts';
import { createTensor } from '../src/gpu/tensor.ts';
import { timeRound } from '../src/gpu/timing.ts';
import { DeviceError } from '../src/index.ts';
import fmaRateShader from './ceilings/fma_rate.wgsl';

/** Workgroups enough to fill the widest GPU. */
const MANY_GROUPS = 2048;
/** Eight chains of four components, and a multiply-add is two operations. */
const FLOPS_A_ROUND = 8 * 4 * 2;
/** A millisecond on a slow software adapter. */
const FIRST_ROUNDS_A_LANE = 2;
const MAX_ROUNDS = 2 ** 24;
/** A dispatch this long is nothing but work, and still leaves the screen its frames. */
const DISPATCH_MS = 24;

const fmaRate = defineKernel<{ dims: { rounds: number; groups: number; seed: number }; overrides: 'WG' }>(
  fmaRateShader,
  ({ groups }) => [groups],
);

/**
 * GFLOP/s of fused multiply-adds when nothing else holds the device up: the best of a few dispatches that take long enough to be
 * timed, which takes some 150 ms. The device's own clock times them, where it has one; else whatever is queued on it in the
 * meantime is timed, too, so measure before training.
 * @param groups workgroups; 1 gives what a model has that one workgroup holds. Default: the whole device.
 * @throws DeviceError when the device is lost. @throws ShaderError when it cannot compile the kernel.
 */
export const measureCeiling = (device: GPUDevice, groups = MANY_GROUPS): Promise<number> =>
  during(new GuardedDevice(device), async (scope) => {
    const kernel = await fmaRate.load(scope);
    const lanes = groups * kernel.overrides.WG;
    const out = createTensor(scope, 'ceiling', [lanes]);
    const firstRounds = Math.ceil((FIRST_ROUNDS_A_LANE * MANY_GROUPS) / groups);
    const timing = { enoughMs: DISPATCH_MS, firstRounds, maxRounds: MAX_ROUNDS };
    const ms = await timeRound(scope, kernel.name, timing, (pass, rounds) => {
      const build = new DispatchBuilder(scope, kernel.name);
      record(pass, [build.dispatch(kernel, { rounds, groups, seed: 0.5 }, { out })]);
      build.upload();
    });
    if (ms > 0) return (lanes * FLOPS_A_ROUND) / ms / 1e6;
    throw new DeviceError('measureCeiling: the device answers without having worked.');
  });
