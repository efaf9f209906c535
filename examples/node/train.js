// Trains on visitors.csv and prints the forecast's error and that of a naive one: npm install && npm start
import { readFile } from 'node:fs/promises';
import { Forecaster, noteText, readSeries, requestDevice } from 'lstm-webgpu';

// A GPU through the npm package webgpu, or a software adapter through @sparticuz/chromium (Linux x64).
const device = await requestDevice();

// The numeric column of the file, oldest row first.
const { values, notes } = readSeries(await readFile(new URL('visitors.csv', import.meta.url), 'utf8'));
console.log(noteText(notes));

// Seven days in, the next day out. The first 80% of the rows are the training set, the rest the test set.
const forecaster = await Forecaster.create({ device, windowLength: 7, hiddenSize: 16, seed: 0 });
for await (const { epoch, loss } of forecaster.fit(values, { epochs: 30 }))
  if (epoch % 10 === 0) console.log(`epoch ${epoch}: loss ${loss.toFixed(4)}`);

const { metrics } = await forecaster.evaluate();
console.log(`RMSE ${metrics.rmse.toFixed(1)}, tomorrow = today ${metrics.naiveRmse.toFixed(1)}`);
const nextDays = await forecaster.predict({ horizon: 3 });
console.log(`the next three days: ${Array.from(nextDays, Math.round).join(', ')}`);

// Frees everything on the GPU.
forecaster.dispose();
device.destroy();
