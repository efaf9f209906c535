// The page's worker: the engine, and what the page does beside it.
import { measureCeiling } from '../bench/ceiling.ts';
import { type DatedSeries, type ForecastOptions, forecast } from '../src/index.ts';
import { serve, type WorkerContext } from '../src/worker/index.ts';
import { Inspector } from './inside/inspect.ts';
import { type StartedRun, TrainingStore } from './kept/training_store.ts';
import { readSeriesFile, type SeriesRequest } from './series_file.ts';

const kept = new TrainingStore();
const inspectors = new WeakMap<GPUDevice, Inspector>();

const functions = {
  /** Ends with the worker. */
  live(_: WorkerContext, { onStart }: { onStart: () => void }) {
    onStart();
    return new Promise<never>(() => undefined);
  },
  readSeriesFile: (_: WorkerContext, request: SeriesRequest) => readSeriesFile(request),
  measureCeiling: ({ device }: WorkerContext) => measureCeiling(device),
  inspect({ device }: WorkerContext, ...of: Parameters<Inspector['inspect']>) {
    const inspector = inspectors.get(device) ?? new Inspector(device);
    inspectors.set(device, inspector);
    return inspector.inspect(...of);
  },
  forecast: ({ device }: WorkerContext, series: DatedSeries, options: Omit<ForecastOptions, 'device'>) =>
    forecast(series, { ...options, device }),
  beginKept: (_: WorkerContext, run: StartedRun) => kept.begin(run),
  writeKept: (_: WorkerContext, checkpoint: Uint8Array) => kept.write(checkpoint),
  listKept: (_: WorkerContext, own: string | undefined) => kept.list(own),
  takeKept: (_: WorkerContext, id: string) => kept.take(id),
  forgetKept: (_: WorkerContext, id: string) => kept.forget(id),
};

export type PageFunctions = typeof functions;

serve(functions);
