import { datesAhead } from '../data/ahead.ts';
import { checkForecast } from '../forecast/asked.ts';
import { Forecaster } from '../forecast/forecaster.ts';
import { describeDevice } from '../gpu/device.ts';
import { text } from '../kinds.ts';
import { forecastsCsv } from '../report/forecasts.ts';
import { horizonKind } from '../train/settings.ts';
import { aheadPage } from './chart/chart.ts';
import { type Command, commandHelp, deviceName } from './command.ts';
import { checkModelInterval } from './course.ts';
import { adapterFlag, requestNodeDevice } from './device.ts';
import { flag, readArguments, switchFlag } from './flags.ts';
import { aheadChartFlag, eventFields, plainForecast, textLines } from './forecasts.ts';
import { displayName, fileOptions, modelSeriesFlags, readModelFile } from './input.ts';
import { Outputs } from './output.ts';
import { modelScoreFlags } from './scores.ts';
import { adviseRowsToCome, leavingOut, readSeriesFor, seriesOf } from './series_file.ts';

const flags = {
  horizon: flag(
    horizonKind,
    'Rows to forecast; behind those that the model forecasts at once, each from the forecasts before it (default: those)',
  ),
  ...modelSeriesFlags,
  interval: modelScoreFlags.interval,
  'predictions-out': flag(
    text('FILE'),
    'Write the forecasts as CSV: series where there are several, step, date where the file has dates, predicted, and intervals and quantiles',
  ),
  'chart-out': aheadChartFlag,
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
      'predict shops.safetensors shops.csv --chart-out shops.html',
      'predict all.safetensors newer.csv --columns open,close',
      'predict model.safetensors - --json < prices.csv',
    ],
  ),
  async run(args, printer, stop) {
    const { values, files } = readArguments(flags, ['model.safetensors', 'file.csv'], args);
    const { interval: level } = values;
    const [model, csv] = [files['model.safetensors'], files['file.csv']];
    const outputs = new Outputs({ 'predictions-out': values['predictions-out'], 'chart-out': values['chart-out'] }, [
      model,
      csv,
    ]);
    const { bytes, file } = await readModelFile(model);
    checkModelInterval(level, file);
    const horizon = values.horizon ?? file.shape.horizon;
    const ahead = Math.ceil(horizon / file.shape.horizon) * file.shape.horizon;
    const whole = await readSeriesFor(file, csv, fileOptions(values), ahead);
    const read = leavingOut(whole, (series) => checkForecast(file, series, horizon));
    outputs.prepare();

    const device = await requestNodeDevice({ adapter: values.adapter });
    try {
      const description = describeDevice(device);
      printer.device(description);
      printer.data(displayName(csv), read);
      const forecaster = await Forecaster.load(bytes, { device });
      const asked = { horizon, level, series: read.series.map(seriesOf), signal: stop.signal };
      const said = await forecaster.predictEach(asked).catch((error: unknown) => {
        throw adviseRowsToCome(error, read.series[0]!.column);
      });
      forecaster.dispose();
      const forecasts = said.map((one, k) => plainForecast(one, datesAhead(read.series[k]!, horizon)));
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
