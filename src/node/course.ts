import { conformalRadius } from '../data/conformal.ts';
import { ConfigError, DataError } from '../errors.ts';
import type { SeriesScalers } from '../forecast/encoder.ts';
import { FittedSeries, type PartName } from '../forecast/fitted.ts';
import { Forecaster } from '../forecast/forecaster.ts';
import { frameOf, hashOf } from '../forecast/frame.ts';
import type { ParsedFile } from '../forecast/model_file.ts';
import type { FitOptions, ForecasterOptions } from '../forecast/options.ts';
import { type FitSettings, fitSettings } from '../forecast/settings.ts';
import { type ForecastShape, forecastShape } from '../forecast/shape.ts';
import type { ResumeOptions } from '../train/controls.ts';
import type { FitRun } from '../train/run.ts';
import { FORECASTER } from '../train/settings.ts';
import { displayName, readModelFile, seriesFlags, severalFlags } from './input.ts';
import {
  inOrderOf,
  isSeveral,
  leavingOut,
  type NamedFrame,
  type SeriesFile,
  seriesInput,
  seriesOf,
} from './series_file.ts';

/** A training before it starts, new or from a checkpoint: model, settings and data. */
export interface Course extends SeriesFile {
  shape: ForecastShape;
  settings: FitSettings;
  seed: number;
  ensemble: number;
  /** Of each series, where a model that is trained further keeps its scales. */
  scalers: readonly SeriesScalers[];
  create(device: GPUDevice): Promise<Forecaster>;
  fit(forecaster: Forecaster, controls: ResumeOptions): FitRun;
}

/**
 * @param fit with `global` every model learns all series of the file, otherwise each of several series has its own. Series that
 *   are too short or constant are left out.
 * @throws ConfigError, DataError for what cannot be trained this way.
 */
export function newCourse(model: Omit<ForecasterOptions, 'device'>, fit: FitOptions, read: SeriesFile): Course {
  const { seed = FORECASTER.seed.usual, ensemble: asked = FORECASTER.ensemble.usual, ...shaped } = model;
  const { idColumn } = read;
  const hasModelEach = isSeveral(read) && !fit.global;
  if (hasModelEach && asked > 1)
    throw new ConfigError(
      `--ensemble: got ${asked}, but each of several series has one model. Leave it out, or add --global for models that learn all series.`,
    );
  const [first] = read.series as [NamedFrame];
  const isWide = isSeveral(read) && idColumn === undefined;
  const target = isWide ? {} : { target: first.column, ...(idColumn !== undefined && { idColumn }) };
  const named = { ...target, past: Object.keys(first.past), future: Object.keys(first.future) };
  const shape = forecastShape({ ...shaped, ...named });
  const file = usable(read, shape, fitSettings(fit, shape, asked));
  const ensemble = hasModelEach ? file.series.length : asked;
  const settings = fitSettings(fit, shape, ensemble);
  const input = seriesInput(file);
  return {
    ...file,
    ...{ shape, settings, seed, ensemble, scalers: [] },
    create: (device) => Forecaster.create({ device, ...model, ...named, ensemble }),
    fit: (forecaster, controls) => forecaster.fit(input, { ...fit, ...controls }),
  };
}

/** Leaves out those of several series that cannot be trained on. @throws DataError, ConfigError if none can. */
const usable = (file: SeriesFile, shape: ForecastShape, settings: FitSettings): SeriesFile =>
  leavingOut(file, (series) => void new FittedSeries(series, shape, settings));

/** Fills in the options of a fit that are not given, from some series. */
type CompleteFit = (
  series: readonly NamedFrame[],
  asked: { model: Omit<ForecasterOptions, 'device'>; fit: FitOptions },
) => FitOptions;

/**
 * Reads a model, to continue training from its weights.
 * @param shaping flags that define a model. @param given flags. @param complete adds the settings of the preset.
 * @throws ConfigError for a flag that would change the model. @throws DataError naming the file.
 */
export async function readWeights(
  path: string,
  fit: FitOptions,
  { shaping, given, complete }: { shaping: readonly string[]; given: ReadonlySet<string>; complete: CompleteFit },
): Promise<{ model: ParsedFile; courseOf: (file: SeriesFile, csv: string) => Course }> {
  const other = shaping.find((name) => given.has(name));
  if (other !== undefined)
    throw new ConfigError(
      `--${other}: the model in ${path} has this setting already. Leave --${other} out, or train a new model without --from.`,
    );
  const { bytes, file: model } = await readModelFile(path, 'train <file.csv> --from <model.safetensors>');
  const { shape, seed, members, scalers, ids, seriesOf: learned } = model;
  if (scalers.length === 0) throw new DataError(`${displayName(path)}: this model was never trained.`);
  const global = scalers.length > 1 && learned[0]!.length > 1;
  const asked: FitOptions = { ...fit, from: 'weights', global };
  fitSettings(asked, shape, members.length);
  const courseOf = (read: SeriesFile, csv: string): Course => {
    const { windowLength, horizon } = shape;
    const options = complete(read.series, { model: { windowLength, horizon }, fit: asked });
    const settings = fitSettings(options, shape, members.length);
    const isFree = global && settings.scalerFit !== 'keep'; // with new scales, global models can learn other series
    const file = isFree ? usable(read, shape, settings) : { ...read, series: inOrder(ids, read, csv) };
    const input = seriesInput(file);
    return {
      ...file,
      ...{ shape, settings, seed, ensemble: members.length, scalers: settings.scalerFit === 'keep' ? scalers : [] },
      create: (device) => Forecaster.load(bytes, { device }),
      fit: (forecaster, controls) => forecaster.fit(input, { ...options, ...controls }),
    };
  };
  return { model, courseOf };
}

const inOrder = (ids: readonly string[], file: SeriesFile, path: string): readonly NamedFrame[] =>
  ids.length > 0 ? inOrderOf(ids, file, path) : file.series;

/** Flags that a resumed training may have: for the data, the evaluation and the output. */
const RESUMABLE: readonly string[] = [
  ...[
    ...Object.keys({ ...severalFlags, ...seriesFlags }),
    'resume',
    'checkpoint',
    'checkpoint-every',
    'recover',
    'slice-ms',
    'adapter',
  ],
  ...['interval', 'ahead', 'refit', 'season', 'model-out', 'predictions-out', 'chart-out', 'json'],
];

/** An unfinished training, without its data. */
export interface Unfinished extends Pick<Course, 'shape' | 'settings' | 'seed' | 'ensemble' | 'scalers' | 'create'> {
  path: string;
  model: ParsedFile;
  hashes: readonly string[];
}

/**
 * Reads a checkpoint.
 * @param given flags. @throws ConfigError for one that would change the training. @throws DataError naming the file.
 */
export async function readUnfinished(path: string, given: ReadonlySet<string>): Promise<Unfinished> {
  const changing = [...given].find((name) => !RESUMABLE.includes(name));
  if (changing !== undefined)
    throw new ConfigError(
      `--${changing}: a resumed training keeps the settings of its checkpoint, ${path}. Leave --${changing} out, or start a new ` +
        'training without --resume.',
    );
  const { bytes, file: model } = await readModelFile(path, 'train <file.csv> --resume <checkpoint>');
  const { shape, seed, members, training } = model;
  if (training === undefined)
    throw new DataError(
      `${displayName(path)}: this is a model, not a checkpoint; train --checkpoint writes one. To continue from its weights, use ` +
        '--from.',
    );
  return {
    ...{ path, model, shape, seed, ensemble: members.length, settings: training.settings, hashes: training.hashes },
    scalers: training.settings.scalerFit === 'keep' ? model.scalers : [],
    create: (device) => Forecaster.load(bytes, { device }),
  };
}

/** @throws DataError for a series that is not the checkpoint's. */
export async function resumedCourse(unfinished: Unfinished, read: SeriesFile, csv: string): Promise<Course> {
  const { shape, hashes, path, model } = unfinished;
  const file = { ...read, series: inOrder(model.ids, read, csv) };
  const input = seriesInput(file);
  for (const [k, frame] of file.series.entries())
    if ((await hashOf(frameOf(seriesOf(frame), shape))) !== hashes[k])
      throw new DataError(
        `${displayName(csv)}: its ${frame.values.length} rows of ${JSON.stringify(frame.column)}` +
          `${file.idColumn === undefined ? '' : ` of ${JSON.stringify(frame.id)}`} are not the values that ` +
          `${path} was trained on. Give the same file, with the same --column, --rows, --missing and --gaps.`,
      );
  return { ...unfinished, ...file, fit: (forecaster, controls) => forecaster.resume(input, controls) };
}

/** The windows of each part of each series. @throws ConfigError, DataError for a series that cannot be trained on. */
export function countWindows({ series, shape, settings, scalers }: Course): Record<PartName, number>[] {
  return series.map((frame, k) => {
    const fitted = new FittedSeries(seriesOf(frame), shape, { ...settings, kept: scalers[k] });
    const count = (part: PartName) => fitted.samples(part).length;
    return { train: count('train'), validation: count('validation'), test: count('test') };
  });
}

export const nothingToMeasureOn = (flag = '--interval') =>
  new ConfigError(`${flag}: intervals are measured on validation windows, and there are none; add --validation 0.2.`, {
    code: 'option',
    details: { next: { validation: '0.2' } },
  });

/** Rejects intervals of a model that was trained without validation windows. @throws ConfigError */
export function checkModelInterval(level: number | undefined, { residuals, training }: ParsedFile): void {
  if (level === undefined || residuals.length > 0) return;
  throw new ConfigError(
    training === undefined
      ? '--interval: intervals are measured on validation windows, and this model had none; train it with --validation 0.2.'
      : '--interval: a checkpoint has nothing to measure intervals on; give the model that train --model-out writes.',
  );
}

/**
 * Rejects, before any work is done, intervals without windows to measure them on.
 * @param resumed file of a training that is resumed: its windows cannot change. @throws ConfigError
 */
export function checkInterval(level: number | undefined, numValidation: number, resumed?: string): void {
  if (level === undefined) return;
  if (numValidation === 0 && resumed !== undefined)
    throw new ConfigError(
      `--interval: intervals are measured on validation windows, and the training in ${resumed} has none. Leave --interval ` +
        'out, or start a new training with --validation 0.2.',
    );
  if (numValidation === 0) throw nothingToMeasureOn();
  try {
    conformalRadius(new Float64Array(numValidation), level);
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    throw new ConfigError(
      `--interval: ${numValidation} validation windows are too few for intervals of ${level}. ` +
        (resumed === undefined ? 'Use a larger --validation, or a lower level.' : 'Use a lower level.'),
    );
  }
}
