import { MinMaxScaler } from '../data/scaler.ts';
import { DataError } from '../errors.ts';
import { readSafetensors, writeSafetensors } from '../io/safetensors.ts';
import { type ModelConfig, type ModelOptions, modelConfig } from '../model/config.ts';
import { parameterTable, type StateDict, type TensorValue } from '../model/parameters.ts';
import { shown } from '../shown.ts';

/** All that is needed to forecast again: what a model file holds. */
export interface SavedModel {
  config: ModelConfig;
  windowLength: number;
  seed: number;
  /** One that all members share, or one for each; none for a model that was never fitted. */
  scalers: readonly MinMaxScaler[];
  /** The weights of a single model, or of each member of an ensemble. */
  members: readonly StateDict[];
}

/** Bumped when a reader of the old form could not read the new one. */
const FORMAT = '1';

/** PyTorch's names; behind the number of the member where there are several. */
const prefixOf = (member: number, numMembers: number): string => (numMembers > 1 ? `members.${member}.` : '');

/** Weights as safetensors with PyTorch's names; the rest as strings in its metadata. */
export function modelFile({ config, windowLength, seed, scalers, members }: SavedModel): Uint8Array {
  const tensors = new Map(
    members.flatMap((weights, member) =>
      [...weights].map(
        ([name, { shape, data }]) => [prefixOf(member, members.length) + name, { shape: [...shape], data }] as const,
      ),
    ),
  );
  return writeSafetensors(tensors, {
    'lstm_webgpu.format': FORMAT,
    'lstm_webgpu.config': JSON.stringify(config),
    'lstm_webgpu.window_length': String(windowLength),
    'lstm_webgpu.seed': String(seed),
    'lstm_webgpu.ensemble': String(members.length),
    'lstm_webgpu.scalers': JSON.stringify(scalers),
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
    throw new DataError(`model file: format ${shown(format)}, this version reads ${FORMAT}. Update lstm-webgpu.`);
  const json = (name: string): unknown => {
    try {
      return JSON.parse(field(name));
    } catch (error) {
      throw new DataError(`${name} is no JSON: ${(error as Error).message}`);
    }
  };
  const wholeNumber = (name: string, min: number, max: number): number => {
    const text = field(name);
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (value >= min && value <= max) return value;
    throw new DataError(`${name} is ${shown(text)}, expected a whole number from ${min} to ${max}`);
  };
  try {
    const options = json('config');
    if (typeof options !== 'object' || options === null)
      throw new DataError(`config is ${shown(options)}, expected an object`);
    const config = modelConfig(options as ModelOptions);
    const { inputSize, outputSize, head, numLayers } = config;
    if (inputSize !== 1 || outputSize !== 1 || head !== 'last')
      throw new DataError(
        `config has inputSize ${inputSize}, outputSize ${outputSize}, head ${head}, expected 1, 1 and last`,
      );
    // A table of more layers or members than there are tensors would not fit in memory.
    if (numLayers > tensors.size) throw new DataError(`config has ${numLayers} layers in ${tensors.size} tensors`);
    const windowLength = wholeNumber('window_length', 1, Number.MAX_SAFE_INTEGER);
    const ensemble = wholeNumber('ensemble', 1, tensors.size);
    const seed = wholeNumber('seed', 0, 0xffffffff);
    const scalers = json('scalers');
    if (!Array.isArray(scalers) || ![0, 1, ensemble].includes(scalers.length))
      throw new DataError(`scalers: expected a list of 0, 1 or ${ensemble}`);
    const members = Array.from({ length: ensemble }, (_, member) => {
      const weights = new Map<string, TensorValue>();
      for (const { name, shape } of parameterTable(config)) {
        const stored = prefixOf(member, ensemble) + name;
        const tensor = tensors.get(stored);
        if (tensor?.shape.join() !== shape.join())
          throw new DataError(`${stored} is ${tensor ? shown(tensor.shape) : 'missing'}, expected ${shown(shape)}`);
        weights.set(name, tensor);
      }
      return weights;
    });
    return { config, windowLength, seed, scalers: scalers.map((scaler) => MinMaxScaler.fromJSON(scaler)), members };
  } catch (error) {
    throw new DataError(`model file: ${(error as Error).message}`);
  }
}
