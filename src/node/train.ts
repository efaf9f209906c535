import { splitSamples } from '../data/windows.ts';
import { autotune, type ProductTiming } from '../engine/product.ts';
import type { FitOptions } from '../forecast/options.ts';
import { describeDevice } from '../gpu/device.ts';
import type { FitReport } from '../train/run.ts';
import { chartPage } from './chart/chart.ts';
import { type Command, commandHelp, deviceName, type Printer } from './command.ts';
import { requestDevice } from './device.ts';
import { choiceFlag, type FlagValues, integerFlag, numberFlag, readArguments, switchFlag, textFlag } from './flags.ts';
import { displayName, readSeriesFile, seriesFlags } from './input.ts';
import { changedSettings, learningFlags, learningOptions, modelFlags, modelOptions } from './model_flags.ts';
import { checkDistinct, prepareOutputs, writeOutput } from './output.ts';
import { formatCount, formatSeconds } from './progress.ts';
import { compareScores, predictionsCsv, scoreTable, verdict } from './scores.ts';
import type { Stop } from './stop.ts';
import { type Trained, trainAndScore } from './training.ts';

/** The compiler asks for every plan there is. */
const PLANS: Readonly<Record<NonNullable<FitOptions['plan']>, true>> = {
  auto: true,
  resident: true,
  sequence: true,
  timestep: true,
};

const flags = {
  column: seriesFlags.column,
  window: integerFlag(10, { min: 1 }, 'Rows the model reads to forecast the next one'),
  ...modelFlags,
  epochs: integerFlag(20, { min: 1 }, 'Passes over the training windows'),
  batch: integerFlag(1, { min: 1 }, 'Windows per optimizer step'),
  ...learningFlags,
  split: numberFlag(
    0.8,
    'a number above 0 and below 1',
    (share) => share > 0 && share < 1,
    'Share of the windows, from the start, to train on; the rest is the test part',
  ),
  seed: integerFlag(0, { min: 0, max: 2 ** 32 - 1 }, "Seed of PyTorch's initial weights and of the shuffling"),
  ensemble: integerFlag(1, { min: 1 }, 'Models trained side by side, seeds N, N + 1, ...; the forecast is their mean'),
  'scaler-fit': choiceFlag<'train' | 'all'>(
    'train',
    ['train', 'all'],
    'Rows the scaler sees; all of them leak the future into the scale, as in the tutorial',
  ),
  shuffle: switchFlag('Visit the windows in a new, seeded order every epoch'),
  plan: choiceFlag('auto', Object.keys(PLANS) as (keyof typeof PLANS)[], 'How the steps run on the GPU'),
  rows: seriesFlags.rows,
  missing: seriesFlags.missing,
  tune: switchFlag('Time the kernels on this device first, and take the fastest'),
  'slice-ms': numberFlag(50, 'a number above 0', (ms) => ms > 0, 'Target duration of one piece of GPU work, in ms'),
  'model-out': textFlag('FILE', 'Write the trained model (safetensors), also after Ctrl-C'),
  'predictions-out': textFlag(
    'FILE',
    'Write the test part as CSV: row (of the rows used, from 1), date, actual, predicted, naive',
  ),
  'chart-out': textFlag('FILE', 'Write a chart of the forecast as one HTML file'),
  json: switchFlag('Print JSON lines and nothing else on stdout'),
};

type TrainFlags = FlagValues<typeof flags>;

/** Trains a model on a column of a CSV file and scores it beside the naive forecast. */
export const train: Command = {
  summary: 'Train a model on a column of a CSV file and score it',
  help: commandHelp(
    'train <file.csv> [flags]',
    'Trains an LSTM, GRU or RNN to forecast the next row of a column of a CSV file ("-" reads the standard input), oldest row\n' +
      'first, and scores it on the last rows beside the naive forecast (tomorrow = today).\n' +
      'Ctrl-C stops after the work under way and keeps the model trained so far; a second one stops at once.',
    flags,
    [
      'train prices.csv',
      'train prices.csv --column Close --rows 1000 --epochs 50 --chart-out chart.html',
      'train prices.csv --batch 32 --hidden 64 --model-out model.safetensors --json',
      'train prices.csv --cell gru --layers 2 --dropout 0.2 --optimizer adamw --weight-decay 0.01 --clip-norm 1',
    ],
  ),
  async run(args, printer, stop) {
    const { values, files } = readArguments(flags, ['file.csv'], args);
    const path = files['file.csv'];
    const { 'model-out': model, 'predictions-out': predictions, 'chart-out': chart } = values;
    const outputs = { 'model-out': model, 'predictions-out': predictions, 'chart-out': chart };
    checkDistinct(outputs, [path]);
    const { column, rows, missing } = values;
    const series = await readSeriesFile(path, { column, rows, missing });
    const numRows = series.values.length;
    const { numTrain, numTest } = splitSamples({ rows: numRows, windowLength: values.window, split: values.split });
    prepareOutputs(outputs);

    const device = await requestDevice();
    try {
      const description = describeDevice(device);
      const { software } = description;
      printer.device(description);
      const file = displayName(path);
      const data = { column: series.column, rows: numRows, trainWindows: numTrain, testWindows: numTest };
      printer.event('data', { file, ...data, note: series.note });
      printer.note(series.note);
      if (values.dropout > 0 && values.layers === 1)
        printer.note(`--dropout ${values.dropout} does nothing with one layer: it acts between layers (--layers 2).`);
      printer.note(`${plain(numRows)} rows: ${plain(numTrain)} windows to train on, ${plain(numTest)} to test on.`);

      if (values.tune) printer.note(tunedNote(await autotune(device)));
      const trained = await runTraining(device, series.values, values, printer, stop);
      const { fit, evaluation } = trained;
      const scores = compareScores(evaluation, series.values);
      const sentence = verdict(evaluation.metrics);
      if (model !== undefined) writeOutput(model, trained.model);
      if (predictions !== undefined) writeOutput(predictions, predictionsCsv(evaluation, series.dates));
      if (chart !== undefined) {
        const settings = settingsOf(values, fit);
        const page = { file, series, evaluation, epochs: fit.epochs, scores, verdict: sentence, settings };
        writeOutput(chart, chartPage({ ...page, device: deviceName(description) }));
      }

      const stepsPerSecond = fit.steps / fit.epochs.reduce((sum, { seconds }) => sum + seconds, 0);
      const written = { model: model ?? null, predictions: predictions ?? null, chart: chart ?? null };
      const { epochs, ...counts } = fit;
      printer.line(`\nTest scores over ${plain(numTest)} rows, one row ahead:`);
      printer.line(scoreTable(scores));
      printer.line(`\n${sentence}`);
      const speed = `${formatSeconds(fit.seconds)}, ${formatCount(stepsPerSecond)} steps/s`;
      const each = values.ensemble > 1 ? ` of each of ${plain(values.ensemble)} models` : '';
      printer.line(`Plan ${fit.plan}: ${plain(fit.steps)} steps${each} in ${speed}, on ${deviceName(description)}.`);
      if (fit.whyNotResident) printer.line(`Not resident: ${fit.whyNotResident}.`);
      const names = Object.values(written).filter((name) => name !== null);
      if (names.length > 0) printer.line(`Wrote ${names.join(', ')}.`);
      printer.event('result', {
        ...evaluation.metrics,
        ...counts,
        epochs: epochs.length,
        stepsPerSecond,
        software,
        testRows: numTest,
        ensemble: values.ensemble,
        verdict: sentence,
        files: written,
      });
    } finally {
      device.destroy();
    }
  },
};

function runTraining(
  device: GPUDevice,
  series: Float64Array,
  flags: TrainFlags,
  printer: Printer,
  stop: Stop,
): Promise<Trained> {
  const { window: windowLength, seed, ensemble, epochs, split, shuffle, plan } = flags;
  const { batch: batchSize, 'scaler-fit': scalerFit, 'slice-ms': sliceMs } = flags;
  const training = {
    model: { device, windowLength, seed, ensemble, ...modelOptions(flags) },
    fit: { epochs, batchSize, split, scalerFit, shuffle, plan, sliceMs, ...learningOptions(flags) },
    signal: stop.signal,
    modelOut: flags['model-out'],
  };
  return trainAndScore(series, training, printer);
}

const tunedNote = ([fastest]: readonly ProductTiming[]): string =>
  `Tuned: ${fastest!.kernel} in workgroups of ${fastest!.workgroup.join(' x ')}, ${fastest!.gflops.toPrecision(3)} GFLOP/s.`;

const plain = (count: number): string => count.toLocaleString('en');

/** What somebody needs to get the same numbers again, for the chart's footer. */
function settingsOf(flags: TrainFlags, fit: FitReport): [string, string][] {
  const { window, hidden, layers, batch, lr, split, seed, ensemble, shuffle } = flags;
  return [
    ['window', `${window} rows`],
    ['hidden units', `${hidden}`],
    ['layers', `${layers}`],
    ['epochs', `${fit.epochs.length}`],
    ['batch', `${batch}`],
    ['learning rate', `${lr}`],
    ['split', `${split}`],
    ['seed', `${seed}`],
    ...changedSettings(flags),
    ...(ensemble > 1 ? [['ensemble', `${ensemble} models`] as [string, string]] : []),
    ['scaler fitted on', flags['scaler-fit'] === 'all' ? 'all rows' : 'training rows'],
    ['order', shuffle ? 'shuffled' : 'in time'],
    ['plan', fit.plan],
    ['steps', `${plain(fit.steps)} in ${formatSeconds(fit.seconds)}`],
  ];
}
