import { regressionLoss } from './regression_loss.ts';

/** Mean squared error and its gradient. */
export const mseLoss = regressionLoss((error) => [error ** 2, 2 * error]);
