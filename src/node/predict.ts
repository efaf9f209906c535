import { datesAhead } from '../data/ahead.ts';
import { LstmError } from '../errors.ts';
import { Forecaster } from '../forecast/forecaster.ts';
import { describeDevice } from '../gpu/device.ts';
import { text } from '../kinds.ts';
import { withAdvice } from '../placing.ts';
import { toCsv } from '../report/csv.ts';
import { horizonKind } from '../train/settings.ts';
import { aheadPage } from './chart/chart.ts';
import { type Command, commandHelp, deviceName } from './command.ts';
import { checkModelInterval } from './course.ts';
import { adapterFlag, requestNodeDevice } from './device.ts';
import { flag, readArguments, switchFlag } from './flags.ts';
import { displayName, modelSeriesFlags, readFrameOf, readModelFile, seriesOf, seriesOptions } from './input.ts';
import { Outputs } from './output.ts';
import { modelScoreFlags } from './scores.ts';

const flags = {
  horizon: flag(
    horizonKind,
    'Rows to forecast; behind those that the model forecasts at once, each from the forecasts before it (default: those)',
  ),
  ...modelSeriesFlags,
  interval: modelScoreFlags.interval,
  'predictions-out': flag(
    text('FILE'),
    'Write the forecasts as CSV: step, date where the file has dates, predicted, and intervals and quantiles',
  ),
  'chart-out': flag(text('FILE'), 'Write a page with the end of the series, what lies ahead, and its values (HTML)'),
  adapter: adapterFlag,
  json: switchFlag('Print JSON lines and nothing else on stdout'),
};

/** Forecasts the rows after the end of a file with a model that `train` wrote. */
export const predictCommand: Command = {
  summary: 'Forecast the next values of a CSV file with a trained model',
  help: commandHelp(
    'predict <model.safetensors> <file.csv> [flags]',
    'Forecasts the rows after the end of a CSV file ("-" reads the standard input) with a model that train wrote. Columns that\n' +
      'the model reads beside the one it forecasts are found by their names; those that are known ahead go on behind its end.\n' +
      'Prints one value a line, in the units of the column, behind its date where the file has dates.',
    flags,
    [
      'predict model.safetensors prices.csv',
      'predict model.safetensors prices.csv --horizon 5 --predictions-out next.csv --chart-out next.html',
      'predict model.safetensors - --json < prices.csv',
    ],
  ),
  async run(args, printer) {
    const { values, files } = readArguments(flags, ['model.safetensors', 'file.csv'], args);
    const { interval: level } = values;
    const [model, csv] = [files['model.safetensors'], files['file.csv']];
    const outputs = new Outputs({ 'predictions-out': values['predictions-out'], 'chart-out': values['chart-out'] }, [
      model,
      csv,
    ]);
    const { bytes, file } = await readModelFile(model);
    checkModelInterval(level, file);
    const { quantiles: levels } = file.shape;
    const horizon = values.horizon ?? file.shape.horizon;
    const ahead = Math.ceil(horizon / file.shape.horizon) * file.shape.horizon;
    const frame = await readFrameOf(file.shape, csv, seriesOptions(values), ahead);
    outputs.prepare();

    const device = await requestNodeDevice({ adapter: values.adapter });
    try {
      const description = describeDevice(device);
      printer.device(description);
      printer.data(displayName(csv), frame);
      const forecaster = await Forecaster.load(bytes, { device });
      const asked = { horizon, series: seriesOf(frame) };
      const predicting =
        level === undefined ? forecaster.predict(asked) : forecaster.predictInterval({ ...asked, level });
      const answer = await predicting.catch((error: unknown) => {
        throw adviseRowsToCome(error, frame.column);
      });
      const interval = 'low' in answer ? answer : undefined;
      const predicted = [...('low' in answer ? answer.predicted : answer)];
      const quantiles = levels.length > 0 ? await forecaster.predictQuantiles(asked) : [];
      forecaster.dispose();
      const dates = datesAhead(frame, predicted.length);
      const bounds = interval && { low: [...interval.low], high: [...interval.high] };
      for (const [k, value] of predicted.entries())
        printer.line(
          `${dates ? `${dates[k]}  ` : ''}${value}${bounds ? ` (${bounds.low[k]} to ${bounds.high[k]})` : ''}`,
        );
      await outputs.write('predictions-out', () => {
        const more = [
          ...Object.entries(bounds ?? {}),
          ...quantiles.map(({ level, values }) => [`q${level}`, values] as const),
        ];
        const date = (k: number) => (dates ? [dates[k]!] : []);
        const lines = predicted.map((value, k) => [k + 1, ...date(k), value, ...more.map(([, own]) => own[k]!)]);
        return toCsv(['step', ...(dates ? ['date'] : []), 'predicted', ...more.map(([name]) => name)], lines);
      });
      await outputs.write('chart-out', () =>
        aheadPage({
          ...{ file: displayName(csv), series: frame, predicted, dates, quantiles, device: deviceName(description) },
          interval: bounds && { level: level!, ...bounds },
          settings: [['model', displayName(model)]],
        }),
      );
      if (outputs.sentence) printer.note(outputs.sentence);
      printer.event('result', {
        ...{ horizon: asked.horizon, predicted, ...(dates && { dates }) },
        ...(bounds && { interval: { level, ...bounds } }),
        ...(quantiles.length > 0 && {
          quantiles: quantiles.map(({ level, values }) => ({ level, values: [...values] })),
        }),
        files: outputs.files,
      });
      outputs.check();
    } finally {
      device.destroy();
    }
  },
};

/** Adds to an error about too few rows of what is known ahead how a file has more. */
const adviseRowsToCome = (error: unknown, column: string): unknown =>
  error instanceof LstmError && error.code === 'future-too-short'
    ? withAdvice(error, `In the file these are rows at its end, with an empty ${JSON.stringify(column)}.`)
    : error;
