import type { ModelState } from '../engine/state.ts';
import { DataError } from '../errors.ts';
import { badFile } from '../placing.ts';
import { shown } from '../shown.ts';
import {
  checkHashes,
  checkPosition,
  checkReports,
  parseRecord,
  readSnapshot,
  type SavedSnapshot,
  sha256,
  snapshotTensors,
} from '../train/checkpoint.ts';
import type { Snapshot } from '../train/position.ts';
import type { EpochReport } from '../train/report.ts';
import type { SeriesScalers } from './encoder.ts';
import type { FittedSeries } from './fitted.ts';
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

/** A training with all that its next step depends on, by parameter name. */
export interface SavedTraining extends SavedSnapshot {
  training: UnfinishedTraining;
  /** Of every series. */
  scalers: readonly SeriesScalers[];
}

/** Reads what {@link checkpointFile} wrote. @throws DataError saying what is missing or does not fit. */
export function parseTraining(file: ParsedFile): SavedTraining {
  const numModels = file.members.length;
  try {
    const { format, settings, hashes, reports, position } = parseRecord(file.training!);
    if (format !== FORMAT)
      throw new DataError(`format ${shown(format)}, this version reads ${FORMAT}; use the version that wrote it`, {
        code: 'file-of-another-version',
        details: { got: shown(format), expected: String(FORMAT) },
      });
    const checked = fitSettings(settings as FitSettings, file.shape, numModels);
    checkHashes(hashes, [file.scalers.length]);
    checkReports(reports);
    checkPosition(position, checked.epochs, numModels);
    const where = { position, stopsEarly: checked.earlyStopping !== undefined };
    const saved = readSnapshot(file.tensors, file.shape.config, settingsOptimizer(checked, 0), where);
    return { training: { settings: checked, hashes, reports }, scalers: file.scalers, ...saved };
  } catch (error) {
    throw badFile('checkpoint', error);
  }
}

/** @throws DataError for other series than a checkpoint was made of. */
export async function checkSeries(series: readonly FittedSeries[], { hashes }: UnfinishedTraining): Promise<void> {
  const own = await Promise.all(series.map(({ frame }) => hashOf(frame)));
  if (own.join() !== hashes.join())
    throw new DataError(
      `resume: got another series than the checkpoint was made of: ${series.length} with ${series[0]!.frame.target.length} rows, ` +
        `expected ${hashes.length} with the hash ${hashes[0]!.slice(0, 12)}…. Pass the same values.`,
      { code: 'other-series' },
    );
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
