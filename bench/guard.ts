// node tools/run.mjs bench/guard.ts: what error scopes around every command cost, with and without them in turn, in one process.
import { cpus } from 'node:os';
import { GuardedDevice } from '../src/gpu/guarded_device.ts';
import { describeDevice, type FitOptions, Forecaster, requestDevice } from '../src/node/index.ts';
import { type Contender, measure } from './contender.ts';
import { tutorialSeries } from './job.ts';

const ROUNDS = 15;
const JOBS: readonly (FitOptions & { epochs: number })[] = [
  { plan: 'resident', epochs: 5 },
  { plan: 'sequence', batchSize: 8, epochs: 3 },
  { plan: 'timestep', batchSize: 32, epochs: 6 },
];

const device = await requestDevice();
const { name } = describeDevice(device);
const series = tutorialSeries();
const guarded = GuardedDevice.prototype.run;
const unguarded: typeof guarded = (_, command) => command();

/** Steps a second of the tutorial's job; its model is made and freed under the same rule. */
function contender(fit: FitOptions, hasScopes: boolean): Contender {
  const sample = async () => {
    GuardedDevice.prototype.run = hasScopes ? guarded : unguarded;
    const forecaster = await Forecaster.create({ device, windowLength: 10, hiddenSize: 32 });
    const startMs = performance.now();
    const { steps } = await forecaster.fit(series, fit);
    const stepsPerSecond = (1000 * steps) / (performance.now() - startMs);
    forecaster.dispose();
    GuardedDevice.prototype.run = guarded;
    return stepsPerSecond;
  };
  return {
    name: hasScopes ? 'with scopes' : 'without',
    device: name,
    prepare: async () => void (await sample()),
    sample,
  };
}

console.log(
  `# Error scopes, ${new Date().toISOString().slice(0, 10)}: ${name}, ${cpus().length} x ${cpus()[0]?.model.trim()}`,
);
for (const fit of JOBS) {
  const contenders = [false, true].map((hasScopes) => contender(fit, hasScopes));
  const results = await measure(contenders, ROUNDS, (line) => console.error(line));
  console.log(`\n## Steps a second, ${JSON.stringify(fit)}\n`);
  for (const { name, median } of results)
    console.log(
      `${name.padEnd(12)} ${median.toFixed(1).padStart(8)}  ${(median / results[0]!.median).toFixed(3)} x without`,
    );
}
device.destroy();
process.exit(0); // Dawn keeps a process alive
