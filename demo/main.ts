import { ForecastChart } from '../src/charts/forecast_chart.ts';
import { LossChart } from '../src/charts/loss_chart.ts';
import { datesAhead, momentsAhead } from '../src/data/ahead.ts';
import type { EpochReport, Progress } from '../src/index.ts';
import { type ForecastLines, forecastLines } from '../src/report/forecast_lines.ts';
import { stepsOf } from '../src/report/pace.ts';
import { DeviceError, DeviceLostError, WorkerError } from '../src/worker/client.ts';
import { BacktestPanel, foldsFor } from './backtest/panel.ts';
import { BUNDLED_FILES, BUNDLED_ROWS, type BundledName } from './bundled.ts';
import { forecastWords, lossWords } from './chart_words.ts';
import { DeviceCard } from './device/device_card.ts';
import { Doors, linkTo } from './doors.ts';
import { drawButton } from './draw/draw_dialog.ts';
import { byId, tableRow } from './elements.ts';
import { type MeasuredDevice, PageEngine } from './engine.ts';
import { Outliers } from './forecast/outliers.ts';
import { ForecastPanel } from './forecast/panel.ts';
import { format, valueFormat } from './format.ts';
import { InsidePanel } from './inside/inside_panel.ts';
import type { Inside } from './inside/inspect.ts';
import { rivalOf } from './inside/layer.ts';
import { ownTraining, setOwnTraining } from './kept/own_tab.ts';
import { KeptPanel } from './kept/panel.ts';
import type { KeptRun, StartedRun } from './kept/training_store.ts';
import { LearnPanel } from './learn/panel.ts';
import { type LinkedSeries, seriesFromLink, seriesToLink } from './link/series_link.ts';
import { PartButtons } from './part_buttons.ts';
import { ResidualChart } from './residual_chart.ts';
import { RunBar, type Running } from './run_bar/run_bar.ts';
import { doneText, speedOf } from './run_report.ts';
import { fillScores, verdictOf } from './scoreboard.ts';
import type { PageSeries, SeriesRequest } from './series_file.ts';
import { SeriesPanel } from './series_panel.ts';
import { SeriesSources } from './series_sources.ts';
import { asksForTraining, checkSettings, fromLink, PRESETS, type TrainSettings, toLink } from './settings.ts';
import { buildForm, readSettings, showPreset, writeSettings } from './settings_form.ts';
import { checkKnownAhead, inputsOf, rowsKnownAhead, shapeOf, trainedOn } from './side_columns.ts';
import { forecastCode } from './take_away/library_code.ts';
import { TakeAwayPanel } from './take_away/panel.ts';
import { sourceOf } from './take_away/run.ts';
import { errorText, fillTexts, t, texts } from './texts/index.ts';
import { type Forecast, Training } from './training.ts';

fillTexts();
buildForm();
const doors = new Doors((door) => {
  if (door === 'forecast') void findDevice();
});

/** Of the series that is shown. */
let valueText = format.value;
const forecastChart = new ForecastChart(byId('forecast-chart', HTMLElement), forecastWords, {
  ...format,
  value: (value) => valueText(value),
});
const lossChart = new LossChart(byId('loss-chart', HTMLElement), lossWords, format);
const residualChart = new ResidualChart(byId('residual-chart', HTMLElement));

const parts = new PartButtons(forecastChart, ['end', 'test', 'all']);
byId('forecast-head', HTMLElement).append(parts.host);
const alertBox = byId('alert', HTMLElement);
const form = byId('settings', HTMLFormElement);
const trainButton = byId('train', HTMLButtonElement);
const epochRows = byId('epoch-rows', HTMLElement);
const scores = byId('scores', HTMLTableElement);
const advanced = byId('advanced', HTMLDetailsElement);

const deviceCard = new DeviceCard(byId('device-card', HTMLElement), texts.device);
const takeAway = new TakeAwayPanel(byId('take-away', HTMLElement), {
  model: () => training.save(),
  fail: (error) => fail(error === undefined ? t.modelGone : errorText(error)),
  chart: forecastChart,
  fileName: fileNameOf,
});
const insidePanel = new InsidePanel(byId('inside', HTMLElement), {
  texts: texts.inside,
  ask: lookAt,
  compare: () => void compare(),
});
const backtestPanel = new BacktestPanel(byId('backtest', HTMLElement), {
  texts: texts.backtest,
  run: () => void backtest(),
});
const outliers = new Outliers(texts.forecast, () => void forecastSeries());
byId('setting-fields', HTMLElement).append(outliers.field);
const ahead = new ForecastPanel(byId('ahead-step', HTMLElement), {
  texts: texts.forecast,
  outliers,
  fail: (error) => fail(errorText(error)),
  link: async () => new URL(await linkNow(), location.href).href,
});
const kept = new KeptPanel(byId('kept', HTMLElement), {
  texts: texts.kept,
  goOn({ request, bundled, settings }) {
    writeSettings(settings);
    void series.reopen(request, bundled);
  },
  forget: ({ id }) => void engine.call('forgetKept', id).then(() => findKept(isAsked)),
});
const page = {
  hasDevice: false,
  running: undefined as Running,
  paused: false,
  /** Ends the newest forecast or comparison. */
  stopper: new AbortController(),
};
const bar = new RunBar({
  forecast: () => void forecastSeries(),
  pause() {
    page.paused = !page.paused;
    if (page.paused) training.pause();
    else training.resume();
    showPlace();
    update();
  },
  stop() {
    if (page.running === 'training') training.stop();
    else page.stopper.abort();
  },
  onFrame: showPlace,
});
const { live } = bar;
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
  texts: texts.learn,
  fail(error) {
    if (!(error instanceof WorkerError)) fail(errorText(error)); // the engine reports the worker
  },
  onSettings: () => history.replaceState(null, '', linkTo('learn', Object.entries(learn.toState()))),
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
  onDeviceLost: () => bar.setStatus(t.lostGpu),
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
    byId('file-needed', HTMLElement).hidden = true;
    valueText = valueFormat(reply.values);
    forecastChart.show(reply);
    page.stopper.abort(); // it is of another series
    ahead.show(reply);
    clearRun();
    showSettings();
    update();
    if (kept.run && series.request === kept.run.request) void train('go-on');
  },
});

const sources = new SeriesSources(series, { fail, isBusy: () => page.running !== undefined });

byId('births', HTMLButtonElement).after(
  drawButton({ texts: texts.draw, use: (csv) => series.open(texts.draw.name, new Blob([csv])) }),
);

/** The name under which the file of the series is to be saved. */
function fileNameOf({ name }: SeriesRequest): string {
  return series.bundled ? BUNDLED_FILES[series.bundled] : name;
}

/** Shows what went wrong; an empty text takes it away. Nothing else on the page changes. */
function fail(message: string): void {
  alertBox.textContent = message;
}

function update(): void {
  const { running, paused } = page;
  const canRun = page.hasDevice && !running && series.current !== undefined;
  trainButton.disabled = !canRun;
  bar.update({ canRun, running, paused });
  kept.setCanTrain(page.hasDevice && !running);
  backtestPanel.setCanRun(canRun && forecastShown !== undefined);
  if (running !== 'comparison') insidePanel.setComparison(page.hasDevice && !running);
  for (const id of ['series-fields', 'model-fields']) byId(id, HTMLFieldSetElement).disabled = running !== undefined;
  byId('results', HTMLElement).toggleAttribute('data-training', running === 'training');
}

function showForecast(forecast: Forecast | undefined): void {
  const isFirst = forecast && !forecastShown;
  forecastShown = forecast;
  if (forecast) lossChart.addTest(forecast.epoch, forecast.testLoss);
  if (!forecast) backtestPanel.clear();
  if (!forecast) insidePanel.clear(series.current && inputsOf(series.current) > 1);
  const { current } = series;
  forecastChart.predict(forecast && current && linesOf(forecast, current));
  residualChart.show(current, forecast);
  const taken = forecast && current && trained;
  takeAway.show(taken && { settings: taken, series: current, forecast });
  if (isFirst || !forecast) parts.setRun(forecast !== undefined);
  if (isFirst) parts.show('end');
  fillScores(scores, forecast);
  byId('verdict', HTMLElement).textContent = verdictOf(forecast);
}

/** What a chart draws of a training, with the dates of what lies ahead. */
function linesOf(forecast: Forecast, current: PageSeries): ForecastLines {
  const { length } = forecast.future;
  const lines = forecastLines(forecast, forecast.future, datesAhead(current, length));
  return { ...lines, futureMoments: momentsAhead(current, length) };
}

/** Takes away what the last training left: it belongs to another series, or to other settings. */
function clearRun(epochs = 20): void {
  lossChart.start(epochs);
  epochRows.replaceChildren();
  showForecast(undefined);
  live.clear();
  if (page.hasDevice) bar.setStatus(series.current ? t.ready : t.noData);
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
  void showLink();
  page.running = 'training';
  page.paused = false;
  clearRun(settings.epochs);
  bar.setStatus(t.compiling);
  live.begin(true);
  advanced.open = true;
  update();
  reveal(byId('results', HTMLElement));
  const started: StartedRun = { request, bundled, settings };
  try {
    checkSettings(settings);
    if (!goesOn) checkKnownAhead(current, settings.horizon);
    const report = await training.train(current, goesOn?.id ?? started);
    if (!report) return finish(t.stopped(epochRows.childElementCount));
    if (report.steps === 0) return finish(texts.kept.shown);
    deviceCard.showRun(speedOf(report, settings, inputsOf(current)));
    finish(doneText(report));
  } catch (error) {
    finishFailed(error, t.failed);
    if (error instanceof DeviceError) void findKept(isOwn);
  }
}

/** Forecasts the series without settings; what was trained on it stays. */
async function forecastSeries(): Promise<void> {
  const { current, request } = series;
  if (page.running || !current || !request) return;
  series.forgetRefused();
  void showLink();
  const { policy } = outliers;
  const horizon = rowsKnownAhead(current) || undefined; // as far as is known, or as the library has it
  await runStoppable('forecast', texts.forecast, async (controls) => {
    const { values: target, moments, past, future } = current;
    const { call } = await engine.open();
    const options = { horizon, outliers: policy, ...controls };
    const result = await call('forecast', { target, moments, past, future }, options);
    const code = forecastCode(sourceOf(request, current, fileNameOf(request)), { outliers: policy, horizon });
    return () => ahead.showResult(current, result, code);
  });
}

/** Scores the newest training's settings from several origins; what was trained stays. */
async function backtest(): Promise<void> {
  const { current } = series;
  if (page.running || !current || !trained) return;
  const { windowLength, hiddenSize, numLayers, cell, seed, ensemble, horizon, split, ...fit } = trained;
  const folds = foldsFor(current.values.length, trained);
  const season = forecastShown?.season;
  await runStoppable('backtest', texts.backtest, async (controls) => {
    const { call } = await engine.open();
    const scored = await call('backtest', trainedOn(current), {
      model: { windowLength, hiddenSize, numLayers, cell, seed, ...shapeOf(current, horizon) },
      ...{ fit, ...folds, ahead: horizon, season, ets: true, ...controls },
    });
    return () => backtestPanel.show(scored, current);
  });
}

/** Runs what the bar can stop, with its progress. @param work returns what shows its result. */
async function runStoppable(
  kind: Running,
  { stages, done, stopped, failed }: Pick<typeof texts.backtest, 'stages' | 'done' | 'stopped' | 'failed'>,
  work: (controls: { signal: AbortSignal; onProgress: (now: Progress) => void }) => Promise<() => void>,
): Promise<void> {
  fail('');
  page.running = kind;
  page.stopper = new AbortController();
  const { signal } = page.stopper;
  live.begin(false);
  bar.setStatus(stages.start);
  update();
  const startMs = performance.now();
  const onProgress = (now: Progress) => {
    const place = stepsOf(now);
    bar.setStatus(place.done < place.all ? stages.steps : stages.end);
    live.record(now);
  };
  try {
    const show = await work({ signal, onProgress });
    signal.throwIfAborted(); // while the last scores were computed, which nothing interrupts
    show();
    finish(done(format.seconds((performance.now() - startMs) / 1000)));
  } catch (error) {
    if (signal.aborted) finish(stopped);
    else finishFailed(error, failed);
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
  insidePanel.show(inside, row, {
    nameOf: (k) => series.calendar!.row(k),
    ...{ actual: valueText(current.values[row]!), predicted: valueText(predicted) },
  });
}

/** Trains the other cell, to show its gradient next to that of the model. */
async function compare(): Promise<void> {
  if (trainButton.disabled || !trained) return;
  const cell = texts.inside.cells[rivalOf(trained.cell)];
  fail('');
  page.running = 'comparison';
  page.stopper = new AbortController();
  const { signal } = page.stopper;
  const onEpoch = ({ epoch, epochs }: EpochReport) => {
    const text = texts.inside.comparing(cell, format.count(epoch), format.count(epochs));
    insidePanel.setComparison(false, text);
    bar.setStatus(text);
  };
  bar.setStatus(t.compiling);
  live.begin(false);
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
  if (error instanceof WorkerError) return; // the engine reports the worker
  fail(errorText(error));
  if (error instanceof DeviceError) void findDevice(() => engine.reopen());
}

function finish(text: string): void {
  page.running = undefined;
  page.paused = false;
  bar.setStatus(text);
  live.clear();
  update();
  lookInside();
}

/** Scrolls to what a click changed, where that is out of sight, as below the form on a phone. */
function reveal(element: HTMLElement): void {
  const { top, bottom } = element.getBoundingClientRect();
  if (bottom > 0 && top < innerHeight / 2) return;
  const isStill = matchMedia('(prefers-reduced-motion: reduce)').matches;
  element.scrollIntoView({ behavior: isStill ? 'instant' : 'smooth' });
}

function onProgress(progress: Progress): void {
  live.record(progress);
  lossChart.addProgress(progress);
}

function showPlace(): void {
  if (!live.place || page.running !== 'training') return;
  const { epoch, epochs, loss } = live.place;
  if (page.paused) bar.setStatus(t.paused(epoch, epochs));
  else bar.setStatus(t.epochOf(epoch, epochs), t.spokenEpoch(epoch, epochs, format.score(loss), live.timeLeft));
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
  if (!page.running) bar.setStatus(series.current ? t.ready : t.noData);
  update();
}

async function findDevice(find = () => engine.open()): Promise<void> {
  try {
    await find();
  } catch (error) {
    if (error instanceof WorkerError) return; // the engine reports the worker
    showNoDevice(errorText(error));
  }
}

/** Offers the newest training that is kept and wanted. A browser that keeps nothing reports that when something is to be kept. */
async function findKept(isWanted: (run: KeptRun) => boolean): Promise<void> {
  const found = await engine.call('listKept', ownTraining()).catch(() => []);
  if (page.running !== 'training') kept.offer(found.find(isWanted));
}

function showNoDevice(message: string): void {
  page.hasDevice = false;
  byId('device', HTMLElement).textContent = t.noGpu;
  byId('no-device-message', HTMLElement).textContent = message;
  byId('no-device', HTMLElement).hidden = false;
  bar.setStatus(t.noGpuStatus);
  update();
}

form.addEventListener('submit', (event) => {
  event.preventDefault();
  void train('train');
});
byId('close-alert', HTMLButtonElement).addEventListener('click', () => fail(''));
byId('skip', HTMLAnchorElement).addEventListener('click', (event) => {
  event.preventDefault(); // the link of the page holds its state
  byId('main', HTMLElement).focus();
});
byId('retry-device', HTMLButtonElement).addEventListener('click', () => void findDevice());
byId('log-scale', HTMLInputElement).addEventListener('change', (event) =>
  lossChart.setLogarithmic((event.target as HTMLInputElement).checked),
);
/** Shows the split on the chart and next to its slider, and the run as code. */
function showSettings(): void {
  const settings = readSettings();
  const { split, windowLength } = settings;
  const { horizon = 1 } = series.current ? shapeOf(series.current, settings.horizon) : {};
  byId('split-value', HTMLElement).textContent = format.percent(split);
  const rows = series.current?.values.length ?? 0;
  forecastChart.showSplit(Math.round((rows - windowLength - horizon + 1) * split) + windowLength);
  showPreset(series.bundled);
  if (series.current && series.request) takeAway.describe(settings, series.request, series.current);
  void keepLink();
}

const preset = byId('preset', HTMLSelectElement);
form.addEventListener('input', (event) => {
  if (event.target === preset) return;
  showSettings();
});
preset.addEventListener('change', () => {
  const chosen = PRESETS[preset.value];
  if (!chosen) return;
  writeSettings(chosen);
  showSettings();
  if (chosen.series && chosen.series !== series.bundled) void sources.openBundled(chosen.series);
});

/** The link to the forecast, or to the training where its settings are open, of the series that is shown. */
async function linkNow(): Promise<string> {
  const { current, request, bundled } = series;
  const said =
    current && request ? await seriesToLink(current, request, bundled, bundled && BUNDLED_ROWS[bundled]) : [];
  said.push(...outliers.toLink());
  return linkTo('forecast', advanced.open ? toLink(readSettings(), said) : said);
}

/** Puts the link into the address of the page. */
async function showLink(): Promise<void> {
  address = await keepLink();
  history.replaceState(null, '', address);
}

/** Has the tab and the other language lead to what is shown. */
async function keepLink(): Promise<string> {
  const link = await linkNow();
  byId('forecast-tab', HTMLAnchorElement).href = link;
  otherLanguage.hash = link;
  return link;
}

const otherLanguage = byId('other-language', HTMLAnchorElement);
otherLanguage.lang = t.otherLanguageCode;
otherLanguage.href = `?lang=${t.otherLanguageCode}`;
otherLanguage.addEventListener('click', () => {
  if (doors.open !== 'forecast') otherLanguage.hash = location.hash;
});
advanced.addEventListener('toggle', () => void keepLink());

const stateOf = (hash: string) => Object.fromEntries(new URLSearchParams(hash.slice(1)));

if (doors.open === 'learn') learn.fromState(stateOf(location.hash));

const isOwn = ({ id }: KeptRun): boolean => id === ownTraining();

/** The newest link to a forecast that was taken or put into the address. */
let address = doors.open === 'forecast' ? location.hash : '';
/** The bundled series of that link; undefined: another one. */
let askedBundled: BundledName | undefined;
/** Whether that link names a series. */
let namesSeries = false;

clearRun();
void findDevice(() => (doors.open === 'learn' ? engine.connect() : engine.open()));
void takeLink(address);
document.body.classList.remove('opening');
addEventListener('hashchange', followLink);

/** Takes the link that was pasted into the address or followed; a bare one and that of what is shown open their section only. */
function followLink(): void {
  const { hash } = location;
  const isBare = new URLSearchParams(hash.slice(1)).size < 2 && !hash.includes('=');
  if (isBare) return;
  if (doors.open === 'learn') {
    if (hash !== linkTo('learn', Object.entries(learn.toState()))) learn.fromState(stateOf(hash));
  } else if (hash === address || hash === byId('forecast-tab', HTMLAnchorElement).hash) {
    address = hash;
  } else if (page.running) {
    history.replaceState(null, '', address);
    fail(t.stopFirstLink);
  } else {
    fail('');
    void takeLink(hash);
  }
}

/** Shows the series and the settings of a link to a forecast; where it has none, the tutorial's. */
async function takeLink(hash: string): Promise<void> {
  address = hash;
  writeSettings(fromLink(hash) ?? PRESETS.tutorial!);
  outliers.fromLink(hash);
  advanced.open = asksForTraining(hash);
  const linked = await seriesFromLink(hash).catch(() => 'damaged' as const);
  if (address !== hash) return; // another one was taken since
  const isDamaged = linked === 'damaged';
  namesSeries = linked !== undefined && !isDamaged;
  askedBundled = !linked || isDamaged ? 'sp500' : linked.kind === 'bundled' ? linked.bundled : undefined;
  showPreset(askedBundled);
  void findKept(isAsked);
  await openLinked(linked);
  if (advanced.open && doors.open === 'forecast') (kept.run ? byId('kept', HTMLElement) : advanced).scrollIntoView();
}

/** Opens the series of a link; without one, or with a damaged one, the tutorial's. */
async function openLinked(linked: LinkedSeries | 'damaged' | undefined): Promise<void> {
  if (!linked) return sources.openBundled('sp500');
  if (linked === 'damaged') {
    await sources.openBundled('sp500');
    fail(t.badLink);
  } else if (linked.kind === 'bundled') await sources.openBundled(linked.bundled, linked.reading);
  else if (linked.kind === 'own') {
    const file = new Blob([linked.csv]);
    await sources.openLinked({ name: linked.name || t.linkedName, file, ...linked.reading });
  } else await askForFile(linked);
}

/** A link cannot hold a file of many rows. */
async function askForFile({ name, rows, reading }: Extract<LinkedSeries, { kind: 'file' }>): Promise<void> {
  sources.awaitFile(name, reading);
  const { request } = series;
  if (request?.name === name) await sources.openLinked({ name, file: request.file, ...reading });
  const { current } = series;
  if (request?.name === name && current?.values.length === rows) return; // it was open
  const needed = byId('file-needed', HTMLElement);
  needed.textContent = t.fileNeeded(name, format.count(rows));
  needed.hidden = false;
  if (!current) byId('series-name', HTMLElement).textContent = '';
}

/** Whether a kept training is one of this page's link. Without a series it means the tutorial's, or any file of the visitor's. */
function isAsked({ settings, bundled = namesSeries ? undefined : 'sp500' }: KeptRun): boolean {
  return bundled === askedBundled && String(toLink(settings)) === String(toLink(readSettings()));
}
