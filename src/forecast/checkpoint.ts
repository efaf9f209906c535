import type { ModelState, StateBytes } from '../engine/state.ts';
import { DataError } from '../errors.ts';
import type { TensorValue } from '../model/parameters.ts';
import type { ModelPosition, Position, Snapshot } from '../train/position.ts';
import type { EpochReport } from '../train/trainer.ts';
import type { Frame } from './frame.ts';
import { memberPrefix, modelFile, type ParsedFile, readParameters, type SavedModel } from './model_file.ts';
import { type FitSettings, fitSettings, settingsOptimizer } from './settings.ts';

/** A training that was not finished: with its series, all that is needed to go on. */
export interface UnfinishedTraining {
  settings: FitSettings;
  /** SHA-256 of every series. */
  hashes: readonly string[];
  reports: readonly EpochReport[];
}

/** Bumped when a reader of the old form could not go on from the new one. */
const FORMAT = 1;

/** Names of tensors that a checkpoint has beside a model file's: torch's names of what its optimizer keeps, and the best weights. */
const OPTIMIZER = 'optimizer.';
const BEST = 'best.';

/** A model file that holds a training, too. */
export function checkpointFile(
  model: Omit<SavedModel, 'members'>,
  state: ModelState,
  training: UnfinishedTraining,
  snapshot: Snapshot,
): Uint8Array<ArrayBuffer> {
  const tensors = new Map<string, TensorValue>();
  const { numModels } = state;
  for (const [arena, torchName] of keptBy(training.settings))
    for (const [k, values] of state.parse(snapshot.state.get(arena)!).entries())
      for (const [name, value] of values)
        tensors.set(`${memberPrefix(k, numModels)}${OPTIMIZER}${torchName}.${name}`, value);
  const whole = new Uint8Array(state.weights.buffer.size);
  for (const [k, copy] of snapshot.best.entries())
    if (copy) whole.set(new Uint8Array(copy), k * state.weights.copyBytes);
  for (const [k, values] of state.parse(whole.buffer).entries())
    if (snapshot.best[k])
      for (const [name, value] of values) tensors.set(`${memberPrefix(k, numModels)}${BEST}${name}`, value);
  const members = state.parse(snapshot.state.get('weights')!);
  const { position } = snapshot;
  return modelFile(
    { ...model, members },
    { tensors, training: JSON.stringify({ format: FORMAT, ...training, position }) },
  );
}

/** Reads what {@link checkpointFile} wrote about a training. @throws DataError saying what does not fit. */
export function parseTraining(file: ParsedFile): { training: UnfinishedTraining; position: Position } {
  try {
    const { format, settings, hashes, reports, position } = JSON.parse(file.training!) as Record<string, unknown>;
    if (format !== FORMAT)
      throw new DataError(`format ${format}, this version reads ${FORMAT}; use the version that wrote it`);
    const numModels = file.members.length;
    const checked = fitSettings(settings as FitSettings, file.shape, numModels);
    const isList = (value: unknown, length?: number): value is unknown[] =>
      Array.isArray(value) && (length === undefined || value.length === length);
    if (!isList(hashes, file.scalers.length) || !hashes.every((hash) => typeof hash === 'string'))
      throw new DataError(`hashes: expected ${file.scalers.length} texts`);
    if (!isList(reports)) throw new DataError('reports: expected a list');
    checkPosition(position, checked.epochs, numModels);
    return {
      training: { settings: checked, hashes, reports: reports as EpochReport[] },
      position,
    };
  } catch (error) {
    throw new DataError(`checkpoint: ${(error as Error).message}`);
  }
}

/** The state on the device and the best weights. @throws DataError for a tensor that is missing or of another shape. */
export function parseSnapshot(
  file: ParsedFile,
  state: ModelState,
  settings: FitSettings,
  position: Position,
): Snapshot {
  const { config } = file.shape;
  const { numModels } = state;
  const arenaOf = (prefix: string) =>
    state.unparse(
      file.members.map((_, k) => readParameters(file.tensors, config, memberPrefix(k, numModels) + prefix)),
    );
  try {
    const kept = keptBy(settings).map(([arena, torchName]) => [arena, arenaOf(`${OPTIMIZER}${torchName}.`)] as const);
    const best = position.models.map(({ stopping }, k) => {
      if (!settings.earlyStopping || stopping.best === null) return undefined;
      const values = readParameters(file.tensors, config, `${memberPrefix(k, numModels)}${BEST}`);
      return state.unparse([values]).slice(0, state.weights.copyBytes);
    });
    const bytes: StateBytes = new Map([['weights', state.unparse(file.members)] as const, ...kept]);
    return { position, state: bytes, best };
  } catch (error) {
    throw new DataError(`checkpoint: ${(error as Error).message}`);
  }
}

/** Which arenas an optimizer keeps, and torch's names for them. */
const keptBy = (settings: FitSettings) =>
  Object.entries(settingsOptimizer(settings, 0).state) as ['m' | 'v' | 'extra', string][];

/** SHA-256 of a series with all its columns, in hex. */
export async function hashOf({ target, past, future }: Frame): Promise<string> {
  const columns = [target, ...past, ...future];
  const values = new Float64Array(columns.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const column of columns) {
    values.set(column, at);
    at += column.length;
  }
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', values));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function checkPosition(position: unknown, epochs: number, numModels: number): asserts position is Position {
  const { epoch, step, models } = (position ?? {}) as Partial<Record<keyof Position, unknown>>;
  const isCount = (value: unknown, min: number) => Number.isInteger(value) && Number(value) >= min;
  if (!isCount(epoch, 1) || Number(epoch) > epochs + 1 || !isCount(step, 0))
    throw new DataError(`position: got epoch ${epoch}, step ${step} of ${epochs} epochs`);
  const isModel = (model: unknown): boolean => {
    const { stepsTaken, lossSum, lastLoss, schedule, stopping, report } = (model ?? {}) as Partial<ModelPosition>;
    const { best, badEpochs, stopped } = stopping ?? {};
    return (
      isCount(stepsTaken, 0) &&
      Number.isFinite(lossSum) &&
      (lastLoss === null || Number.isFinite(lastLoss)) &&
      typeof schedule === 'object' &&
      schedule !== null &&
      Object.values(schedule).every(Number.isFinite) &&
      isCount(badEpochs, 0) &&
      typeof stopped === 'boolean' &&
      (best === null || (Number.isFinite(best?.loss) && isCount(best?.epoch, 1))) &&
      (report === null || typeof report === 'object')
    );
  };
  if (!Array.isArray(models) || models.length !== numModels || !models.every(isModel))
    throw new DataError(`position: expected where each of ${numModels} models is`);
}
