import sp500 from '../node_modules/vega-datasets/data/sp500-2000.csv?url';
import type { EpochReport, Progress } from '../src/index.ts';
import { ForecastChart } from './charts/forecast_chart.ts';
import { LossChart } from './charts/loss_chart.ts';
import { acceptDrops } from './drop.ts';
import { byId, tableRow } from './elements.ts';
import { formatCount, formatPace, formatScore, formatSeconds } from './format.ts';
import { Pace } from './pace.ts';
import type { Forecast, FromWorker, ToWorker } from './protocol.ts';
import { fillScores, verdictOf } from './scoreboard.ts';
import { SeriesPanel } from './series_panel.ts';
import { readSettings } from './settings.ts';

const forecastChart = new ForecastChart(byId('forecast-chart', HTMLElement));
const lossChart = new LossChart(byId('loss-chart', HTMLElement));
const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module', name: 'lstm-webgpu' });
const send = (message: ToWorker) => worker.postMessage(message);

const alertBox = byId('alert', HTMLElement);
const form = byId('settings', HTMLFormElement);
const trainButton = byId('train', HTMLButtonElement);
const stopButton = byId('stop', HTMLButtonElement);
const status = byId('status', HTMLElement);
const bar = byId('progress', HTMLProgressElement);
const epochRows = byId('epoch-rows', HTMLElement);
const scoreRows = byId('scores', HTMLTableElement).tBodies[0]!;
const showTest = byId('show-test', HTMLButtonElement);

const page = { hasDevice: false, training: false };
let pace = new Pace(0);

const series = new SeriesPanel({
  send,
  fail,
  show(reply) {
    fail('');
    forecastChart.show(reply);
    clearRun();
    update();
  },
});

/** Shows what went wrong; an empty text takes it away. Nothing else on the page changes. */
function fail(message: string): void {
  alertBox.textContent = message;
}

function update(): void {
  trainButton.disabled = !page.hasDevice || page.training || !series.current;
  stopButton.disabled = !page.training;
  for (const id of ['series-fields', 'model-fields']) byId(id, HTMLFieldSetElement).disabled = page.training;
  byId('results', HTMLElement).toggleAttribute('data-training', page.training);
}

function showForecast(forecast: Forecast | undefined): void {
  forecastChart.predict(forecast);
  showTest.disabled = !forecast;
  fillScores(scoreRows, forecast);
  byId('verdict', HTMLElement).textContent = verdictOf(forecast);
}

function showLive(loss: string, stepsPerSecond: string, timeLeft: string): void {
  byId('live-loss', HTMLElement).textContent = loss;
  byId('pace', HTMLElement).textContent = stepsPerSecond;
  byId('time-left', HTMLElement).textContent = timeLeft;
}

/** Takes away what the last training left: it belongs to another series, or to other settings. */
function clearRun(epochs = 20): void {
  lossChart.start(epochs);
  epochRows.replaceChildren();
  showForecast(undefined);
  bar.value = 0;
  showLive('–', '–', '–');
  if (page.hasDevice) setStatus('Ready.');
}

function train(): void {
  if (trainButton.disabled || !series.current) return;
  fail('');
  const settings = readSettings();
  page.training = true;
  clearRun(settings.epochs);
  status.textContent = 'Compiling the kernels …';
  send({ type: 'train', values: series.current.values, settings });
  update();
}

function finish(text: string): void {
  page.training = false;
  status.textContent = text;
  byId('time-left', HTMLElement).textContent = '–';
  update();
}

let newest: Progress | undefined;

/** Slices may end many times a frame; the numbers change once. */
function onProgress(progress: Progress): void {
  const { epoch, epochs, step, steps } = progress;
  const total = epochs * steps;
  const done = (epoch - 1) * steps + step;
  if (bar.value === 0) pace = new Pace(total);
  bar.value = done / total;
  pace.record(done, performance.now());
  lossChart.addProgress(progress);
  if (newest === undefined) requestAnimationFrame(showProgress);
  newest = progress;
}

function showProgress(): void {
  if (!newest) return;
  const { epoch, epochs, loss } = newest;
  newest = undefined;
  const { stepsPerSecond, secondsLeft } = pace;
  const left = secondsLeft === undefined || !page.training ? '–' : formatSeconds(secondsLeft);
  showLive(formatScore(loss), stepsPerSecond === undefined ? '–' : formatPace(stepsPerSecond), left);
  if (page.training) setStatus(`Epoch ${epoch} of ${epochs}`);
}

/** A status region is read aloud on every change, so it changes only when its words do. */
function setStatus(text: string): void {
  if (status.textContent !== text) status.textContent = text;
}

function onEpoch(report: EpochReport): void {
  const { epoch, loss, lastLoss, stepsPerSecond } = report;
  lossChart.addEpoch(report);
  const row = tableRow([String(epoch), formatScore(loss), formatScore(lastLoss), formatPace(stepsPerSecond)]);
  row.dataset.loss = String(loss);
  epochRows.append(row);
}

worker.addEventListener('message', (event: MessageEvent<FromWorker>) => {
  const message = event.data;
  switch (message.type) {
    case 'device':
      return showDevice(message.device.name, message.device.software);
    case 'no-device':
      return showNoDevice(message.message);
    case 'device-lost':
      byId('device', HTMLElement).textContent = 'lost the GPU; Train asks for it again';
      return fail(`The GPU was lost: ${message.message || 'the browser does not say why'}`);
    case 'series':
    case 'unreadable':
      return series.receive(message);
    case 'progress':
      return onProgress(message.progress);
    case 'epoch':
      return onEpoch(message.epoch);
    case 'forecast':
      return showForecast(message.forecast);
    case 'trained': {
      const { steps, seconds, plan } = message.report;
      return finish(`Done: ${formatCount(steps)} steps in ${formatSeconds(seconds)}, ${plan} plan.`);
    }
    case 'stopped':
      return finish(`Stopped after ${epochRows.childElementCount} whole epochs; the model is as it was then.`);
    case 'failed':
      fail(message.message);
      return finish('Training failed; the reason is above.');
  }
});
worker.addEventListener('error', (event) => {
  fail(`The worker failed: ${event.message || 'it could not be started'}. Reload the page.`);
  finish('Not running.');
});

function showDevice(name: string, software: boolean): void {
  page.hasDevice = true;
  byId('device', HTMLElement).textContent = software ? `${name} (a software adapter: correct, but slow)` : name;
  byId('no-device', HTMLElement).hidden = true;
  if (!page.training) setStatus('Ready.');
  update();
}

function showNoDevice(message: string): void {
  page.hasDevice = false;
  byId('device', HTMLElement).textContent = 'nothing: no GPU for this page';
  byId('no-device-message', HTMLElement).textContent = message;
  byId('no-device', HTMLElement).hidden = false;
  setStatus('Training needs WebGPU; reading and drawing files works without.');
  update();
}

form.addEventListener('submit', (event) => {
  event.preventDefault();
  train();
});
stopButton.addEventListener('click', () => {
  status.textContent = 'Stopping …';
  stopButton.disabled = true;
  send({ type: 'stop' });
});
byId('retry-device', HTMLButtonElement).addEventListener('click', () => send({ type: 'find-device' }));
byId('show-all', HTMLButtonElement).addEventListener('click', () => forecastChart.showPart('all'));
showTest.addEventListener('click', () => forecastChart.showPart('test'));
byId('bundled', HTMLButtonElement).addEventListener('click', () => void openBundled());
acceptDrops(byId('drop', HTMLElement), (file) => {
  if (page.training) fail('Training is running: stop it, then drop the file again.');
  else series.open(file.name, file);
});

/** The tutorial's series: its last 1000 rows. */
async function openBundled(): Promise<void> {
  try {
    const response = await fetch(sp500);
    if (!response.ok) throw new Error(`${response.status} ${response.statusText}`);
    series.open('S&P 500, daily close', await response.blob(), 1000);
  } catch (error) {
    fail(`The bundled series could not be loaded (${(error as Error).message}). Choose a CSV of your own.`);
  }
}

clearRun();
send({ type: 'find-device' });
void openBundled();
