import type { PlanName } from '../../src/index.ts';
import { type Sizes, titleOf } from '../grid.ts';

/** A training step to time. */
export interface Row {
  title: string;
  sizes: Sizes;
  /** Trained at once. */
  models: number;
  plans: readonly PlanName[];
  /** Training runs timed from fit() to its report, after a first one. Steps of an epoch: default as many as take a third of a second. */
  fit: { epochs: number; steps?: number; runs: number };
}

/** Steps of an epoch of the tutorial: 80% of 1000 values, without a window. */
const TUTORIAL_STEPS = 792;
const ALL: readonly PlanName[] = ['resident', 'sequence', 'timestep'];
const tutorial: Sizes = { N: 1, T: 10, I: 1, H: 32, L: 1 };
const tutorialFit = { epochs: 20, steps: TUTORIAL_STEPS, runs: 3 };

/** One dispatch per model and kernel would take thousands for a step, so an ensemble is timed in the plan that trains all at once. */
const ensemble = (models: number): Row => ({
  title: `${models} tutorial models`,
  sizes: tutorial,
  models,
  plans: ['resident'],
  fit: tutorialFit,
});

/** B, T, I, H, L */
const SIZES = [
  [32, 10, 1, 32, 1],
  [64, 28, 1, 32, 1],
  [64, 28, 1, 64, 1],
  [1, 50, 1, 64, 1],
  [32, 30, 4, 64, 2],
  [64, 50, 8, 128, 1],
  [128, 100, 16, 256, 1],
  [64, 100, 64, 512, 1],
  [128, 100, 64, 512, 1],
  [64, 50, 64, 1024, 1],
  [256, 50, 64, 1024, 1],
] as const;

const rowOf = (sizes: Sizes): Row => ({
  title: titleOf(sizes),
  sizes,
  models: 1,
  plans: ALL,
  fit: { epochs: 3, runs: 1 },
});

export const ROWS: readonly Row[] = [
  { ...rowOf(tutorial), fit: tutorialFit },
  ensemble(128),
  ensemble(1000),
  ...SIZES.map(([N, T, I, H, L]) => rowOf({ N, T, I, H, L })),
];

/** A software adapter takes seconds for steps of the full size. */
const SHRINK = 8;
const LEAST = 4;
const DRY_FIT = { epochs: 2, steps: 6, runs: 1 };

/** A size for a dry run. */
const shrunk = (size: number): number => Math.max(Math.min(size, LEAST), Math.round(size / SHRINK));

/** The row at sizes that a software adapter runs in a second. */
export function dryRow(row: Row): Row {
  const { N, T, I, H, L } = row.sizes;
  const sizes = { N: shrunk(N), T: shrunk(T), I: shrunk(I), H: shrunk(H), L };
  const models = shrunk(row.models);
  const title = `(${models > 1 ? `${models} models, ` : ''}${titleOf(sizes)})`;
  return { ...row, title, sizes, models, fit: DRY_FIT };
}
