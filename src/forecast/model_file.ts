import { MinMaxScaler } from '../data/scaler.ts';
import { DataError } from '../errors.ts';
import { readSafetensors, writeSafetensors } from '../io/safetensors.ts';
import { checkModelConfig, checkPositiveInteger, type ModelConfig } from '../model/config.ts';
import { parameterTable, type StateDict } from '../model/parameters.ts';

/** All that is needed to forecast again: what a model file holds. */
export interface SavedModel {
  config: ModelConfig;
  windowLength: number;
  seed: number;
  /** Undefined for a model that was never fitted. */
  scaler: MinMaxScaler | undefined;
  weights: StateDict;
}

/** Bumped when a reader of the old form could not read the new one. */
const FORMAT = '1';

/** Weights as safetensors with PyTorch's names; the rest as strings in its metadata. */
export function modelFile({ config, windowLength, seed, scaler, weights }: SavedModel): Uint8Array {
  const tensors = new Map([...weights].map(([name, { shape, data }]) => [name, { shape: [...shape], data }]));
  return writeSafetensors(tensors, {
    'lstm_webgpu.format': FORMAT,
    'lstm_webgpu.config': JSON.stringify(config),
    'lstm_webgpu.window_length': String(windowLength),
    'lstm_webgpu.seed': String(seed),
    ...(scaler ? { 'lstm_webgpu.scaler': JSON.stringify(scaler) } : {}),
  });
}

/** @throws DataError saying what is missing or does not fit. */
export function parseModelFile(bytes: Uint8Array): SavedModel {
  const { tensors, metadata } = readSafetensors(bytes);
  const field = (name: string): string => {
    const value = metadata[`lstm_webgpu.${name}`];
    if (value === undefined)
      throw new DataError(`model file: metadata lstm_webgpu.${name} is missing; it was not written by save().`);
    return value;
  };
  const format = field('format');
  if (format !== FORMAT)
    throw new DataError(`model file: format ${format}, this version reads ${FORMAT}. Update lstm-webgpu.`);
  try {
    const config = checkModelConfig(JSON.parse(field('config')) as ModelConfig);
    const windowLength = Number(field('window_length'));
    checkPositiveInteger('window_length', windowLength);
    const scaler = metadata['lstm_webgpu.scaler'];
    for (const { name, shape } of parameterTable(config)) {
      const got = tensors.get(name)?.shape.join(', ');
      if (got !== shape.join(', '))
        throw new DataError(`${name} is ${got === undefined ? 'missing' : `[${got}]`}, expected [${shape.join(', ')}]`);
    }
    return {
      config,
      windowLength,
      seed: Number(field('seed')),
      scaler: scaler === undefined ? undefined : MinMaxScaler.fromJSON(JSON.parse(scaler)),
      weights: tensors,
    };
  } catch (error) {
    throw new DataError(`model file: ${(error as Error).message}`);
  }
}
