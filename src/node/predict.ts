import { DataError } from '../errors.ts';
import { Forecaster } from '../forecast/forecaster.ts';
import { describeDevice } from '../gpu/device.ts';
import { type Command, commandHelp } from './command.ts';
import { requestDevice } from './device.ts';
import { integerFlag, readArguments, switchFlag, textFlag } from './flags.ts';
import { displayName, readInput, readSeriesFile, seriesFlags } from './input.ts';
import { checkDistinct, prepareOutputs, toCsv, writeOutput } from './output.ts';

const flags = {
  horizon: integerFlag(1, { min: 1 }, 'Rows to forecast; from the second on, each from the forecasts before it'),
  ...seriesFlags,
  'predictions-out': textFlag('FILE', 'Write the forecasts as CSV: step,predicted'),
  json: switchFlag('Print JSON lines and nothing else on stdout'),
};

/** Forecasts the rows after the end of a file with a model that `train` wrote. */
export const predict: Command = {
  summary: 'Forecast the next values of a CSV file with a trained model',
  help: commandHelp(
    'predict <model.safetensors> <file.csv> [flags]',
    'Forecasts the rows after the end of a CSV file ("-" reads the standard input) with a model that train wrote.\n' +
      'Prints one value a line, in the units of the column.',
    flags,
    [
      'predict model.safetensors prices.csv',
      'predict model.safetensors prices.csv --horizon 5 --predictions-out next.csv',
      'predict model.safetensors - --json < prices.csv',
    ],
  ),
  async run(args, printer) {
    const { values, files } = readArguments(flags, ['model.safetensors', 'file.csv'], args);
    const { horizon, column, rows, missing } = values;
    const [model, csv] = [files['model.safetensors'], files['file.csv']];
    const outputs = { 'predictions-out': values['predictions-out'] };
    checkDistinct(outputs, [model, csv]);
    const bytes = await readInput(model);
    const series = await readSeriesFile(csv, { column, rows, missing });
    prepareOutputs(outputs);

    const device = await requestDevice();
    try {
      printer.device(describeDevice(device));
      printer.event('data', {
        file: displayName(csv),
        column: series.column,
        rows: series.values.length,
        note: series.note,
      });
      printer.note(series.note);
      const forecaster = await loadModel(model, bytes, device);
      const predicted = [...(await forecaster.predict({ horizon, series: series.values }))];
      forecaster.destroy();
      const out = values['predictions-out'];
      if (out !== undefined) {
        writeOutput(
          out,
          toCsv(
            ['step', 'predicted'],
            predicted.map((value, k) => [k + 1, value]),
          ),
        );
        printer.note(`Wrote ${out}.`);
      }
      for (const value of predicted) printer.line(String(value));
      printer.event('result', { horizon, predicted, files: { predictions: out ?? null } });
    } finally {
      device.destroy();
    }
  },
};

async function loadModel(path: string, bytes: Uint8Array, device: GPUDevice): Promise<Forecaster> {
  try {
    return await Forecaster.load(bytes, { device });
  } catch (error) {
    throw error instanceof DataError ? new DataError(`${displayName(path)}: ${error.message}`) : error;
  }
}
