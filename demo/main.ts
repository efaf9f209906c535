import { ForecastChart } from '../src/charts/forecast_chart.ts';
import { LossChart } from '../src/charts/loss_chart.ts';
import { datesAhead } from '../src/data/ahead.ts';
import type { EpochReport, Progress } from '../src/index.ts';
import { forecastLines } from '../src/report/forecast_lines.ts';
import { DeviceError, DeviceLostError, WorkerError } from '../src/worker/client.ts';
import { BUNDLED_FILES } from './bundled.ts';
import { forecastWords, lossWords } from './chart_words.ts';
import { DeviceCard } from './device/device_card.ts';
import { deviceEn, devicePt } from './device/texts.ts';
import { Doors, linkTo } from './doors.ts';
import { drawButton } from './draw/draw_dialog.ts';
import { drawEn, drawPt } from './draw/texts.ts';
import { byId, tableRow } from './elements.ts';
import { type MeasuredDevice, PageEngine } from './engine.ts';
import { ForecastPanel } from './forecast/panel.ts';
import { forecastEn, forecastPt } from './forecast/texts.ts';
import { format } from './format.ts';
import { InsidePanel } from './inside/inside_panel.ts';
import type { Inside } from './inside/inspect.ts';
import { rivalOf } from './inside/layer.ts';
import { insideEn, insidePt } from './inside/texts.ts';
import { ownTraining, setOwnTraining } from './kept/own_tab.ts';
import { KeptPanel } from './kept/panel.ts';
import { keptEn, keptPt } from './kept/texts.ts';
import type { KeptRun, StartedRun } from './kept/training_store.ts';
import { LearnPanel } from './learn/panel.ts';
import { learnEn, learnPt } from './learn/texts.ts';
import { LivePanel } from './live/live_panel.ts';
import { ResidualChart } from './residual_chart.ts';
import { doneText, speedOf } from './run_report.ts';
import { fillScores, verdictOf } from './scoreboard.ts';
import { SeriesPanel } from './series_panel.ts';
import { SeriesSources } from './series_sources.ts';
import { checkSettings, fromLink, PRESETS, presetOf, type TrainSettings, toLink } from './settings.ts';
import { buildForm, readSettings, writeSettings } from './settings_form.ts';
import { TakeAwayPanel } from './take_away/panel.ts';
import { errorText, fillTexts, inLanguage, t } from './texts/index.ts';
import { type Forecast, Training } from './training.ts';

fillTexts();
buildForm();
const doors = new Doors((door) => {
  if (door === 'forecast') void findDevice();
});

const forecastChart = new ForecastChart(byId('forecast-chart', HTMLElement), forecastWords, format);
const lossChart = new LossChart(byId('loss-chart', HTMLElement), lossWords, format);
const residualChart = new ResidualChart(byId('residual-chart', HTMLElement));

const alertBox = byId('alert', HTMLElement);
const form = byId('settings', HTMLFormElement);
const trainButton = byId('train', HTMLButtonElement);
const forecastButton = byId('forecast-button', HTMLButtonElement);
const pauseButton = byId('pause', HTMLButtonElement);
const stopButton = byId('stop', HTMLButtonElement);
const status = byId('status', HTMLElement);
const epochRows = byId('epoch-rows', HTMLElement);
const scores = byId('scores', HTMLTableElement);
const showTest = byId('show-test', HTMLButtonElement);

const deviceTexts = inLanguage(deviceEn, devicePt);
const deviceCard = new DeviceCard(byId('device-card', HTMLElement), deviceTexts);
const takeAway = new TakeAwayPanel(byId('take-away', HTMLElement), {
  model: () => training.save(),
  fail: (error) => fail(error === undefined ? t.modelGone : errorText(error)),
  chart: () => forecastChart.host.querySelector('canvas'),
  fileName: ({ name }) => (series.bundled ? BUNDLED_FILES[series.bundled] : name),
});
const insideTexts = inLanguage(insideEn, insidePt);
const insidePanel = new InsidePanel(byId('inside', HTMLElement), {
  texts: insideTexts,
  ask: lookAt,
  compare: () => void compare(),
});
const forecastTexts = inLanguage(forecastEn, forecastPt);
const ahead = new ForecastPanel(byId('ahead', HTMLElement), forecastTexts);
forecastButton.textContent = forecastTexts.forecast;
const keptTexts = inLanguage(keptEn, keptPt);
const kept = new KeptPanel(byId('kept', HTMLElement), {
  texts: keptTexts,
  goOn({ request, bundled, settings }) {
    writeSettings(settings);
    series.reopen(request, bundled);
  },
  forget: ({ id }) => void engine.call('forgetKept', id).then(() => findKept(isAsked)),
});
const page = {
  hasDevice: false,
  running: undefined as 'training' | 'forecast' | 'comparison' | undefined,
  paused: false,
  /** Ends the newest forecast or comparison. */
  stopper: new AbortController(),
};
const live = new LivePanel(showPlace);
const engine = new PageEngine({
  onDevice: showDevice,
  onLost() {
    if (!page.running) void findDevice(() => engine.reopen()); // what runs asks by itself
  },
  onWorkerGone(wasThere, thrown) {
    training.forget();
    fail(t.workerFailed(thrown || (wasThere ? t.workerEnded : t.workerNotStarted)));
    if (wasThere) void findKept(isOwn); // in another worker
  },
});
const learn = new LearnPanel(byId('learn', HTMLElement), {
  engine,
  texts: inLanguage(learnEn, learnPt),
  fail(error) {
    if (!(error instanceof WorkerError)) fail(errorText(error)); // the engine says so of the worker
  },
  onSettings: () => history.replaceState(null, '', linkTo('learn', learnLink())),
});
const training = new Training({
  engine,
  onProgress,
  onEpoch,
  onForecast(forecast) {
    showForecast(forecast);
    setInsideRange(forecast);
    training.lookWhileTraining(insidePanel.row, showInside).catch(failToLook);
  },
  onDeviceLost: () => setStatus(t.lostGpu),
  onKept(id) {
    setOwnTraining(id);
    kept.refuse(undefined);
  },
  onNotKept: (error) => kept.refuse(errorText(error)),
});
let forecastShown: Forecast | undefined;
/** Settings of the newest training. */
let trained: TrainSettings | undefined;

const series = new SeriesPanel({
  read: (request) => engine.call('readSeriesFile', request),
  fail,
  show(reply) {
    fail('');
    forecastChart.show(reply);
    page.stopper.abort(); // it is of another series
    ahead.clear();
    clearRun();
    showSettings();
    update();
    if (kept.run && series.request === kept.run.request) void train('go-on');
  },
});

const sources = new SeriesSources(series, { fail, isBusy: () => page.running !== undefined });

const drawTexts = inLanguage(drawEn, drawPt);
byId('births', HTMLButtonElement).after(
  drawButton({ texts: drawTexts, use: (csv) => series.open(drawTexts.name, new Blob([csv])) }),
);

/** Shows what went wrong; an empty text takes it away. Nothing else on the page changes. */
function fail(message: string): void {
  alertBox.textContent = message;
}

function update(): void {
  for (const button of [trainButton, forecastButton])
    button.disabled = !page.hasDevice || page.running !== undefined || !series.current;
  const isOwnFile = series.current !== undefined && series.bundled === undefined;
  trainButton.classList.toggle('primary', !isOwnFile); // what a file of one's own is for is its forecast
  forecastButton.classList.toggle('primary', isOwnFile);
  pauseButton.disabled = page.running !== 'training';
  pauseButton.textContent = page.paused ? t.resume : t.pause;
  stopButton.disabled = !page.running;
  kept.setCanTrain(page.hasDevice && !page.running);
  if (page.running !== 'comparison') insidePanel.setComparison(page.hasDevice && !page.running);
  for (const id of ['series-fields', 'model-fields'])
    byId(id, HTMLFieldSetElement).disabled = page.running !== undefined;
  byId('results', HTMLElement).toggleAttribute('data-training', page.running === 'training');
}

function showForecast(forecast: Forecast | undefined): void {
  forecastShown = forecast;
  if (forecast) lossChart.addTest(forecast.epoch, forecast.testLoss);
  if (!forecast) insidePanel.clear();
  const { current } = series;
  const future = forecast?.future ?? [];
  forecastChart.predict(forecast && forecastLines(forecast, future, current && datesAhead(current, future.length)));
  residualChart.show(current, forecast);
  const taken = forecast && current && trained;
  takeAway.show(taken && { settings: taken, series: current, forecast });
  showTest.disabled = !forecast;
  fillScores(scores, forecast);
  byId('verdict', HTMLElement).textContent = verdictOf(forecast);
}

/** Takes away what the last training left: it belongs to another series, or to other settings. */
function clearRun(epochs = 20): void {
  lossChart.start(epochs);
  epochRows.replaceChildren();
  showForecast(undefined);
  live.clear();
  if (page.hasDevice) setStatus(t.ready);
}

async function train(how: 'train' | 'go-on'): Promise<void> {
  const { current, request, bundled } = series;
  if (trainButton.disabled || !current || !request) return;
  fail('');
  const goesOn = how === 'go-on' ? kept.run : undefined;
  series.forgetRefused();
  kept.offer(undefined);
  const settings = readSettings();
  trained = settings;
  history.replaceState(null, '', linkTo('forecast', toLink(settings, bundled)));
  page.running = 'training';
  page.paused = false;
  clearRun(settings.epochs);
  status.textContent = t.compiling;
  update();
  const started: StartedRun = { request, bundled, settings };
  try {
    checkSettings(settings);
    const report = await training.train(current.values, goesOn?.id ?? started);
    if (!report) return finish(t.stopped(epochRows.childElementCount));
    if (report.steps === 0) return finish(keptTexts.shown);
    deviceCard.showRun(speedOf(report, settings));
    finish(doneText(report));
  } catch (error) {
    finishFailed(error, t.failed);
    if (error instanceof DeviceError) void findKept(isOwn);
  }
}

/** Forecasts the series without settings; what was trained on it stays. */
async function forecastSeries(): Promise<void> {
  const { current } = series;
  if (forecastButton.disabled || !current) return;
  fail('');
  series.forgetRefused();
  page.running = 'forecast';
  page.stopper = new AbortController();
  const { signal } = page.stopper;
  live.clear();
  setStatus(forecastTexts.running);
  update();
  const startMs = performance.now();
  try {
    const { values: target, moments } = current;
    const { call } = await engine.open();
    const result = await call('forecast', { target, moments }, { signal, onProgress: (now) => live.record(now) });
    signal.throwIfAborted(); // while the last scores were computed, which nothing interrupts
    ahead.show(current, result);
    finish(forecastTexts.done(format.seconds((performance.now() - startMs) / 1000)));
  } catch (error) {
    if (signal.aborted) finish(forecastTexts.stopped);
    else finishFailed(error, forecastTexts.failed);
  }
}

/** Looks into the model, at the window before the row that the panel's slider is on. */
function lookInside(): void {
  if (!forecastShown) return;
  setInsideRange(forecastShown);
  lookAt(insidePanel.row);
}

const setInsideRange = ({ firstRow, predicted }: Forecast): void =>
  insidePanel.setRange(firstRow, firstRow + predicted.length - 1);

function lookAt(row: number): void {
  training.look(row, showInside).catch(failToLook);
}

function failToLook(error: unknown): void {
  if (error instanceof WorkerError || error instanceof DeviceLostError) return; // the engine has another soon
  if (page.running !== 'training') fail(errorText(error)); // a new training takes the model away that was looked into
}

function showInside(row: number, inside: Inside): void {
  const { current } = series;
  const predicted = forecastShown?.predicted[row - forecastShown.firstRow];
  if (!current || predicted === undefined) return;
  const nameOf = (k: number) => current.dates?.[k] ?? format.count(k + 1);
  insidePanel.show(inside, row, {
    ...{ nameOf, actual: format.value(current.values[row]!), predicted: format.value(predicted) },
  });
}

/** Trains the other cell, to show its gradient beside that of the model. */
async function compare(): Promise<void> {
  if (trainButton.disabled || !trained) return;
  const cell = insideTexts.cells[rivalOf(trained.cell)];
  fail('');
  page.running = 'comparison';
  page.stopper = new AbortController();
  const { signal } = page.stopper;
  const onEpoch = ({ epoch, epochs }: EpochReport) =>
    insidePanel.setComparison(false, insideTexts.comparing(cell, format.count(epoch), format.count(epochs)));
  update();
  try {
    await training.compare({ signal, onEpoch });
    finish(t.ready);
  } catch (error) {
    if (signal.aborted) finish(t.ready);
    else finishFailed(error, t.failed);
  }
}

/** @param text what it leaves in the status; why is said above. */
function finishFailed(error: unknown, text: string): void {
  finish(text);
  if (error instanceof WorkerError) return; // the engine says so of the worker
  fail(errorText(error));
  if (error instanceof DeviceError) void findDevice(() => engine.reopen());
}

function finish(text: string): void {
  page.running = undefined;
  page.paused = false;
  status.textContent = text;
  live.end();
  update();
  lookInside();
}

function onProgress(progress: Progress): void {
  live.record(progress);
  lossChart.addProgress(progress);
}

function showPlace(): void {
  if (!live.place || page.running !== 'training') return;
  const { epoch, epochs } = live.place;
  setStatus(page.paused ? t.paused(epoch, epochs) : t.epochOf(epoch, epochs));
}

/** A status region is read aloud on every change, so it changes only when its words do. */
function setStatus(text: string): void {
  if (status.textContent !== text) status.textContent = text;
}

function onEpoch(report: EpochReport): void {
  const { epoch, loss, lastLoss, stepsPerSecond } = report;
  lossChart.addEpoch(report);
  const row = tableRow([String(epoch), format.score(loss), format.score(lastLoss), format.rate(stepsPerSecond)]);
  row.dataset.loss = String(loss);
  epochRows.append(row);
}

function showDevice(info: MeasuredDevice): void {
  const { name, software } = info;
  deviceCard.showDevice(info);
  page.hasDevice = true;
  learn.deviceFound();
  byId('device', HTMLElement).textContent = software ? t.software(name) : name;
  byId('no-device', HTMLElement).hidden = true;
  if (!page.running) setStatus(t.ready);
  update();
}

async function findDevice(find = () => engine.open()): Promise<void> {
  try {
    await find();
  } catch (error) {
    if (error instanceof WorkerError) return; // the engine says so of the worker
    showNoDevice(errorText(error));
  }
}

/** Offers the newest training that is kept and wanted. A browser that keeps nothing says so when it is asked to keep something. */
async function findKept(isWanted: (run: KeptRun) => boolean): Promise<void> {
  const found = await engine.call('listKept', ownTraining()).catch(() => []);
  if (page.running !== 'training') kept.offer(found.find(isWanted));
}

function showNoDevice(message: string): void {
  page.hasDevice = false;
  byId('device', HTMLElement).textContent = t.noGpu;
  byId('no-device-message', HTMLElement).textContent = message;
  byId('no-device', HTMLElement).hidden = false;
  setStatus(t.noGpuStatus);
  update();
}

form.addEventListener('submit', (event) => {
  event.preventDefault();
  void train('train');
});
forecastButton.addEventListener('click', () => void forecastSeries());
stopButton.addEventListener('click', () => {
  status.textContent = t.stopping;
  stopButton.disabled = true;
  pauseButton.disabled = true;
  if (page.running === 'training') training.stop();
  else page.stopper.abort();
});
byId('retry-device', HTMLButtonElement).addEventListener('click', () => void findDevice());
byId('show-all', HTMLButtonElement).addEventListener('click', () => forecastChart.showPart('all'));
showTest.addEventListener('click', () => forecastChart.showPart('test'));
byId('log-scale', HTMLInputElement).addEventListener('change', (event) =>
  lossChart.setLogarithmic((event.target as HTMLInputElement).checked),
);
pauseButton.addEventListener('click', () => {
  page.paused = !page.paused;
  if (page.paused) training.pause();
  else training.resume();
  showPlace();
  update();
});

/** Draws the split on the chart and says it beside its slider, and writes the run as code. */
function showSettings(): void {
  const settings = readSettings();
  const { split, windowLength } = settings;
  byId('split-value', HTMLElement).textContent = format.percent(split);
  const rows = series.current?.values.length ?? 0;
  forecastChart.showSplit(Math.round((rows - windowLength) * split) + windowLength);
  if (series.current && series.request) takeAway.describe(settings, series.request, series.current);
}

const preset = byId('preset', HTMLSelectElement);
form.addEventListener('input', (event) => {
  if (event.target === preset) return;
  preset.value = presetOf(readSettings());
  showSettings();
});
preset.addEventListener('change', () => {
  const chosen = PRESETS[preset.value];
  if (!chosen) return;
  writeSettings(chosen);
  showSettings();
  if (chosen.series && chosen.series !== series.bundled) void sources.openBundled(chosen.series);
});

/** The same page in the other language, with the same settings. */
const otherLanguage = byId('other-language', HTMLAnchorElement);
otherLanguage.lang = t.otherLanguageCode;
otherLanguage.href = `?lang=${t.otherLanguageCode}`;
otherLanguage.addEventListener('click', () => {
  otherLanguage.hash =
    doors.open === 'forecast' ? linkTo('forecast', toLink(readSettings(), series.bundled)) : location.hash;
});

/** The race of the section "Learn", as a link holds it. */
function learnLink(): string {
  return new URLSearchParams(learn.toState()).toString();
}

if (doors.open === 'learn') learn.fromState(Object.fromEntries(new URLSearchParams(location.hash.slice(1))));

const asked = fromLink(location.hash) ?? PRESETS.tutorial!;
const askedSeries = asked.series ?? 'sp500';
writeSettings(asked);
clearRun();
void findDevice(() => (doors.open === 'learn' ? engine.connect() : engine.open()));
void findKept(isAsked);
void sources.openBundled(askedSeries);

const isOwn = ({ id }: KeptRun): boolean => id === ownTraining();

/** Whether a kept training is one of this page's link; a link cannot name a file of the visitor's. */
function isAsked({ settings, bundled = askedSeries }: KeptRun): boolean {
  return bundled === askedSeries && toLink(settings, bundled) === toLink(readSettings(), askedSeries);
}
