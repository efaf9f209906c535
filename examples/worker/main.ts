// Trains in a worker, so that the page stays responsive, and keeps the model for the next visit: npm install && npm run dev
import { connect, openStore, type Progress } from 'lstm-webgpu/client';
import { readSeries } from 'lstm-webgpu/data';

const KEY = 'visitors.safetensors';
const output = document.getElementById('output')!;
const progress = document.querySelector('progress')!;
const print = (line: string) => output.append(`${line}\n`);

const showProgress = ({ epoch, epochs, step, steps }: Progress) => {
  progress.value = (epoch - 1 + step / steps) / epochs;
};

async function main(): Promise<void> {
  const worker = new Worker(new URL('./engine.ts', import.meta.url), { type: 'module' });
  const engine = await connect(worker);
  const store = await openStore('models');
  const { values } = readSeries(await (await fetch('visitors.csv')).text());

  const kept = await store.read(KEY);
  print(kept ? `kept from the last visit: ${kept.length} bytes` : 'nothing kept yet');

  // Seven days in, the next day out. The first 80% of the rows are the training set, the rest the test set.
  const forecaster = await engine.Forecaster.create({ windowLength: 7, hiddenSize: 16, seed: 0 });
  await forecaster.fit(values, { epochs: 30, onProgress: showProgress });
  const { metrics } = await forecaster.evaluate();
  await store.write(KEY, await forecaster.save());

  const again = await engine.Forecaster.load((await store.read(KEY))!);
  const [tomorrow] = await again.predict({ series: values });
  print(`tomorrow, by the model that was kept: ${Math.round(tomorrow!)}`);
  print(`RMSE ${metrics.rmse.toFixed(1)}, tomorrow = today ${metrics.naiveRmse.toFixed(1)}`);
  engine.dispose();
}

main().catch((error: unknown) => print(String(error))); // no WebGPU, no adapter: the message has advice
