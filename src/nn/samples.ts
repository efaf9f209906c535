import type { SampleSource } from '../engine/plan.ts';
import type { GuardedDevice } from '../gpu/guarded_device.ts';
import { createTensor, mostBytes, writeTensor } from '../gpu/tensor.ts';
import { checkPositiveInteger } from '../model/config.ts';
import type { TensorValue } from '../model/parameters.ts';

/** Validated sequences, with their targets and lengths. */
export interface Samples {
  /** [S, T, I] */
  inputs: TensorValue;
  /** [S, 1 or T, K] */
  targets: TensorValue;
  /** [S] */
  lengths: Uint32Array;
}

/**
 * How many samples the device holds at once: all, or whole batches up to what fits in one buffer, or up to `wish`. A wish for a
 * previous result gives the same result again.
 * @throws ConfigError for a wish that is not a whole number of at least 1.
 */
export function chunkSize(
  device: Pick<GuardedDevice, 'limits'>,
  { inputs, targets }: Pick<Samples, 'inputs' | 'targets'>,
  batchSize: number,
  wish?: number,
): number {
  if (wish !== undefined) checkPositiveInteger('chunkSamples', wish);
  const [numSamples] = inputs.shape as [number];
  const largest = (4 * Math.max(inputs.data.length, targets.data.length)) / numSamples;
  const most = Math.floor(mostBytes(device) / largest);
  const chunk = Math.min(most, wish ?? numSamples);
  return chunk >= numSamples
    ? numSamples
    : Math.min(numSamples, Math.max(1, Math.floor(chunk / batchSize)) * batchSize);
}

/** Samples on the device, a chunk at a time: `load` queues the upload of another one, replacing the current one. */
export interface UploadedSamples {
  source: SampleSource;
  load(chunk: number): void;
}

/** Allocates buffers for a chunk of samples, in the device's scope, and uploads the first one. */
export function uploadSamples(device: GuardedDevice, samples: Samples, chunkSamples: number): UploadedSamples {
  const { inputs, targets, lengths } = samples;
  const [numSamples] = inputs.shape as [number];
  const room = (name: string, shape: readonly number[]) => createTensor(device, name, [chunkSamples, ...shape]);
  const tensors = {
    inputs: room('inputs', inputs.shape.slice(1)),
    targets: room('targets', targets.shape.slice(1)),
    lengths: room('lengths', []),
  };
  const pairs = [
    [tensors.inputs, inputs.data],
    [tensors.targets, targets.data],
    [tensors.lengths, lengths],
  ] as const;
  const load = (chunk: number) => {
    const [first, end] = [chunk * chunkSamples, Math.min((chunk + 1) * chunkSamples, numSamples)];
    for (const [tensor, data] of pairs) {
      const size = data.length / numSamples;
      const part = data.subarray(first * size, end * size);
      writeTensor(device, { ...tensor, shape: [part.length], sizeBytes: part.byteLength }, part);
    }
  };
  load(0);
  return { source: { kind: 'samples', ...tensors }, load };
}
