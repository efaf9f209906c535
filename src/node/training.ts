import { TrainingError } from '../errors.ts';
import type { EvaluateOptions, Evaluation } from '../forecast/evaluation.ts';
import type { Forecaster } from '../forecast/forecaster.ts';
import { withAdvice } from '../placing.ts';
import type { ResumeOptions } from '../train/controls.ts';
import type { EpochReport, FitReport } from '../train/report.ts';
import type { Printer } from './command.ts';
import type { Course } from './course.ts';
import { requestNodeDevice } from './device.ts';
import { writeOutput } from './output.ts';
import { ProgressBar } from './progress.ts';
import { Interruption } from './stop.ts';

export interface TrainingRun {
  course: Course;
  device: GPUDevice;
  /** Go on with a new device when this one is lost. */
  recover: boolean | undefined;
  sliceMs: number | undefined;
  evaluate: EvaluateOptions;
  signal: AbortSignal;
  /** Where the model goes when training stops early. */
  modelOut: string | undefined;
  /** Where checkpoints go, and how often. */
  checkpoint: { path: string; everySeconds: number | undefined } | undefined;
}

export interface TrainedRun {
  fit: FitReport;
  evaluation: Evaluation;
  /** The bytes of a model file. */
  model: Uint8Array;
  stepsPerSecond: number;
}

/**
 * Trains and scores a model, printing a line an epoch. Stopped early, by a signal or by a loss that is not finite, it
 * writes the model as it is then and says so in the error.
 * @throws Interruption, TrainingError, ConfigError, DataError, DeviceError.
 */
export async function trainAndScore(training: TrainingRun, printer: Printer): Promise<TrainedRun> {
  const { course, device, checkpoint } = training;
  const { signal } = training;
  const forecaster = await course.create(device);
  const bar = new ProgressBar(process.stderr);
  let begun = false;
  let trainedSeconds = 0;
  const controls: ResumeOptions = {
    signal,
    onProgress(progress) {
      begun = true;
      bar.update(progress);
    },
    onDeviceLost({ reason, message, recovers, epoch, step }) {
      bar.clear();
      printer.event('device-lost', { reason, message, recovers, epoch, step });
      const where = epoch > course.settings.epochs ? 'with what is trained' : `in epoch ${epoch}`;
      if (recovers) printer.note(`The device was lost (${reason}): ${message} Going on ${where} on a new one.`);
    },
    sliceMs: training.sliceMs,
    ...(training.recover && {
      recover: () => requestNodeDevice(),
    }),
    ...(checkpoint && {
      onCheckpoint: (bytes) => writeOutput(checkpoint.path, bytes),
      checkpointEveryMs: checkpoint.everySeconds && 1000 * checkpoint.everySeconds,
    }),
  };
  try {
    const run = course.fit(forecaster, controls);
    for await (const report of run) {
      bar.clear();
      trainedSeconds += report.seconds;
      const { epoch, loss, lastLoss, stepsPerSecond, validationLoss } = report;
      printer.event('epoch', {
        ...{ epoch, loss, lastLoss, stepsPerSecond },
        ...(validationLoss !== undefined && { validationLoss }),
      });
      printer.line(epochLine(report));
    }
    const fit = await run;
    if (checkpoint) writeOutput(checkpoint.path, await forecaster.checkpoint());
    const evaluation = await forecaster.evaluate(training.evaluate);
    const model = await forecaster.save();
    signal.throwIfAborted();
    return { fit, evaluation, model, stepsPerSecond: fit.steps > 0 ? fit.steps / trainedSeconds : 0 };
  } catch (error) {
    bar.clear();
    throw await keepWork(error, forecaster, training, begun);
  } finally {
    forecaster.dispose();
  }
}

/** Writes what was trained before `error`, where that is worth having. @returns the error, with a word about it. */
async function keepWork(
  error: unknown,
  forecaster: Forecaster,
  { modelOut, checkpoint }: TrainingRun,
  begun: boolean,
): Promise<unknown> {
  if (error instanceof TrainingError) {
    if (modelOut === undefined) return error;
    writeOutput(modelOut, await forecaster.save());
    return withAdvice(error, `They are in ${modelOut}.`);
  }
  if (!(error instanceof Interruption) || (modelOut ?? checkpoint) === undefined) return error;
  const words: string[] = [];
  if (!begun) {
    if (modelOut !== undefined) words.push('No step was done, so no model was written.');
    if (checkpoint) words.push('No step was done, so no checkpoint was written.');
  } else {
    if (checkpoint) {
      writeOutput(checkpoint.path, await forecaster.checkpoint());
      words.push(`--resume ${checkpoint.path} goes on.`);
    }
    if (modelOut !== undefined) {
      writeOutput(modelOut, await forecaster.save());
      words.push(`The model trained so far is in ${modelOut}.`);
    }
  }
  return error.with(...words);
}

/** The tutorial's line: the loss of the epoch's last batch. The means beside it tell more. */
function epochLine({ epoch, epochs, loss, lastLoss, validationLoss }: EpochReport): string {
  const means = [`mean ${loss.toPrecision(5)}`];
  if (validationLoss !== undefined) means.push(`validation ${validationLoss.toPrecision(5)}`);
  return `Epoch [${epoch}/${epochs}], Loss: ${lastLoss.toPrecision(5)} (${means.join(', ')})`;
}
