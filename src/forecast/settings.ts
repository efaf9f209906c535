import { checkClip } from '../engine/clip.ts';
import { type LossOptions, lossOf } from '../engine/losses.ts';
import { type Optimizer, type OptimizerOptions, optimizerOf } from '../engine/optimizers.ts';
import type { ClipOptions } from '../engine/plan.ts';
import { ConfigError } from '../errors.ts';
import { number, type Settled, settled } from '../kinds.ts';
import { checkObject, checkOptions, type OptionNames } from '../options.ts';
import { shown } from '../shown.ts';
import { RESUME_OPTIONS, type RecoveryOptions, type TogetherControls } from '../train/controls.ts';
import { type EarlyStopping, earlyStoppingOf } from '../train/early_stopping.ts';
import type { EpochReport } from '../train/report.ts';
import { createSchedule, type ScheduleOptions } from '../train/schedules.ts';
import { FIT } from '../train/settings.ts';
import type { FitOptions } from './options.ts';
import { type ForecastShape, shapeLoss } from './shape.ts';

/** The settings of a fit, validated and with all defaults filled in: plain JSON. */
export interface FitSettings extends Settled<typeof FIT> {
  /** For each model; the optimizer has none of its own. */
  lr: readonly number[];
  optimizer: OptimizerOptions;
  /** Without quantiles, which are in the shape: see {@link settingsLoss}. */
  loss: LossOptions;
  clip?: ClipOptions | undefined;
  schedule?: ScheduleOptions | undefined;
  earlyStopping?: EarlyStopping | undefined;
}

const { split: _, global: __, ...OF_EACH } = FIT;
type LearningOptions = Omit<FitOptions, 'lr' | 'split' | 'global' | keyof TogetherControls | keyof RecoveryOptions>;

/** Training options of each of many models, except its learning rate and data. The compiler requires every option. */
export const LEARNING_OPTIONS: OptionNames<LearningOptions> = {
  ...{ ...OF_EACH, optimizer: true, loss: true, clip: true, schedule: true, earlyStopping: true },
};

const OPTIONS: OptionNames<FitOptions> = { ...FIT, ...LEARNING_OPTIONS, ...RESUME_OPTIONS, lr: true };

/** @throws ConfigError naming the first invalid option. */
export function fitSettings(options: FitOptions, shape: ForecastShape, numModels: number): FitSettings {
  checkOptions('fit', options, OPTIONS);
  const { clip, schedule } = options;
  const earlyStopping = earlyStoppingOf(options.earlyStopping);
  const { scalerFit: rows = options.from === 'weights' ? 'keep' : undefined } = options;
  const { validation: share = earlyStopping && 0.1 } = options;
  const settings = settled(FIT, { ...options, scalerFit: rows, validation: share });
  const { from, scalerFit, validation } = settings;
  if (scalerFit === 'keep' && from === 'initial')
    throw new ConfigError("scalerFit: got 'keep', which needs trained weights; add from: 'weights'.");
  if (scalerFit === 'all' && shape.scalePer === 'window' && shape.future.length === 0)
    throw new ConfigError(
      "scalerFit: got 'all' with scalePer 'window', which scales every window by its own rows only; " +
        'leave one of the two out.',
    );
  checkClip(clip);
  createSchedule(schedule);
  if (earlyStopping && validation === 0)
    throw new ConfigError('earlyStopping: needs a validation set; pass validation: 0.1.');
  const asked = shapeLoss(shape, options.loss);
  lossOf(asked);
  const { quantiles: _, ...loss } = asked;
  const { optimizer, lr } = optimizerAndRates(options, numModels);
  return { ...settings, lr, optimizer, loss, clip, schedule, earlyStopping };
}

/** Like {@link fitSettings}, for models that train together. @throws ConfigError also for from: 'weights'. */
export function jointSettings(options: FitOptions, shape: ForecastShape, numModels: number): FitSettings {
  const settings = fitSettings(options, shape, numModels);
  if (settings.split === 1) throw number({ above: 0, below: 1 }).refused('split', 1); // each is scored on its test set
  if (settings.from === 'initial') return settings;
  throw new ConfigError(
    `from: got '${settings.from}', expected 'initial': models that train together start from initial weights.`,
  );
}

/**
 * The settings of a refit on all rows: from the initial weights, without a validation set, for as many epochs as the models
 * took on average to reach their best.
 */
export function refitSettings(settings: FitSettings, reports: readonly EpochReport[]): FitSettings {
  const isBest = settings.earlyStopping?.restoreBest ?? false;
  const bestOf = (model: number) => {
    const losses = reports.map(({ models }) => models[model]!.validationLoss ?? Number.NaN);
    return isBest ? losses.indexOf(Math.min(...losses.filter(Number.isFinite))) + 1 : reports.length;
  };
  const each = settings.lr.map((_, model) => bestOf(model) || reports.length);
  const epochs = Math.max(1, Math.round(each.reduce((sum, best) => sum + best, 0) / each.length));
  const { earlyStopping, ...others } = settings;
  return { ...others, epochs, from: 'initial', split: 1, validation: 0, scalerFit: 'train' };
}

/** The optimizer of a model. */
export const settingsOptimizer = ({ optimizer, lr }: FitSettings, model: number): Optimizer =>
  optimizerOf({ ...optimizer, lr: lr[model]! });

/** The loss of models of a shape. */
export const settingsLoss = ({ loss }: FitSettings, shape: ForecastShape): LossOptions => shapeLoss(shape, loss);

/** The optimizer without a rate, and the rate of each model. @throws ConfigError for a rate given in two places. */
function optimizerAndRates(
  { lr, optimizer: given = { name: 'Adam' } }: FitOptions,
  numModels: number,
): Pick<FitSettings, 'optimizer' | 'lr'> {
  checkObject('optimizer', given);
  const { lr: own, ...optimizer } = given;
  if (lr !== undefined && own !== undefined)
    throw new ConfigError(`lr: got ${shown(lr)}, and ${shown(own)} as optimizer.lr. Leave one of them out.`);
  const rates = Array.isArray(lr)
    ? lr
    : Array.from({ length: numModels }, () => (lr === undefined ? own : lr) as number | undefined);
  if (rates.length !== numModels)
    throw new ConfigError(`lr: got ${rates.length} rates for ${numModels} models; give one, or one for each model.`);
  const hole = Array.isArray(lr) ? Array.from(lr).indexOf(undefined) : -1;
  if (hole >= 0) throw new ConfigError(`lr[${hole}]: got undefined, expected a finite number of at least 0.`);
  return { optimizer, lr: rates.map((rate) => optimizerOf({ ...optimizer, lr: rate }).options.lr) };
}
