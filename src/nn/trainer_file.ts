import { DataError } from '../errors.ts';
import type { BytesInput } from '../io/bytes.ts';
import { readParameters } from '../model/members.ts';
import type { StateDict } from '../model/parameters.ts';
import { badFile } from '../placing.ts';
import { readCheckpoint, type SavedTraining } from '../train/checkpoint.ts';
import { readTrainedFile } from '../train/file.ts';
import { type TrainerOptions, type TrainerSettings, trainerParts, trainerSettings } from './trainer_options.ts';

/** The contents of a trainer's file. */
export interface SavedTrainer {
  /** The options it was created with. */
  options: Omit<TrainerOptions, 'device'>;
  weights: StateDict;
  /** For a checkpoint. */
  training: SavedTraining<TrainerSettings> | undefined;
}

/** @throws DataError naming what is missing, damaged or inconsistent. @throws ConfigError if this is not a byte array. */
export function parseTrainerFile(bytes: BytesInput): SavedTrainer {
  const file = readTrainedFile('trainer', bytes);
  const options = file.model as unknown as SavedTrainer['options'];
  const { weights, config, optimizer } = readModel(file.tensors, options);
  const training = readCheckpoint(file, {
    ...{ config, numModels: 1, numHashes: [1, 2] }, // for the samples and the validation samples
    checked: (settings, hashes) => trainerSettings(settings, hashes.length === 2),
    optimizer: () => optimizer,
  });
  return { options, weights, training };
}

function readModel(tensors: Parameters<typeof readParameters>[0], options: SavedTrainer['options']) {
  try {
    const { config, optimizer } = trainerParts(options);
    // Checked first, because a table for a huge number of layers would not fit in memory.
    if (config.numLayers > tensors.size)
      throw new DataError(`model: got ${config.numLayers} layers in ${tensors.size} tensors`);
    return { config, optimizer, weights: readParameters(tensors, config, '') };
  } catch (error) {
    throw badFile('model file', error);
  }
}
