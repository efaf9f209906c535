// The page's worker: the engine, and what the page does beside it.
import { measureCeiling } from '../bench/ceiling.ts';
import type { ModelConfig, StateDict } from '../src/index.ts';
import { serve, type WorkerContext } from '../src/worker/index.ts';
import { inspect } from './inside/inspect.ts';
import { type StartedRun, TrainingStore } from './kept/training_store.ts';
import { readSeriesFile, type SeriesRequest } from './series_file.ts';

const kept = new TrainingStore();

const functions = {
  readSeriesFile: (_: WorkerContext, request: SeriesRequest) => readSeriesFile(request),
  measureCeiling: ({ device }: WorkerContext) => measureCeiling(device),
  inspect: ({ device }: WorkerContext, config: ModelConfig, weights: StateDict, window: Float32Array, seed: number) =>
    inspect(device, config, weights, window, seed),
  beginKept: (_: WorkerContext, run: StartedRun) => kept.begin(run),
  writeKept: (_: WorkerContext, checkpoint: Uint8Array) => kept.write(checkpoint),
  readKept: () => kept.read(),
  forgetKept: () => kept.forget(),
};

export type PageFunctions = typeof functions;

serve(functions);
