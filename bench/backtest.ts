// node tools/run.mjs bench/backtest.ts: the cost of a backtest of 12 folds, compared with one fit of the same model.
import { cpus } from 'node:os';
import { backtest, describeDevice, Forecaster, requestDevice } from '../src/node/index.ts';
import { type Contender, measure } from './contender.ts';
import { tutorialSeries } from './job.ts';

const ROUNDS = 3;
const FOLDS = 12;
const JOBS = [
  { title: 'batch 1, T 10, H 32', model: { windowLength: 10, hiddenSize: 32 }, fit: { epochs: 5, batchSize: 1 } },
  { title: 'batch 32, T 10, H 32', model: { windowLength: 10, hiddenSize: 32 }, fit: { epochs: 10, batchSize: 32 } },
  { title: 'batch 32, T 10, H 64', model: { windowLength: 10, hiddenSize: 64 }, fit: { epochs: 3, batchSize: 32 } },
];

const device = await requestDevice();
const { name } = describeDevice(device);
const values = tutorialSeries();

/** Seconds of one fit on the first share of the windows. */
function oneFit(title: string, split: number, { model, fit }: (typeof JOBS)[number]): Contender {
  const sample = async () => {
    const forecaster = await Forecaster.create({ device, ...model });
    const { seconds } = await forecaster.fit(values, { ...fit, split });
    forecaster.dispose();
    return seconds;
  };
  return { name: title, device: name, prepare: async () => void (await sample()), sample };
}

function folds(scheme: 'expanding' | 'sliding', { model, fit }: (typeof JOBS)[number]): Contender {
  const sample = async () => (await backtest(values, { device, folds: FOLDS, scheme, model, fit })).fit.seconds;
  return { name: `${FOLDS} folds, ${scheme}`, device: name, prepare: async () => void (await sample()), sample };
}

console.log(`# Backtests, ${new Date().toISOString().slice(0, 10)}`);
console.log(`Device: ${name}. Machine: ${cpus().length} x ${cpus()[0]?.model.trim()}. Medians of ${ROUNDS}, in turn.`);
for (const job of JOBS) {
  const results = await measure(
    [
      oneFit('one fit, on all windows but one', 0.999, job),
      oneFit('one fit, on 0.8 of them', 0.8, job),
      folds('sliding', job),
      folds('expanding', job),
    ],
    ROUNDS,
    (line) => console.error(line),
  );
  console.log(`\n## ${job.title}\n`);
  for (const { name: who, median } of results)
    console.log(
      `${who.padEnd(34)} ${median.toFixed(2).padStart(8)} s  ${(median / results[0]!.median).toFixed(2).padStart(6)} x the first  ${(
        median / results[1]!.median
      )
        .toFixed(2)
        .padStart(6)} x the second`,
    );
}
device.destroy();
process.exit(0); // Dawn keeps the process alive
