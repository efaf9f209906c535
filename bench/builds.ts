// node tools/run.mjs bench/builds.ts OTHER/dist/node/index.js: this build beside another one, both in one process, in turn.
import { cpus } from 'node:os';
import { resolve } from 'node:path';
import type * as library from '../src/node/index.ts';
import { type Contender, measure } from './contender.ts';
import { tutorialSeries } from './job.ts';

type Build = typeof library & {
  // earlier builds called it so
  Forecaster: { prototype: { destroy?: () => void } };
};

const ROUNDS = 15;
const JOBS: readonly (library.FitOptions & { epochs: number })[] = [
  { plan: 'resident', epochs: 5 },
  { plan: 'sequence', batchSize: 8, epochs: 3 },
  { plan: 'timestep', batchSize: 32, epochs: 6 },
];

const [other] = process.argv.slice(2);
if (!other) throw new Error('Which other build? Give the path of its dist/node/index.js.');
const load = async (path: string) => (await import(/* @vite-ignore */ resolve(path))) as Build;
const builds = { other: await load(other), 'this one': await load('dist/node/index.js') };
const series = tutorialSeries();

/** Steps a second of the tutorial's job. */
async function contender(build: Build, name: string, fit: library.FitOptions): Promise<Contender> {
  const device = await build.requestDevice();
  const sample = async () => {
    const forecaster = await build.Forecaster.create({ device, windowLength: 10, hiddenSize: 32 });
    const startMs = performance.now();
    const { steps } = await forecaster.fit(series, fit);
    const stepsPerSecond = (1000 * steps) / (performance.now() - startMs);
    if (forecaster.dispose) forecaster.dispose();
    else (forecaster as unknown as { destroy(): void }).destroy();
    return stepsPerSecond;
  };
  return { name, device: build.describeDevice(device).name, prepare: async () => void (await sample()), sample };
}

console.log(`# Builds, ${new Date().toISOString().slice(0, 10)}: ${cpus().length} x ${cpus()[0]?.model.trim()}`);
for (const fit of JOBS) {
  const contenders = await Promise.all(Object.entries(builds).map(([name, build]) => contender(build, name, fit)));
  const results = await measure(contenders, ROUNDS, (line) => console.error(line));
  console.log(`\n## Steps a second, ${JSON.stringify(fit)}, ${contenders[0]!.device}\n`);
  for (const { name, median } of results)
    console.log(
      `${name.padEnd(12)} ${median.toFixed(1).padStart(8)}  ${(median / results[0]!.median).toFixed(3)} x the other`,
    );
}
process.exit(0); // Dawn keeps a process alive
