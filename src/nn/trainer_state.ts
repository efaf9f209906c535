import { type ArrayRules, checkMap, FINITE, type TensorInput, tensorOf } from '../arrays.ts';
import type { Optimizer } from '../engine/optimizers.ts';
import type { ModelState } from '../engine/state.ts';
import { ShapeError } from '../errors.ts';
import { writeTensor } from '../gpu/tensor.ts';
import { checkStateDict, parameterTable, type StateDict, type StateDictInput } from '../model/parameters.ts';
import { type MatchOptions, matchStateDict } from '../model/state_dict.ts';
import { keptBy, OPTIMIZER } from '../train/checkpoint.ts';
import type { Schedule } from '../train/schedules.ts';

/** What trains a model, and goes into its state dict with it. */
export interface Trained {
  state: ModelState;
  optimizer: Optimizer;
  schedule: Schedule;
}

/** How far trainings have come. */
export interface Done {
  steps: number;
  epochs: number;
}

const STEP = `${OPTIMIZER}step`;
const SCHEDULE = `${OPTIMIZER}schedule.`;

/** Weights, what the optimizer keeps, and what the schedule remembers. */
export async function readStateDict({ state, optimizer, schedule }: Trained, done: Done): Promise<StateDict> {
  const [weights] = await state.readWeights();
  const all = new Map(weights);
  for (const [arena, torchName] of keptBy(optimizer)) {
    const [kept] = await state.readArena(state[arena]);
    for (const [name, value] of kept!) all.set(`${OPTIMIZER}${torchName}.${name}`, value);
  }
  for (const [name, value] of Object.entries(schedule.state()))
    all.set(`${SCHEDULE}${name}`, { shape: [3], data: inThree(value) });
  return all.set(STEP, { shape: [2], data: Float32Array.of(done.steps, done.epochs) });
}

/**
 * Takes what {@link readStateDict} gave, or weights alone: all of it, or where something does not fit nothing.
 * @throws ShapeError, ConfigError, DataError naming what does not fit.
 */
export function writeStateDict(
  { state, optimizer, schedule }: Trained,
  values: StateDictInput,
  options: MatchOptions,
): Done {
  checkMap('state dict', values);
  const table = parameterTable(state.config);
  const weights = new Map([...values].filter(([name]) => !name.startsWith(OPTIMIZER)));
  const matched = matchStateDict(weights, table, options);
  if (!values.has(STEP)) {
    state.load(matched);
    schedule.restore({});
    return { steps: 0, epochs: 0 };
  }
  const [steps, epochs] = readList(STEP, values.get(STEP)!, 2, COUNTS);
  const startingWith = (prefix: string) => [...values].filter(([name]) => name.startsWith(prefix));
  const kept = keptBy(optimizer).map(([arena, torchName]) => {
    const prefix = `${OPTIMIZER}${torchName}.`;
    const parameters = new Map(
      startingWith(prefix).map(([name, value]) => [name.slice(prefix.length), tensorOf(name, value)]),
    );
    checkStateDict(parameters, table, prefix);
    return [arena, parameters] as const;
  });
  const remembered = startingWith(SCHEDULE).map(([name, value]): [string, number] => [
    name.slice(SCHEDULE.length),
    readList(name, value, 3, FINITE).reduce((sum, part) => sum + part, 0),
  ]);
  state.load(matched);
  schedule.restore(Object.fromEntries(remembered));
  for (const [arena, parameters] of kept)
    for (const [name, own] of parameters) writeTensor(state.device, state[arena].tensor(name), own.data);
  return { steps: steps!, epochs: epochs! };
}

function readList(name: string, value: TensorInput, length: number, rules: ArrayRules): Float32Array {
  const { shape, data } = tensorOf(name, value, rules);
  if (shape.join() === String(length)) return data;
  throw new ShapeError(`${name}: got shape [${shape.join(', ')}], expected [${length}].`);
}

const COUNTS: ArrayRules = {
  accepts: (value) => Number.isInteger(value) && value >= 0,
  expected: 'a whole number of at least 0',
};

/** A float64 as three float32 that add up to it: a loss is compared to the last bit. */
function inThree(value: number): Float32Array {
  const high = Math.fround(value);
  const middle = Math.fround(value - high);
  return Float32Array.of(high, middle, value - high - middle);
}
