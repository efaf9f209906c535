import { ConfigError } from '../errors.ts';
import type { FitOptions, ForecasterOptions } from '../forecast/options.ts';
import { choice } from '../kinds.ts';
import { BATCHES, LEARNING } from '../recipe/preset.ts';
import { STEPS } from '../recipe/settings.ts';
import { FIT, FORECASTER, PARTS, type Setting, SHAPE } from '../train/settings.ts';
import { type FlagValues, flag } from './flags.ts';

type Rows = Readonly<Record<string, Setting>>;
/** Flags of settings, by their names on the command line. */
type FlagsOf<R extends Rows> = {
  [Name in keyof R as R[Name] extends { flag: infer F extends string } ? F : never]: R[Name];
};

/** Flags of settings. */
export const flagsOf = <R extends Rows>(rows: R): FlagsOf<R> =>
  Object.fromEntries(
    Object.values(rows).flatMap((row) => (row.flag === undefined ? [] : [[row.flag, row]])),
  ) as FlagsOf<R>;

const MODEL = { ...SHAPE, ...FORECASTER } as const;
const TRAINING = { ...FIT, ...PARTS } as const;

const { hiddenSize, lr, clipNorm, epochs, mostSteps } = LEARNING;

/** Help for the defaults that the recipe chooses. */
const BY_RECIPE: Readonly<Partial<Record<keyof typeof MODEL | keyof typeof TRAINING, string>>> = {
  windowLength: 'from the season',
  hiddenSize: String(hiddenSize),
  scaler: 'standard',
  scalePer: 'window; last without a season',
  zeroHead: 'on',
  epochs: `${epochs}, but ${STEPS.alone} to ${mostSteps} steps in total`,
  batchSize: `${BATCHES.few}; ${BATCHES.many} for many windows`,
  shuffle: 'on',
  lr: `${lr.seasonal}, ${lr.other} without a season, falling to 0 along half a cosine`,
  'clip.norm': String(clipNorm),
};

const withRecipe = <R extends Rows>(rows: R): R =>
  Object.fromEntries(
    Object.entries(rows).map(([name, row]) => [name, { ...row, recipe: (BY_RECIPE as Record<string, string>)[name] }]),
  ) as unknown as R;

/** Flags of a model. */
export const modelFlags = flagsOf(withRecipe(MODEL));
/** Flags of its training. */
export const fitFlags = flagsOf(withRecipe(TRAINING));

/** Where settings that are not given come from. */
export const presetFlag = {
  preset: {
    ...flag(
      choice(['recipe', 'tutorial']),
      "Source of all settings that are not given: chosen from the training rows, or those of PyTorch's tutorial",
      'recipe' as const,
    ),
    group: 'Training' as const,
  },
};

type Values = Readonly<Record<string, unknown>>;

/** Options from flags; a part of an option, such as `clip.norm`, in an object of that name. */
export function optionsOf(rows: Rows, values: Values): Record<string, unknown> {
  const options: Record<string, unknown> = {};
  for (const [place, { flag, off }] of Object.entries(rows)) {
    const value = flag && values[flag];
    if (value === undefined || value === off) continue;
    const [name, part] = place.split('.') as [string, string | undefined];
    options[name] = part ? { ...(options[name] as object | undefined), [part]: value } : value;
  }
  return options;
}

/** Options of `Forecaster.create`, except the columns, which come from the file. */
export function modelOptions(values: Partial<FlagValues<typeof modelFlags>>): Omit<ForecasterOptions, 'device'> {
  const { past, future, ...options } = optionsOf(MODEL, values);
  return options;
}

/** Options of `fit`. @throws ConfigError for a momentum where the optimizer has none. */
export function fitOptions(values: Partial<FlagValues<typeof fitFlags>>): FitOptions {
  const { momentum, optimizer: name = PARTS['optimizer.name'].usual } = values;
  if (momentum !== undefined && (name === 'Adam' || name === 'AdamW'))
    throw new ConfigError(
      `--momentum: got ${momentum}, but ${name.toLowerCase()} has no momentum; leave it out, or use --optimizer sgd or rmsprop.`,
    );
  const { optimizer, ...options } = optionsOf(TRAINING, values);
  return { ...options, optimizer: { ...(optimizer as object | undefined), name } };
}
