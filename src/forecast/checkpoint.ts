import type { ModelState } from '../engine/state.ts';
import { DataError } from '../errors.ts';
import { checkPosition, readSnapshot, sha256, snapshotTensors } from '../train/checkpoint.ts';
import type { Position, Snapshot } from '../train/position.ts';
import type { EpochReport } from '../train/trainer.ts';
import type { Frame } from './frame.ts';
import { modelFile, type ParsedFile, type SavedModel } from './model_file.ts';
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

/** A model file that holds a training, too. */
export function checkpointFile(
  model: Omit<SavedModel, 'members'>,
  state: ModelState,
  training: UnfinishedTraining,
  snapshot: Snapshot,
): Uint8Array<ArrayBuffer> {
  const tensors = snapshotTensors(snapshot, state, settingsOptimizer(training.settings, 0));
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
  const optimizer = settingsOptimizer(settings, 0);
  try {
    return readSnapshot(file.tensors, state, optimizer, { position, stopsEarly: settings.earlyStopping !== undefined });
  } catch (error) {
    throw new DataError(`checkpoint: ${(error as Error).message}`);
  }
}

/** SHA-256 of a series with all its columns, in hex. */
export async function hashOf({ target, past, future }: Frame): Promise<string> {
  const columns = [target, ...past, ...future];
  const values = new Float64Array(columns.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const column of columns) {
    values.set(column, at);
    at += column.length;
  }
  return sha256(values);
}
