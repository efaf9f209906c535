import type { ModelSlice, TrainingPlan } from '../engine/plan.ts';
import type { ModelState } from '../engine/state.ts';
import { TrainingError } from '../errors.ts';
import { readRegions } from '../gpu/readback.ts';
import type { StateDict } from '../model/parameters.ts';

/** A loss or a weight that became non-finite. */
export interface NonFinite {
  /** From 0. */
  model: number;
  /** Step of the epoch, from 0. */
  step: number;
  /** The first non-finite tensor: a parameter, or `y`, the model's output. */
  tensor: string;
  /** Undefined: the weights became non-finite in the last update, and no loss shows it yet. */
  loss: number | undefined;
}

/**
 * The first non-finite loss of each model, by step.
 * @param losses [numSteps, models]. @param stepsOf each model's steps.
 */
export function badLosses(
  losses: Float32Array,
  firstStep: number,
  stepsOf: readonly number[],
): Omit<NonFinite, 'tensor'>[] {
  const found = stepsOf.flatMap((steps, model) => {
    for (let at = model, step = firstStep; at < losses.length && step < steps; at += stepsOf.length, step++)
      if (!Number.isFinite(losses[at])) return [{ model, step, loss: losses[at] }];
    return [];
  });
  return found.sort((one, other) => one.step - other.step);
}

/** The name of the first parameter with a non-finite value. */
export function firstNonFinite(weights: StateDict): string | undefined {
  for (const [name, { data }] of weights) if (!data.every(Number.isFinite)) return name;
  return undefined;
}

/**
 * Finds the first non-finite tensor by repeating the steps of a slice, one by one, from the state before it. The state is then
 * somewhere within the slice, and the caller must restore it.
 */
export async function findTensor(
  state: ModelState,
  plan: TrainingPlan,
  { firstStep, models }: { firstStep: number; models: readonly ModelSlice[] },
  { model, step }: Pick<NonFinite, 'model' | 'step'>,
): Promise<string> {
  const { device, weights } = state;
  const numLosses = models.length * 4;
  for (let at = firstStep; at <= step; at++) {
    const before = await readRegions(device, [weights.flat], () => undefined);
    const bad = firstNonFinite(state.parse(before[0]!.buffer)[model]!);
    if (bad !== undefined) return bad;
    const now = models.map(({ stepsTaken, lr }) => ({ stepsTaken: stepsTaken + at - firstStep, lr }));
    await readRegions(device, [{ ...plan.losses, sizeBytes: numLosses }], (encoder) => {
      plan.encode(encoder, { firstStep: at, numSteps: 1, models: now });
    });
  }
  return 'y';
}

/** The error that ends a training, after the last good weights are restored. */
export function nonFiniteError(bad: NonFinite, epoch: number, numModels: number): TrainingError {
  const whose = numModels > 1 ? ` of model ${bad.model + 1}` : '';
  return new TrainingError(
    `${whatHappened(bad, epoch, whose)} The weights of the last good slice are kept. ${ADVICE}`,
    placeOf(bad, epoch),
  );
}

/** The error of one of many independent models; the others continue. */
export function isolatedError(bad: NonFinite, epoch: number): TrainingError {
  return new TrainingError(`${whatHappened(bad, epoch)} ${ADVICE}`, placeOf({ ...bad, model: 0 }, epoch));
}

const ADVICE = 'Use a smaller learning rate, clip the gradients, or look for outliers in the series.';

function whatHappened({ step, tensor, loss }: NonFinite, epoch: number, whose = ''): string {
  const what =
    loss === undefined
      ? `${tensor}${whose} is not finite after the last update`
      : `the loss${whose} became ${loss}; the first non-finite tensor is ${tensor === 'y' ? "y, the model's output" : tensor}`;
  return `Epoch ${epoch}, step ${step + 1}: ${what}.`;
}

const placeOf = ({ step, tensor, model }: NonFinite, epoch: number) => ({ epoch, step: step + 1, tensor, model });
