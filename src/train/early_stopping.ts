import { checkAtLeastZero, checkBoolean, checkPositiveInteger } from '../model/config.ts';
import { checkOptions } from '../options.ts';
import type { StoppingState } from './position.ts';

/** When a model stops before the last epoch (Prechelt 1998, "Early stopping: but when?"). */
export interface EarlyStoppingOptions {
  /** Epochs without improvement of the validation loss before a model stops, >= 1. Default 10. */
  patience?: number;
  /** Minimum decrease that counts as an improvement, >= 0. Default 0. */
  minDelta?: number;
  /** Restore the weights of the best epoch, however training ends. Default true. */
  restoreBest?: boolean;
}

export type EarlyStopping = Readonly<Required<EarlyStoppingOptions>>;

/** Fills in defaults. @throws ConfigError naming the invalid option. */
export function earlyStoppingOf(options: EarlyStoppingOptions | boolean | undefined): EarlyStopping | undefined {
  if (options === undefined || options === false) return undefined;
  const given = options === true ? {} : options;
  checkOptions('earlyStopping', given, { patience: true, minDelta: true, restoreBest: true });
  const { patience = 10, minDelta = 0, restoreBest = true } = given;
  checkPositiveInteger('earlyStopping.patience', patience);
  checkAtLeastZero('earlyStopping.minDelta', minDelta);
  checkBoolean('earlyStopping.restoreBest', restoreBest);
  return { patience, minDelta, restoreBest };
}

export const notStopped = (): StoppingState => ({ best: null, badEpochs: 0, stopped: false });

/** A model's state after a validation loss; a new best epoch has `badEpochs` 0. */
export function afterValidation(
  { best, badEpochs }: StoppingState,
  loss: number,
  epoch: number,
  { patience, minDelta }: EarlyStopping,
): StoppingState {
  if (Number.isFinite(loss) && (best === null || loss < best.loss - minDelta))
    return { best: { loss, epoch }, badEpochs: 0, stopped: false };
  return { best, badEpochs: badEpochs + 1, stopped: badEpochs + 1 >= patience };
}
