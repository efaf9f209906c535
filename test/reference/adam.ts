import type { Step } from './step.ts';

type Tensors = Record<'grads' | 'm' | 'v' | 'extra' | 'weights', Float64Array>;
type Dims = Record<'P' | 'beta1' | 'beta2' | 'eps' | 'weight_decay' | 'amsgrad', number>;

/** One step of torch.optim.Adam, or of AdamW. */
export function adam(dims: Dims, { grads, m, v, extra, weights }: Tensors, step: Step): void {
  const { P, beta1, beta2, eps, weight_decay, amsgrad } = dims;
  for (let k = 0; k < P; k++) {
    const w = weights[k]!;
    const g = grads[k]! + weight_decay * w;
    m[k] = beta1 * m[k]! + (1 - beta1) * g;
    v[k] = beta2 * v[k]! + (1 - beta2) * g ** 2;
    if (amsgrad === 1) extra[k] = Math.max(extra[k]!, v[k]!);
    const largest = amsgrad === 1 ? extra[k]! : v[k]!;
    weights[k] = w * step.decay - (step.step_size * m[k]!) / (Math.sqrt(largest) / step.bias_correction2_sqrt + eps);
  }
}
