import { ConfigError } from '../errors.ts';
import { describeDevice } from '../gpu/device.ts';
import { atLeastZero, text } from '../kinds.ts';
import { english } from '../report/format.ts';
import { predictionsCsv } from '../report/predictions.ts';
import { CHECKPOINT_EVERY_MS } from '../train/checkpoint_writer.ts';
import { horizonKind } from '../train/settings.ts';
import { testPage } from './chart/chart.ts';
import { type Command, deviceName, type Printer } from './command.ts';
import {
  type Course,
  checkInterval,
  countWindows,
  newCourse,
  nothingToMeasureOn,
  readUnfinished,
  readWeights,
  resumedCourse,
} from './course.ts';
import { adapterFlag, requestNodeDevice } from './device.ts';
import { type FlagValues, flag, grouped, jsonFlag, readArguments, switchFlag } from './flags.ts';
import { displayName, fileOptions, madeFlags, seriesFlags, severalFlags } from './input.ts';
import { printScores, scoresFields, verdictOnAll } from './many_scores.ts';
import { checkDistinct, Outputs } from './output.ts';
import { withPreset } from './preset.ts';
import { scoreFlags, scoresEts } from './scores.ts';
import { readSeriesFile, readSeriesFor } from './series_file.ts';
import { fitFlags, fitOptions, modelFlags, modelOptions, presetFlag } from './setting_flags.ts';
import { chosenSettings, settingsText } from './settings.ts';
import { trainAndScore } from './training.ts';
import { tuneKept } from './tuning_file.ts';

const flags = {
  ...grouped('Data', {
    ...severalFlags,
    global: switchFlag(
      'With --id or --columns: models learn all series and can forecast others, instead of one model for each series',
    ),
    ...seriesFlags,
    ...madeFlags,
  }),
  ...modelFlags,
  ...presetFlag,
  ...fitFlags,
  ...grouped('Evaluation', {
    ...scoreFlags,
    refit: switchFlag('After scoring, train again on all rows and keep that model: the newest rows matter most'),
    ahead: flag(horizonKind, 'Steps ahead that predict --interval supports; needs --validation (default: --horizon)'),
  }),
  ...grouped('Output', {
    'model-out': flag(text('FILE'), 'Write the trained model (safetensors), also after Ctrl-C'),
    'predictions-out': flag(
      text('FILE'),
      'Write the test set as CSV: row (of the rows used, from 1), date, actual, predicted, naive, intervals and quantiles',
    ),
    'chart-out': flag(text('FILE'), 'Write a chart of the forecast as one HTML file'),
    json: jsonFlag,
  }),
  ...grouped('Checkpoints', {
    checkpoint: flag(
      text('FILE'),
      'Save the training itself in a file, for --resume: regularly, after Ctrl-C, and at the end',
    ),
    'checkpoint-every': flag(atLeastZero, 'Seconds between checkpoints', CHECKPOINT_EVERY_MS / 1000),
    resume: flag(
      text('FILE'),
      'Resume the training that --checkpoint wrote; bit-identical on the same device. The file has its settings, except ' +
        '--interval and --season: give these again, and --checkpoint for further checkpoints',
    ),
    from: flag(
      text('FILE'),
      'Continue from the weights of a model that --model-out wrote, on the rows of this file. The architecture is kept, and so is ' +
        'the scale, unless --scaler-fit is given; the optimizer starts fresh',
    ),
  }),
  ...grouped('Advanced', {
    recover: switchFlag('When the device is lost, continue on a new one'),
    adapter: adapterFlag,
    tune: switchFlag(
      'Time kernels and plans on this device first, and use the fastest; keeps the timings for the next --tune',
    ),
  }),
};

/** Flags that define a model; with --from, the file does. */
const SHAPING = [...Object.keys(modelFlags), ...Object.keys(madeFlags), 'global'];

type TrainFlags = FlagValues<typeof flags>;

/** Trains a model on a column of a CSV file, and compares its scores with simple forecasts. */
export const trainCommand: Command = {
  summary: 'Train a model on a column of a CSV file and score it',
  usage: 'train <file.csv> [flags]',
  about:
    'Trains an LSTM, GRU or RNN to forecast the next rows of a column of a CSV file ("-" reads the standard input), and compares\n' +
    'its scores on the last rows with the naive forecast (tomorrow = today) and exponential smoothing (ETS).\n' +
    'Ctrl-C stops after the work under way and keeps the model trained so far; a second one stops at once.',
  flags,
  examples: [
    'train prices.csv',
    'train prices.csv --column Close --rows 1000 --epochs 50 --chart-out chart.html',
    'train prices.csv --batch 32 --hidden 64 --model-out model.safetensors --json',
    'train prices.csv --cell gru --layers 2 --dropout 0.2 --optimizer adamw --weight-decay 0.01 --clip-norm 1',
    'train sales.csv --past visits --future weekday,holiday --horizon 7 --validation 0.2 --patience 5 --interval 0.9',
    'train shops.csv --id shop --horizon 28 --calendar auto --model-out shops.safetensors',
    'train prices.csv --columns open,close --model-out both.safetensors',
    'train prices.csv --epochs 5000 --checkpoint run.ckpt --model-out model.safetensors',
    'train prices.csv --resume run.ckpt --checkpoint run.ckpt --model-out model.safetensors',
    'train new_prices.csv --from model.safetensors --epochs 5 --model-out newer.safetensors',
  ],
  async run(args, printer, stop) {
    const { values, files, given } = readArguments(flags, ['file.csv'], args);
    const path = files['file.csv'];
    const { 'model-out': model, 'predictions-out': predictions, 'chart-out': chart, checkpoint, resume } = values;
    const results = { 'model-out': model, 'predictions-out': predictions, 'chart-out': chart };
    const outputs = new Outputs({ ...results, checkpoint }, [path]);
    if (values['checkpoint-every'] !== undefined && checkpoint === undefined)
      throw new ConfigError('--checkpoint-every: there is no file to write; add --checkpoint FILE, or leave it out.');
    // a checkpoint may be written to the file that it is resumed from
    for (const read of [resume, values.from]) if (read !== undefined) checkDistinct(results, [read]);
    const course = await readCourse(path, values, given);
    const windows = countWindows(course);
    checkInterval(values.interval, Math.min(...windows.map(({ validation }) => validation)), resume);
    if (windows.some(({ test }) => test === 0))
      throw new ConfigError(
        '--split: got 1, which leaves nothing to score. Give --refit instead: it scores, then trains on all rows.',
      );
    if (values.ahead !== undefined && windows.some(({ validation }) => validation === 0))
      throw nothingToMeasureOn('--ahead');
    outputs.prepare();

    const device = await requestNodeDevice({ adapter: values.adapter });
    try {
      const description = describeDevice(device);
      const { software } = description;
      printer.device(description);
      const file = displayName(path);
      printData(file, course, windows, printer);
      if (resume === undefined && values.preset !== 'tutorial') {
        const { values, text } = chosenSettings(course);
        printer.event('settings', values);
        printer.note(text);
      }
      if (values.from !== undefined) printer.note(`Continuing from the weights in ${values.from}.`);

      const keepTuning = values.tune ? await tuneKept(device, printer, stop.signal) : undefined;
      const { interval, season, 'checkpoint-every': everySeconds, recover } = values;
      const trained = await trainAndScore(
        {
          ...{
            course,
            device,
            recover,
            everySeconds,
            outputs,
            signal: stop.signal,
            sliceMs: values['slice-ms'],
            ahead: values.ahead,
            refit: values.refit ?? false,
          },
          evaluate: { interval, season, ets: scoresEts(course.series.length) },
        },
        printer,
      ).finally(keepTuning);
      const { fit, scores, stepsPerSecond } = trained;
      const { epochs, ...counts } = fit;
      printScores(scores, printer);
      const speed = `${english.seconds(fit.seconds)}, ${english.rate(stepsPerSecond)} steps/s`;
      const each = course.ensemble > 1 ? ` of each of ${english.count(course.ensemble)} models` : '';
      const stopped = epochs.length < course.settings.epochs;
      if (stopped)
        printer.line(
          `Stopped early after ${english.count(epochs.length)} epochs: the validation loss stopped improving. The best weights are kept.`,
        );
      const wasFinished = resume !== undefined && fit.steps === 0;
      printer.line(
        wasFinished
          ? `The training in ${resume} was already finished: no steps were left.`
          : `Plan ${fit.plan}: ${english.count(fit.steps)} steps${each} in ${speed}, on ${deviceName(description)}.`,
      );
      if (fit.whyNotResident && !wasFinished) printer.line(`The resident plan was not used: ${fit.whyNotResident}.`);
      await outputs.write('model-out', () => trained.model);
      const sentence = verdictOnAll(scores);
      await outputs.write('predictions-out', () =>
        predictionsCsv(scores.map((one, k) => ({ ...one, dates: course.series[k]!.dates }))),
      );
      await outputs.write('chart-out', () => {
        const quantilesOf = course.shape.quantiles.length > 0 ? 'quantile' : 'of models'; // of the members of an ensemble
        const page = {
          file,
          series: course.series,
          scores,
          epochs,
          verdict: sentence,
          settings: settingsText(course, fit),
        };
        return testPage({ ...page, quantilesOf, device: deviceName(description) });
      });
      if (outputs.sentence) printer.line(outputs.sentence);
      printer.event('result', {
        ...scoresFields(scores),
        ...counts,
        epochs: epochs.length,
        stepsPerSecond,
        software,
        ensemble: course.ensemble,
        verdict: sentence,
        files: outputs.files,
      });
      outputs.check();
    } finally {
      device.destroy();
    }
  },
};

/** The training and its data, from the flags or from a checkpoint. */
async function readCourse(path: string, values: TrainFlags, given: ReadonlySet<string>): Promise<Course> {
  const { global, calendar, holidays, resume, from, past, future } = values;
  if (values.refit && from !== undefined)
    throw new ConfigError(
      '--refit trains from the initial weights, which a model from --from no longer has. Leave one of the two out.',
    );
  const options = fileOptions(values);
  if (global && (options.id ?? options.columns) === undefined)
    throw new ConfigError(
      '--global: the file is read as one series; add --id NAME or --columns LIST for several, or leave it out.',
    );
  const unfinished = resume === undefined ? undefined : await readUnfinished(resume, given);
  if (unfinished) return resumedCourse(unfinished, await readSeriesFor(unfinished.model, path, options), path);
  const fit = fitOptions(values);
  if (from === undefined) {
    const file = await readSeriesFile(path, { ...options, past, future, calendar, holidays });
    const chosen = withPreset(values, { model: modelOptions(values), fit: { ...fit, global } }, file.series);
    return newCourse(chosen.model, chosen.fit, file);
  }
  const { scalerFit, ...kept } = fit;
  const asked = given.has('scaler-fit') ? fit : kept;
  const { model, courseOf } = await readWeights(from, asked, {
    shaping: SHAPING,
    given,
    complete: (series, own) => withPreset(values, own, series).fit,
  });
  return courseOf(await readSeriesFor(model, path, options), path);
}

function printData(file: string, course: Course, windows: ReturnType<typeof countWindows>, printer: Printer): void {
  const { shape, settings, series } = course;
  const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0);
  const count = (part: 'train' | 'validation' | 'test') => sum(windows.map((own) => own[part]));
  const [train, validation, test] = [count('train'), count('validation'), count('test')];
  const own = { trainWindows: train, testWindows: test, ...(validation > 0 && { validationWindows: validation }) };
  printer.data(file, course, own);
  const { dropout, numLayers } = shape.config;
  if (dropout > 0 && numLayers === 1)
    printer.note(`--dropout ${dropout} does nothing with one layer: it acts between layers (--layers 2).`);
  const kept = settings.validation > 0 ? `${english.count(validation)} to validate on, ` : '';
  const rows = sum(series.map(({ values }) => values.length));
  printer.note(
    `${english.count(rows)} rows: ${english.count(train)} windows to train on, ${kept}${english.count(test)} to test on.`,
  );
}
