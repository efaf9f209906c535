import type { NamedRule } from '../../src/report/verdict_text.ts';
import { FIELDS } from '../settings.ts';

const helps = Object.fromEntries(Object.entries(FIELDS).map(([name, { help }]) => [name, help])) as {
  [Name in keyof typeof FIELDS]: string;
};
const labels = Object.fromEntries(Object.entries(FIELDS).map(([name, { label }]) => [name, label])) as {
  [Name in keyof typeof FIELDS]: string;
};

/** The best rule without a model. */
const plain = ({ name, season }: NamedRule): string => {
  if (name === 'ets') return 'exponential smoothing';
  return name === 'naive' ? 'simply repeating the last value' : `repeating the value of ${season} rows earlier`;
};

/** The page's texts, by place. A text without arguments is also in index.html, under its name. */
export const en = {
  title: 'LSTMs in your browser',
  lead: 'Forecast a series of your own, or see how an LSTM learns, on your own GPU. Your data never leaves this page.',
  runsOn: 'Runs on',
  otherLanguage: 'Português',
  /** For ?lang= in the link to it. */
  otherLanguageCode: 'pt',
  sections: 'Sections',
  learnTab: 'Learn',
  forecastTab: 'Forecast',
  chooseData: 'Choose data',

  howRead: 'How the file is read',
  seriesTitle: 'Series',
  chooseCsv: 'Choose a CSV',
  birthsButton: 'Births',
  orDrop: 'You can also drop a file anywhere on the page, or paste rows from a spreadsheet.',
  column: 'Column',
  lastRows: 'Most recent rows to use',
  all: 'all',
  missingValues: 'Missing values',
  refuse: 'stop with an error',
  leaveOut: 'skip those rows',
  fillIn: 'interpolate',
  repeatValue: 'repeat the value before',
  missingRows: 'Missing rows',
  asTheyAre: 'leave as they are',
  fillBetween: 'interpolate',
  /** @param unread names of series that cannot be read. */
  amongSeries: (ids: number, column: string, unread: readonly string[]) =>
    `One of ${ids} series in “${column}”.${unread.length > 0 ? ` Not readable: ${unread.join(', ')}.` : ''}`,
  firstRows: 'First rows of the file',
  previewOfPart: (rows: string) => `Only the last ${rows} rows of the file are used.`,
  advanced: 'Advanced: train a model with settings of your own',
  preset: 'Preset',
  presets: {
    tutorial: 'PyTorch tutorial: S&P 500',
    births: 'US births',
    quick: 'Quick look',
    own: 'Your own settings',
  },
  presetNotes: {
    tutorial:
      'The run of a well-known tutorial, with its two traps. Its scaler is fitted on all rows, which leaks the test set’s ' +
      'range into training. And a stock price is close to a random walk: expect a draw with repeating today’s value at best.',
    births:
      'Daily births follow the week. The model finds that by itself, and is better than repeating the week before.',
    quick: 'Three epochs, to see how a training goes. It takes a second or two.',
    own: 'Change what you like; the link of the page holds every setting.',
  },
  groups: { Model: 'Model', Training: 'Training', Advanced: 'On the GPU' },
  settings: { ...labels, horizon: 'Steps ahead', shuffle: 'Sample order', scalerFit: 'Fit scaler on' },
  help: {
    ...helps,
    horizon: 'Steps to forecast after the end of the series; each uses the ones before it',
    split: 'Share of the windows, from the start, to train on; the rest is the test set',
    cell: 'The kind of network: how it updates its memory at each row',
    numLayers: 'Recurrent layers; each reads the outputs of the one before',
    hiddenSize: 'Size of each layer’s memory',
    lr: 'Size of the optimizer steps',
    plan: 'How the steps run on the GPU; “auto” chooses by the size of the model',
    scalerFit:
      'Rows that set the scale of the values. “All rows” leaks the range of the test set into training, as in the tutorial',
    ensemble: 'Models trained side by side, each with a seed of its own; the forecast is their mean',
  },
  choices: {
    cell: { RNN_TANH: 'RNN (tanh)', RNN_RELU: 'RNN (relu)' },
    shuffle: { no: 'in order', yes: 'shuffled' },
    scalerFit: { train: 'training rows', all: 'all rows' },
  },
  sideColumns: {
    title: 'Other columns',
    help:
      'To read with the series. “Past” is known up to the last row of the series; “known ahead” also in the rows to forecast, ' +
      'such as holidays: these rows are at the end of the file, without a value of the series.',
    choices: { ignore: 'ignore', past: 'past', future: 'known ahead' },
  },
  train: 'Train',
  training: 'Training',
  trainingProgress: 'Training progress',
  pause: 'Pause',
  resume: 'Resume',
  stop: 'Stop',
  lossNow: 'Current loss',
  pace: 'Steps per second',
  timeLeft: 'Time left',
  progress: 'Progress',
  runBar: 'Run',
  forecastTitle: 'Actual and predicted',
  rowsShown: 'Rows shown',
  latestRows: 'Latest',
  wholeSeries: 'Whole series',
  testSet: 'Test set',
  forecastNote:
    'In the test set, each prediction is one step ahead, made from the true past values; after the end of the series, the model feeds ' +
    'on its own predictions. Drag to zoom, scroll sideways to pan, double-click to see it all; click a name to show or hide its ' +
    'line; arrow keys read off values.',
  residualTitle: 'Residuals (actual − predicted)',
  scoresTitle: 'Compared with simple forecasts',
  errorTestPart: 'Error, test set',
  model: 'Model',
  lossTitle: 'Loss',
  logScale: 'Logarithmic',
  lossesByEpoch: 'Losses by epoch',
  epoch: 'Epoch',
  meanLoss: 'Mean loss',
  lastBatch: 'Last batch',
  stepsPerS: 'Steps / s',
  footer: 'The file you choose is read by this page and nowhere else: there is no server, no upload and no tracking.',
  dropHere: 'Drop the CSV to forecast it',
  skip: 'Skip to the content',
  close: 'Close',
  noDeviceTitle: 'WebGPU is not available in this browser',
  lookAgain: 'Look again',

  takeTitle: 'Download the run',
  takeModel: 'Model (safetensors)',
  takePredictions: 'Predictions (CSV)',
  takeChart: 'Chart (PNG)',
  takeChartSvg: 'Chart (SVG)',
  takeSeries: 'Series (CSV)',
  takeLibrary: 'Code to reproduce this run (lstm-webgpu)',
  takePytorch: 'Code to reproduce this run (PyTorch)',
  copy: 'Copy',
  copied: 'Copied',
  copyLink: 'Copy link',
  linkNeedsFile: 'Copied, without the file',
  copyLinkRefused: 'The browser did not allow it; copy the address above',
  copyRefused: 'The browser did not allow it; select the text instead',

  sp500Name: 'S&P 500, daily close',
  birthsName: 'US births, 2000 to 2014',
  pastedName: 'pasted rows',
  linkedName: 'series of the link',
  fileNeeded: (name: string, rows: string) => `This link needs a file: choose or drop “${name}” (${rows} rows).`,
  badLink: 'This link is damaged, so the S&P 500 is shown. Ask for the link once more.',
  bundledFailed: () => 'The built-in series could not be loaded. Reload the page, or choose a CSV of your own.',
  rowsOf: (name: string, rows: string, span: string) => `${name}: ${rows} rows${span}`,
  lastRowsOf: (name: string, rows: string, span: string) => `${name}: the last ${rows} rows${span}`,
  stillShown: (name: string) => `Still shown: ${name}.`,
  span: (range: string) => `, ${range}`,
  range: (first: string, last: string) => `${first} to ${last}`,
  quarter: (quarter: number, year: number) => `Q${quarter} ${year}`,
  columnKind: { number: 'number', date: 'date', text: 'text' },

  lookingForGpu: 'looking for a GPU',
  software: (name: string) => `${name} (a software adapter: correct, but slow)`,
  noGpu: 'no GPU',
  noGpuStatus: 'Training needs WebGPU; reading and drawing files works without.',
  lostGpu: 'The GPU was lost; asking for another …',
  workerEnded: 'it ran out of memory, or was ended',
  workerNotStarted: 'it could not be started',
  workerFailed: (reason: string) => `The worker failed: ${reason}. Train again, or reload the page.`,
  stopFirst: 'Stop what is running, then drop the file again.',
  stopFirstLink: 'Stop what is running, then open the link again.',

  readyWhenGpu: 'Waiting for the GPU …',
  ready: 'Ready.',
  noData: 'No data yet.',
  compiling: 'Compiling the kernels …',
  epochOf: (epoch: number, epochs: number) => `Epoch ${epoch} of ${epochs}`,
  spokenEpoch: (epoch: number, epochs: number, loss: string, left: string) =>
    `Epoch ${epoch} of ${epochs}, loss ${loss}, time left ${left}`,
  paused: (epoch: number, epochs: number) => `Paused in epoch ${epoch} of ${epochs}`,
  stopping: 'Stopping …',
  done: (steps: string, seconds: string) => `Training done in ${seconds} (${steps} steps).`,
  doneGoingOn: (total: string, steps: string, seconds: string) =>
    `Training done: ${total} steps, the last ${steps} in ${seconds}.`,
  stopped: (epochs: number) =>
    `Training stopped after ${epochs} full ${epochs === 1 ? 'epoch' : 'epochs'}; the model from that point is kept.`,
  failed: 'Training failed; see the message.',
  keptGone: 'The saved training is gone, or it was resumed in another tab.',
  modelGone: 'The model was lost with its worker. Resume the saved training, or train again.',

  naive: 'Same as the row before',
  seasonalNaive: (season: number) => `Same as ${season} rows earlier`,
  ets: 'Exponential smoothing',
  scoresNote:
    'MAE: the average error, in the units of the series; RMSE weighs large errors more. MAPE: the average error in percent of the ' +
    'actual value. MASE: the MAE divided by the usual change of the series, from season to season or from row to row. Smaller is better.',
  verdictBefore: 'After training, you will see how the model compares with the simplest possible forecasts.',
  verdictFlat: 'The test set is constant, so “Same as the row before” is never wrong there',
  verdictRepeats: (season: number) =>
    `The test set repeats itself every ${season} rows, so “Same as ${season} rows earlier” is never wrong there`,
  verdictSmooth: 'Exponential smoothing is never wrong on the test set',
  verdictMisses: (mae: string) => `; the average error of the model is ${mae}.`,
  verdictAlsoNever: ', and neither is the model.',
  verdictUnknown: () => 'The errors are too large to compare.',
  verdictSizes: (mae: string, _: string, ruleMae: string) => `average error ${mae} vs. ${ruleMae}`,
  verdictDraw: (sizes: string, best: NamedRule) => `As good as ${plain(best)}: ${sizes}.`,
  verdictBetter: (sizes: string, percent: string, best: NamedRule) =>
    `Better than ${plain(best)}: ${sizes} (${percent} smaller).`,
  verdictWorse: (sizes: string, percent: string, best: NamedRule) =>
    `Worse than ${plain(best)}: ${sizes} (${percent} larger).`,
  verdictMuchWorse: (sizes: string, times: string, best: NamedRule) =>
    `Worse than ${plain(best)}: ${sizes} (${times} times as large).`,

  row: 'Row',
  rowNumber: (row: string) => `row ${row}`,
  date: 'Date',
  actual: 'Actual',
  predicted: 'Predicted',
  ahead: 'Forecast',
  spread: (low: string) => `Ensemble, ${low}`,
  interval: (level: string) => `${level} interval`,
  dense: (rows: string) => `${rows} rows per pixel; drag to zoom in`,
  residual: 'Residual',
  epochMean: 'Mean of the epoch',
  withinEpoch: 'Within epoch',
  testPartLabel: 'Test set',
  chartEmpty: 'Chart: no series yet',
  chartOf: (column: string, rows: number, predicted: number | undefined) =>
    `Chart of ${column}: ${rows} rows${predicted === undefined ? '' : `, ${predicted} of them predicted`}`,
  lossChartEmpty: 'Loss chart: no training yet',
  lossChartOf: (epochs: number) => `Loss chart: ${epochs} epochs`,
  residualChartOf: (rows: number) => `Residuals of ${rows} predictions`,
};

export type Texts = typeof en;
