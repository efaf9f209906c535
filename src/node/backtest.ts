import {
  BACKTEST_DEFAULTS,
  type BacktestFold,
  type BacktestOptions,
  type BacktestReport,
  checkBacktest,
  foldsOf,
  backtest as rollOrigins,
} from '../forecast/backtest.ts';
import type { FitOptions } from '../forecast/options.ts';
import { fitSettings } from '../forecast/settings.ts';
import { forecastShape } from '../forecast/shape.ts';
import { describeDevice } from '../gpu/device.ts';
import { choice, integer, positiveInteger, text } from '../kinds.ts';
import { columnsFrom } from '../recipe/direct.ts';
import { english, stepsAhead } from '../report/format.ts';
import { predictionsCsv } from '../report/predictions.ts';
import { compareScores, type Scored } from '../report/scores.ts';
import { horizonKind } from '../train/settings.ts';
import { type Command, deviceName, type Printer } from './command.ts';
import { nothingToMeasureOn } from './course.ts';
import { adapterFlag, requestNodeDevice } from './device.ts';
import { type FlagValues, flag, grouped, jsonFlag, readArguments } from './flags.ts';
import { displayName, fileOptions, madeFlags, seriesFlags, severalFlags } from './input.ts';
import { seriesTable, verdictOnSeries } from './many_scores.ts';
import { Outputs } from './output.ts';
import { withPreset } from './preset.ts';
import { ProgressBar } from './progress.ts';
import {
  otherScores,
  STEP_TITLE,
  scoreFields,
  scoreFlags,
  scoresEts,
  scoreTable,
  stepTable,
  verdict,
  whyNoEts,
} from './scores.ts';
import { isSeveral, leavingOut, type NamedFrame, readSeriesFile, seriesOf } from './series_file.ts';
import { fitFlags, fitOptions, modelFlags, modelOptions, presetFlag } from './setting_flags.ts';

const { ensemble: _, ...ofEach } = modelFlags;
const { split: __, ...training } = fitFlags;
const flags = {
  ...grouped('Data', { ...severalFlags, ...seriesFlags, ...madeFlags }),
  ...ofEach,
  ...presetFlag,
  ...training,
  ...grouped('Evaluation', {
    folds: flag(integer(2), 'Origins; a model is trained for each', BACKTEST_DEFAULTS.folds),
    'test-rows': flag(
      positiveInteger,
      'Rows that each fold is scored on (default: three quarters of the rows, in equal parts)',
    ),
    scheme: flag(
      choice(['sliding', 'expanding']),
      'Train each fold on as many rows as the first one, or on all rows before its origin (slower)',
      BACKTEST_DEFAULTS.scheme,
    ),
    ahead: flag(horizonKind, 'Steps ahead that are scored from every origin (default: --horizon)'),
    ...scoreFlags,
  }),
  ...grouped('Output', {
    'predictions-out': flag(
      text('FILE'),
      'Write the scored rows as CSV: fold, row (of the rows used, from 1), date, actual, predicted, naive, intervals and quantiles',
    ),
    json: jsonFlag,
  }),
  ...grouped('Advanced', { adapter: adapterFlag }),
};

/** Trains and scores models from several origins in the past of a file. */
export const backtestCommand: Command = {
  summary: 'Train and score a model from several origins in the past of a CSV file',
  usage: 'backtest <file.csv> [flags]',
  about:
    'Trains one model for each of several origins in a column of a CSV file ("-" reads the standard input), all of them together\n' +
    'and each on the rows before its origin. Scores it on the rows after the origin, over all steps of its horizon, and compares\n' +
    'the scores with the naive forecast (tomorrow = today) and exponential smoothing (ETS).',
  flags,
  examples: [
    'backtest prices.csv',
    'backtest prices.csv --folds 8 --test-rows 20 --scheme expanding --epochs 50 --batch 32',
    'backtest sales.csv --window 28 --horizon 14 --folds 8 --test-rows 28',
    'backtest prices.csv --columns open,close --folds 8',
    'backtest sales.csv --season 7 --validation 0.2 --interval 0.9 --predictions-out folds.csv --json',
  ],
  async run(args, printer, stop) {
    const { values, files } = readArguments(flags, ['file.csv'], args);
    const path = files['file.csv'];
    const { past, future, calendar, holidays, folds, 'test-rows': testRows } = values;
    const outputs = new Outputs({ 'predictions-out': values['predictions-out'] }, [path]);
    const read = await readSeriesFile(path, { ...fileOptions(values), past, future, calendar, holidays });
    const long = leavingOut(read, ({ target }) => void foldsOf(target.length, { folds, testRows }));
    const options = optionsOf(values, long.series);
    const { seed: _, ...shaped } = options.model;
    const shape = forecastShape(shaped);
    const { validation } = fitSettings(options.fit, shape, 1);
    if (values.interval !== undefined && validation === 0) throw nothingToMeasureOn();
    const file = leavingOut(read, (series) => checkBacktest(series, options));
    outputs.prepare();

    const device = await requestNodeDevice({ adapter: values.adapter });
    const bar = new ProgressBar(process.stderr);
    try {
      const description = describeDevice(device);
      printer.device(description);
      printer.data(displayName(path), file);
      const { folds = BACKTEST_DEFAULTS.folds } = options;
      const reports = await rollOrigins(file.series.map(seriesOf), {
        ...options,
        ets: scoresEts(folds * file.series.length),
        device,
        signal: stop.signal,
        onProgress: (progress) => bar.update(progress),
      });
      bar.clear();
      const all = reports.map((report, k): Backtested => ({ id: file.series[k]!.id, report }));
      for (const one of all) printFolds(one, printer);
      const { fit } = reports[0]!;
      const numFolds = reports[0]!.folds.length;
      const numTest = all.reduce((sum, one) => sum + testRowsOf(one), 0);
      const of = isSeveral(file) ? ` of each of ${english.count(all.length)} series` : '';
      const { ahead } = reports[0]!;
      const from =
        ahead === 1 ? `over the ${english.count(numTest)} test rows of` : `from ${english.count(numTest)} origins in`;
      printer.line(`\nScores ${from} ${numFolds} folds${of}, ${stepsAhead(ahead)}:`);
      whyNoEts(
        reports.flatMap((report) => report.folds.map(({ evaluation }) => evaluation)),
        printer,
      );
      const sentence = printTotals(all, values.interval, printer);
      const steps = `${english.count(fit.steps)} steps for each fold in ${english.seconds(fit.seconds)}`;
      printer.line(`Plan ${fit.plan}: up to ${steps}, on ${deviceName(description)}.`);
      const each = all.flatMap(({ id, report }, k) =>
        report.folds.map(({ evaluation }, n) => ({ id, evaluation, fold: n + 1, dates: file.series[k]!.dates })),
      );
      await outputs.write('predictions-out', () => predictionsCsv(each));
      if (outputs.sentence) printer.line(outputs.sentence);
      const { epochs: _, ...counts } = fit;
      const fields = ({ id, report }: Backtested) => ({
        ...(id !== undefined && { id }),
        ...scoreFields(scoredBy(report)),
      });
      printer.event('result', {
        ...(isSeveral(file) ? { series: all.map(fields) } : fields(all[0]!)),
        ...counts,
        folds: numFolds,
        ahead,
        testRows: numTest,
        software: description.software,
        verdict: sentence,
        files: outputs.files,
      });
      outputs.check();
    } finally {
      bar.clear();
      device.destroy();
    }
  },
};

/** The backtest of a series. */
interface Backtested {
  id: string | undefined;
  report: BacktestReport;
}

const scoredBy = ({ metrics, baselines, folds }: BacktestReport): Scored => ({
  ...{ metrics, baselines },
  season: folds[0]!.evaluation.season,
});

const testRowsOf = ({ report }: Backtested): number =>
  report.folds.reduce((sum, { evaluation }) => sum + evaluation.actual.length, 0);

function printFolds({ id, report: { folds } }: Backtested, printer: Printer): void {
  for (const [k, fold] of folds.entries()) {
    printer.line(`${id === undefined ? '' : `${id}, `}${foldLine(fold, k + 1, folds.length)}`);
    printer.event('fold', { ...(id !== undefined && { id }), fold: k + 1, ...foldFields(fold) });
  }
}

/** Prints the scores over all folds. @returns the verdict. */
function printTotals(all: readonly Backtested[], interval: number | undefined, printer: Printer): string {
  const [{ id, report }] = all as [Backtested];
  const scored = all.map((one) => scoredBy(one.report));
  if (id === undefined) {
    printer.line(scoreTable(compareScores(scored[0]!)));
    printer.line(otherScores(report.metrics, interval));
    if (report.ahead > 1) printer.line(`\n${STEP_TITLE}\n${stepTable(report.steps)}`);
  } else printer.line(seriesTable(all.map((one, k) => ({ id: one.id!, scored: scored[k]! }))));
  const sentence = id === undefined ? verdict(scored[0]!) : verdictOnSeries(scored);
  printer.line(`\n${sentence}`);
  return sentence;
}

/** The options of a backtest: those of the flags, and the rest chosen from the rows before the first fold. */
function optionsOf(
  values: FlagValues<typeof flags>,
  series: readonly NamedFrame[],
): Omit<BacktestOptions, 'device'> & Required<Pick<BacktestOptions, 'model' | 'fit'>> {
  const { folds, 'test-rows': testRows, scheme, ahead, interval, season } = values;
  const origins = { folds, scheme, testRows };
  const known = series.map((frame) => firstRows(frame, foldsOf(frame.values.length, origins)[0]!.trainRows));
  const asked = { model: modelOptions(values), fit: { ...fitOptions(values), split: 1 } };
  const { model, fit } = withPreset(values, asked, known);
  const { split: _, ...whole } = fit;
  const [{ past, future }] = series as [NamedFrame];
  return {
    ...{ ...origins, ahead, interval, season },
    model: { ...model, past: Object.keys(past), future: Object.keys(future) },
    fit: scheme === 'expanding' ? { ...whole, schedule: byEpoch(whole) } : whole,
  };
}

/** The same schedule for folds whose epochs have more and more steps. */
const byEpoch = ({ schedule, epochs = 1 }: FitOptions): FitOptions['schedule'] =>
  schedule && { name: 'CosineAnnealingLR', tMax: epochs };

function firstRows(frame: NamedFrame, rows: number): NamedFrame {
  const { values, moments, past, future } = frame;
  const first = (columns: NamedFrame['past']) => columnsFrom(columns, 0, rows);
  return {
    ...frame,
    ...{
      values: values.subarray(0, rows),
      moments: moments?.subarray(0, rows),
      past: first(past),
      future: first(future),
    },
  };
}

function foldLine({ firstRow, trainRows, testRows, evaluation }: BacktestFold, fold: number, folds: number): string {
  const { rmse, naiveRmse, mase } = evaluation.overall.metrics;
  const { cell } = english;
  const rows = `trained on rows ${firstRow + 1} to ${trainRows}, tested on ${trainRows + 1} to ${trainRows + testRows}`;
  return `Fold [${fold}/${folds}], RMSE: ${cell(rmse)} (naive ${cell(naiveRmse)}), MASE: ${cell(mase)}, ${rows}`;
}

function foldFields({ firstRow, trainRows, testRows, evaluation }: BacktestFold): object {
  return { firstRow, trainRows, testRows, ...scoreFields({ ...evaluation.overall, season: evaluation.season }) };
}
