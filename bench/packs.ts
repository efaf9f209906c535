// node tools/run.mjs bench/packs.ts: jobs of a sweep that train together, compared with the same jobs one by one, in one process.
import { cpus } from 'node:os';
import { describeDevice, requestDevice, sweep } from '../src/node/index.ts';
import type { SweepSeries } from '../src/sweep/jobs.ts';
import type { Configuration } from '../src/sweep/plan.ts';
import { type Contender, measure } from './contender.ts';
import { tutorialSeries } from './job.ts';

const ROUNDS = 3;
const JOBS = 64;
const ROWS = 120;
const SIZES: readonly Configuration[] = [
  { windowLength: 4, hiddenSize: 4, epochs: 5, batchSize: 8 },
  { windowLength: 10, hiddenSize: 16, epochs: 5, batchSize: 16 },
  { windowLength: 10, hiddenSize: 32, epochs: 5, batchSize: 16 },
];

const device = await requestDevice();
const { name } = describeDevice(device);
const prices = tutorialSeries();
const series: SweepSeries[] = Array.from({ length: JOBS }, (_, k) => ({
  id: `window ${k}`,
  values: prices.slice(12 * k, 12 * k + ROWS),
}));

/** Jobs per second. */
function contender(grid: Configuration, packSize: number): Contender {
  const sample = async () => {
    const startMs = performance.now();
    let done = 0;
    for await (const { ok } of sweep({ device, series, grid, packSize })) done += ok ? 1 : 0;
    if (done !== JOBS) throw new Error(`${done} of ${JOBS} jobs were trained`);
    return (1000 * JOBS) / (performance.now() - startMs);
  };
  return {
    name: packSize === 1 ? 'one by one' : `packs of ${packSize}`,
    device: name,
    prepare: async () => void (await sample()),
    sample,
  };
}

console.log(
  `# Packs, ${new Date().toISOString().slice(0, 10)}: ${name}, ${cpus().length} x ${cpus()[0]?.model.trim()}`,
);
for (const grid of SIZES) {
  const contenders = [1, 8, 32, 64].map((packSize) => contender(grid, packSize));
  const results = await measure(contenders, ROUNDS, (line) => console.error(line));
  console.log(`\n## Jobs per second, ${JOBS} series of ${ROWS} rows, ${JSON.stringify(grid)}\n`);
  for (const { name, median } of results)
    console.log(
      `${name.padEnd(14)} ${median.toFixed(1).padStart(7)}  ${(median / results[0]!.median).toFixed(2)} x one by one`,
    );
}
device.destroy();
process.exit(0); // Dawn keeps the process alive
