import { ConfigError } from '../errors.ts';
import type { GuardedDevice } from '../gpu/guarded_device.ts';
import type { Kernel } from '../gpu/kernel.ts';
import type { LossDims } from '../kernels/dims.ts';
import { crossEntropyLoss, huberLoss, l1Loss, mseLoss, quantileLoss } from '../kernels/index.ts';
import { checkBetween } from '../model/config.ts';
import { checkObject, checkOptions, notAChoice } from '../options.ts';
import { shown } from '../shown.ts';
import { kernelFamily } from './family.ts';

/** torch.nn's MSELoss, L1Loss, HuberLoss, SmoothL1Loss, CrossEntropyLoss; and the pinball loss of quantile regression. */
export type LossName = 'mse' | 'l1' | 'huber' | 'smoothL1' | 'quantile' | 'crossEntropy';

/** The loss to minimize, and its settings. */
export interface LossOptions {
  name: LossName;
  /** Over all valid elements; for crossEntropy over all valid rows. Default 'mean'. */
  reduction?: 'mean' | 'sum';
  /** For huber, > 0: errors up to it are squared. Default 1. */
  delta?: number;
  /** For smoothL1, > 0. Default 1. */
  beta?: number;
  /** For quantile, each between 0 and 1: the model predicts one value per quantile and target. Default [0.1, 0.5, 0.9]. */
  quantiles?: readonly number[];
}

/** A validated loss, ready for a plan. */
export interface Loss {
  readonly name: LossName;
  readonly reduction: 'mean' | 'sum';
  readonly kernel: Kernel<LossDims>;
  /** Override constants of the kernel on a device. */
  overrides(device: GuardedDevice): Readonly<Record<string, number>>;
  readonly quantiles: Float32Array | undefined;
  /** Target values per row, if the model predicts O values. @throws ConfigError if the two are incompatible. */
  targetSize(outputSize: number): number;
  /** @param R rows of y. @param N rows of the batch. @param O outputs of the model. */
  dims(sizes: { R: number; N: number; O: number }): LossDims;
}

interface LossEntry {
  kernel: Kernel<LossDims>;
  /** Its option besides `reduction`. */
  own?: Exclude<keyof LossOptions, 'name' | 'reduction'>;
  overrides?: (options: LossOptions) => Record<string, number>;
}

/** There is one workgroup. On a CPU its lanes run sequentially, and memory for 256 of them takes 30 ms to compile. */
const SOFTWARE_LANES = 64;

/** A new loss needs one shader and one line here. */
const LOSSES: Readonly<Record<LossName, LossEntry>> = {
  mse: { kernel: mseLoss },
  l1: { kernel: l1Loss },
  huber: { kernel: huberLoss, own: 'delta', overrides: ({ delta = 1 }) => ({ DELTA: delta, SCALE: 1 }) },
  smoothL1: { kernel: huberLoss, own: 'beta', overrides: ({ beta = 1 }) => ({ DELTA: beta, SCALE: 1 / beta }) },
  quantile: { kernel: quantileLoss, own: 'quantiles' },
  crossEntropy: { kernel: crossEntropyLoss },
};

/** @throws ConfigError naming the invalid option. */
export function lossOf(options: LossOptions): Loss {
  checkObject('loss', options);
  const { name, reduction = 'mean', delta = 1, beta = 1, quantiles = [0.1, 0.5, 0.9] } = options;
  if (!Object.keys(LOSSES).includes(name)) throw notAChoice('loss.name', name, Object.keys(LOSSES));
  const entry = LOSSES[name];
  const { name: _, ...settings } = options;
  checkOptions<object>(`loss (${name})`, settings, { reduction: true, ...(entry.own && { [entry.own]: true }) });
  if (reduction !== 'mean' && reduction !== 'sum') throw notAChoice('loss.reduction', reduction, ['mean', 'sum']);
  checkBetween('loss.delta', delta, 0, Infinity);
  checkBetween('loss.beta', beta, 0, Infinity);
  if (!Array.isArray(quantiles) || quantiles.length === 0)
    throw new ConfigError(`loss.quantiles: got ${shown(quantiles)}, expected a list of at least one between 0 and 1.`);
  for (const [k, quantile] of quantiles.entries()) checkBetween(`loss.quantiles[${k}]`, quantile, 0, 1);
  const Q = name === 'quantile' ? quantiles.length : 1;
  return {
    name,
    reduction,
    kernel: entry.kernel,
    overrides: (device) => ({
      ...entry.overrides?.(options),
      ...(kernelFamily(device) === 'software' && { WG: SOFTWARE_LANES }),
    }),
    quantiles: name === 'quantile' ? Float32Array.from(quantiles) : undefined,
    targetSize(outputSize) {
      if (name === 'crossEntropy') return 1;
      if (outputSize % Q !== 0)
        throw new ConfigError(
          `outputSize: got ${outputSize}, expected a multiple of ${Q}: the model predicts ${Q} quantiles for each target.`,
        );
      return outputSize / Q;
    },
    dims: ({ R, N, O }) => ({ R, N, O: O / Q, Q, mean: reduction === 'mean' ? 1 : 0 }),
  };
}
