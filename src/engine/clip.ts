import type { Dispatch, DispatchBuilder } from '../gpu/dispatch.ts';
import type { GuardedDevice } from '../gpu/guarded_device.ts';
import { createTensor, type Tensor } from '../gpu/tensor.ts';
import { clipGradNorm, clipGradValue, gradNorm } from '../kernels/index.ts';
import { checkBetween } from '../model/config.ts';
import { checkOptions } from '../options.ts';
import type { ClipOptions } from './plan.ts';

/** Clipping of gradients between the backward pass and the optimizer. */
export interface Clip {
  /** @param grads one model's gradients, flat. */
  dispatches(build: DispatchBuilder, grads: Tensor): Dispatch[];
}

/** @throws ConfigError for a limit that is not above 0, or unknown. */
export function checkClip(clip: ClipOptions = {}): void {
  checkOptions('clip', clip, { norm: true, value: true });
  const { norm, value } = clip;
  if (norm !== undefined) checkBetween('clip.norm', norm, 0, Infinity);
  if (value !== undefined) checkBetween('clip.value', value, 0, Infinity);
}

export async function createClip(device: GuardedDevice, { norm, value }: ClipOptions = {}): Promise<Clip> {
  const [measure, byNorm, byValue] = await Promise.all([
    norm === undefined ? undefined : gradNorm.load(device),
    norm === undefined ? undefined : clipGradNorm.load(device),
    value === undefined ? undefined : clipGradValue.load(device),
  ]);
  const partials = createTensor(device, 'squares', [gradNorm.shader.overrides.PARTS]);
  return {
    dispatches(build, grads) {
      const P = grads.shape[0]!;
      const list: Dispatch[] = [];
      if (measure && byNorm)
        list.push(
          build.dispatch(measure, { P }, { grads, partials }),
          build.dispatch(byNorm, { P, max_norm: norm! }, { partials, grads }),
        );
      if (byValue) list.push(build.dispatch(byValue, { P, clip_value: value! }, { grads }));
      return list;
    },
  };
}
