import { TrainingError } from '../errors.ts';
import type { EvaluateOptions } from '../forecast/evaluation.ts';
import type { Forecaster } from '../forecast/forecaster.ts';
import { withAdvice } from '../placing.ts';
import { english } from '../report/format.ts';
import { messageOf } from '../shown.ts';
import type { ResumeOptions } from '../train/controls.ts';
import type { EpochReport, FitReport } from '../train/report.ts';
import type { Printer } from './command.ts';
import type { Course } from './course.ts';
import type { SeriesScores } from './many_scores.ts';
import type { Outputs } from './output.ts';
import { ProgressBar } from './progress.ts';
import { Interruption } from './stop.ts';

/** Flags of the files that training writes. */
type TrainOutput = 'model-out' | 'predictions-out' | 'chart-out' | 'checkpoint';

export interface TrainingRun {
  course: Course;
  device: GPUDevice;
  /** Continue on a new device when this one is lost. */
  recover: boolean | undefined;
  sliceMs: number | undefined;
  /** Steps ahead that intervals are measured for. */
  ahead: number | undefined;
  /** Train again on all rows after the scores, and keep that model. */
  refit: boolean;
  evaluate: EvaluateOptions;
  signal: AbortSignal;
  /** Checkpoints are written regularly, and the model and a checkpoint when training stops early. */
  outputs: Outputs<TrainOutput>;
  /** Between checkpoints. */
  everySeconds: number | undefined;
}

export interface TrainedRun {
  fit: FitReport;
  /** Of each series. */
  scores: SeriesScores[];
  /** The bytes of a model file. */
  model: Uint8Array;
  stepsPerSecond: number;
}

/**
 * Trains and scores a model, printing one line per epoch. Stopped early, by a signal or by a loss that is not finite, it
 * writes the model so far and names the file in the error.
 * @throws Interruption, TrainingError, ConfigError, DataError, DeviceError.
 */
export async function trainAndScore(training: TrainingRun, printer: Printer): Promise<TrainedRun> {
  const { course, device, outputs, everySeconds, signal } = training;
  const forecaster = await course.create(device);
  const bar = new ProgressBar(process.stderr);
  let begun = false;
  /** The model that was scored, while it is trained again. */
  let scored: Uint8Array | undefined;
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
      const where = epoch > course.settings.epochs ? 'with the trained model' : `in epoch ${epoch}`;
      if (recovers) printer.note(`The device was lost (${reason}): ${message} Continuing ${where} on a new one.`);
    },
    sliceMs: training.sliceMs,
    recover: training.recover,
    ...(outputs.path('checkpoint') !== undefined && {
      onCheckpoint: keepCheckpoint,
      checkpointEveryMs: everySeconds && 1000 * everySeconds,
    }),
  };
  let isKept = true;
  async function keepCheckpoint(bytes: Uint8Array): Promise<void> {
    const failure = await outputs.write('checkpoint', () => bytes);
    if (failure && isKept) {
      bar.clear();
      printer.note(`Checkpoint: ${failure.message} Training continues, and tries again at the next checkpoint.`);
    }
    isKept = !failure;
  }
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
    await outputs.write('checkpoint', () => forecaster.checkpoint());
    const scores: SeriesScores[] = [];
    for (const { id } of course.series)
      scores.push({
        id,
        evaluation: await forecaster.evaluate({ ...training.evaluate, ...(id !== undefined && { of: id }), signal }),
      });
    const measured = training.ahead === undefined ? {} : { ahead: training.ahead };
    scored = await forecaster.save(measured);
    signal.throwIfAborted();
    if (training.refit) {
      const { onCheckpoint, checkpointEveryMs, ...refitting } = controls;
      const again = await forecaster.refit({ ...refitting, ...measured });
      bar.clear();
      printer.event('refit', { epochs: again.epochs.length, loss: again.epochs.at(-1)!.loss, steps: again.steps });
      printer.line(
        `Trained again on all rows: ${english.count(again.epochs.length)} epochs in ${english.seconds(again.seconds)}.`,
      );
    }
    const model = training.refit ? await forecaster.save() : scored;
    signal.throwIfAborted();
    return { fit, scores, model, stepsPerSecond: fit.steps > 0 ? fit.steps / trainedSeconds : 0 };
  } catch (error) {
    bar.clear();
    throw await keepWork(error, forecaster, training, { begun, scored });
  } finally {
    forecaster.dispose();
  }
}

/** Writes what was trained before `error`, if anything. @returns the error, with the names of the files. */
async function keepWork(
  error: unknown,
  forecaster: Forecaster,
  { outputs }: TrainingRun,
  { begun, scored }: { begun: boolean; scored: Uint8Array | undefined },
): Promise<unknown> {
  const words: string[] = [];
  const keep = async (flag: TrainOutput, make: () => Promise<Uint8Array>, word: (path: string) => string) => {
    const path = outputs.path(flag);
    if (path === undefined) return;
    const failure = await outputs.write(flag, make).catch((reason: unknown) => reason);
    words.push(failure === undefined ? word(path) : messageOf(failure));
  };
  // the last good weights of a fit that failed in its first slice are its initial ones
  if (begun || error instanceof TrainingError) {
    if (error instanceof Interruption && !scored)
      await keep(
        'checkpoint',
        () => forecaster.checkpoint(),
        (path) => `Continue with --resume ${path}, and --checkpoint ${path} to write further checkpoints.`,
      );
    await keep(
      'model-out',
      async () => scored ?? forecaster.save(),
      (path) => `The model ${scored ? 'that was scored' : 'trained so far'} is in ${path}.`,
    );
  } else if (error instanceof Interruption) {
    if (outputs.path('model-out') !== undefined) words.push('No step was done, so no model was written.');
    if (outputs.path('checkpoint') !== undefined) words.push('No step was done, so no checkpoint was written.');
  }
  if (words.length === 0) return error;
  return error instanceof Interruption ? error.with(...words) : withAdvice(error, words.join(' '));
}

/** The tutorial's line, with the loss of the epoch's last batch, and the more useful means. */
function epochLine({ epoch, epochs, loss, lastLoss, validationLoss }: EpochReport): string {
  const means = [`mean ${loss.toPrecision(5)}`];
  if (validationLoss !== undefined) means.push(`validation ${validationLoss.toPrecision(5)}`);
  return `Epoch [${epoch}/${epochs}], Loss: ${lastLoss.toPrecision(5)} (${means.join(', ')})`;
}
