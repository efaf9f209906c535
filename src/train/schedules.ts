import { ConfigError } from '../errors.ts';
import { checkAtLeastZero, checkBetween, checkPositiveInteger } from '../model/config.ts';
import { checkObject, checkOptions, notAChoice, type OptionNames } from '../options.ts';
import { shown } from '../shown.ts';

/** A schedule that depends only on a count. */
interface CountedSchedule {
  /** What is counted: epochs (default), or optimizer steps. */
  per?: 'epoch' | 'step';
}

/** torch.optim.lr_scheduler.StepLR: multiplied by `gamma` after every `stepSize`. */
interface StepLROptions extends CountedSchedule {
  name: 'StepLR';
  stepSize: number;
  /** > 0. Default 0.1. */
  gamma?: number;
}

/** torch.optim.lr_scheduler.CosineAnnealingLR: half a cosine down to `etaMin` at `tMax` (Loshchilov & Hutter 2017). */
interface CosineAnnealingLROptions extends CountedSchedule {
  name: 'CosineAnnealingLR';
  tMax: number;
  /** >= 0. Default 0. */
  etaMin?: number;
}

/** torch.optim.lr_scheduler.LinearLR: a straight line of factors; with the defaults a warm-up. */
interface LinearLROptions extends CountedSchedule {
  name: 'LinearLR';
  /** Above 0, up to 1. Default 1/3. */
  startFactor?: number;
  /** From 0 to 1. Default 1. */
  endFactor?: number;
  /** Default 5. */
  totalIters?: number;
}

/** torch.optim.lr_scheduler.SequentialLR: one after another, each counting from its own start. */
interface SequentialLROptions extends CountedSchedule {
  name: 'SequentialLR';
  /** Without their own `per`: all use that of the sequence. */
  schedules: readonly (StepLROptions | CosineAnnealingLROptions | LinearLROptions)[];
  /** Counts at which the next schedule begins, ascending; one fewer than there are schedules. */
  milestones: readonly number[];
}

/** torch.optim.lr_scheduler.ReduceLROnPlateau on the epochs' validation loss or, without one, on their training loss. */
interface ReduceLROnPlateauOptions {
  name: 'ReduceLROnPlateau';
  /** Above 0, below 1. Default 0.1. */
  factor?: number;
  /** Epochs without improvement before a reduction. Default 10. */
  patience?: number;
  /** Smallest change that counts as an improvement. Default 1e-4. */
  threshold?: number;
  /** Whether the threshold is a share of the best loss (default), or a difference. */
  thresholdMode?: 'rel' | 'abs';
  /** Epochs after a reduction during which bad epochs are not counted. Default 0. */
  cooldown?: number;
  /** >= 0. Default 0. */
  minLr?: number;
  /** Smallest change of the rate; smaller ones are ignored. Default 1e-8. */
  eps?: number;
}

/** A schedule of torch.optim.lr_scheduler, by name, with its settings. */
export type ScheduleOptions =
  | StepLROptions
  | CosineAnnealingLROptions
  | LinearLROptions
  | SequentialLROptions
  | ReduceLROnPlateauOptions;

/** Options of each schedule besides its name; the compiler requires every option. */
const OPTIONS: {
  readonly [Each in ScheduleOptions as Each['name']]: OptionNames<Omit<Each, 'name'>>;
} = {
  StepLR: { per: true, stepSize: true, gamma: true },
  CosineAnnealingLR: { per: true, tMax: true, etaMin: true },
  LinearLR: { per: true, startFactor: true, endFactor: true, totalIters: true },
  SequentialLR: { per: true, schedules: true, milestones: true },
  ReduceLROnPlateau: {
    factor: true,
    patience: true,
    threshold: true,
    thresholdMode: true,
    cooldown: true,
    minLr: true,
    eps: true,
  },
};

/** The state of a schedule, as plain JSON. */
export type ScheduleState = Readonly<Record<string, number>>;

/** A learning rate schedule. */
export interface Schedule {
  readonly per: 'epoch' | 'step';
  /** @param base the optimizer's own rate. @param count completed epochs or steps. */
  lr(base: number, count: number): number;
  /** Receives the loss of every epoch. */
  observe?(loss: number): void;
  /** For checkpoints; empty if the rate depends only on the count. */
  state(): ScheduleState;
  restore(state: ScheduleState): void;
}

type Rate = (base: number, count: number) => number;

const counted = (rate: Rate, per: 'epoch' | 'step' = 'epoch'): Schedule => ({
  per,
  lr: rate,
  state: () => ({}),
  restore: () => undefined,
});

/** @throws ConfigError naming the invalid option. */
export function createSchedule(options?: ScheduleOptions): Schedule {
  if (options === undefined) return counted((base) => base);
  checkSchedule('schedule', options);
  if (options.name === 'ReduceLROnPlateau') return new Plateau(options);
  if (options.per !== undefined && options.per !== 'epoch' && options.per !== 'step')
    throw notAChoice('schedule.per', options.per, ['epoch', 'step']);
  return counted(options.name === 'SequentialLR' ? sequence(options) : rateOf('schedule', options), options.per);
}

/** An unknown name is rejected later. @throws ConfigError for an option the schedule does not have. */
function checkSchedule(where: string, options: ScheduleOptions): void {
  checkObject(where, options);
  const { name, ...settings } = options;
  if (Object.hasOwn(OPTIONS, name)) checkOptions<object>(`${where} (${name})`, settings, OPTIONS[name]);
}

/** @param where the options are, for messages. */
function rateOf(where: string, options: StepLROptions | CosineAnnealingLROptions | LinearLROptions): Rate {
  switch (options.name) {
    case 'StepLR': {
      const { stepSize, gamma = 0.1 } = options;
      checkPositiveInteger(`${where}.stepSize`, stepSize);
      checkBetween(`${where}.gamma`, gamma, 0, Infinity);
      return (base, count) => base * gamma ** Math.floor(count / stepSize);
    }
    case 'CosineAnnealingLR': {
      const { tMax, etaMin = 0 } = options;
      checkPositiveInteger(`${where}.tMax`, tMax);
      checkAtLeastZero(`${where}.etaMin`, etaMin);
      return (base, count) => etaMin + ((base - etaMin) * (1 + Math.cos((Math.PI * count) / tMax))) / 2;
    }
    case 'LinearLR': {
      const { startFactor = 1 / 3, endFactor = 1, totalIters = 5 } = options;
      if (startFactor !== 1) checkBetween(`${where}.startFactor`, startFactor, 0, 1);
      if (endFactor !== 0 && endFactor !== 1) checkBetween(`${where}.endFactor`, endFactor, 0, 1);
      checkPositiveInteger(`${where}.totalIters`, totalIters);
      return (base, count) =>
        base * (startFactor + ((endFactor - startFactor) * Math.min(count, totalIters)) / totalIters);
    }
    default: {
      const { name } = options as { name: unknown };
      throw notAChoice(`${where}.name`, name, Object.keys(OPTIONS));
    }
  }
}

function sequence({ schedules, milestones, per = 'epoch' }: SequentialLROptions): Rate {
  for (const [name, list] of Object.entries({ schedules, milestones }))
    if (!Array.isArray(list)) throw new ConfigError(`schedule.${name}: got ${shown(list)}, expected a list.`);
  if (schedules.length === 0 || milestones.length !== schedules.length - 1)
    throw new ConfigError(
      `schedule.milestones: got ${milestones.length} for ${schedules.length} schedules, expected one fewer than schedules.`,
    );
  for (const [k, milestone] of milestones.entries())
    if (!(Number.isInteger(milestone) && milestone > (milestones[k - 1] ?? 0)))
      throw new ConfigError(
        `schedule.milestones: got ${milestones.join(', ')}, expected ascending whole numbers above 0.`,
      );
  const rates = schedules.map((part, k) => {
    const where = `schedule.schedules[${k}]`;
    checkSchedule(where, part);
    if (part.per !== undefined && part.per !== per)
      throw new ConfigError(
        `${where}.per: got ${shown(part.per)}, but the sequence uses ${shown(per)}; set schedule.per instead.`,
      );
    return rateOf(where, part);
  });
  return (base, count) => {
    const reached = milestones.filter((milestone) => milestone <= count).length;
    return rates[reached]!(base, count - (milestones[reached - 1] ?? 0));
  };
}

/** Lowers the rate when the loss has stopped improving. */
class Plateau implements Schedule {
  readonly per = 'epoch';
  readonly #options: Required<Omit<ReduceLROnPlateauOptions, 'name'>>;
  #best = Number.POSITIVE_INFINITY;
  #badEpochs = 0;
  #cooldown = 0;
  /** Reductions so far. */
  #reductions = 0;

  constructor(options: ReduceLROnPlateauOptions) {
    const { factor = 0.1, patience = 10, threshold = 1e-4, thresholdMode = 'rel' } = options;
    const { cooldown = 0, minLr = 0, eps = 1e-8 } = options;
    this.#options = { factor, patience, threshold, thresholdMode, cooldown, minLr, eps };
    checkBetween('schedule.factor', factor, 0, 1);
    for (const [key, value] of Object.entries({ patience, threshold, cooldown, minLr, eps }))
      checkAtLeastZero(`schedule.${key}`, value);
    if (thresholdMode !== 'rel' && thresholdMode !== 'abs')
      throw notAChoice('schedule.thresholdMode', thresholdMode, ['rel', 'abs']);
  }

  lr(base: number): number {
    const { factor, minLr, eps } = this.#options;
    let rate = base;
    for (let k = 0; k < this.#reductions; k++) {
      const lower = Math.max(rate * factor, minLr);
      if (rate - lower <= eps) break; // and so do all later ones
      rate = lower;
    }
    return rate;
  }

  observe(loss: number): void {
    const { threshold, thresholdMode, patience, cooldown } = this.#options;
    const limit = thresholdMode === 'rel' ? this.#best * (1 - threshold) : this.#best - threshold;
    if (loss < limit) {
      this.#best = loss;
      this.#badEpochs = 0;
    } else this.#badEpochs++;
    if (this.#cooldown > 0) {
      this.#cooldown--;
      this.#badEpochs = 0;
    }
    if (this.#badEpochs <= patience) return;
    this.#reductions++;
    this.#cooldown = cooldown;
    this.#badEpochs = 0;
  }

  state(): ScheduleState {
    // JSON has no infinity, which means there is no loss yet
    const best: ScheduleState = Number.isFinite(this.#best) ? { best: this.#best } : {};
    return { ...best, badEpochs: this.#badEpochs, cooldown: this.#cooldown, reductions: this.#reductions };
  }

  restore({ best = Number.POSITIVE_INFINITY, badEpochs = 0, cooldown = 0, reductions = 0 }: ScheduleState): void {
    this.#best = best;
    this.#badEpochs = badEpochs;
    this.#cooldown = cooldown;
    this.#reductions = reductions;
  }
}
