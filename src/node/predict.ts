import { datesAhead } from '../data/ahead.ts';
import { ConfigError } from '../errors.ts';
import { checkForecast } from '../forecast/asked.ts';
import { Forecaster } from '../forecast/forecaster.ts';
import type { SeriesFrame } from '../forecast/frame.ts';
import type { ForecastShape } from '../forecast/shape.ts';
import { describeDevice } from '../gpu/device.ts';
import { text } from '../kinds.ts';
import { within } from '../placing.ts';
import { forecastsCsv } from '../report/forecasts.ts';
import { shown } from '../shown.ts';
import { horizonKind } from '../train/settings.ts';
import { aheadPage } from './chart/chart.ts';
import { type Command, deviceName } from './command.ts';
import { checkModelInterval } from './course.ts';
import { adapterFlag, requestNodeDevice } from './device.ts';
import { flag, grouped, jsonFlag, readArguments } from './flags.ts';
import { aheadChartFlag, eventFields, plainForecast, textLines } from './forecasts.ts';
import { displayName, fileOptions, modelSeriesFlags, readModelFile } from './input.ts';
import { COMMAND } from './invocation.ts';
import { Outputs } from './output.ts';
import { modelScoreFlags } from './scores.ts';
import {
  advisingRows,
  isMadeOfDates,
  isSeveral,
  leavingOut,
  type NamedFrame,
  readSeriesFor,
  seriesOf,
} from './series_file.ts';

const flags = {
  ...grouped('Data', modelSeriesFlags),
  ...grouped('Model', {
    horizon: flag(
      horizonKind,
      "Steps to forecast; beyond the model's own horizon, it feeds on its own forecasts (default: the model's horizon)",
    ),
    interval: modelScoreFlags.interval,
  }),
  ...grouped('Output', {
    'predictions-out': flag(
      text('FILE'),
      'Write the forecasts as CSV: series (of several), step, date (if the file has dates), predicted, intervals and quantiles',
    ),
    'chart-out': aheadChartFlag,
    json: jsonFlag,
  }),
  ...grouped('Advanced', { adapter: adapterFlag }),
};

/** @throws ConfigError for more steps than the model forecasts at once, where it reads columns that are unknown by then. */
function checkHorizon(steps: number, { horizon, past, future }: ForecastShape, csv: string): void {
  if (past.length === 0 || steps <= horizon) return;
  const made = future.filter((name) => !isMadeOfDates(name));
  const columns = `--past ${past.join(',')}${made.length > 0 ? ` --future ${made.join(',')}` : ''}`;
  throw new ConfigError(
    `--horizon ${steps} exceeds the ${horizon} that the model forecasts at once, and ${shown(past)} ${past.length === 1 ? 'is' : 'are'} ` +
      `unknown after the last row. Train with --horizon ${steps}: ` +
      `${COMMAND} train ${csv} --horizon ${steps} ${columns} --model-out FILE`,
  );
}

/** Forecasts the rows after the end of a file with a model that `train` wrote. */
export const predictCommand: Command = {
  summary: 'Forecast the next values of a CSV file with a trained model',
  usage: 'predict <model.safetensors> <file.csv> [flags]',
  about:
    'Forecasts the rows after the end of a CSV file ("-" reads the standard input) with a model that train wrote. The other\n' +
    'columns that the model reads are found by their names; those known ahead must extend past the last row. Prints one value\n' +
    'per line in the units of the column, after its date if the file has dates.',
  flags,
  examples: [
    'predict model.safetensors prices.csv',
    'predict model.safetensors prices.csv --horizon 5 --predictions-out next.csv --chart-out next.html',
    'predict shops.safetensors shops.csv --chart-out shops.html',
    'predict all.safetensors newer.csv --columns open,close',
    'predict model.safetensors - --json < prices.csv',
  ],
  async run(args, printer, stop) {
    const { values, files } = readArguments(flags, ['model.safetensors', 'file.csv'], args);
    const { interval: level } = values;
    const [model, csv] = [files['model.safetensors'], files['file.csv']];
    const outputs = new Outputs({ 'predictions-out': values['predictions-out'], 'chart-out': values['chart-out'] }, [
      model,
      csv,
    ]);
    const { bytes, file } = await readModelFile(model, predictCommand.usage);
    checkModelInterval(level, file);
    const horizon = values.horizon ?? file.shape.horizon;
    checkHorizon(horizon, file.shape, csv);
    const ahead = Math.ceil(horizon / file.shape.horizon) * file.shape.horizon;
    const whole = await readSeriesFor(file, csv, fileOptions(values), ahead);
    const check = (series: SeriesFrame, frame: NamedFrame) =>
      advisingRows(frame, () => checkForecast(file, series, horizon));
    const read = leavingOut(whole, check);
    if (!isSeveral(read)) within(displayName(csv), () => check(seriesOf(read.series[0]!), read.series[0]!));
    outputs.prepare();

    const device = await requestNodeDevice({ adapter: values.adapter });
    try {
      const description = describeDevice(device);
      printer.device(description);
      printer.data(displayName(csv), read);
      const forecaster = await Forecaster.load(bytes, { device });
      const asked = { horizon, level, series: read.series.map(seriesOf), signal: stop.signal };
      const predicted = await forecaster.predictEach(asked);
      forecaster.dispose();
      const forecasts = predicted.map((one, k) => plainForecast(one, datesAhead(read.series[k]!, horizon)));
      for (const one of forecasts) for (const line of textLines(one)) printer.line(line);
      await outputs.write('predictions-out', () => forecastsCsv(forecasts));
      await outputs.write('chart-out', () =>
        aheadPage({
          ...{ file: displayName(csv), series: read.series, forecasts, device: deviceName(description) },
          settings: [['model', displayName(model)]],
        }),
      );
      if (outputs.sentence) printer.note(outputs.sentence);
      printer.event('result', { horizon, ...eventFields(read, forecasts), files: outputs.files });
      outputs.check();
    } finally {
      device.destroy();
    }
  },
};
