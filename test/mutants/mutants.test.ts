import { expect, test } from 'vitest';
import type { PlanName } from '../../src/engine/plan.ts';
import { type TrainingRow, trainingRows } from '../golden/trainings.ts';
import { describeGpu, testDevice } from '../gpu/device.ts';
import { expectAsPyTorch, trainHere, type Way, waysOf } from '../gpu/whole_training.ts';
import { inject, type Mutant, mutantsOf } from './mutants.ts';
import { SURVIVORS } from './survivors.ts';

interface Job {
  name: string;
  row: TrainingRow;
  way: Way;
}

/**
 * For each plan, cell and kind of samples, the training run with the most options. Excludes a head that reads the last step
 * of two directions: most of the second direction is not read.
 */
function jobsOf(plan: PlanName): Job[] {
  const richest = new Map<string, Job>();
  for (const row of trainingRows) {
    const { series, model } = row.training;
    const name = `${plan}, ${model.cell} on ${series ? 'a series' : 'sequences'}`;
    const way = waysOf(row.training).find((one) => one.plan === plan);
    if (!way || (model.bidirectional && model.head !== 'every')) continue;
    if (row.title.length > (richest.get(name)?.row.title.length ?? 0)) richest.set(name, { name, row, way });
  }
  return [...richest.values()];
}

const jobs = (['resident', 'sequence', 'timestep'] as const).flatMap(jobsOf);
const counts = { all: 0, refused: 0, noticed: 0 };
const explained = SURVIVORS.map(() => 0);

/** The visible effect of a fault; undefined if the training run matches PyTorch's. */
async function signOf(mutant: Mutant, { row: { training, expected }, way }: Job) {
  const run = () => inject(testDevice(), mutant, () => trainHere(testDevice(), training, way));
  const outcome = await run().catch((error: unknown) => error as Error);
  if (outcome instanceof Error) return 'refused';
  try {
    expectAsPyTorch(training, expected, outcome, { where: mutant.name });
    return undefined;
  } catch {
    return 'noticed';
  }
}

describeGpu('mutants of a training step', () => {
  test.each(jobs.map((job) => [job.name, job] as const))(
    'are detected, or cannot matter: %s',
    async (name, job) => {
      const mutants = await mutantsOf(() => trainHere(testDevice(), job.row.training, job.way));
      const survivors: string[] = [];
      for (const mutant of mutants) {
        counts.all++;
        const sign = await signOf(mutant, job);
        if (sign) counts[sign]++;
        else survivors.push(`${name}: ${mutant.name}`);
      }
      console.log(`${name}: ${mutants.length} mutants, ${survivors.length} not detected`);
      const unknown = survivors.filter((survivor) => {
        const reason = SURVIVORS.findIndex(({ of }) => of.test(survivor));
        if (reason >= 0) explained[reason]!++;
        return reason < 0;
      });
      expect(unknown).toEqual([]);
    },
    3_600_000,
  );

  test('are detected, at least 95%', () => {
    const { all, refused, noticed } = counts;
    console.log(
      `${all} mutants: ${refused} end with an error, ${noticed} with other numbers; the others cannot matter:`,
    );
    for (const [k, { why }] of SURVIVORS.entries()) console.log(`${String(explained[k]).padStart(4)}  ${why}`);
    expect(refused + noticed).toBeGreaterThan(0.95 * all);
  });
});
