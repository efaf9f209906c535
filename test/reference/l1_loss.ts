import { regressionLoss } from './regression_loss.ts';

/** Mean absolute error and its gradient. */
export const l1Loss = regressionLoss((error) => [Math.abs(error), Math.sign(error)]);
