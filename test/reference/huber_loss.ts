import { regressionLoss } from './regression_loss.ts';

/** Squared up to delta, absolute beyond. */
export const huberLoss = (delta: number, scale: number) =>
  regressionLoss((error) => {
    const size = Math.abs(error);
    const value = size <= delta ? error ** 2 / 2 : delta * (size - delta / 2);
    return [scale * value, scale * Math.max(-delta, Math.min(delta, error))];
  });
