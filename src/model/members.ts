import { DataError } from '../errors.ts';
import type { StoredTensor } from '../io/safetensors.ts';
import { shown } from '../shown.ts';
import type { ModelConfig } from './config.ts';
import { parameterTable, type StateDict, type TensorValue } from './parameters.ts';

/** The prefix of PyTorch's names: the member's number, if there are several. */
export const memberPrefix = (member: number, numMembers: number): string =>
  numMembers > 1 ? `members.${member}.` : '';

/** The weights of models as in a file. */
export function memberTensors(members: readonly StateDict[]): Map<string, TensorValue> {
  const named = members.flatMap((weights, member) =>
    [...weights].map(([name, value]) => [memberPrefix(member, members.length) + name, value] as const),
  );
  return new Map(named);
}

/** The parameters whose names start with a prefix. @throws DataError if one is missing or of another shape. */
export function readParameters(
  tensors: ReadonlyMap<string, StoredTensor>,
  config: ModelConfig,
  prefix: string,
): StateDict {
  const weights = new Map<string, TensorValue>();
  for (const { name, shape } of parameterTable(config)) {
    const stored = prefix + name;
    const tensor = tensors.get(stored);
    if (tensor?.shape.join() !== shape.join())
      throw new DataError(`${stored} is ${tensor ? shown(tensor.shape) : 'missing'}, expected ${shown(shape)}`);
    weights.set(name, { shape, data: tensor.data }); // throws for integers
  }
  return weights;
}
