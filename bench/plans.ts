import { cpus } from 'node:os';
import type { FitOptions, Forecaster } from '../src/index.ts';
import { type Contender, measure } from './contender.ts';
import { HIDDEN_SIZE, tutorialSeries, WINDOW_LENGTH } from './job.ts';

const ROUNDS = 15;
const JOBS: readonly (FitOptions & { epochs: number })[] = [
  { plan: 'resident', epochs: 5 },
  { plan: 'sequence', batchSize: 8, epochs: 3 },
  { plan: 'timestep', batchSize: 32, epochs: 6 },
];
const series = tutorialSeries();

/** Steps per second of the tutorial's job. @param library the build to measure. */
export async function stepsPerSecond(
  library: { Forecaster: Pick<typeof Forecaster, 'create'> },
  device: GPUDevice,
  fit: FitOptions,
): Promise<number> {
  const sizes = { windowLength: WINDOW_LENGTH, hiddenSize: HIDDEN_SIZE };
  const forecaster = await library.Forecaster.create({ device, ...sizes });
  const startMs = performance.now();
  const { steps } = await forecaster.fit(series, fit);
  const rate = (1000 * steps) / (performance.now() - startMs);
  forecaster.dispose();
  return rate;
}

/** Prints the medians of the contenders with each plan, and their ratios to the first. @param base name of the first. */
export async function compareInPlans(
  title: string,
  base: string,
  contendersOf: (fit: FitOptions) => readonly Contender[],
): Promise<void> {
  console.log(`# ${title}, ${new Date().toISOString().slice(0, 10)}: ${cpus().length} x ${cpus()[0]?.model.trim()}`);
  for (const fit of JOBS) {
    const contenders = contendersOf(fit);
    const results = await measure(contenders, ROUNDS, (line) => console.error(line));
    console.log(`\n## Steps per second, ${JSON.stringify(fit)}, ${contenders[0]!.device}\n`);
    for (const { name, median } of results)
      console.log(
        `${name.padEnd(12)} ${median.toFixed(1).padStart(8)}  ${(median / results[0]!.median).toFixed(3)} x ${base}`,
      );
  }
}
