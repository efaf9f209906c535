import { conformalRadius } from '../data/conformal.ts';
import type { Frame } from '../data/frame.ts';
import { ConfigError, DataError } from '../errors.ts';
import type { SeriesScalers } from '../forecast/encoder.ts';
import { FittedSeries } from '../forecast/fitted.ts';
import { Forecaster } from '../forecast/forecaster.ts';
import { frameOf, hashOf, type SeriesFrame } from '../forecast/frame.ts';
import type { ParsedFile } from '../forecast/model_file.ts';
import type { FitOptions, ForecasterOptions } from '../forecast/options.ts';
import { type FitSettings, fitSettings } from '../forecast/settings.ts';
import { type ForecastShape, forecastShape } from '../forecast/shape.ts';
import type { ResumeOptions } from '../train/controls.ts';
import type { FitRun } from '../train/run.ts';
import { FORECASTER } from '../train/settings.ts';
import { displayName, readModelFile, seriesFlags, seriesOf } from './input.ts';

/** A training before it starts, anew or from a checkpoint: what is trained, how, and on what. */
export interface Course {
  shape: ForecastShape;
  settings: FitSettings;
  seed: number;
  ensemble: number;
  series: SeriesFrame;
  /** The scalers of a model that is trained on, where they stay. */
  scalers?: SeriesScalers;
  create(device: GPUDevice): Promise<Forecaster>;
  fit(forecaster: Forecaster, controls: ResumeOptions): FitRun;
}

/** @throws ConfigError, DataError for what cannot be trained so. */
export function newCourse(model: Omit<ForecasterOptions, 'device'>, fit: FitOptions, frame: Frame): Course {
  const { seed = FORECASTER.seed.usual, ensemble = FORECASTER.ensemble.usual, ...shaped } = model;
  const columns = { target: frame.column, past: Object.keys(frame.past), future: Object.keys(frame.future) };
  const shape = forecastShape({ ...shaped, ...columns });
  const settings = fitSettings(fit, shape, ensemble);
  const series = seriesOf(frame);
  return {
    ...{ shape, settings, seed, ensemble, series },
    create: (device) => Forecaster.create({ device, ...model, ...columns }),
    fit: (forecaster, controls) => forecaster.fit(series, { ...fit, ...controls }),
  };
}

/**
 * Reads a model to train further, from its weights.
 * @param shaping flags that say what a model is. @param given flags.
 * @throws ConfigError for a flag that would make another model of it. @throws DataError naming the file.
 */
export async function readWeights(
  path: string,
  fit: FitOptions,
  { shaping, given }: { shaping: readonly string[]; given: ReadonlySet<string> },
): Promise<{ shape: ForecastShape; courseOf: (frame: Frame) => Course }> {
  const other = shaping.find((name) => given.has(name));
  if (other !== undefined)
    throw new ConfigError(
      `--${other}: the model in ${path} stays what it is. Leave --${other} out, or train a new one without --from.`,
    );
  const { bytes, file } = await readModelFile(path);
  const { shape, seed, members, scalers } = file;
  if (scalers.length === 0) throw new DataError(`${displayName(path)}: this model was never trained.`);
  const options: FitOptions = { ...fit, from: 'weights' };
  const settings = fitSettings(options, shape, members.length);
  const courseOf = (frame: Frame): Course => {
    const series = seriesOf(frame);
    return {
      ...{ shape, settings, seed, ensemble: members.length, series, ...keptOf(settings, file) },
      create: (device) => Forecaster.load(bytes, { device }),
      fit: (forecaster, controls) => forecaster.fit(series, { ...options, ...controls }),
    };
  };
  return { shape, courseOf };
}

const keptOf = ({ scalerFit }: FitSettings, { scalers: [scalers] }: ParsedFile): Pick<Course, 'scalers'> =>
  scalerFit === 'keep' && scalers ? { scalers } : {};

/** Flags that a training which goes on may have: the data again, what is done with it, and where the rest goes. */
const RESUMABLE: readonly string[] = [
  ...[...Object.keys(seriesFlags), 'resume', 'checkpoint', 'checkpoint-every', 'recover', 'slice-ms', 'adapter'],
  ...['interval', 'season', 'model-out', 'predictions-out', 'chart-out', 'json'],
];

/** A training that was not finished: all but its data. */
export interface Unfinished extends Pick<Course, 'shape' | 'settings' | 'seed' | 'ensemble' | 'scalers' | 'create'> {
  path: string;
  hash: string;
}

/**
 * Reads a checkpoint.
 * @param given flags. @throws ConfigError for one that would change the training. @throws DataError naming the file.
 */
export async function readUnfinished(path: string, given: ReadonlySet<string>): Promise<Unfinished> {
  const changing = [...given].find((name) => !RESUMABLE.includes(name));
  if (changing !== undefined)
    throw new ConfigError(
      `--${changing}: the training in ${path} goes on as it began, with the settings that the checkpoint holds. Leave ` +
        `--${changing} out, or train anew without --resume.`,
    );
  const { bytes, file } = await readModelFile(path);
  const { shape, seed, members, training } = file;
  if (training === undefined)
    throw new DataError(`${displayName(path)}: this is a model, not a checkpoint; --checkpoint writes one.`);
  return {
    ...{ path, shape, seed, ensemble: members.length, settings: training.settings, hash: training.hashes.join() },
    ...keptOf(training.settings, file),
    create: (device) => Forecaster.load(bytes, { device }),
  };
}

/** @throws DataError for another series than the checkpoint's. */
export async function resumedCourse(unfinished: Unfinished, frame: Frame, file: string): Promise<Course> {
  const series = seriesOf(frame);
  const { shape, hash, path } = unfinished;
  if ((await hashOf(frameOf(series, shape))) !== hash)
    throw new DataError(
      `${displayName(file)}: its ${series.target.length} rows of ${JSON.stringify(frame.column)} are not the values that ` +
        `${path} was trained on. Give the same file, and --column, --rows and --missing as they were.`,
    );
  return { ...unfinished, series, fit: (forecaster, controls) => forecaster.resume(series, controls) };
}

/** Windows of each part of a series. @throws ConfigError, DataError for a series that cannot be trained on. */
export function countWindows({
  series,
  shape,
  settings,
  scalers,
}: Course): Record<'train' | 'validation' | 'test', number> {
  const { parts } = new FittedSeries(series, shape, { ...settings, kept: scalers });
  const count = ({ first, end }: typeof parts.test) => end - first;
  return { train: count(parts.train), validation: count(parts.validation), test: count(parts.test) };
}

export const nothingToMeasureOn = () =>
  new ConfigError('--interval: intervals are measured on windows kept from training; add --validation 0.2.');

/** Refuses intervals of a model that keeps nothing to measure them on. @throws ConfigError */
export function checkModelInterval(level: number | undefined, { residuals, training }: ParsedFile): void {
  if (level === undefined || residuals.length > 0) return;
  throw new ConfigError(
    training === undefined
      ? '--interval: intervals are measured on windows kept from training, and this model had none; train it with ' +
          '--validation 0.2.'
      : '--interval: a checkpoint holds nothing to measure intervals on; give the model that train --model-out writes.',
  );
}

/**
 * Refuses, before any work is done, intervals that there will be nothing to measure on.
 * @param resumed file of the training that goes on, whose windows are shared out already. @throws ConfigError
 */
export function checkInterval(level: number | undefined, numValidation: number, resumed?: string): void {
  if (level === undefined) return;
  if (numValidation === 0 && resumed !== undefined)
    throw new ConfigError(
      `--interval: intervals are measured on windows kept from training, and the training in ${resumed} keeps none. Leave ` +
        '--interval out, or train anew with --validation 0.2.',
    );
  if (numValidation === 0) throw nothingToMeasureOn();
  try {
    conformalRadius(new Float64Array(numValidation), level);
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    throw new ConfigError(
      `--interval: ${numValidation} validation windows are too few for intervals of ${level}. ` +
        (resumed === undefined ? 'Keep more with --validation, or ask for a lower level.' : 'Ask for a lower level.'),
    );
  }
}
