import type { Step } from './step.ts';

type Tensors = Record<'grads' | 'm' | 'v' | 'extra' | 'weights', Float64Array>;
type Dims = Record<'P' | 'alpha' | 'eps' | 'weight_decay' | 'momentum' | 'centered', number>;

/** One step of torch.optim.RMSprop. */
export function rmsprop(dims: Dims, { grads, m, v, extra, weights }: Tensors, step: Step): void {
  const { P, alpha, eps, weight_decay, momentum, centered } = dims;
  for (let k = 0; k < P; k++) {
    const g = grads[k]! + weight_decay * weights[k]!;
    v[k] = alpha * v[k]! + (1 - alpha) * g ** 2;
    if (centered === 1) extra[k] = alpha * extra[k]! + (1 - alpha) * g;
    const spread = centered === 1 ? Math.max(v[k]! - extra[k]! ** 2, 0) : v[k]!;
    let change = g / (Math.sqrt(spread) + eps);
    if (momentum > 0) {
      change += momentum * m[k]!;
      m[k] = change;
    }
    weights[k]! -= step.lr * change;
  }
}
