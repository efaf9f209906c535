import { type Scaler, scalerFromJSON } from '../data/scaler.ts';
import { DataError } from '../errors.ts';
import type { BytesInput } from '../io/bytes.ts';
import type { ModelConfig } from '../model/config.ts';
import { memberPrefix, memberTensors, readParameters } from '../model/members.ts';
import type { StateDict } from '../model/parameters.ts';
import { badFile } from '../placing.ts';
import { shown } from '../shown.ts';
import { readCheckpoint, type SavedTraining } from '../train/checkpoint.ts';
import { type ReadFile, readTrainedFile, writeTrainedFile } from '../train/file.ts';
import type { SeriesScalers } from './encoder.ts';
import { type FitSettings, fitSettings, settingsOptimizer } from './settings.ts';
import { type ForecastShape, forecastShape } from './shape.ts';

/** The contents of a model file: everything needed to forecast again. */
export interface SavedModel {
  shape: ForecastShape;
  seed: number;
  /** For each series; empty for a model that was never fitted. */
  scalers: readonly SeriesScalers[];
  /** The ids of the series; empty if they have none. */
  ids: readonly string[];
  /** For each model the indices of its series; empty for a model that was never fitted. */
  seriesOf: readonly (readonly number[])[];
  /** Residuals for intervals, |actual - predicted|, [series][steps ahead]; empty without a validation set. */
  residuals: readonly (readonly Float64Array[])[];
  /** The weights of a single model, or of each member of an ensemble. */
  members: readonly StateDict[];
}

/** The part of a model file besides weights. @param ensemble number of models. */
export const modelSection = ({ residuals, ...model }: Omit<SavedModel, 'members'>, ensemble: number): object => ({
  ...{ ...model, ensemble },
  residuals: residuals.map((steps) => steps.map((values) => [...values])),
});

/** A model file; the models may be untrained. */
export const modelFile = ({ members, ...model }: SavedModel): Uint8Array<ArrayBuffer> =>
  writeTrainedFile('forecaster', { tensors: memberTensors(members), model: modelSection(model, members.length) });

export interface ParsedFile extends SavedModel {
  /** For a checkpoint. */
  training: SavedTraining<FitSettings> | undefined;
}

/** @throws DataError naming what is missing, damaged or inconsistent. @throws ConfigError if this is not a byte array. */
export function parseModelFile(bytes: BytesInput): ParsedFile {
  const file = readTrainedFile('forecaster', bytes);
  const model = readModel(file);
  const { shape, scalers, members } = model;
  const training = readCheckpoint(file, {
    ...{ config: shape.config, numModels: members.length, numHashes: [scalers.length] },
    checked: (settings) => fitSettings(settings, shape, members.length),
    optimizer: (settings) => settingsOptimizer(settings, 0),
  });
  return { ...model, training };
}

function readModel({ model, tensors }: ReadFile): SavedModel {
  try {
    const shape = readShape(recordOf(model.shape, 'shape'), tensors.size);
    const seed = wholeNumber('seed', model.seed, 0, 0xffffffff);
    const ensemble = wholeNumber('ensemble', model.ensemble, 1, tensors.size);
    const members = Array.from({ length: ensemble }, (_, member) =>
      readParameters(tensors, shape.config, memberPrefix(member, ensemble)),
    );
    const scalers = listOf(model.scalers, 'scalers').map((scaler) => readScalers(scaler, shape));
    const residuals = listOf(model.residuals, 'residuals').map((steps) => readResiduals(steps, shape));
    if (residuals.length > scalers.length)
      throw new DataError(`residuals: got ${residuals.length}, but ${scalers.length} scalers`);
    const ids = readIds(model.ids, scalers.length);
    const seriesOf = readSeriesOf(model.seriesOf, scalers.length, ensemble);
    return { shape, seed, scalers, ids, seriesOf, residuals, members };
  } catch (error) {
    throw badFile('model file', error);
  }
}

/** @param numTensors in the file: an upper bound on layers. @throws DataError, ConfigError for an invalid shape. */
export function readShape({ config, ...reads }: Record<string, unknown>, numTensors: number): ForecastShape {
  const { outputSize, head, inputSize, ...recurrent } = recordOf(config, 'config');
  const shape = forecastShape({ ...recurrent, ...reads });
  for (const [name, value] of Object.entries({ outputSize, head, inputSize }))
    if (shape.config[name as keyof ModelConfig] !== value)
      throw new DataError(`config has ${name} ${shown(value)}, expected ${shape.config[name as keyof ModelConfig]}`);
  // Checked first, because a table for a huge number of layers would not fit in memory.
  const { numLayers } = shape.config;
  if (numLayers > numTensors) throw new DataError(`config has ${numLayers} layers in ${numTensors} tensors`);
  return shape;
}

/** @throws DataError, ConfigError for scalers that do not match the shape. */
export function readScalers(state: unknown, { past, future, scaler: name }: ForecastShape): SeriesScalers {
  const { target, past: ofPast, future: ofFuture } = (state ?? {}) as Record<string, unknown>;
  const read = (one: unknown): Scaler => {
    const scaler = scalerFromJSON(one);
    if (scaler.name !== name) throw new DataError(`scalers: got '${scaler.name}', expected '${name}'`);
    return scaler;
  };
  const readAll = (list: unknown, names: readonly string[], kind: string) => {
    if (!Array.isArray(list) || list.length !== names.length)
      throw new DataError(`scalers: expected ${names.length} of ${kind} columns`);
    return list.map(read);
  };
  return { target: read(target), past: readAll(ofPast, past, 'past'), future: readAll(ofFuture, future, 'future') };
}

function readIds(ids: unknown, numSeries: number): string[] {
  const list = listOf(ids, 'ids');
  const areNames = list.length === numSeries && list.every((id) => typeof id === 'string');
  if (list.length > 0 && !(areNames && new Set(list).size === numSeries))
    throw new DataError(`ids: expected none, or ${numSeries} different strings`);
  return list as string[];
}

function readSeriesOf(places: unknown, numSeries: number, ensemble: number): number[][] {
  const each = listOf(places, 'seriesOf');
  const isPlace = (k: unknown) => Number.isInteger(k) && Number(k) >= 0 && Number(k) < numSeries;
  const isOwn = (own: unknown) => Array.isArray(own) && own.length > 0 && own.every(isPlace);
  if (each.length !== (numSeries > 0 ? ensemble : 0) || !each.every(isOwn))
    throw new DataError(`seriesOf: expected the places of ${numSeries} series for each of ${ensemble} models`);
  return each as number[][];
}

function readResiduals(steps: unknown, { horizon }: ForecastShape): Float64Array[] {
  const isFine = (values: unknown): values is number[] =>
    Array.isArray(values) && values.every((value) => Number.isFinite(value) && value >= 0);
  if (!Array.isArray(steps) || steps.length < horizon || !steps.every(isFine))
    throw new DataError(`residuals: expected at least ${horizon} lists of numbers of at least 0 for each series`);
  return steps.map((values) => Float64Array.from(values));
}

function listOf(value: unknown, name: string): unknown[] {
  if (!Array.isArray(value)) throw new DataError(`${name} is ${shown(value)}, expected a list`);
  return value;
}

function recordOf(value: unknown, name: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new DataError(`${name} is ${shown(value)}, expected an object`);
  return value as Record<string, unknown>;
}

function wholeNumber(name: string, value: unknown, min: number, max: number): number {
  if (Number.isSafeInteger(value) && Number(value) >= min && Number(value) <= max) return Number(value);
  throw new DataError(`${name} is ${shown(value)}, expected a whole number from ${min} to ${max}`);
}
