import type { Optimizer } from '../engine/optimizers.ts';
import type { ModelState } from '../engine/state.ts';
import { writeTensor } from '../gpu/tensor.ts';
import { checkStateDict, parameterTable, type StateDict } from '../model/parameters.ts';
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

/** Takes what {@link readStateDict} gave, or weights alone. @throws ShapeError; nothing changes then. */
export function writeStateDict(
  { state, optimizer, schedule }: Trained,
  values: StateDict,
  options: MatchOptions,
): Done {
  const startingWith = (prefix: string): StateDict =>
    new Map(
      [...values]
        .filter(([name]) => name.startsWith(prefix))
        .map(([name, value]) => [name.slice(prefix.length), value]),
    );
  const table = parameterTable(state.config);
  const weights = new Map([...values].filter(([name]) => !name.startsWith(OPTIMIZER)));
  const matched = matchStateDict(weights, table, options);
  const progress = values.get(STEP);
  const kept = keptBy(optimizer).map(([arena, torchName]) => {
    const parameters = startingWith(`${OPTIMIZER}${torchName}.`);
    if (progress) checkStateDict(parameters, table);
    return [arena, parameters] as const;
  });
  state.load(matched);
  const remembered = [...startingWith(SCHEDULE)].map(([name, { data }]) => [
    name,
    data.reduce((sum, part) => sum + part, 0),
  ]);
  schedule.restore(progress ? Object.fromEntries(remembered) : {});
  if (progress)
    for (const [arena, parameters] of kept)
      for (const [name, { data }] of parameters) writeTensor(state.device, state[arena].tensor(name), data);
  return { steps: progress?.data[0] ?? 0, epochs: progress?.data[1] ?? 0 };
}

/** A float64 as three float32 that add up to it: a loss is compared to the last bit. */
function inThree(value: number): Float32Array {
  const high = Math.fround(value);
  const middle = Math.fround(value - high);
  return Float32Array.of(high, middle, value - high - middle);
}
