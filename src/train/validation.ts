import type { LossOptions } from '../engine/losses.ts';
import { ConfigError } from '../errors.ts';

/** The loss of one output: error = y - target. */
function element({ name, delta = 1, beta = 1 }: LossOptions, error: number, quantile: number): number {
  const size = Math.abs(error);
  switch (name) {
    case 'mse':
      return error * error;
    case 'l1':
      return size;
    case 'huber':
      return size <= delta ? (error * error) / 2 : delta * (size - delta / 2);
    case 'smoothL1':
      return size <= beta ? (error * error) / (2 * beta) : size - beta / 2;
    case 'quantile':
      return error > 0 ? (1 - quantile) * error : -quantile * error;
    default:
      throw new ConfigError(`loss: ${name} has no validation loss.`);
  }
}

/**
 * Mean loss of forecasts in float64, over all their elements, whatever the reduction: the equations of the loss kernels.
 * @param y [R, O, Q], Q quantiles of a quantile loss, else 1. @param targets [R, O].
 */
export function meanLoss(loss: LossOptions, y: ArrayLike<number>, targets: ArrayLike<number>): number {
  const quantiles = loss.name === 'quantile' ? (loss.quantiles ?? [0.1, 0.5, 0.9]) : [0.5];
  const Q = quantiles.length;
  let sum = 0;
  for (let k = 0; k < y.length; k++) sum += element(loss, y[k]! - targets[Math.floor(k / Q)]!, quantiles[k % Q]!);
  return sum / y.length;
}
