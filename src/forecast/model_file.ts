import { type Scaler, scalerFromJSON } from '../data/scaler.ts';
import { DataError } from '../errors.ts';
import type { BytesInput } from '../io/bytes.ts';
import { MODEL_FILE, readOwnFile } from '../io/own_file.ts';
import { type StoredTensor, writeSafetensors } from '../io/safetensors.ts';
import type { ModelConfig } from '../model/config.ts';
import { memberPrefix, readParameters } from '../model/members.ts';
import type { StateDict, TensorValue } from '../model/parameters.ts';
import { badFile } from '../placing.ts';
import { messageOf, shown } from '../shown.ts';
import type { SeriesScalers } from './encoder.ts';
import { type ForecastShape, shapeOf } from './shape.ts';

/** All that is needed to forecast again: what a model file holds. */
export interface SavedModel {
  shape: ForecastShape;
  seed: number;
  /** Of each series; none for a model that was never fitted. */
  scalers: readonly SeriesScalers[];
  /** Of each model its series, by their places; none for a model that was never fitted. */
  seriesOf: readonly (readonly number[])[];
  /** What intervals are measured by, |actual - predicted|, [series][steps]; empty without a validation part. */
  residuals: readonly (readonly Float64Array[])[];
  /** The weights of a single model, or of each member of an ensemble. */
  members: readonly StateDict[];
}

/** Bumped when a reader of the old form could not read the new one. */
const FORMAT = '2';

/** What names in the metadata start with. */
const OWN = 'lstm_webgpu.';

/** Weights as safetensors with PyTorch's names; the rest as strings in its metadata. `extra`: what a checkpoint adds. */
export function modelFile(
  { shape, seed, scalers, seriesOf, residuals, members }: SavedModel,
  extra: { tensors?: ReadonlyMap<string, TensorValue>; training?: string } = {},
): Uint8Array<ArrayBuffer> {
  const tensors = new Map<string, TensorValue>(extra.tensors);
  for (const [member, weights] of members.entries())
    for (const [name, value] of weights) tensors.set(memberPrefix(member, members.length) + name, value);
  const { config, ...reads } = shape;
  const fields = {
    format: FORMAT,
    config: JSON.stringify(config),
    reads: JSON.stringify(reads),
    seed: String(seed),
    ensemble: String(members.length),
    scalers: JSON.stringify(scalers),
    series_of: JSON.stringify(seriesOf),
    residuals: JSON.stringify(residuals.map((steps) => steps.map((values) => [...values]))),
    ...(extra.training !== undefined && { training: extra.training }),
  };
  return writeSafetensors(
    tensors,
    Object.fromEntries(Object.entries(fields).map(([key, value]) => [OWN + key, value])),
  );
}

export interface ParsedFile extends SavedModel {
  /** Every tensor of the file. */
  tensors: ReadonlyMap<string, StoredTensor>;
  /** What a checkpoint says of its training; undefined in a model file. */
  training: string | undefined;
}

/** @throws DataError saying what is missing, damaged, or does not fit. @throws ConfigError for what are no bytes. */
export function parseModelFile(bytes: BytesInput): ParsedFile {
  const { tensors, metadata } = readOwnFile(MODEL_FILE, bytes);
  const field = (name: string): string => {
    const value = metadata[OWN + name];
    if (value === undefined)
      throw new DataError(`model file: metadata ${OWN}${name} is missing.`, { code: 'file-damaged' });
    return value;
  };
  const format = field('format');
  if (format !== FORMAT)
    throw new DataError(
      `model file: format ${shown(format)}, this version reads ${FORMAT}. Train the model again, or use the version that wrote it.`,
      { code: 'file-of-another-version', details: { got: format, expected: FORMAT } },
    );
  try {
    const shape = readShape(recordOf(field('config'), 'config'), recordOf(field('reads'), 'reads'), tensors.size);
    const seed = wholeNumber('seed', field('seed'), 0, 0xffffffff);
    const ensemble = wholeNumber('ensemble', field('ensemble'), 1, tensors.size);
    const members = Array.from({ length: ensemble }, (_, member) =>
      readParameters(tensors, shape.config, memberPrefix(member, ensemble)),
    );
    const scalers = listOf(field('scalers'), 'scalers').map((scaler) => readScalers(scaler, shape));
    const residuals = listOf(field('residuals'), 'residuals').map((steps) => readResiduals(steps, shape));
    if (residuals.length > scalers.length)
      throw new DataError(`residuals: got ${residuals.length}, but ${scalers.length} scalers`);
    const seriesOf = readSeriesOf(field('series_of'), scalers.length, ensemble);
    return { shape, seed, scalers, seriesOf, residuals, members, tensors, training: metadata[`${OWN}training`] };
  } catch (error) {
    throw badFile('model file', error);
  }
}

function readShape(config: Record<string, unknown>, reads: Record<string, unknown>, numTensors: number): ForecastShape {
  const { outputSize, head, inputSize, ...recurrent } = config;
  const shape = shapeOf({ ...recurrent, ...reads });
  for (const [name, value] of Object.entries({ outputSize, head, inputSize }))
    if (shape.config[name as keyof ModelConfig] !== value)
      throw new DataError(`config has ${name} ${shown(value)}, expected ${shape.config[name as keyof ModelConfig]}`);
  // A table of more layers than there are tensors would not fit in memory.
  const { numLayers } = shape.config;
  if (numLayers > numTensors) throw new DataError(`config has ${numLayers} layers in ${numTensors} tensors`);
  return shape;
}

function readScalers(state: unknown, { past, future, scaler: name }: ForecastShape): SeriesScalers {
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

function readSeriesOf(text: string, numSeries: number, ensemble: number): number[][] {
  const each = listOf(text, 'series_of');
  const isPlace = (k: unknown) => Number.isInteger(k) && Number(k) >= 0 && Number(k) < numSeries;
  const isOwn = (own: unknown) => Array.isArray(own) && own.length > 0 && own.every(isPlace);
  if (each.length !== (numSeries > 0 ? ensemble : 0) || !each.every(isOwn))
    throw new DataError(`series_of: expected the places of ${numSeries} series for each of ${ensemble} models`);
  return each as number[][];
}

function readResiduals(steps: unknown, { horizon }: ForecastShape): Float64Array[] {
  const isFine = (values: unknown): values is number[] =>
    Array.isArray(values) && values.every((value) => Number.isFinite(value) && value >= 0);
  if (!Array.isArray(steps) || steps.length !== horizon || !steps.every(isFine))
    throw new DataError(`residuals: expected ${horizon} lists of numbers of at least 0 for each series`);
  return steps.map((values) => Float64Array.from(values));
}

function listOf(text: string, name: string): unknown[] {
  const value = parsed(text, name);
  if (!Array.isArray(value)) throw new DataError(`${name} is ${shown(value)}, expected a list`);
  return value;
}

function recordOf(text: string, name: string): Record<string, unknown> {
  const value = parsed(text, name);
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new DataError(`${name} is ${shown(value)}, expected an object`);
  return value as Record<string, unknown>;
}

function parsed(text: string, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new DataError(`${name} is no JSON: ${messageOf(error)}`, { cause: error });
  }
}

function wholeNumber(name: string, text: string, min: number, max: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw new DataError(`${name} is ${shown(text)}, expected a whole number from ${min} to ${max}`);
}
