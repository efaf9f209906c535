import type { Optimizer } from '../engine/optimizers.ts';
import type { ModelState } from '../engine/state.ts';
import { DataError } from '../errors.ts';
import type { BytesInput } from '../io/bytes.ts';
import { readOwnFile, TRAINER_CHECKPOINT } from '../io/own_file.ts';
import { type StoredTensor, writeSafetensors } from '../io/safetensors.ts';
import { readParameters } from '../model/members.ts';
import { badFile } from '../placing.ts';
import { shown } from '../shown.ts';
import {
  checkHashes,
  checkPosition,
  checkReports,
  isCount,
  parseRecord,
  snapshotTensors,
} from '../train/checkpoint.ts';
import type { Position, Snapshot } from '../train/position.ts';
import type { EpochReport } from '../train/report.ts';
import { type TrainerOptions, type TrainerSettings, trainerParts, trainerSettings } from './trainer_options.ts';

/** A training of sequences: with its samples, all that is needed to go on. */
export interface UnfinishedFit {
  options: Omit<TrainerOptions, 'device'>;
  settings: TrainerSettings;
  /** Epochs before it. */
  epochsDone: number;
  /** SHA-256 of the samples, and of those for validation. */
  hashes: readonly string[];
  reports: readonly EpochReport[];
}

export interface ParsedCheckpoint extends UnfinishedFit {
  position: Position;
  tensors: ReadonlyMap<string, StoredTensor>;
}

/** Bumped when a reader of the old form could not go on from the new one. */
const FORMAT = 1;

/** A safetensors file with PyTorch's names; what is no tensor is JSON in its metadata. */
export function trainerCheckpoint(
  fit: UnfinishedFit,
  snapshot: Snapshot,
  state: ModelState,
  optimizer: Optimizer,
): Uint8Array<ArrayBuffer> {
  const { position } = snapshot;
  return writeSafetensors(snapshotTensors(snapshot, state, optimizer), {
    [TRAINER_CHECKPOINT.key]: JSON.stringify({ format: FORMAT, ...fit, position }),
  });
}

/**
 * Reads what {@link trainerCheckpoint} wrote.
 * @throws DataError saying what is missing, damaged, or does not fit. @throws ConfigError for what are no bytes.
 */
export function parseTrainerCheckpoint(bytes: BytesInput): ParsedCheckpoint {
  const { tensors, metadata } = readOwnFile(TRAINER_CHECKPOINT, bytes);
  const text = metadata[TRAINER_CHECKPOINT.key]!;
  try {
    const { format, options, epochsDone, hashes, reports, position, ...fit } = parseRecord(text);
    if (format !== FORMAT)
      throw new DataError(`format ${shown(format)}, this version reads ${FORMAT}; use the version that wrote it`, {
        code: 'file-of-another-version',
        details: { got: shown(format), expected: String(FORMAT) },
      });
    const given = options as UnfinishedFit['options'];
    const { config } = trainerParts(given);
    // A table of more layers than there are tensors would not fit in memory.
    if (config.numLayers > tensors.size)
      throw new DataError(`model: got ${config.numLayers} layers in ${tensors.size} tensors`);
    readParameters(tensors, config, '');
    checkHashes(hashes, [1, 2]); // of the samples, and of those for validation
    checkReports(reports);
    const settings = trainerSettings(fit.settings as TrainerSettings, hashes.length === 2);
    if (!isCount(epochsDone, 0)) throw new DataError(`epochsDone: got ${shown(epochsDone)}, expected a whole number`);
    checkPosition(position, epochsDone + settings.epochs, 1, epochsDone);
    return { options: given, settings, epochsDone, hashes, reports, position, tensors };
  } catch (error) {
    throw badFile('checkpoint', error);
  }
}

/** @throws DataError where samples are not those of a checkpoint. */
export function checkSame(hashes: readonly string[], expected: readonly string[]): void {
  for (const [k, name] of ['data', 'options.validation'].entries())
    if (hashes[k] !== expected[k])
      throw new DataError(
        `resume: ${name}: got ${hashes[k] ? `samples with the hash ${hashes[k].slice(0, 12)}…` : 'none'}, expected ` +
          `${expected[k] ? `those with the hash ${expected[k].slice(0, 12)}…` : 'none'}. Pass what was passed to fit().`,
        { code: 'other-series' },
      );
}
