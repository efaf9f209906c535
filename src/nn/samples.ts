import type { SampleSource } from '../engine/plan.ts';
import type { GuardedDevice } from '../gpu/guarded_device.ts';
import { createTensor, mostBytes, writeTensor } from '../gpu/tensor.ts';
import { checkPositiveInteger } from '../model/config.ts';
import type { TensorValue } from '../model/parameters.ts';
import type { UploadedData } from '../train/training.ts';

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

/** Uploads samples for training: all at once as windows of a series if they can be, which more plans support, else in chunks. */
export function uploadForTraining(
  device: GuardedDevice,
  samples: Samples,
  chunkSamples: number,
): Omit<UploadedData, 'validate'> {
  const [numSamples, windowLength] = samples.inputs.shape as [number, number];
  const isOneChunk = chunkSamples === numSamples;
  const areWindows = samples.targets.shape[1] === 1 && samples.lengths.every((length) => length === windowLength);
  if (isOneChunk && areWindows && windowBytes(samples) <= mostBytes(device)) return uploadWindows(device, samples);
  const { source, load } = uploadSamples(device, samples, chunkSamples);
  return {
    source,
    starts: [Uint32Array.from({ length: numSamples }, (_, sample) => sample)],
    feed: isOneChunk ? undefined : { chunkSamples, load },
  };
}

/** Rows of a sample in a series: its steps, and those that its targets fill. */
const rowsOfSample = ({ inputs, targets }: Samples): number =>
  inputs.shape[1]! + Math.ceil(targets.shape[2]! / inputs.shape[2]!);

const windowBytes = (samples: Samples): number =>
  4 * samples.inputs.shape[0]! * rowsOfSample(samples) * samples.inputs.shape[2]!;

/** Samples of equal length, each followed by its targets, as one series [rows, I]. */
function uploadWindows(device: GuardedDevice, samples: Samples) {
  const { inputs, targets } = samples;
  const [S, T, I] = inputs.shape as [number, number, number];
  const K = targets.shape[2]!;
  const rows = rowsOfSample(samples);
  const values = new Float32Array(S * rows * I);
  for (let sample = 0; sample < S; sample++) {
    values.set(inputs.data.subarray(sample * T * I, (sample + 1) * T * I), sample * rows * I);
    values.set(targets.data.subarray(sample * K, (sample + 1) * K), (sample * rows + T) * I);
  }
  const series = createTensor(device, 'series', [S * rows, I]);
  writeTensor(device, series, values);
  const starts = [Uint32Array.from({ length: S }, (_, sample) => sample * rows)];
  return { source: { kind: 'windows' as const, series, targetColumns: I }, starts, feed: undefined };
}
