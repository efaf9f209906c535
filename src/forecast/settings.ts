import { checkClip } from '../engine/clip.ts';
import { type LossOptions, lossOf } from '../engine/losses.ts';
import { type Optimizer, type OptimizerOptions, optimizerOf } from '../engine/optimizers.ts';
import type { ClipOptions, PlanName } from '../engine/plan.ts';
import { ConfigError } from '../errors.ts';
import { checkBetween, checkBoolean, checkKnown, checkOptions } from '../model/config.ts';
import { shown } from '../shown.ts';
import { type EarlyStopping, earlyStoppingOf } from '../train/early_stopping.ts';
import { checkControls } from '../train/fit.ts';
import { createSchedule, type ScheduleOptions } from '../train/schedules.ts';
import type { FitOptions } from './options.ts';
import { type ForecastShape, shapeLoss } from './shape.ts';

/** How a fit trains, checked and with all defaults filled in: plain JSON. */
export interface FitSettings {
  from: 'initial' | 'weights';
  epochs: number;
  batchSize: number;
  shuffle: boolean;
  plan: PlanName | 'auto';
  sliceMs: number;
  /** Of each model. */
  lr: readonly number[];
  optimizer: OptimizerOptions;
  loss: LossOptions;
  clip?: ClipOptions | undefined;
  schedule?: ScheduleOptions | undefined;
  split: number;
  validation: number;
  scalerFit: 'train' | 'all' | 'keep';
  earlyStopping?: EarlyStopping | undefined;
  global: boolean;
}

/** The compiler asks for every option. */
const OPTIONS: Readonly<Record<keyof FitOptions, true>> = {
  ...{ epochs: true, batchSize: true, shuffle: true, plan: true, sliceMs: true, lr: true, optimizer: true, loss: true },
  ...{ clip: true, schedule: true, split: true, validation: true, earlyStopping: true, global: true, scalerFit: true },
  ...{ from: true },
  ...{ signal: true, beforeSlice: true, onProgress: true },
  ...{ recover: true, onDeviceLost: true, onCheckpoint: true, checkpointEveryMs: true },
};

/** @throws ConfigError naming the first option that cannot be. */
export function fitSettings(options: FitOptions, shape: ForecastShape, numModels: number): FitSettings {
  checkOptions('fit', options);
  checkKnown('fit', options, Object.keys(OPTIONS));
  const { from = 'initial', split = 0.8, global = false, clip, schedule, optimizer = { name: 'Adam' } } = options;
  const { epochs, batchSize, shuffle, plan, sliceMs } = checkControls(options, { batchSize: 1, shuffle: false });
  if (from !== 'initial' && from !== 'weights')
    throw new ConfigError(`from: got ${shown(from)}, expected 'initial' or 'weights'.`);
  const { scalerFit = from === 'weights' ? 'keep' : 'train' } = options;
  if (scalerFit !== 'train' && scalerFit !== 'all' && scalerFit !== 'keep')
    throw new ConfigError(`scalerFit: got ${shown(scalerFit)}, expected 'train', 'all' or 'keep'.`);
  if (scalerFit === 'keep' && from === 'initial')
    throw new ConfigError("scalerFit: got 'keep', which is for weights that were trained; add from: 'weights'.");
  checkBoolean('global', global);
  checkBetween('split', split, 0, 1);
  checkOptions('optimizer', optimizer);
  checkClip(clip);
  createSchedule(schedule);
  const earlyStopping = earlyStoppingOf(options.earlyStopping);
  const { validation = earlyStopping ? 0.1 : 0 } = options;
  if (!(typeof validation === 'number' && validation >= 0 && validation < 1))
    throw new ConfigError(
      `validation: got ${shown(validation)}, expected a share of the training windows, from 0 to below 1.`,
    );
  if (earlyStopping && validation === 0)
    throw new ConfigError('earlyStopping: needs windows to validate on; give validation: 0.1.');
  const loss = shapeLoss(shape, options.loss);
  lossOf(loss);
  const lr = ratesOf(options, numModels).map((rate) => optimizerOf({ ...optimizer, lr: rate }).options.lr);
  return {
    from,
    ...{ epochs, batchSize, shuffle, plan, sliceMs, lr, optimizer, loss, clip, schedule },
    ...{ split, validation, scalerFit, earlyStopping, global },
  };
}

/** As {@link fitSettings}, of models that train together. @throws ConfigError also for weights to start from. */
export function anewSettings(options: FitOptions, shape: ForecastShape, numModels: number): FitSettings {
  const settings = fitSettings(options, shape, numModels);
  if (settings.from === 'initial') return settings;
  throw new ConfigError(`from: got '${settings.from}', expected 'initial': models that train together start anew.`);
}

/** The optimizer of a model. */
export const settingsOptimizer = ({ optimizer, lr }: FitSettings, model: number): Optimizer =>
  optimizerOf({ ...optimizer, lr: lr[model]! });

function ratesOf({ lr, optimizer }: FitOptions, numModels: number): readonly (number | undefined)[] {
  if (!Array.isArray(lr))
    return Array.from({ length: numModels }, () => (lr === undefined ? optimizer?.lr : (lr as number)));
  if (lr.length !== numModels)
    throw new ConfigError(`lr: got ${lr.length} of them for ${numModels} models; give one, or one for each.`);
  const hole = Array.from(lr).indexOf(undefined);
  if (hole >= 0) throw new ConfigError(`lr[${hole}]: got undefined, expected a finite number of at least 0.`);
  return lr;
}
