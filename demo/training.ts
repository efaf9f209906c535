import {
  DeviceLostError,
  type DeviceLostEvent,
  type Engine,
  type EpochReport,
  type Evaluation,
  type FitReport,
  type ModelConfig,
  move,
  type Progress,
  type StateDict,
  type WorkerForecaster,
  type WorkerRun,
} from '../src/worker/client.ts';
import type { PageEngine } from './engine.ts';
import type { Inside } from './inside/inspect.ts';
import { rivalOf } from './inside/layer.ts';
import type { StartedRun } from './kept/training_store.ts';
import type { PageSeries } from './series_file.ts';
import type { TrainSettings } from './settings.ts';
import { shapeOf, trainedOn } from './side_columns.ts';
import { t } from './texts/index.ts';
import type { PageFunctions } from './worker.ts';

/** Pause between two forecasts drawn while training runs: they are for the eye, and cost the GPU a little. */
const FORECAST_EVERY_MS = 400;

/** The test part as the model forecasts it, and what lies ahead. */
export interface Forecast extends Evaluation {
  /** Epochs done, and the mean squared error of the test part in the units of the loss. */
  epoch: number;
  testLoss: number;
  /** [rows ahead] */
  future: Float64Array;
}

interface TrainingOptions {
  engine: PageEngine;
  onProgress: (progress: Progress) => void;
  onEpoch: (report: EpochReport) => void;
  onForecast: (forecast: Forecast) => void;
  /** The device is gone; training asks for another, and goes on. */
  onDeviceLost: () => void;
  onKept: (id: string) => void;
  /** The training goes on, whether or not it can be kept. */
  onNotKept: (error: unknown) => void;
}

interface PageModel {
  engine: Engine<PageFunctions>;
  forecaster: WorkerForecaster;
  values: Float64Array;
  settings: TrainSettings;
}

type ShowInside = (row: number, inside: Inside) => void;

/** The page's model in the worker: trains it, keeps it, looks into it. */
export class Training {
  readonly #options: TrainingOptions;
  #model: PageModel | undefined;
  /** What the model is compared with. */
  #rival: { config: ModelConfig; weights: StateDict } | undefined;
  #stopper = new AbortController();
  #run: WorkerRun | undefined;
  #isPaused = false;
  /** The row that is asked for while another one is looked at. */
  #nextRow: number | undefined;
  #isLooking = false;
  /** When the page may look inside again while it trains. */
  #nextLookMs = 0;

  constructor(options: TrainingOptions) {
    this.#options = options;
  }

  pause(): void {
    this.#isPaused = true;
    this.#run?.pause();
  }

  resume(): void {
    this.#isPaused = false;
    this.#run?.resume();
  }

  /** After the work under way; what was learned until then stays. */
  stop(): void {
    this.#stopper.abort();
  }

  /**
   * @param start a new training, or the id of a kept one that is to go on.
   * @returns undefined where it was stopped. @throws LstmError.
   */
  async train(series: PageSeries, start: StartedRun | string): Promise<FitReport | undefined> {
    this.#stopper = new AbortController();
    const { signal } = this.#stopper;
    this.#run = undefined;
    this.#isPaused = false;
    const engine = await this.#options.engine.open();
    const before = typeof start === 'string' ? await engine.call('takeKept', start) : undefined;
    const settings = typeof start === 'string' ? before?.run.settings : start.settings;
    if (!settings) throw new Error(t.keptGone);
    const { windowLength, hiddenSize, numLayers, cell, seed, ensemble, horizon, ...fit } = settings;
    this.#model?.forecaster.dispose(); // and not its engine, where that is another: its device is gone, and a worker in which
    // Chrome 147 destroyed one of a GPU process that is gone takes the page with it when it ends
    const forecaster = before
      ? await engine.Forecaster.load(before.checkpoint)
      : await engine.Forecaster.create({
          ...{ windowLength, seed, ensemble, cell, hiddenSize, numLayers },
          ...shapeOf(series, horizon),
        });
    this.#model = { engine, forecaster, values: series.values, settings };
    this.#rival = undefined;
    if (typeof start !== 'string') await engine.call('beginKept', start);
    for (const report of before?.reports ?? []) this.#options.onEpoch(report);

    let steps = 0;
    const hooks = {
      signal,
      recover: true,
      onDeviceLost: ({ recovers }: DeviceLostEvent) => recovers && this.#options.onDeviceLost(),
      onCheckpoint: (bytes: Uint8Array<ArrayBuffer>) => this.#keep(() => bytes),
      onProgress: (progress: Progress) => {
        steps++;
        this.#options.onProgress(progress);
      },
    };
    const input = trainedOn(series);
    const run = before ? forecaster.resume(input, hooks) : forecaster.fit(input, { ...fit, ...hooks });
    this.#run = run;
    if (this.#isPaused) run.pause();
    let epochsDone = before?.reports.length ?? 0;
    let drawnMs = Number.NEGATIVE_INFINITY;
    const finish = async () => {
      await this.#keep(() => forecaster.checkpoint());
      await this.#forecast(forecaster, horizon, epochsDone);
    };
    try {
      for await (const report of run) {
        epochsDone = report.epoch;
        if (epochsDone === 1) await this.#keep(() => forecaster.checkpoint()); // for visitors who leave soon
        this.#options.onEpoch(report);
        if (report.epoch === report.epochs || performance.now() - drawnMs < FORECAST_EVERY_MS) continue;
        await this.#forecast(forecaster, horizon, epochsDone).catch(unlessLost);
        drawnMs = performance.now();
      }
    } catch (error) {
      if (!signal.aborted) throw error;
      if (steps > 0) await finish(); // what was learned before the stop
      return undefined;
    }
    await finish();
    return run;
  }

  /** The model's file; undefined: there is no model. */
  async save(): Promise<Uint8Array<ArrayBuffer> | undefined> {
    return this.#model?.forecaster.save();
  }

  /**
   * What the model does with the window before a row of the series it was trained on; of rows asked for meanwhile the last. Nothing
   * where it reads other columns, too.
   */
  async look(row: number, show: ShowInside): Promise<void> {
    this.#nextRow = row;
    if (this.#isLooking || this.#model?.forecaster.config.inputSize !== 1) return;
    this.#isLooking = true;
    try {
      while (this.#model && this.#nextRow !== undefined) {
        const { forecaster, values } = this.#model;
        const engine = await this.#options.engine.open(); // on a device of now: the weights outlive their own
        const { config, windowLength, seed } = forecaster;
        const asked = this.#nextRow;
        this.#nextRow = undefined;
        const known = values.subarray(asked - windowLength, asked);
        const window = Float32Array.from(forecaster.scalers[0]!.transform(known));
        const inside = await engine.call('inspect', config, await forecaster.stateDict(), window, seed);
        const { config: other, weights } = this.#rival ?? {};
        if (other && weights) {
          const { flow } = await engine.call('inspect', other, weights, window, seed);
          inside.flow.push(...flow.filter(({ trained }) => trained));
        }
        show(asked, inside);
      }
    } finally {
      this.#isLooking = false;
    }
  }

  /** As {@link look}, of the model under training, which does not wait for it: for half of the time at most. */
  async lookWhileTraining(row: number, show: ShowInside): Promise<void> {
    const startMs = performance.now();
    if (this.#isLooking || startMs < this.#nextLookMs) return;
    await this.look(row, show);
    const endMs = performance.now();
    this.#nextLookMs = endMs + (endMs - startMs);
  }

  /** Trains the other cell with the settings and the series of the model, which {@link look} then compares with it. @throws LstmError. */
  async compare({ signal, onEpoch }: { signal: AbortSignal; onEpoch: (report: EpochReport) => void }): Promise<void> {
    if (!this.#model) return;
    const { values, settings } = this.#model;
    const { windowLength, hiddenSize, numLayers, cell, seed, ensemble, horizon, plan, ...fit } = settings;
    const engine = await this.#options.engine.open();
    const rival = await engine.Forecaster.create({ windowLength, seed, hiddenSize, numLayers, cell: rivalOf(cell) });
    try {
      for await (const report of rival.fit(values, { ...fit, signal })) onEpoch(report);
      this.#rival = { config: rival.config, weights: await rival.stateDict() };
    } finally {
      rival.dispose();
    }
  }

  /** The worker is gone, and the model with it. */
  forget(): void {
    this.#model = undefined;
  }

  async #keep(checkpoint: () => Uint8Array<ArrayBuffer> | Promise<Uint8Array<ArrayBuffer>>): Promise<void> {
    try {
      this.#options.onKept(await this.#options.engine.call('writeKept', move(await checkpoint())));
    } catch (error) {
      this.#options.onNotKept(error);
    }
  }

  async #forecast(model: WorkerForecaster, horizon: number, epoch: number): Promise<void> {
    const evaluation = await model.evaluate();
    const future = await model.predict({ horizon });
    const [zero, one] = model.scalers[0]!.transform([0, 1]);
    const testLoss = (evaluation.overall.metrics.rmse * (one! - zero!)) ** 2;
    this.#options.onForecast({ ...evaluation, epoch, testLoss, future });
  }
}

/** A training that goes on with another device takes the next chance. */
function unlessLost(error: unknown): void {
  if (!(error instanceof DeviceLostError)) throw error;
}
