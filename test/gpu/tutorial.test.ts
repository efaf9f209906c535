import { expect, test } from 'vitest';
import sp500 from '../../node_modules/vega-datasets/data/sp500-2000.csv?raw';
import { readSeries } from '../../src/data/csv.ts';
import type { PlanName } from '../../src/engine/plan.ts';
import { Forecaster } from '../../src/forecast/forecaster.ts';
import type { EpochReport } from '../../src/train/report.ts';
import init from '../golden/init.json';
import golden from '../golden/tutorial.json';
import { allEpochs, shareOf } from './cases.ts';
import { describeGpu, testDevice } from './device.ts';
import { bitsOf } from './expect.ts';

/** A job's results in PyTorch. */
type Job = typeof golden.sp500;

/** As stated in the README: every printed loss within 1% of PyTorch's, the score within 0.5%. */
const LOSS_TOLERANCE = 0.01;
const SCORE_TOLERANCE = 0.005;

/** This plan has many dispatches: without a GPU, an epoch takes seconds. `npm run parity` runs all of them. */
const OTHER_EPOCHS = allEpochs ? golden.sp500.epochs : 1;

function expectWithin(actual: number, expected: number, share: number, what: string): void {
  expect(Math.abs(actual / expected - 1), `${what}: got ${actual}, PyTorch has ${expected}`).toBeLessThan(share);
}

const closes = () => readSeries(sp500, { column: 'close', rows: 1000 }).values;

async function create({ window, hidden, seed }: Job): Promise<Forecaster> {
  return Forecaster.create({ device: testDevice(), windowLength: window, hiddenSize: hidden, seed });
}

/** Trains `epochs` of a job and checks each epoch's losses. */
async function train(forecaster: Forecaster, series: ArrayLike<number>, job: Job, plan: PlanName, epochs = job.epochs) {
  const reports: EpochReport[] = [];
  const scalerFit = job.scalerFit as 'train' | 'all';
  for await (const report of forecaster.fit(series, { epochs, batchSize: job.batch, scalerFit, plan })) {
    expectWithin(report.lastLoss, job.lastLoss[report.epoch - 1]!, LOSS_TOLERANCE, `lastLoss of epoch ${report.epoch}`);
    expectWithin(report.loss, job.loss[report.epoch - 1]!, LOSS_TOLERANCE, `loss of epoch ${report.epoch}`);
    reports.push(report);
  }
  expect(reports.map((report) => report.epoch)).toEqual(Array.from({ length: epochs }, (_, k) => k + 1));
}

/** Checks the forecasts of a whole job's model. */
async function expectScores(forecaster: Forecaster, { metrics, predictedFirst, predictedLast }: Job): Promise<void> {
  const { predicted, metrics: scores } = await forecaster.evaluate({ season: 0 });
  for (const [name, expected] of Object.entries(metrics)) {
    const score = scores[name as keyof Job['metrics']];
    expectWithin(score!, expected, name.startsWith('naive') ? 1e-6 : SCORE_TOLERANCE, name);
  }
  for (const [k, value] of predictedFirst.entries())
    expectWithin(predicted[k]!, value, SCORE_TOLERANCE, `forecast ${k}`);
  for (const [k, value] of predictedLast.entries())
    expectWithin(predicted[predicted.length - predictedLast.length + k]!, value, SCORE_TOLERANCE, `forecast -${3 - k}`);
}

describeGpu('a synthetic series', () => {
  const jobs = [
    ['resident', 1, golden.synthetic],
    ['timestep', 1, golden.synthetic],
    ['sequence', 1, golden.synthetic],
    ['resident', 5, golden.syntheticBatch5],
    ['timestep', 5, golden.syntheticBatch5],
    ['sequence', 5, golden.syntheticBatch5],
  ] as const;

  test.each(shareOf(jobs, 4))(
    "has PyTorch's losses, forecasts and scores with the %s plan, batch %d",
    async (plan, _, job) => {
      const forecaster = await create(job);
      await train(forecaster, golden.series, job, plan);
      await expectScores(forecaster, job);
      forecaster.dispose();
    },
  );
});

describeGpu('the tutorial: 1000 closes of the S&P 500', () => {
  test("starts from PyTorch's weights, bit for bit", async () => {
    const forecaster = await create(golden.sp500);
    const weights = await forecaster.stateDict();
    const { tensors } = init.cases.find(({ seed, hiddenSize }) => seed === 0 && hiddenSize === 32)!;
    for (const [name, { first, last }] of Object.entries(tensors)) {
      const { data } = weights.get(name)!;
      expect(bitsOf(data.slice(0, first.length)), name).toEqual(bitsOf(Float32Array.from(first)));
      expect(bitsOf(data.slice(-last.length)), name).toEqual(bitsOf(Float32Array.from(last)));
    }
    forecaster.dispose();
  });

  test("has PyTorch's 20 losses and its scores with the resident plan", async () => {
    const forecaster = await create(golden.sp500);
    await train(forecaster, closes(), golden.sp500, 'resident');
    await expectScores(forecaster, golden.sp500);
    forecaster.dispose();
  });

  test.each(shareOf(['sequence', 'timestep'] as const, 2))(
    `has PyTorch's losses with the %s plan, ${OTHER_EPOCHS} of 20`,
    { timeout: 600_000 },
    async (plan) => {
      const forecaster = await create(golden.sp500);
      await train(forecaster, closes(), golden.sp500, plan, OTHER_EPOCHS);
      if (OTHER_EPOCHS === golden.sp500.epochs) await expectScores(forecaster, golden.sp500);
      forecaster.dispose();
    },
  );

  test.each(shareOf(['resident', 'sequence', 'timestep'] as const, 3, 2))(
    "has PyTorch's losses and scores at batch 32, %s plan",
    async (plan) => {
      const forecaster = await create(golden.sp500Batch32);
      await train(forecaster, closes(), golden.sp500Batch32, plan);
      await expectScores(forecaster, golden.sp500Batch32);
      forecaster.dispose();
    },
  );
});
