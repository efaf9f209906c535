import { readSafetensors } from '../../src/io/safetensors.ts';
import type { StateDict, TensorValue } from '../../src/model/parameters.ts';
import type { Trainer } from '../../src/nn/trainer.ts';
import type { SampleData } from '../../src/nn/trainer_options.ts';
import type { Position } from '../../src/train/position.ts';

/** What the next fit continues from: weights, the state of optimizer and schedule, and as `done` the steps and epochs. */
export async function stateOf(trainer: Trainer): Promise<StateDict> {
  const { tensors, metadata } = readSafetensors(await trainer.checkpoint());
  const { position } = JSON.parse(metadata['lstm_webgpu.training']!) as { position: Position };
  const [{ stepsTaken, schedule }] = position.models as [Position['models'][0]];
  const state = new Map<string, TensorValue>(tensors);
  const remembered = Float32Array.from(Object.values(schedule));
  state.set('schedule', { shape: [remembered.length], data: remembered });
  const done = Float32Array.of(stepsTaken + position.step, position.epoch - 1);
  return state.set('done', { shape: [2], data: done });
}

/** Like {@link stateOf}, for a trainer whose last fit failed: the state at the start of a fit that stops before its first step. */
export async function stateBeforeFit(trainer: Trainer, samples: SampleData): Promise<StateDict> {
  const stopper = new AbortController();
  const beforeSlice = () => void stopper.abort();
  await trainer
    .fit(samples, { epochs: 1, batchSize: 1, beforeSlice, signal: stopper.signal })
    .then(null, () => undefined);
  return stateOf(trainer);
}
