import { datesAhead } from '../data/ahead.ts';
import { ConfigError } from '../errors.ts';
import { describeDevice } from '../gpu/device.ts';
import { text } from '../kinds.ts';
import { within } from '../placing.ts';
import { checkSeries, type ForecastOptions, forecast as forecastWithout } from '../recipe/forecast.ts';
import type { ForecastResult } from '../recipe/plan.ts';
import type { DatedSeries } from '../recipe/series.ts';
import { MOST_AHEAD, RECIPE } from '../recipe/settings.ts';
import { forecastsCsv, plainResult } from '../report/forecasts.ts';
import { english, stepsAhead } from '../report/format.ts';
import { METHODS, methodsText, methodText } from '../report/method_text.ts';
import type { Progress } from '../train/report.ts';
import { aheadPage } from './chart/chart.ts';
import { type Command, deviceName, type Printer } from './command.ts';
import { adapterFlag, requestNodeDevice } from './device.ts';
import { flag, grouped, jsonFlag, readArguments } from './flags.ts';
import { aheadChartFlag, eventFields, textLines } from './forecasts.ts';
import { displayName, fileOptions, madeFlags, readRecipeBytes, severalFlags, wholeSeriesFlags } from './input.ts';
import { Outputs } from './output.ts';
import { ProgressBar } from './progress.ts';
import { inColumns } from './scores.ts';
import { advisingRows, isSeveral, leavingOut, type NamedFrame, readSeriesFile, seriesOf } from './series_file.ts';
import { flagsOf, modelFlags, optionsOf } from './setting_flags.ts';

const { past, future } = modelFlags;

const flags = {
  ...grouped('Data', { ...severalFlags, ...wholeSeriesFlags, past, future, ...madeFlags }),
  ...flagsOf(RECIPE),
  model: {
    ...flag(text('FILE'), 'Forecast with a model saved by --model-out, without training. Settings come from the file'),
    group: 'Model' as const,
  },
  ...grouped('Output', {
    'model-out': flag(text('FILE'), 'Save the model for use with --model (a single series only)'),
    'predictions-out': flag(
      text('FILE'),
      'Write the forecasts as CSV: series (of several), step, date (if the file has dates), predicted, low, high',
    ),
    'chart-out': aheadChartFlag,
    json: jsonFlag,
  }),
  ...grouped('Advanced', { adapter: adapterFlag }),
};

/** Forecasts a file with no settings. */
export const forecastCommand: Command = {
  summary: 'Forecast the next values of a CSV file, with no settings',
  usage: 'forecast <file.csv> [flags]',
  about:
    'Forecasts the next season of a CSV series ("-" reads the standard input). It removes seasonality, trains an LSTM on what\n' +
    'remains, and compares it with standard statistical methods from several cutoffs. Prints the forecast of the best method,\n' +
    'with intervals, and the scores of all.',
  flags,
  examples: [
    'forecast sales.csv',
    'forecast sales.csv --horizon 28 --chart-out forecast.html --predictions-out forecast.csv',
    'forecast shops.csv --id shop --calendar auto',
    'forecast sales.csv --model-out sales.safetensors',
    'forecast newer_sales.csv --model sales.safetensors --column sales',
    'forecast demand.csv --season 24,168 --model-only --steps 1000 --json',
  ],
  async run(args, printer, stop) {
    const { values, files, given } = readArguments(flags, ['file.csv'], args);
    const path = files['file.csv'];
    const { past, future, calendar, holidays, horizon, model } = values;
    const results = { 'model-out': values['model-out'], 'predictions-out': values['predictions-out'] };
    const outputs = new Outputs({ ...results, 'chart-out': values['chart-out'] }, model ? [path, model] : [path]);
    const options: Omit<ForecastOptions, 'device'> = optionsOf(RECIPE, values);
    const extra = Object.keys(flagsOf(RECIPE)).find((name) => given.has(name));
    if (model && extra)
      throw new ConfigError(
        `--${extra} cannot be combined with --model, which stores ${extra === 'horizon' ? 'the horizon' : 'this setting'}.`,
      );
    const several = (['id', 'columns'] as const).find((name) => values[name] !== undefined);
    const ofOne = model ? '--model' : values['model-out'] ? '--model-out' : undefined;
    if (several && ofOne)
      throw new ConfigError(`${ofOne} supports a single series. Leave out ${ofOne} or --${several}.`);
    const bytes = model ? await readRecipeBytes(model, path) : undefined;
    const read = await readSeriesFile(path, {
      ...{ ...fileOptions(values), past, future, calendar, holidays, ahead: horizon ?? MOST_AHEAD },
    });
    if (bytes) within(displayName(path), () => checkChosen(read.series[0]!));
    const check = (frame: NamedFrame) =>
      advisingRows(
        frame,
        () => checkSeries(datedSeries(frame), options),
        (known) => `forecast fewer with --horizon ${known}`,
      );
    const file = bytes ? read : leavingOut(read, (_, frame) => check(frame));
    if (!bytes && !isSeveral(file)) within(displayName(path), () => check(file.series[0]!));
    outputs.prepare();

    const device = await requestNodeDevice({ adapter: values.adapter });
    const bar = new ProgressBar(process.stderr);
    try {
      const description = describeDevice(device);
      printer.device(description);
      printer.data(displayName(path), file);
      const series = file.series.map(datedSeries);
      const { signal } = stop;
      const onProgress = ({ step, steps }: Progress) => bar.show('training', step, steps, 'steps');
      const all = bytes
        ? [await forecastWithout(series[0]!, { device, signal, model: bytes })]
        : await forecastWithout(series, { ...options, device, signal, onProgress });
      bar.clear();
      const forecasts = all.map((one, k) => plainResult(one, datesAhead(file.series[k]!, one.predicted.length)));
      for (const one of forecasts) for (const line of textLines(one)) printer.line(line);
      for (const [k, { outliers }] of all.entries()) noteOutliers(file.series[k]!, outliers, printer);
      const [first] = all as [ForecastResult];
      const verdict = isSeveral(file) ? methodsText(all, file.series[0]!) : methodText(first, file.series[0]!);
      if (!isSeveral(file)) printScores(first, model !== undefined, printer);
      printer.line(`\n${verdict}`);
      await outputs.write('model-out', () => first.model);
      await outputs.write('predictions-out', () => forecastsCsv(forecasts));
      await outputs.write('chart-out', () =>
        aheadPage({
          ...{ file: displayName(path), series: file.series, forecasts, verdict, device: deviceName(description) },
          settings: settingsOf(all),
        }),
      );
      if (outputs.sentence) printer.note(outputs.sentence);
      const more = all.map(({ method, scores, candidates, folds, ...one }) => ({
        ...{ method, scores, ...(candidates.length > 0 && { candidates }), folds },
        ...{ season: one.season, deseasonalized: one.deseasonalized, log: one.log, windowLength: one.windowLength },
        outliers: one.outliers,
      }));
      printer.event('result', { ...eventFields(file, forecasts, more), verdict, files: outputs.files });
      outputs.check();
    } finally {
      bar.clear();
      device.destroy();
    }
  },
};

const datedSeries = (frame: NamedFrame): DatedSeries => ({ ...seriesOf(frame), moments: frame.moments });

/** Prints which values were replaced before the forecast. */
function noteOutliers({ id, values, dates }: NamedFrame, outliers: readonly number[], printer: Printer): void {
  if (outliers.length === 0) return;
  const rows = outliers.map((t) => `${english.value(values[t]!)} (${dates ? dates[t] : `row ${t + 1}`})`);
  const one = outliers.length === 1;
  printer.note(
    `${id === undefined ? 'Replaced' : `${id}: replaced`} ${one ? 'an outlier' : 'outliers'} by the mean of ${one ? 'its' : 'their'} ` +
      `neighbors: ${rows.join(', ')}. Keep ${one ? 'it' : 'them'} with --outliers keep.`,
  );
}

/** @throws ConfigError if the column was chosen among several: a saved model does not store which one it forecasts. */
function checkChosen({ notes }: NamedFrame): void {
  const chosen = notes.find((note) => note.code === 'column');
  if (!chosen?.others?.length) return;
  const { column, others } = chosen;
  throw new ConfigError(
    `--model does not store which column it forecasts, and the file has several: ${[column, ...others].map((name) => JSON.stringify(name)).join(', ')}. ` +
      'Name the one that the model was made for with --column.',
  );
}

/** The scores of each method, best first. @param isSaved they are those of the training that saved the model. */
function printScores(
  { scores, candidates, folds, predicted }: ForecastResult,
  isSaved: boolean,
  printer: Printer,
): void {
  if (scores.length === 0) return;
  const origins = `${english.count(folds)} ${folds === 1 ? 'origin' : 'origins'}`;
  const from = isSaved ? `Scores when the model was made, from ${origins}` : `Scores from ${origins} before the end`;
  printer.line(`\n${from}, ${stepsAhead(predicted.length)}:`);
  const rows = scores.map(({ method, mae, mase }) => [METHODS[method], english.cell(mae), english.cell(mase)]);
  printer.line(inColumns(['', 'MAE', 'MASE'], rows));
  if (candidates.length === 0) return;
  printer.line('\nRecipes that were tried; "the LSTM" above is the mean of the first three:');
  const tried = candidates.map(({ name, error }) => [name, english.cell(error)]);
  printer.line(inColumns(['', 'MASE'], tried));
}

/** How series were read, for the chart's page: the settings that all of them share. */
function settingsOf(results: readonly ForecastResult[]): [string, string][] {
  const [first, ...others] = results.map(
    ({ method, season, deseasonalized, log, windowLength }): [string, string][] => [
      ['method', METHODS[method]],
      ['season', season > 1 ? english.count(season) : 'none'],
      ['seasonality removed', deseasonalized.length > 0 ? deseasonalized.join(', ') : 'none'],
      ['log scale', log ? 'yes' : 'no'],
      ['window', english.count(windowLength)],
    ],
  );
  return first!.filter(([, value], k) => others.every((other) => other[k]![1] === value));
}
