import { type Dispatch, DispatchBuilder, record } from '../src/gpu/dispatch.ts';
import { type DeviceScope, during, GuardedDevice } from '../src/gpu/guarded_device.ts';
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

/** Multiply-adds and nothing else: what a dispatch of some rounds does. */
export async function loadFma(scope: DeviceScope, groups = MANY_GROUPS) {
  const kernel = await fmaRate.load(scope);
  const lanes = groups * kernel.overrides.WG;
  const out = createTensor(scope, 'ceiling', [lanes]);
  return {
    flopsARound: lanes * FLOPS_A_ROUND,
    /** Its uniforms go up at once. */
    dispatch(rounds: number): Dispatch {
      const build = new DispatchBuilder(scope, kernel.name);
      const dispatch = build.dispatch(kernel, { rounds, groups, seed: 0.5 }, { out });
      build.upload();
      return dispatch;
    },
  };
}

/**
 * GFLOP/s of fused multiply-adds when nothing else holds the device up: the best of a few dispatches that take long enough to be
 * timed, which takes some 150 ms. The device's own clock times them, where it has one; else whatever is queued on it in the
 * meantime is timed, too, so measure before training.
 * @param groups workgroups; 1 gives what a model has that one workgroup holds. Default: the whole device.
 * @throws DeviceError when the device is lost. @throws ShaderError when it cannot compile the kernel.
 */
export const measureCeiling = (device: GPUDevice, groups = MANY_GROUPS): Promise<number> =>
  during(new GuardedDevice(device), async (scope) => {
    const fma = await loadFma(scope, groups);
    const firstRounds = Math.ceil((FIRST_ROUNDS_A_LANE * MANY_GROUPS) / groups);
    const timing = { enoughMs: DISPATCH_MS, firstRounds, maxRounds: MAX_ROUNDS };
    const ms = await timeRound(scope, 'ceiling', timing, (pass, rounds) => record(pass, [fma.dispatch(rounds)]));
    if (ms > 0) return fma.flopsARound / ms / 1e6;
    throw new DeviceError('measureCeiling: the device answers without having worked.');
  });
