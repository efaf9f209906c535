import { describeDevice, Forecaster, forecastMetrics, readSeries, requestDevice } from '../src/index.ts';
import type { Forecast, FromWorker, SeriesRequest, ToWorker, TrainSettings } from './protocol.ts';

/** Pause between two forecasts drawn while training runs: they are for the eye, and cost the GPU a little. */
const FORECAST_EVERY_MS = 400;

let device: GPUDevice | undefined;
let forecaster: Forecaster | undefined;
let stopper = new AbortController();

const post = (message: FromWorker, transfer: Transferable[] = []) => self.postMessage(message, { transfer });

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

addEventListener('message', (event: MessageEvent<ToWorker>) => {
  const message = event.data;
  if (message.type === 'stop') stopper.abort();
  else if (message.type === 'read') void read(message.id, message.request);
  else if (message.type === 'train') void train(message.values, message.settings);
  else void findDevice();
});

async function findDevice(): Promise<void> {
  try {
    await openDevice();
  } catch (error) {
    post({ type: 'no-device', message: messageOf(error) });
  }
}

/** @throws DeviceError where there is none. */
async function openDevice(): Promise<GPUDevice> {
  if (device) return device;
  const opened = await requestDevice();
  device = opened;
  void opened.lost.then(({ message }) => {
    device = undefined;
    forecaster = undefined;
    post({ type: 'device-lost', message });
  });
  post({ type: 'device', device: describeDevice(opened) });
  return opened;
}

async function read(id: number, { file, column, missing, rows }: SeriesRequest): Promise<void> {
  try {
    post({ type: 'series', id, series: readSeries(await file.text(), { column, missing, rows }) });
  } catch (error) {
    post({ type: 'unreadable', id, message: messageOf(error) });
  }
}

async function train(values: Float64Array, settings: TrainSettings): Promise<void> {
  const { windowLength, hiddenSize, seed, ...fit } = settings;
  stopper = new AbortController();
  const { signal } = stopper;
  let steps = 0;
  try {
    const gpu = await openDevice();
    forecaster?.destroy();
    const model = await Forecaster.create({ device: gpu, windowLength, hiddenSize, seed });
    forecaster = model;
    let drawnMs = Number.NEGATIVE_INFINITY;
    const onProgress: NonNullable<Parameters<Forecaster['fit']>[1]>['onProgress'] = (progress) => {
      steps++;
      post({ type: 'progress', progress });
    };
    const run = model.fit(values, { ...fit, signal, onProgress });
    try {
      for await (const epoch of run) {
        post({ type: 'epoch', epoch });
        if (epoch.epoch === epoch.epochs || performance.now() - drawnMs < FORECAST_EVERY_MS) continue;
        await postForecast(model, values);
        drawnMs = performance.now();
      }
    } catch (error) {
      if (!signal.aborted) throw error;
      if (steps > 0) await postForecast(model, values); // what was learned before the stop
      post({ type: 'stopped' });
      return;
    }
    await postForecast(model, values);
    post({ type: 'trained', report: await run });
  } catch (error) {
    post({ type: 'failed', message: messageOf(error) });
  }
}

async function postForecast(model: Forecaster, values: Float64Array): Promise<void> {
  const { firstRow, predicted, actual, naive, metrics } = await model.evaluate();
  const trainActual = values.subarray(0, firstRow);
  const guess = forecastMetrics({ actual, predicted: naive, naive, trainActual });
  const forecast: Forecast = { firstRow, predicted, naive, model: metrics, guess };
  post({ type: 'forecast', forecast }, [predicted.buffer, naive.buffer]);
}
