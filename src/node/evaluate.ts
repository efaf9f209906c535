import { checkScored } from '../forecast/asked.ts';
import { Forecaster } from '../forecast/forecaster.ts';
import { describeDevice } from '../gpu/device.ts';
import { positiveInteger, text } from '../kinds.ts';
import { english } from '../report/format.ts';
import { predictionsCsv } from '../report/predictions.ts';
import type { Command } from './command.ts';
import { checkModelInterval } from './course.ts';
import { adapterFlag, requestNodeDevice } from './device.ts';
import { flag, grouped, jsonFlag, readArguments } from './flags.ts';
import { displayName, fileOptions, modelSeriesFlags, readModelFile } from './input.ts';
import { printScores, type SeriesScores, scoresFields, verdictOnAll } from './many_scores.ts';
import { Outputs } from './output.ts';
import { modelScoreFlags, scoresEts } from './scores.ts';
import { leavingOut, readSeriesFor, seriesOf } from './series_file.ts';

const flags = {
  ...grouped('Data', modelSeriesFlags),
  ...grouped('Evaluation', {
    'test-rows': flag(positiveInteger, 'Score the last N rows (default: all that have a window before them)'),
    ...modelScoreFlags,
  }),
  ...grouped('Output', {
    'predictions-out': flag(
      text('FILE'),
      'Write the scored rows as CSV: row (of the rows used, from 1), date, actual, predicted, naive, intervals and quantiles',
    ),
    json: jsonFlag,
  }),
  ...grouped('Advanced', { adapter: adapterFlag }),
};

/** Scores a model that `train` wrote on a file, together with the naive and other simple forecasts. */
export const evaluateCommand: Command = {
  summary: 'Score a trained model on a CSV file, compared with the naive forecast',
  usage: 'evaluate <model.safetensors> <file.csv> [flags]',
  about:
    'Forecasts rows of a CSV file ("-" reads the standard input) with a model that train wrote, each from the true rows before\n' +
    'it and in the scale of its training, and compares its scores with the naive forecast (tomorrow = today). Scores on training\n' +
    'rows are too optimistic: score another file, or only the last rows with --test-rows, which also fits exponential smoothing\n' +
    '(ETS) on the rows before them.',
  flags,
  examples: [
    'evaluate model.safetensors newer.csv',
    'evaluate shops.safetensors shops.csv --test-rows 28',
    'evaluate model.safetensors prices.csv --test-rows 60 --interval 0.9 --predictions-out scored.csv',
  ],
  async run(args, printer, stop) {
    const { values, files } = readArguments(flags, ['model.safetensors', 'file.csv'], args);
    const { interval, season, 'test-rows': testRows } = values;
    const [model, csv] = [files['model.safetensors'], files['file.csv']];
    const outputs = new Outputs({ 'predictions-out': values['predictions-out'] }, [model, csv]);
    const { bytes, file } = await readModelFile(model, evaluateCommand.usage);
    checkModelInterval(interval, file);
    const whole = await readSeriesFor(file, csv, fileOptions(values));
    const read = leavingOut(whole, (series) => checkScored(file, series, testRows));
    outputs.prepare();

    const device = await requestNodeDevice({ adapter: values.adapter });
    try {
      const description = describeDevice(device);
      printer.device(description);
      printer.data(displayName(csv), read);
      const forecaster = await Forecaster.load(bytes, { device });
      const scores: SeriesScores[] = [];
      const ets = scoresEts(read.series.length);
      for (const frame of read.series) {
        const asked = { series: seriesOf(frame), rows: testRows, interval, season, ets, signal: stop.signal };
        scores.push({ id: frame.id, evaluation: await forecaster.evaluate(asked) });
      }
      forecaster.dispose();
      const { steps, actual } = scores[0]!.evaluation;
      if (testRows !== undefined && steps.length > 1)
        printer.note(
          `The model forecasts ${steps.length} steps at once and is scored where the file has all of them: ` +
            `from ${english.count(actual.length)} origins in the last ${english.count(testRows)} rows.`,
        );
      printScores(scores, printer);
      await outputs.write('predictions-out', () =>
        predictionsCsv(scores.map((one, k) => ({ ...one, dates: read.series[k]!.dates }))),
      );
      if (outputs.sentence) printer.line(outputs.sentence);
      printer.event('result', {
        ...scoresFields(scores),
        software: description.software,
        verdict: verdictOnAll(scores),
        files: outputs.files,
      });
      outputs.check();
    } finally {
      device.destroy();
    }
  },
};
