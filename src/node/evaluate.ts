import { Forecaster } from '../forecast/forecaster.ts';
import { describeDevice } from '../gpu/device.ts';
import { positiveInteger, text } from '../kinds.ts';
import { english } from '../report/format.ts';
import { predictionsCsv } from '../report/predictions.ts';
import { scoredOf } from '../report/scores.ts';
import { type Command, commandHelp } from './command.ts';
import { checkModelInterval } from './course.ts';
import { adapterFlag, requestNodeDevice } from './device.ts';
import { flag, readArguments, switchFlag } from './flags.ts';
import { displayName, modelSeriesFlags, readFrameOf, readModelFile, seriesOf, seriesOptions } from './input.ts';
import { Outputs } from './output.ts';
import { evaluationFields, modelScoreFlags, printEvaluation, verdict } from './scores.ts';

const flags = {
  'test-rows': flag(positiveInteger, 'Score the last N rows (default: all that have a window before them)'),
  ...modelSeriesFlags,
  ...modelScoreFlags,
  'predictions-out': flag(
    text('FILE'),
    'Write the scored rows as CSV: row (of the rows used, from 1), date, actual, predicted, naive, and intervals and quantiles',
  ),
  adapter: adapterFlag,
  json: switchFlag('Print JSON lines and nothing else on stdout'),
};

/** Scores a model that `train` wrote on a file, beside rules without a model. */
export const evaluateCommand: Command = {
  summary: 'Score a trained model on a CSV file, beside the naive forecast',
  help: commandHelp(
    'evaluate <model.safetensors> <file.csv> [flags]',
    'Forecasts rows of a CSV file ("-" reads the standard input) with a model that train wrote, each from the true rows before\n' +
      'it, in the scale that the model was trained in, and scores it beside the naive forecast (tomorrow = today). Rows that it\n' +
      'was trained on flatter it: score the last ones with --test-rows, or another file.',
    flags,
    [
      'evaluate model.safetensors newer.csv',
      'evaluate model.safetensors prices.csv --test-rows 60 --interval 0.9 --predictions-out scored.csv',
    ],
  ),
  async run(args, printer) {
    const { values, files } = readArguments(flags, ['model.safetensors', 'file.csv'], args);
    const { interval, season, 'test-rows': testRows } = values;
    const [model, csv] = [files['model.safetensors'], files['file.csv']];
    const outputs = new Outputs({ 'predictions-out': values['predictions-out'] }, [model, csv]);
    const { bytes, file } = await readModelFile(model);
    checkModelInterval(interval, file);
    const frame = await readFrameOf(file.shape, csv, seriesOptions(values));
    outputs.prepare();

    const device = await requestNodeDevice({ adapter: values.adapter });
    try {
      const description = describeDevice(device);
      printer.device(description);
      printer.data(displayName(csv), frame);
      const forecaster = await Forecaster.load(bytes, { device });
      const evaluation = await forecaster.evaluate({
        series: seriesOf(frame),
        ...{ rows: testRows, interval, season },
      });
      forecaster.dispose();
      const { steps, actual } = evaluation;
      if (testRows !== undefined && steps.length > 1)
        printer.note(
          `The model forecasts ${steps.length} rows at once, and is scored where the file has them all: ` +
            `${english.count(actual.length)} times in the last ${english.count(testRows)} rows.`,
        );
      printEvaluation(evaluation, printer);
      await outputs.write('predictions-out', () => predictionsCsv([{ evaluation }], frame.dates));
      if (outputs.sentence) printer.line(outputs.sentence);
      printer.event('result', {
        ...evaluationFields(evaluation),
        software: description.software,
        testRows: evaluation.actual.length,
        verdict: verdict(scoredOf(evaluation)),
        files: outputs.files,
      });
      outputs.check();
    } finally {
      device.destroy();
    }
  },
};
