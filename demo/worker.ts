import { measureCeiling } from '../bench/ceiling.ts';
import { rulesOf } from '../src/data/verdict.ts';
import { describeDevice, type Evaluation, Forecaster, readSeries, requestDevice } from '../src/index.ts';
import type { DeviceInfo } from './device/device_card.ts';
import { inspect } from './inside/inspect.ts';
import { TrainingStore } from './kept/training_store.ts';
import type { Forecast, FromWorker, Guess, SeriesRequest, StartedRun, ToWorker } from './protocol.ts';

/** Features of a device that the engine uses. */
const WORTH_SAYING = ['subgroups', 'timestamp-query'];

/** Lines of a file that the page shows. */
const PREVIEW_LINES = 8;

/** Pause between two forecasts drawn while training runs: they are for the eye, and cost the GPU a little. */
const FORECAST_EVERY_MS = 400;

let device: GPUDevice | undefined;
let forecaster: Forecaster | undefined;
/** The series of the model. */
let trainedOn: Float64Array | undefined;
let stopper = new AbortController();
const kept = new TrainingStore();
/** While training rests: settles when it may go on. */
let rest: { over: Promise<void>; end: () => void } | undefined;

const post = (message: FromWorker, transfer: Transferable[] = []) => self.postMessage(message, { transfer });

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

addEventListener('message', (event: MessageEvent<ToWorker>) => {
  const message = event.data;
  if (message.type === 'stop') stopper.abort();
  else if (message.type === 'pause') pause();
  else if (message.type === 'resume') resume();
  else if (message.type === 'inspect') void look(message.row);
  else if (message.type === 'save') void save();
  else if (message.type === 'read') void read(message.id, message.request);
  else if (message.type === 'train') void train(message.values, message.run);
  else if (message.type === 'go-on') void train(message.values);
  else if (message.type === 'find-kept') void findKept();
  else if (message.type === 'forget') void kept.forget();
  else void findDevice();
});

function pause(): void {
  if (rest) return;
  let end = () => {};
  const over = new Promise<void>((resolve) => {
    end = resolve;
  });
  rest = { over, end };
}

function resume(): void {
  rest?.end();
  rest = undefined;
}

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
  const { name, software } = describeDevice(opened);
  const features = [...opened.features].filter((feature) => WORTH_SAYING.includes(feature));
  const info = { name, software, features, limits: limitsOf(opened), ceilingGflops: undefined };
  post({ type: 'device', device: info });
  post({ type: 'device', device: { ...info, ceilingGflops: await measureCeiling(opened) } });
  return opened;
}

const limitsOf = ({ limits }: GPUDevice): DeviceInfo['limits'] => ({
  maxBufferSize: limits.maxBufferSize,
  maxStorageBufferBindingSize: limits.maxStorageBufferBindingSize,
  maxComputeInvocationsPerWorkgroup: limits.maxComputeInvocationsPerWorkgroup,
  maxComputeWorkgroupStorageSize: limits.maxComputeWorkgroupStorageSize,
});

async function read(id: number, { file, column, missing, rows }: SeriesRequest): Promise<void> {
  try {
    const text = await file.text();
    const preview = text.split(/\r\n|\n|\r/, PREVIEW_LINES).join('\n');
    post({ type: 'series', id, series: { ...readSeries(text, { column, missing, rows }), preview } });
  } catch (error) {
    post({ type: 'unreadable', id, message: messageOf(error) });
  }
}

/** A browser that keeps nothing has nothing to find, and says so when it is asked to keep something. */
async function findKept(): Promise<void> {
  const found = await kept.read().catch(() => undefined);
  if (found) post({ type: 'kept', run: found.run });
}

/** The training goes on, whether or not it can be kept. */
async function keep(checkpoint: Uint8Array): Promise<void> {
  try {
    await kept.write(checkpoint);
  } catch (error) {
    post({ type: 'not-kept', message: messageOf(error) });
  }
}

/** @param started undefined: the training that was kept goes on. */
async function train(values: Float64Array, started?: StartedRun): Promise<void> {
  stopper = new AbortController();
  const { signal } = stopper;
  resume();
  let steps = 0;
  let epochsDone = 0;
  try {
    const gpu = await openDevice();
    const before = started ? undefined : await kept.read();
    const settings = (started ?? before?.run)?.settings;
    if (!settings)
      throw new Error('The training that was kept is gone: it was forgotten, or another tab keeps one now.');
    const { windowLength, hiddenSize, numLayers, cell, seed, ensemble, horizon, ...fit } = settings;
    forecaster?.destroy();
    const model = before
      ? await Forecaster.load(before.checkpoint, { device: gpu })
      : await Forecaster.create({ device: gpu, windowLength, seed, ensemble, cell, hiddenSize, numLayers });
    forecaster = model;
    if (started) kept.begin(started);
    for (const epoch of before?.reports ?? []) post({ type: 'epoch', epoch });
    epochsDone = before?.reports.length ?? 0;
    trainedOn = values;
    let drawnMs = Number.NEGATIVE_INFINITY;
    const onProgress: NonNullable<Parameters<Forecaster['fit']>[1]>['onProgress'] = (progress) => {
      steps++;
      post({ type: 'progress', progress });
    };
    const hooks = { signal, onProgress, beforeSlice: () => rest?.over, onCheckpoint: keep };
    const run = before ? model.resume(values, hooks) : model.fit(values, { ...fit, ...hooks });
    try {
      for await (const epoch of run) {
        epochsDone = epoch.epoch;
        if (epochsDone === 1) await keep(await model.checkpoint()); // whoever leaves soon finds this much
        post({ type: 'epoch', epoch });
        if (epoch.epoch === epoch.epochs || performance.now() - drawnMs < FORECAST_EVERY_MS) continue;
        await postForecast(model, horizon, epoch.epoch);
        drawnMs = performance.now();
      }
    } catch (error) {
      if (!signal.aborted) throw error;
      if (steps > 0) {
        await keep(await model.checkpoint());
        await postForecast(model, horizon, epochsDone); // what was learned before the stop
      }
      post({ type: 'stopped' });
      return;
    }
    await keep(await model.checkpoint());
    await postForecast(model, horizon, epochsDone);
    post({ type: 'trained', report: await run });
  } catch (error) {
    post({ type: 'failed', message: messageOf(error) });
  }
}

/** The row that is asked for while another one is looked at. */
let nextRow: number | undefined;
let looking = false;

/** What the model does with the window before a row of the series it was trained on. */
async function look(row: number): Promise<void> {
  nextRow = row;
  if (looking) return;
  looking = true;
  try {
    while (device && forecaster && trainedOn && nextRow !== undefined) {
      const [model, asked] = [forecaster, nextRow];
      nextRow = undefined;
      const known = trainedOn.subarray(asked - model.windowLength, asked);
      const window = Float32Array.from(model.scalers[0]!.transform(known));
      const inside = await inspect(device, model.config, await model.stateDict(), window, model.seed);
      post({ type: 'inside', row: asked, inside, window });
    }
  } catch (error) {
    post({ type: 'unseen', message: messageOf(error) });
  } finally {
    looking = false;
  }
}

async function save(): Promise<void> {
  if (!forecaster) return;
  const bytes = new Uint8Array(await forecaster.save());
  post({ type: 'model', bytes }, [bytes.buffer]);
}

/** @param horizon rows ahead. */
async function postForecast(model: Forecaster, horizon: number, epoch: number): Promise<void> {
  const evaluation = await model.evaluate();
  const { firstRow, predicted, quantiles, metrics } = evaluation;
  const [low, high] = quantiles;
  const future = await model.predict({ horizon });
  const guesses = guessesOf(evaluation);
  const band = low && high && { low: low.values, high: high.values };
  const [zero, one] = model.scalers[0]!.transform([0, 1]);
  const testLoss = (metrics.rmse * (one! - zero!)) ** 2;
  const forecast: Forecast = { firstRow, predicted, model: metrics, epoch, testLoss, guesses, band, future };
  post({ type: 'forecast', forecast }, [predicted.buffer]);
}

/** The naive forecast, and the seasonal one where there is a season. */
const guessesOf = ({ baselines, season }: Evaluation): Guess[] =>
  rulesOf(baselines, season).map(({ season: back, score: { predicted, metrics } }) => ({
    ...{ season: back, values: predicted, metrics },
  }));
