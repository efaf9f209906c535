import type { Step } from './step.ts';

type Dims = Record<'P' | 'momentum' | 'one_minus_dampening' | 'weight_decay' | 'nesterov', number>;

/** One step of torch.optim.SGD. */
export function sgd(
  dims: Dims,
  { grads, m, weights }: Record<'grads' | 'm' | 'weights', Float64Array>,
  step: Step,
): void {
  const { P, momentum, one_minus_dampening, weight_decay, nesterov } = dims;
  for (let k = 0; k < P; k++) {
    const g = grads[k]! + weight_decay * weights[k]!;
    if (momentum > 0) m[k] = step.number === 0 ? g : momentum * m[k]! + one_minus_dampening * g;
    const change = momentum === 0 ? g : nesterov === 1 ? g + momentum * m[k]! : m[k]!;
    weights[k]! -= step.lr * change;
  }
}
