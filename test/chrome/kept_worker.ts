import { type StartedRun, TrainingStore } from '../../demo/kept/training_store.ts';
import { serve, type WorkerContext } from '../../src/worker/index.ts';

const kept = new TrainingStore();

/** The trainings of a tab. */
const functions = {
  begin: (_: WorkerContext, run: StartedRun) => kept.begin(run),
  write: (_: WorkerContext, checkpoint: Uint8Array) => kept.write(checkpoint),
  list: (_: WorkerContext, own?: string) => kept.list(own),
  take: (_: WorkerContext, id: string) => kept.take(id),
  forget: (_: WorkerContext, id: string) => kept.forget(id),
};

export type Tab = typeof functions;

serve(functions);
