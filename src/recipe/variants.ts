import type { Settled } from '../kinds.ts';
import type { Learning } from './direct.ts';
import { type RECIPE, STEPS } from './settings.ts';

/** A way to prepare a series and to train a model on it. */
export interface Variant {
  /** How it differs from the recipe; 'as it is' for the recipe itself. */
  name: string;
  log: 'auto' | 'on' | 'off';
  deseasonalize: 'auto' | 'on' | 'off';
  learning: Learning;
}

/** The recipe with the given settings. */
export function recipeOf(
  { log, deseasonalize, hiddenSize, steps: asked, batchSize, lr, seed }: Settled<typeof RECIPE>,
  horizon: number,
  windowLength: number,
  hasColumns = false,
): Variant {
  const steps = asked ?? (hasColumns ? STEPS.withColumns : STEPS.alone);
  const budget = { hiddenSize, steps, batchSize, lr, seed };
  const learning: Learning = { cell: 'LSTM', windowLength, horizon, scalePer: 'last', loss: 'mse', ...budget };
  return { name: 'as it is', log, deseasonalize, learning };
}

/**
 * Candidates for the best recipe. @param traits of the series: which variants make a difference.
 * @returns the recipe itself first.
 */
export function candidatesOf(
  recipe: Variant,
  traits: { log: boolean; isSeasonal: boolean; longWindow: number },
): Variant[] {
  const but = (name: string, learning: Partial<Learning>, more: Partial<Variant> = {}): Variant => ({
    ...{ ...recipe, ...more, name },
    learning: { ...recipe.learning, ...learning },
  });
  const { steps, hiddenSize, windowLength } = recipe.learning;
  return [
    recipe,
    ...(traits.isSeasonal ? [but('seasons left in', { steps: 2 * steps }, { deseasonalize: 'off' })] : []),
    ...(traits.log ? [but('no logarithms', {}, { log: 'off' })] : []),
    ...(traits.longWindow > windowLength ? [but('a longer window', { windowLength: traits.longWindow })] : []),
    but('each window by its own scale', { scalePer: 'window' }),
    but('twice the units', { hiddenSize: 2 * hiddenSize }),
    but('half the steps', { steps: Math.ceil(steps / 2) }),
    but('absolute errors', { loss: 'l1' }),
    but('a GRU', { cell: 'GRU' }),
  ];
}
