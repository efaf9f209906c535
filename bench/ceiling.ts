import { type Dispatch, DispatchBuilder, record } from '../src/gpu/dispatch.ts';
import { type DeviceScope, during, GuardedDevice } from '../src/gpu/guarded_device.ts';
import { defineKernel } from '../src/gpu/kernel.ts';
import { createTensor } from '../src/gpu/tensor.ts';
import { timeRound } from '../src/gpu/timing.ts';
import { DeviceError } from '../src/index.ts';
import fmaRateShader from './ceilings/fma_rate.wgsl';

/** Enough workgroups to fill the widest GPU. */
const MANY_GROUPS = 2048;
/** Eight chains of four components; a multiply-add is two operations. */
const FLOPS_A_ROUND = 8 * 4 * 2;
/** About a millisecond on a slow software adapter. */
const FIRST_ROUNDS_A_LANE = 2;
const MAX_ROUNDS = 2 ** 24;
/** Long enough to hide the overhead of a dispatch, short enough for a smooth page. */
const DISPATCH_MS = 24;

const fmaRate = defineKernel<{ dims: { rounds: number; groups: number; seed: number }; overrides: 'WG' }>(
  fmaRateShader,
  ({ groups }) => [groups],
);

/** A kernel of multiply-adds only, dispatched for a given number of rounds. */
export async function loadFma(scope: DeviceScope, groups = MANY_GROUPS) {
  const kernel = await fmaRate.load(scope);
  const lanes = groups * kernel.overrides.WG;
  const out = createTensor(scope, 'ceiling', [lanes]);
  return {
    flopsARound: lanes * FLOPS_A_ROUND,
    /** Uploads its uniforms immediately. */
    dispatch(rounds: number): Dispatch {
      const build = new DispatchBuilder(scope, kernel.name);
      const dispatch = build.dispatch(kernel, { rounds, groups, seed: 0.5 }, { out });
      build.upload();
      return dispatch;
    },
  };
}

/**
 * Peak GFLOP/s of fused multiply-adds: the best of a few dispatches, about 150 ms in all. Timed by the device's own clock if it has
 * one; otherwise other work queued meanwhile is timed, too, so measure before training.
 * @param groups workgroups; 1 is the limit of a model that runs in one workgroup. Default: the whole device.
 * @throws DeviceError when the device is lost. @throws ShaderError when it cannot compile the kernel.
 */
export const measureCeiling = (device: GPUDevice, groups = MANY_GROUPS): Promise<number> =>
  during(new GuardedDevice(device), async (scope) => {
    const fma = await loadFma(scope, groups);
    const firstRounds = Math.ceil((FIRST_ROUNDS_A_LANE * MANY_GROUPS) / groups);
    const timing = { enoughMs: DISPATCH_MS, firstRounds, maxRounds: MAX_ROUNDS };
    const ms = await timeRound(scope, 'ceiling', timing, (pass, rounds) => record(pass, [fma.dispatch(rounds)]));
    if (ms > 0) return fma.flopsARound / ms / 1e6;
    throw new DeviceError('measureCeiling: the device reported completion without doing the work.');
  });
