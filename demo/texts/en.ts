import type { NamedRule } from '../../src/report/verdict_text.ts';
import { FIELDS } from '../settings.ts';

const labels = Object.fromEntries(Object.entries(FIELDS).map(([name, { label }]) => [name, label])) as {
  [Name in keyof typeof FIELDS]: string;
};

/** The best rule without a model. */
const plain = ({ name, season }: NamedRule): string => {
  if (name === 'ets') return 'exponential smoothing';
  return name === 'naive' ? 'simply repeating the last value' : `repeating the value of ${season} rows earlier`;
};

/** Everything the page says, by place. A text without arguments stands in index.html under its name, too. */
export const en = {
  title: 'Train an LSTM in this page',
  lead: 'It learns to say the next value of a series from the values before it, on your own GPU. No byte leaves this page.',
  runsOn: 'Runs on',
  otherLanguage: 'Português',
  /** For ?lang= in the link to it. */
  otherLanguageCode: 'pt',
  sections: 'Sections',
  learnTab: 'Learn',
  forecastTab: 'Forecast',
  seriesTitle: 'Series',
  chooseCsv: 'Choose a CSV',
  birthsButton: 'Births',
  orDrop: 'Or drop a file anywhere on the page, or paste its rows.',
  column: 'Column',
  lastRows: 'Last rows',
  all: 'all',
  missingValues: 'Missing values',
  refuse: 'refuse',
  leaveOut: 'leave out',
  fillIn: 'fill in',
  repeatValue: 'repeat the value before',
  missingRows: 'Missing rows',
  asTheyAre: 'as they are',
  fillBetween: 'fill between',
  /** @param unread names of series that cannot be read. */
  amongSeries: (ids: number, column: string, unread: readonly string[]) =>
    `One of ${ids} series in “${column}”.${unread.length > 0 ? ` Not readable: ${unread.join(', ')}.` : ''}`,
  firstRows: 'First rows of the file',
  modelTitle: 'Model and training',
  preset: 'Preset',
  presetTutorial: 'the tutorial',
  presetBirths: 'births',
  presetQuick: 'quick look',
  presetOwn: 'your own',
  settings: { ...labels, horizon: 'Rows ahead', shuffle: 'Samples' },
  choices: {
    cell: { RNN_TANH: 'RNN (tanh)', RNN_RELU: 'RNN (relu)' },
    shuffle: { no: 'in order', yes: 'shuffled' },
    scalerFit: { train: 'training rows', all: 'all rows' },
  },
  scalerNote: '“All rows” is what the PyTorch tutorial does; it lets the model peek at the range of the test part.',
  train: 'Train',
  training: 'Training',
  trainingProgress: 'Training progress',
  pause: 'Pause',
  resume: 'Resume',
  stop: 'Stop',
  lossNow: 'Loss now',
  pace: 'Steps per second',
  timeLeft: 'Time left',
  forecastTitle: 'Actual and predicted',
  wholeSeries: 'Whole series',
  testPart: 'Test part',
  forecastNote:
    'Each prediction is one step ahead, from the true values before it; behind the last row the model reads its own. ' +
    'Drag to zoom, scroll sideways to move, double-click to see it all; a click on a name hides its line; arrow keys read off values.',
  residualTitle: 'What is left: actual minus predicted',
  scoresTitle: 'Against guessing',
  errorTestPart: 'Error, test part',
  model: 'Model',
  lossTitle: 'Loss',
  logScale: 'Logarithmic',
  lossesByEpoch: 'Losses by epoch',
  epoch: 'Epoch',
  meanLoss: 'Mean loss',
  lastBatch: 'Last batch',
  stepsPerS: 'Steps / s',
  footer:
    'The file you choose is read by this page and nowhere else: there is no server, no upload and no tracking. A stock ' +
    'price is close to a random walk, so expect a draw with guessing at best.',
  dropHere: 'Drop the CSV to forecast it',
  skip: 'Skip to the charts',
  noDeviceTitle: 'This browser gives the page no GPU to train on',
  lookAgain: 'Look again',

  takeTitle: 'Take it away',
  takeModel: 'Model (safetensors)',
  takePredictions: 'Predictions (CSV)',
  takeChart: 'Chart (PNG)',
  takeSeries: 'Series (CSV)',
  takeLibrary: 'The same run as code for this library',
  takePytorch: 'The same run in PyTorch',
  copy: 'Copy',
  copied: 'Copied',
  copyRefused: 'The browser did not allow it; select the text instead',

  sp500Name: 'S&P 500, daily close',
  birthsName: 'US births, 2000 to 2014',
  pastedName: 'pasted rows',
  bundledFailed: () => 'The built-in series could not be loaded. Reload the page, or choose a CSV of your own.',
  rowsOf: (name: string, rows: string, span: string) => `${name}: ${rows} rows${span}`,
  span: (first: string, last: string) => `, ${first} to ${last}`,
  columnKind: { number: 'number', date: 'date', text: 'text' },

  lookingForGpu: 'looking for a GPU',
  software: (name: string) => `${name} (a software adapter: correct, but slow)`,
  noGpu: 'nothing: no GPU for this page',
  noGpuStatus: 'Training needs WebGPU; reading and drawing files works without.',
  lostGpu: 'The GPU was lost; asking for another …',
  workerEnded: 'it ran out of memory, or was ended',
  workerNotStarted: 'it could not be started',
  workerFailed: (reason: string) => `The worker failed: ${reason}. Train again, or reload the page.`,
  stopFirst: 'Stop what is running, then drop the file again.',

  readyWhenGpu: 'Ready when the GPU is.',
  ready: 'Ready.',
  compiling: 'Compiling the kernels …',
  epochOf: (epoch: number, epochs: number) => `Epoch ${epoch} of ${epochs}`,
  paused: (epoch: number, epochs: number) => `Paused in epoch ${epoch} of ${epochs}`,
  stopping: 'Stopping …',
  done: (steps: string, seconds: string) => `Done in ${seconds} (${steps} steps).`,
  doneGoingOn: (total: string, steps: string, seconds: string) =>
    `Done: ${total} steps, the last ${steps} in ${seconds}.`,
  stopped: (epochs: number) => `Stopped after ${epochs} whole epochs; the model is as it was then.`,
  failed: 'Training failed; the reason is above.',
  keptGone: 'The saved training is gone, or it was resumed in another tab.',
  modelGone: 'The model was lost with its worker. Resume the saved training, or train again.',

  naive: 'Tomorrow = today',
  seasonalNaive: (season: number) => `Same as ${season} rows before`,
  ets: 'Exponential smoothing',
  meanings: {
    rmse: 'Root of the mean squared error, in the units of the series',
    mae: 'Mean absolute error, in the units of the series',
    mape: 'Mean absolute error in percent of the actual value',
    mase: 'Mean absolute error, divided by that of “tomorrow = today” on the training part',
  },
  verdictBefore: 'After training, the model meets the plainest forecasts there are.',
  verdictFlat: 'The test part does not move, so “Tomorrow = today” is never wrong there',
  verdictRepeats: (season: number) =>
    `The test part repeats itself every ${season} rows, so “Same as ${season} rows before” is never wrong there`,
  verdictSmooth: 'Exponential smoothing is never wrong on the test part',
  verdictMisses: (mae: string) => `; the model misses by ${mae} on average.`,
  verdictAlsoNever: ', and neither is the model.',
  verdictUnknown: () => 'The errors are too large to compare.',
  verdictSizes: (mae: string, _: string, ruleMae: string) => `mean error ${mae} against ${ruleMae}`,
  verdictDraw: (sizes: string, best: NamedRule) => `As good as ${plain(best)}: ${sizes}.`,
  verdictBetter: (sizes: string, percent: string, best: NamedRule) =>
    `Better than ${plain(best)}: ${sizes} (${percent} smaller).`,
  verdictWorse: (sizes: string, percent: string, best: NamedRule) =>
    `Worse than ${plain(best)}: ${sizes} (${percent} larger).`,
  verdictMuchWorse: (sizes: string, times: string, best: NamedRule) =>
    `Worse than ${plain(best)}: ${sizes} (${times} times as large).`,

  row: 'Row',
  date: 'Date',
  actual: 'Actual',
  predicted: 'Predicted',
  ahead: 'Beyond the end',
  spread: (low: string) => `Ensemble, ${low}`,
  residual: 'Residual',
  mean: 'Mean',
  withinEpoch: 'Within epoch',
  testPartLabel: 'test part',
  chartEmpty: 'Chart: no series yet',
  chartOf: (column: string, rows: number, predicted: number | undefined) =>
    `Chart of ${column}: ${rows} rows${predicted === undefined ? '' : `, ${predicted} of them predicted`}`,
  lossChartEmpty: 'Loss chart: no training yet',
  lossChartOf: (epochs: number) => `Loss chart: ${epochs} epochs`,
  residualChartOf: (rows: number) => `Residuals of ${rows} predictions`,
};

export type Texts = typeof en;
