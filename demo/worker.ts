// The page's worker: the engine, and the page's own functions.
import { measureCeiling } from '../bench/ceiling.ts';
import {
  type BacktestOptions,
  type DatedSeries,
  type ForecastOptions,
  forecast,
  type OneSeries,
} from '../src/index.ts';
import { withoutOutliers } from '../src/stats/outliers.ts';
import { serve, type WorkerContext } from '../src/worker/index.ts';
import { scoredBacktest } from './backtest/backtest.ts';
import { Inspector } from './inside/inspect.ts';
import { type StartedRun, TrainingStore } from './kept/training_store.ts';
import type { RaceSettings } from './learn/models.ts';
import { type Look, type RaceOptions, RaceTrack } from './learn/race.ts';
import { readSeriesFile, type SeriesRequest } from './series_file.ts';

const kept = new TrainingStore();
const inspector = new Inspector();
const track = new RaceTrack();

const functions = {
  /** Ends with the worker. */
  live(_: WorkerContext, { onStart }: { onStart: () => void }) {
    onStart();
    return new Promise<never>(() => undefined);
  },
  readSeriesFile: (_: WorkerContext, request: SeriesRequest) => readSeriesFile(request),
  measureCeiling: ({ device }: WorkerContext) => measureCeiling(device),
  inspect: (_: WorkerContext, ...of: Parameters<Inspector['inspect']>) => inspector.inspect(...of),
  /** With the value in the place of each outlier. */
  async forecast(
    { device }: WorkerContext,
    series: Extract<DatedSeries, { target: unknown }>,
    options: Omit<ForecastOptions, 'device'>,
  ) {
    const result = await forecast(series, { ...options, device });
    const { outliers } = result;
    const used = outliers.length > 0 ? withoutOutliers(series.target) : undefined;
    return { ...result, replacements: outliers.map((row) => used![row]!) };
  },
  backtest: ({ device }: WorkerContext, series: OneSeries, options: Omit<BacktestOptions, 'device'>) =>
    scoredBacktest(series, { ...options, device }),
  race: ({ device }: WorkerContext, settings: RaceSettings, look: Look, options: RaceOptions) =>
    track.run(device, settings, look, options),
  pauseRace: (_: WorkerContext, paused: boolean) => track.setPaused(paused),
  shotOfRace: (_: WorkerContext, look: Look, number: number | undefined) => track.shot(look, number),
  beginKept: (_: WorkerContext, run: StartedRun) => kept.begin(run),
  writeKept: (_: WorkerContext, checkpoint: Uint8Array) => kept.write(checkpoint),
  listKept: (_: WorkerContext, own: string | undefined) => kept.list(own),
  takeKept: (_: WorkerContext, id: string) => kept.take(id),
  forgetKept: (_: WorkerContext, id: string) => kept.forget(id),
};

export type PageFunctions = typeof functions;

serve(functions);
