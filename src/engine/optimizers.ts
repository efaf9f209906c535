import { ConfigError } from '../errors.ts';
import type { Dispatch, DispatchBuilder } from '../gpu/dispatch.ts';
import type { GuardedDevice } from '../gpu/guarded_device.ts';
import type { Kernel } from '../gpu/kernel.ts';
import type { Tensor } from '../gpu/tensor.ts';
import type { StepDims } from '../kernels/dims.ts';
import { adam, rmsprop, sgd } from '../kernels/index.ts';
import { checkAtLeastZero, checkBetween, checkBoolean } from '../model/config.ts';
import { checkObject, checkOptions, notAChoice } from '../options.ts';
import { shown } from '../shown.ts';

/** Settings shared by Adam and AdamW. */
interface AdamSettings {
  /** Learning rate, >= 0. Default 1e-3. */
  lr?: number;
  /** Decay of the two moments, each in [0, 1). Default [0.9, 0.999]. */
  betas?: readonly [number, number];
  /** Added to the square root of the second moment, > 0. Default 1e-8. */
  eps?: number;
  /** Use the largest second moment so far (Reddi et al. 2018). Default false. */
  amsgrad?: boolean;
}

/** torch.optim.Adam. */
interface AdamOptions extends AdamSettings {
  name: 'Adam';
  /** >= 0; times the weight, added to the gradient. Default 0. */
  weightDecay?: number;
}

/** torch.optim.AdamW. */
interface AdamWOptions extends AdamSettings {
  name: 'AdamW';
  /** >= 0; weights shrink by lr times this. Default 0.01. */
  weightDecay?: number;
}

/** torch.optim.SGD. */
interface SGDOptions {
  name: 'SGD';
  /** Learning rate, >= 0. Default 1e-3. */
  lr?: number;
  /** >= 0. Default 0. */
  momentum?: number;
  /** Reduces the contribution of the new gradient to the momentum. Default 0. */
  dampening?: number;
  /** >= 0; times the weight, added to the gradient. Default 0. */
  weightDecay?: number;
  /** Requires momentum and no dampening. Default false. */
  nesterov?: boolean;
}

/** torch.optim.RMSprop. */
interface RMSpropOptions {
  name: 'RMSprop';
  /** Learning rate, >= 0. Default 0.01. */
  lr?: number;
  /** Decay of the mean square, in [0, 1). Default 0.99. */
  alpha?: number;
  /** Added to the square root, > 0. Default 1e-8. */
  eps?: number;
  /** >= 0; times the weight, added to the gradient. Default 0. */
  weightDecay?: number;
  /** >= 0. Default 0. */
  momentum?: number;
  /** Divide by the variance instead of the mean square. Default false. */
  centered?: boolean;
}

/** An optimizer of torch.optim, by name, with its settings. */
export type OptimizerOptions = AdamOptions | AdamWOptions | SGDOptions | RMSpropOptions;

/** The fields of one step that optimizers need. */
type StepFields = Pick<StepDims, 'lr' | 'step_size' | 'bias_correction2_sqrt' | 'decay'>;

/** One step over whole arenas of P elements: grads, weights, and the optimizer's state. */
type Update = (build: DispatchBuilder, P: number, tensors: Readonly<Record<string, Tensor>>) => Dispatch;

interface Shared {
  /** Its state: which arenas it uses, and torch's names for them. */
  readonly state: Readonly<Partial<Record<'m' | 'v' | 'extra', string>>>;
  /** Compiles its kernel. */
  load(device: GuardedDevice): Promise<Update>;
  /** @param t of the step, from 1. @param lr its learning rate. */
  stepFields(step: { t: number; lr: number }): StepFields;
}

/** A validated optimizer, with all options filled in, ready for a plan. */
export type Optimizer = Shared &
  {
    [Options in OptimizerOptions as Options['name']]: {
      readonly name: Options['name'];
      readonly options: Readonly<Required<Options>>;
    };
  }[OptimizerOptions['name']];

/** @throws ConfigError naming the invalid option. */
export function optimizerOf(given: OptimizerOptions): Optimizer {
  checkObject('optimizer', given);
  switch (given.name) {
    case 'Adam':
      return { name: 'Adam', ...adamOf(given, 0) };
    case 'AdamW':
      return { name: 'AdamW', ...adamOf(given, 0.01) };
    case 'SGD':
      return { name: 'SGD', ...sgdOf(given) };
    case 'RMSprop':
      return { name: 'RMSprop', ...rmspropOf(given) };
    default: {
      const { name } = given as { name: unknown };
      throw notAChoice('optimizer.name', name, ['Adam', 'AdamW', 'SGD', 'RMSprop']);
    }
  }
}

/**
 * The options, with defaults for those that are missing or undefined.
 * @throws ConfigError for an option the optimizer does not have.
 */
function filled<Given extends { name: string }, Defaults extends object>(
  given: Given,
  defaults: Defaults,
): Defaults & Given {
  const { name, ...settings } = given;
  const known = Object.fromEntries(Object.keys(defaults).map((option) => [option, true]));
  checkOptions<object>(`optimizer (${name})`, settings, known);
  return {
    ...defaults,
    ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
  } as Defaults & Given;
}

const checkEach = (values: Readonly<Record<string, number>>): void => {
  for (const [name, value] of Object.entries(values)) checkAtLeastZero(name, value);
};

/** @throws ConfigError unless 0 <= share < 1. */
function checkShare(name: string, value: number): void {
  if (value !== 0) checkBetween(name, value, 0, 1);
}

const loader =
  <Dims extends Record<string, number>>(kernel: Kernel<Dims>, dimsOf: (P: number) => Dims) =>
  async (device: GuardedDevice): Promise<Update> => {
    const loaded = await kernel.load(device);
    return (build, P, tensors) => build.dispatch(loaded, dimsOf(P), tensors);
  };

const plainStep = ({ lr }: { lr: number }): StepFields => ({ lr, step_size: 0, bias_correction2_sqrt: 1, decay: 1 });

/** Adam's constants for shaders; `one_minus_*` are rounded from float64, like PyTorch's. */
export function adamDims({ betas: [beta1, beta2], eps }: { betas: readonly [number, number]; eps: number }) {
  return { beta1, one_minus_beta1: 1 - beta1, beta2, one_minus_beta2: 1 - beta2, eps };
}

function adamOf<Options extends AdamOptions | AdamWOptions>(given: Options, usualDecay: number) {
  const usual = { lr: 1e-3, betas: [0.9, 0.999] as const, eps: 1e-8, amsgrad: false, weightDecay: usualDecay };
  const options = filled(given, usual);
  const { lr, betas, eps, amsgrad, weightDecay, name } = options;
  checkEach({ lr, weightDecay });
  checkBoolean('amsgrad', amsgrad);
  if (!Array.isArray(betas) || betas.length !== 2)
    throw new ConfigError(`betas: got ${shown(betas)}, expected two numbers.`);
  for (const [k, beta] of betas.entries()) checkShare(`betas[${k}]`, beta);
  checkBetween('eps', eps, 0, Infinity);
  const isCoupled = name === 'Adam';
  return {
    options: options as typeof options & Required<Options>,
    load: loader(adam, (P) => ({
      P,
      ...adamDims({ betas, eps }),
      weight_decay: isCoupled ? weightDecay : 0,
      amsgrad: amsgrad ? 1 : 0,
    })),
    state: { m: 'exp_avg', v: 'exp_avg_sq', ...(amsgrad && { extra: 'max_exp_avg_sq' }) },
    stepFields: (step: { t: number; lr: number }): StepFields => ({
      lr: step.lr,
      step_size: step.lr / (1 - betas[0] ** step.t),
      bias_correction2_sqrt: Math.sqrt(1 - betas[1] ** step.t),
      decay: isCoupled ? 1 : 1 - step.lr * weightDecay,
    }),
  };
}

function sgdOf(given: SGDOptions) {
  const options = filled(given, { lr: 1e-3, momentum: 0, dampening: 0, weightDecay: 0, nesterov: false });
  const { lr, momentum, dampening, weightDecay, nesterov } = options;
  checkEach({ lr, momentum, weightDecay });
  checkBoolean('nesterov', nesterov);
  if (!Number.isFinite(dampening))
    throw new ConfigError(`dampening: got ${shown(dampening)}, expected a finite number.`);
  if (nesterov && !(momentum > 0 && dampening === 0))
    throw new ConfigError(
      `nesterov: got true with momentum ${momentum} and dampening ${dampening}; it requires momentum above 0 and dampening 0.`,
    );
  return {
    options: options as Required<SGDOptions>,
    load: loader(sgd, (P) => ({
      P,
      momentum,
      one_minus_dampening: 1 - dampening,
      weight_decay: weightDecay,
      nesterov: nesterov ? 1 : 0,
    })),
    state: momentum > 0 ? { m: 'momentum_buffer' } : {},
    stepFields: plainStep,
  };
}

function rmspropOf(given: RMSpropOptions) {
  const usual = { lr: 1e-2, alpha: 0.99, eps: 1e-8, weightDecay: 0, momentum: 0, centered: false };
  const options = filled(given, usual);
  const { lr, alpha, eps, weightDecay, momentum, centered } = options;
  checkEach({ lr, momentum, weightDecay });
  checkBoolean('centered', centered);
  checkShare('alpha', alpha);
  checkBetween('eps', eps, 0, Infinity);
  return {
    options: options as Required<RMSpropOptions>,
    load: loader(rmsprop, (P) => ({
      P,
      alpha,
      one_minus_alpha: 1 - alpha,
      eps,
      weight_decay: weightDecay,
      momentum,
      centered: centered ? 1 : 0,
    })),
    state: {
      v: 'square_avg',
      ...(momentum > 0 && { m: 'momentum_buffer' }),
      ...(centered && { extra: 'grad_avg' }),
    },
    stepFields: plainStep,
  };
}
