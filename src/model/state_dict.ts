import { checkMap, type TensorInput, type TensorValue, tensorOf } from '../arrays.ts';
import { ShapeError } from '../errors.ts';
import { isRead } from '../io/dtypes.ts';
import type { StoredTensor } from '../io/safetensors.ts';
import { checkOptions } from '../options.ts';
import { withAdvice } from '../placing.ts';
import { checkStateDict, type ParameterSpec, type StateDict, type StateDictInput } from './parameters.ts';

/** The end of a recurrent parameter's name, in any of torch.nn's recurrent modules; those of a cell (nn.LSTMCell) have no layer. */
const RECURRENT = /(?:weight_ih|weight_hh|bias_ih|bias_hh|weight_hr)(?:_l\d+(?:_reverse)?)?$/;
const OF_CELL = /(?:weight|bias)_[ih]h$/;
const HEAD = /(?:^|\.)(?:weight|bias)$/;

/** Which names of a state dict to use. */
export interface MatchOptions {
  /** Use only names that start with this. Default '': all. */
  prefix?: string;
}

/**
 * Maps the names of a PyTorch state dict to those of a model: any prefix of `weight_ih_l0` and the like (`lstm.`, `model.rnn.`,
 * none) is removed, and the one remaining pair `x.weight`, `x.bias` is the head. A cell's `weight_ih` is that of a single
 * layer. Other tensors in a file that are not floats, such as `num_batches_tracked`, are ignored.
 * @throws ShapeError for several recurrent modules or heads, for other names, and for a parameter that is missing, unknown or
 *   of another shape. @throws ConfigError, DataError naming an invalid tensor, one stored as integers, or an invalid value.
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
    throw new ShapeError(`prefix: got '${prefix}', but no name starts with it. Available: ${list([...given.keys()])}.`);
  const recurrent = groups(names, RECURRENT);
  const heads = groups(
    names.filter((name) => !RECURRENT.test(name)),
    HEAD,
  );
  const hasHead = table.some(({ name }) => !RECURRENT.test(name));
  const found = [...recurrent.keys()];
  if (found.length !== 1)
    throw new ShapeError(
      `state dict: got ${found.length} recurrent modules (${list(found)}), expected one. Choose it with { prefix }.`,
    );
  if (hasHead ? heads.size !== 1 : heads.size > 0)
    throw new ShapeError(
      `state dict: besides ${list(found)} there are ${list([...heads.keys()])}, expected ${hasHead ? 'one head' : 'nothing'}. ` +
        'Choose names with { prefix }.',
    );
  const other = names.find((name) => !RECURRENT.test(name) && !HEAD.test(name));
  if (other) throw new ShapeError(`${other}: neither a recurrent parameter nor a head's. Exclude it with { prefix }.`);
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

/** Possible parameters, among names with a prefix; those of a cell are named like a layer's. */
function parametersIn(given: StateDictInput, prefix: string): Map<string, TensorInput> {
  const weights = new Map<string, TensorInput>();
  for (const [name, value] of given) {
    if (!name.startsWith(prefix) || !(RECURRENT.test(name) || HEAD.test(name) || isFloat(value))) continue;
    const own = OF_CELL.test(name) ? `${name}_l0` : name;
    if (own !== name && given.has(own)) throw new ShapeError(`${name}: ${own} is also present, expected one of them.`);
    weights.set(own, value);
  }
  return weights;
}

/** The dtype is undefined for values that are not from a file. */
const isFloat = (value: TensorInput): boolean => {
  const { dtype } = value as Partial<StoredTensor>;
  return dtype === undefined || isRead(dtype);
};

/** Endings of names, by prefix. */
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

/** The error for a parameter that the model does not have, naming the option that adds it. */
function unknown(name: string, table: readonly ParameterSpec[]): ShapeError {
  const option = name.endsWith('_reverse')
    ? 'bidirectional: true'
    : name.includes('weight_hr')
      ? 'projSize'
      : name.includes('bias_')
        ? 'bias: true'
        : 'a larger numLayers';
  return new ShapeError(
    `${name}: unknown parameter. Create the model with ${option}; it has ${table.map((row) => row.name).join(', ')}.`,
  );
}

/** The option to change, judging by a missing or misshapen parameter. */
function hint(matched: StateDict, table: readonly ParameterSpec[], endings: readonly string[]): string | undefined {
  const lacks = (part: string) => !endings.some((ending) => ending.includes(part));
  const wants = (part: string) => table.some(({ name }) => name.includes(part));
  if (wants('_reverse') && lacks('_reverse')) return 'The weights have one direction: use bidirectional: false.';
  if (wants('weight_hr') && lacks('weight_hr')) return 'The weights have no projection: use projSize: 0.';
  if (wants('bias_ih') && lacks('bias_ih')) return 'The weights have no biases: use bias: false.';
  const wrong = table.find(({ name, shape }) => matched.get(name) && matched.get(name)!.shape.join() !== shape.join());
  return wrong ? undefined : 'The weights have fewer layers: use a smaller numLayers.';
}
