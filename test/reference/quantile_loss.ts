import { regressionLoss } from './regression_loss.ts';

/** The pinball loss. */
export const quantileLoss = regressionLoss((error, q) => [
  Math.max(q * -error, (q - 1) * -error),
  Number.isNaN(error) ? error : error > 0 ? 1 - q : -q,
]);
