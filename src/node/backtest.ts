import {
  BACKTEST_DEFAULTS,
  type BacktestFold,
  type BacktestOptions,
  backtest as rollOrigins,
} from '../forecast/backtest.ts';
import { fitSettings } from '../forecast/settings.ts';
import { forecastShape } from '../forecast/shape.ts';
import { describeDevice } from '../gpu/device.ts';
import { choice, integer, positiveInteger, text } from '../kinds.ts';
import { english } from '../report/format.ts';
import { predictionsCsv } from '../report/predictions.ts';
import { compareScores, scoredOf } from '../report/scores.ts';
import { type Command, commandHelp, deviceName } from './command.ts';
import { nothingToMeasureOn } from './course.ts';
import { adapterFlag, requestNodeDevice } from './device.ts';
import { type FlagValues, flag, grouped, readArguments, switchFlag } from './flags.ts';
import { displayName, madeFlags, seriesFlags, seriesOptions } from './input.ts';
import { Outputs } from './output.ts';
import { ProgressBar } from './progress.ts';
import { otherScores, scoreFields, scoreFlags, scoreTable, verdict } from './scores.ts';
import { readSeriesFile, seriesOf } from './series_file.ts';
import { fitFlags, fitOptions, modelFlags, modelOptions } from './setting_flags.ts';

const { ensemble: _, ...ofEach } = modelFlags;
const { split: __, ...training } = fitFlags;
const flags = {
  ...grouped('Data', { ...seriesFlags, ...madeFlags }),
  ...ofEach,
  ...training,
  ...grouped('Evaluation', {
    folds: flag(integer(2), 'Origins: the model is trained anew from each', BACKTEST_DEFAULTS.folds),
    'test-rows': flag(
      positiveInteger,
      'Rows that each fold is scored on (default: three quarters of the rows, in equal parts)',
    ),
    scheme: flag(
      choice(['sliding', 'expanding']),
      'Train each fold on as many rows as the first one, or on all rows before its origin, which takes longer',
      BACKTEST_DEFAULTS.scheme,
    ),
    ...scoreFlags,
  }),
  ...grouped('Output', {
    'predictions-out': flag(
      text('FILE'),
      'Write the scored rows as CSV: fold, row (of the rows used, from 1), date, actual, predicted, naive, and intervals and quantiles',
    ),
    adapter: adapterFlag,
    json: switchFlag('Print JSON lines and nothing else on stdout'),
  }),
};

/** Tells how models would have done on a file, from several origins in its past. */
export const backtestCommand: Command = {
  summary: 'Train and score a model from several origins in the past of a CSV file',
  help: commandHelp(
    'backtest <file.csv> [flags]',
    'Trains a model for each of several origins in a column of a CSV file ("-" reads the standard input), all of them together,\n' +
      'each on the rows before its origin, and scores it on the rows behind, beside the naive forecast (tomorrow = today).',
    flags,
    [
      'backtest prices.csv',
      'backtest prices.csv --folds 8 --test-rows 20 --scheme expanding --epochs 50 --batch 32',
      'backtest sales.csv --season 7 --validation 0.2 --interval 0.9 --predictions-out folds.csv --json',
    ],
  ),
  async run(args, printer, stop) {
    const { values, files } = readArguments(flags, ['file.csv'], args);
    const path = files['file.csv'];
    const { past, future, calendar, holidays } = values;
    const outputs = new Outputs({ 'predictions-out': values['predictions-out'] }, [path]);
    const read = await readSeriesFile(path, { ...seriesOptions(values), past, future, calendar, holidays });
    const frame = read.series[0]!;
    const options = optionsOf(values, { past: Object.keys(frame.past), future: Object.keys(frame.future) });
    const { seed: _, ...shaped } = options.model;
    const { validation } = fitSettings(options.fit, forecastShape(shaped), 1);
    if (values.interval !== undefined && validation === 0) throw nothingToMeasureOn();
    outputs.prepare();

    const device = await requestNodeDevice({ adapter: values.adapter });
    const bar = new ProgressBar(process.stderr);
    try {
      const description = describeDevice(device);
      printer.device(description);
      printer.data(displayName(path), read);
      const report = await rollOrigins(seriesOf(frame), {
        ...options,
        device,
        signal: stop.signal,
        onProgress: (progress) => bar.update(progress),
      });
      bar.clear();
      const { folds, metrics, baselines, fit } = report;
      for (const [k, fold] of folds.entries()) {
        printer.line(foldLine(fold, k + 1, folds.length));
        printer.event('fold', { fold: k + 1, ...foldFields(fold) });
      }
      const scored = { metrics, baselines, season: folds[0]!.evaluation.season };
      const numTest = folds.reduce((sum, { evaluation }) => sum + evaluation.actual.length, 0);
      printer.line(`\nScores over the ${english.count(numTest)} test rows of ${folds.length} folds, one row ahead:`);
      printer.line(scoreTable(compareScores(scored)));
      printer.line(otherScores(metrics, values.interval));
      printer.line(`\n${verdict(scored)}`);
      const steps = `${english.count(fit.steps)} steps of each fold in ${english.seconds(fit.seconds)}`;
      printer.line(`Plan ${fit.plan}: up to ${steps}, on ${deviceName(description)}.`);
      const each = folds.map(({ evaluation }, k) => ({ evaluation, fold: k + 1, dates: frame.dates }));
      await outputs.write('predictions-out', () => predictionsCsv(each));
      if (outputs.sentence) printer.line(outputs.sentence);
      const { epochs: _, ...counts } = fit;
      printer.event('result', {
        ...scoreFields(scored),
        ...counts,
        folds: folds.length,
        testRows: numTest,
        software: description.software,
        verdict: verdict(scored),
        files: outputs.files,
      });
      outputs.check();
    } finally {
      bar.clear();
      device.destroy();
    }
  },
};

function optionsOf(
  values: FlagValues<typeof flags>,
  columns: { past: string[]; future: string[] },
): Omit<BacktestOptions, 'device'> & Required<Pick<BacktestOptions, 'model' | 'fit'>> {
  const { folds, 'test-rows': testRows, scheme, interval, season } = values;
  return {
    ...{ folds, scheme, testRows, interval, season },
    model: { ...modelOptions(values), ...columns },
    fit: fitOptions(values),
  };
}

function foldLine({ firstRow, trainRows, testRows, evaluation }: BacktestFold, fold: number, folds: number): string {
  const { rmse, naiveRmse, mase } = evaluation.metrics;
  const { cell } = english;
  const rows = `trained on rows ${firstRow + 1} to ${trainRows}, tested on ${trainRows + 1} to ${trainRows + testRows}`;
  return `Fold [${fold}/${folds}], RMSE: ${cell(rmse)} (naive ${cell(naiveRmse)}), MASE: ${cell(mase)}, ${rows}`;
}

function foldFields({ firstRow, trainRows, testRows, evaluation }: BacktestFold): object {
  return { firstRow, trainRows, testRows, ...scoreFields(scoredOf(evaluation)) };
}
