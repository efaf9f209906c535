import type { Step } from './step.ts';

type Tensors = Record<'grads' | 'm' | 'v' | 'weights', Float64Array>;
type Dims = { P: number; beta1: number; beta2: number; eps: number };

/** One step of torch.optim.Adam. */
export function adam({ P, beta1, beta2, eps }: Dims, { grads, m, v, weights }: Tensors, step: Step): void {
  for (let k = 0; k < P; k++) {
    const g = grads[k]!;
    const first = beta1 * m[k]! + (1 - beta1) * g;
    const second = beta2 * v[k]! + (1 - beta2) * g ** 2;
    m[k] = first;
    v[k] = second;
    weights[k]! -= (step.step_size * first) / (Math.sqrt(second) / step.bias_correction2_sqrt + eps);
  }
}
