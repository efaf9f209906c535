import { DeviceError, TrainingError } from '../errors.ts';
import type { Evaluation } from '../forecast/evaluation.ts';
import { Forecaster } from '../forecast/forecaster.ts';
import type { FitOptions, ForecasterOptions } from '../forecast/options.ts';
import type { FitReport } from '../train/run.ts';
import type { EpochReport } from '../train/trainer.ts';
import type { Printer } from './command.ts';
import { writeOutput } from './output.ts';
import { ProgressBar } from './progress.ts';
import { Interruption } from './stop.ts';

export interface Training {
  model: ForecasterOptions;
  fit: FitOptions;
  signal: AbortSignal;
  /** Where the model goes when training stops early. */
  modelOut: string | undefined;
}

export interface Trained {
  fit: FitReport;
  evaluation: Evaluation;
  /** The bytes of a model file. */
  model: Uint8Array;
}

/**
 * Trains and scores a model, printing a line an epoch. Stopped early, by a signal or by a loss that is not finite, it
 * writes the model as it is then and says so in the error.
 * @throws Interruption, TrainingError, ConfigError, DataError, DeviceError.
 */
export async function trainAndScore(values: Float64Array, training: Training, printer: Printer): Promise<Trained> {
  const signal = AbortSignal.any([training.signal, gpuErrors(training.model.device)]);
  const forecaster = await Forecaster.create(training.model);
  const bar = new ProgressBar(process.stderr);
  let begun = false;
  try {
    const run = forecaster.fit(values, {
      ...training.fit,
      signal,
      onProgress(progress) {
        begun = true;
        bar.update(progress);
      },
    });
    for await (const report of run) {
      bar.clear();
      const { epoch, loss, lastLoss, stepsPerSecond } = report;
      printer.event('epoch', { epoch, loss, lastLoss, stepsPerSecond });
      printer.line(epochLine(report));
    }
    const fit = await run;
    const evaluation = await forecaster.evaluate();
    const model = await forecaster.save();
    signal.throwIfAborted();
    return { fit, evaluation, model };
  } catch (error) {
    bar.clear();
    throw await keepModel(error, forecaster, training.modelOut, begun);
  } finally {
    forecaster.destroy();
  }
}

/** Writes what was trained before `error`, where that is worth having. @returns the error, with a word about it. */
async function keepModel(error: unknown, forecaster: Forecaster, path: string | undefined, begun: boolean) {
  const stopped = error instanceof Interruption;
  if (!(stopped || error instanceof TrainingError) || path === undefined) return error;
  if (stopped && !begun)
    return new Interruption(`${error.message} No step was done, so no model was written.`, error.exitCode);
  writeOutput(path, await forecaster.save());
  if (!stopped) return new TrainingError(`${error.message} They are in ${path}.`, error);
  if (error.message === '') return error; // nobody reads
  return new Interruption(`${error.message} The model trained so far is in ${path}.`, error.exitCode);
}

/** Aborts when the GPU reports an error of its own, such as a lack of memory, that no call returns. */
export function gpuErrors(device: GPUDevice): AbortSignal {
  const controller = new AbortController();
  device.addEventListener('uncapturederror', (event) => {
    const { message } = (event as GPUUncapturedErrorEvent).error;
    controller.abort(new DeviceError(`The GPU reports an error, so the numbers cannot be trusted: ${message.trim()}`));
  });
  return controller.signal;
}

/** The tutorial's line: the loss of the epoch's last batch. The mean beside it tells more. */
function epochLine({ epoch, epochs, loss, lastLoss }: EpochReport): string {
  return `Epoch [${epoch}/${epochs}], Loss: ${lastLoss.toPrecision(5)} (mean ${loss.toPrecision(5)})`;
}
