import type { LossName, LossOptions } from '../engine/losses.ts';

/** Which steps of each sample count. */
export interface ValidSteps {
  /** T, of every sample. */
  steps: number;
  /** [S]; values after the end of a sample are padding. */
  lengths: ArrayLike<number>;
}

/** The loss of one output, error = y - target; the compiler requires every loss. */
const ELEMENT: Readonly<
  Record<Exclude<LossName, 'crossEntropy'>, (error: number, options: LossOptions, quantile: number) => number>
> = {
  mse: (error) => error * error,
  l1: Math.abs,
  huber: (error, { delta = 1 }) =>
    Math.abs(error) <= delta ? (error * error) / 2 : delta * (Math.abs(error) - delta / 2),
  smoothL1: (error, { beta = 1 }) =>
    Math.abs(error) <= beta ? (error * error) / (2 * beta) : Math.abs(error) - beta / 2,
  quantile: (error, _, quantile) => (error > 0 ? (1 - quantile) * error : -quantile * error),
};

/** The negative log-likelihood of a class under softmax(logits). @param count number of logits, in y from `at` on. */
function crossEntropy(y: ArrayLike<number>, at: number, count: number, target: number): number {
  let largest = y[at]!;
  for (let k = 1; k < count; k++) largest = Math.max(largest, y[at + k]!);
  let sum = 0;
  for (let k = 0; k < count; k++) sum += Math.exp(y[at + k]! - largest); // minus the largest, so that exp does not overflow
  return Math.log(sum) - (y[at + target]! - largest);
}

/**
 * Mean loss of forecasts in float64, over all valid elements (for crossEntropy over all valid rows), regardless of the
 * reduction; the same equations as the loss kernels.
 * @param y [S, T, K, Q]: Q is quantiles for a quantile loss, classes for crossEntropy, otherwise 1. @param targets [S, T, K].
 * @param valid which of them are not padding. Default: all.
 */
export function meanLoss(
  loss: LossOptions,
  y: ArrayLike<number>,
  targets: ArrayLike<number>,
  { steps, lengths }: ValidSteps = { steps: 1, lengths: [1] },
): number {
  const { quantiles = [0.1, 0.5, 0.9] } = loss;
  const Q = y.length / targets.length;
  const perSample = targets.length / lengths.length;
  let [sum, count] = [0, 0];
  for (let k = 0; k < targets.length; k++) {
    const step = Math.floor(((k % perSample) * steps) / perSample);
    if (step >= lengths[Math.floor(k / perSample)]!) continue;
    const target = targets[k]!;
    if (loss.name === 'crossEntropy') sum += crossEntropy(y, k * Q, Q, target);
    else for (let q = 0; q < Q; q++) sum += ELEMENT[loss.name](y[k * Q + q]! - target, loss, quantiles[q]!);
    count += loss.name === 'crossEntropy' ? 1 : Q;
  }
  return sum / count;
}
