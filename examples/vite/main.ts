// Trains on public/visitors.csv and prints the forecast's error and that of a naive one: npm install && npm run dev
import { type EpochReport, Forecaster, readSeries, requestDevice } from 'lstm-webgpu';

const output = document.getElementById('output')!;
const print = (line: string) => output.append(`${line}\n`);
const printEpoch = ({ epoch, loss }: EpochReport) => print(`epoch ${epoch}: loss ${loss.toFixed(4)}`);

async function main(): Promise<void> {
  const device = await requestDevice();
  const { values } = readSeries(await (await fetch('visitors.csv')).text());
  // Seven days in, the next day out. The first 80% of the rows are the training set, the rest the test set.
  const forecaster = await Forecaster.create({ device, windowLength: 7, hiddenSize: 16, seed: 0 });
  for await (const report of forecaster.fit(values, { epochs: 30 })) if (report.epoch % 10 === 0) printEpoch(report);
  const { metrics } = await forecaster.evaluate();
  print(`RMSE ${metrics.rmse.toFixed(1)}, tomorrow = today ${metrics.naiveRmse.toFixed(1)}`);
  forecaster.dispose();
}

main().catch((error: unknown) => print(String(error))); // no WebGPU, no adapter: the message has advice
