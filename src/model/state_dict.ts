import { checkMap, type TensorInput, type TensorValue, tensorOf } from '../arrays.ts';
import { ShapeError } from '../errors.ts';
import { isRead } from '../io/dtypes.ts';
import type { StoredTensor } from '../io/safetensors.ts';
import { checkOptions } from '../options.ts';
import { withAdvice } from '../placing.ts';
import { checkStateDict, type ParameterSpec, type StateDict, type StateDictInput } from './parameters.ts';

/** The end of a recurrent parameter's name, in any of torch.nn's recurrent modules; in a cell (nn.LSTMCell) without a layer. */
const RECURRENT = /(?:weight_ih|weight_hh|bias_ih|bias_hh|weight_hr)(?:_l\d+(?:_reverse)?)?$/;
const OF_CELL = /(?:weight|bias)_[ih]h$/;
const HEAD = /(?:^|\.)(?:weight|bias)$/;

/** Which names of a state dict are meant. */
export interface MatchOptions {
  /** Only names that start with it count. Default '': all. */
  prefix?: string;
}

/**
 * Gives the values of a PyTorch state dict the names of a model: whatever stands before `weight_ih_l0` and its like (`lstm.`,
 * `model.rnn.`, nothing) is taken off, and the one remaining pair `x.weight`, `x.bias` is the head. A cell's `weight_ih` is
 * that of a single layer. What is beside them in a file and holds no floats, such as `num_batches_tracked`, is passed over.
 * @throws ShapeError when there are several recurrent modules or heads, names that are neither, or when a parameter is
 *   missing, unknown or of another shape. @throws ConfigError, DataError naming a tensor that is none, one that a file has as whole
 *   numbers, or a value that is none.
 */
export function matchStateDict(
  given: StateDictInput,
  table: readonly ParameterSpec[],
  options: MatchOptions = {},
): StateDict {
  checkOptions('loadStateDict', options, { prefix: true });
  const { prefix = '' } = options;
  checkMap('state dict', given);
  const weights = parametersIn(given, prefix);
  const names = [...weights.keys()];
  if (names.length === 0)
    throw new ShapeError(`prefix: got '${prefix}', but no name starts with it; there are ${list([...given.keys()])}.`);
  const recurrent = groups(names, RECURRENT);
  const heads = groups(
    names.filter((name) => !RECURRENT.test(name)),
    HEAD,
  );
  const hasHead = table.some(({ name }) => !RECURRENT.test(name));
  const found = [...recurrent.keys()];
  if (found.length !== 1)
    throw new ShapeError(
      `state dict: got ${found.length} recurrent modules (${list(found)}), expected one. Pass { prefix } to say which.`,
    );
  if (hasHead ? heads.size !== 1 : heads.size > 0)
    throw new ShapeError(
      `state dict: beside ${list(found)} there are ${list([...heads.keys()])}, expected ${hasHead ? 'one head' : 'nothing'}. ` +
        'Pass { prefix } to say which names are meant.',
    );
  const other = names.find((name) => !RECURRENT.test(name) && !HEAD.test(name));
  if (other)
    throw new ShapeError(`${other}: neither a recurrent parameter nor a head's. Pass { prefix } to leave it out.`);
  const matched = new Map<string, TensorValue>();
  for (const { name } of table) {
    const isRecurrent = RECURRENT.test(name);
    const [path] = (isRecurrent ? recurrent : heads).keys();
    const [ending] = (isRecurrent ? RECURRENT : HEAD).exec(name)!;
    const given = `${path}${ending}`;
    if (weights.has(given)) matched.set(name, tensorOf(given, weights.get(given)!));
  }
  const [path] = recurrent.keys();
  const known = new Set(table.map(({ name }) => RECURRENT.exec(name)?.[0]));
  for (const ending of recurrent.get(path!)!) if (!known.has(ending)) throw unknown(`${path}${ending}`, table);
  try {
    checkStateDict(matched, table);
  } catch (error) {
    const advice = hint(matched, table, recurrent.get(path!)!);
    throw advice === undefined ? error : withAdvice(error, advice);
  }
  return matched;
}

/** What may be parameters, of the names with a prefix; those of a cell by the names of a layer. */
function parametersIn(given: StateDictInput, prefix: string): Map<string, TensorInput> {
  const weights = new Map<string, TensorInput>();
  for (const [name, value] of given) {
    if (!name.startsWith(prefix) || !(RECURRENT.test(name) || HEAD.test(name) || isFloat(value))) continue;
    const own = OF_CELL.test(name) ? `${name}_l0` : name;
    if (own !== name && given.has(own)) throw new ShapeError(`${name}: got ${own}, too, expected one of them.`);
    weights.set(own, value);
  }
  return weights;
}

/** Undefined of values that come from no file. */
const isFloat = (value: TensorInput): boolean => {
  const { dtype } = value as Partial<StoredTensor>;
  return dtype === undefined || isRead(dtype);
};

/** Endings of names by what stands before them. */
function groups(names: readonly string[], ending: RegExp): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const name of names) {
    const match = ending.exec(name);
    if (!match) continue;
    const path = name.slice(0, match.index);
    found.set(path, [...(found.get(path) ?? []), match[0]]);
  }
  return found;
}

const list = (names: readonly string[]): string => names.map((name) => `'${name}'`).join(', ') || 'none';

/** A parameter that the model does not have, and the option that would give it one. */
function unknown(name: string, table: readonly ParameterSpec[]): ShapeError {
  const option = name.endsWith('_reverse')
    ? 'bidirectional: true'
    : name.includes('weight_hr')
      ? 'projSize'
      : name.includes('bias_')
        ? 'bias: true'
        : 'a larger numLayers';
  return new ShapeError(
    `${name}: this model has no such parameter. Create it with ${option}; it has ${table.map((row) => row.name).join(', ')}.`,
  );
}

/** The option that a missing or misshapen parameter speaks of. */
function hint(matched: StateDict, table: readonly ParameterSpec[], endings: readonly string[]): string | undefined {
  const lacks = (part: string) => !endings.some((ending) => ending.includes(part));
  const wants = (part: string) => table.some(({ name }) => name.includes(part));
  if (wants('_reverse') && lacks('_reverse')) return 'The weights are of one direction: bidirectional: false.';
  if (wants('weight_hr') && lacks('weight_hr')) return 'The weights have no projection: projSize: 0.';
  if (wants('bias_ih') && lacks('bias_ih')) return 'The weights have no biases: bias: false.';
  const wrong = table.find(({ name, shape }) => matched.get(name) && matched.get(name)!.shape.join() !== shape.join());
  return wrong ? undefined : 'The weights have fewer layers: a smaller numLayers.';
}
