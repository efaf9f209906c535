import { expect, test } from 'vitest';
import { ConfigError } from '../../src/errors.ts';
import { chunkSize } from '../../src/nn/samples.ts';

/** A device whose buffers hold this many samples. */
const deviceOf = (samples: number) =>
  ({ limits: { maxBufferSize: 4 * samples, maxStorageBufferBindingSize: 4 * samples } }) as GPUDevice;
const samplesOf = (count: number) => ({
  inputs: { shape: [count, 1, 1], data: new Float32Array(count) },
  targets: { shape: [count, 1], data: new Float32Array(count) },
});

test('a chunk is all samples, or whole batches of them, and never exceeds their number', () => {
  for (let count = 1; count <= 12; count++)
    for (let batch = 1; batch <= 14; batch++)
      for (let room = 1; room <= 14; room++)
        for (const wish of [undefined, 1, 2, 3, 5, 8, 11, 12, 13, 40]) {
          const where = `${count} samples, batches of ${batch}, room for ${room}, a wish for ${wish}`;
          const chunk = chunkSize(deviceOf(room), samplesOf(count), batch, wish);
          expect(chunk, where).toBeLessThanOrEqual(count);
          expect(chunk === count || chunk % batch === 0, where).toBe(true);
          if (room >= Math.min(batch, count)) expect(chunk, where).toBeLessThanOrEqual(room);
          // as a checkpoint requests, on this device or a larger one
          for (const other of [room, 100])
            expect(chunkSize(deviceOf(other), samplesOf(count), batch, chunk), where).toBe(chunk);
        }
});

test('an invalid number of samples is rejected', () => {
  for (const wish of [0, -1, 2.5, Number.NaN])
    expect(() => chunkSize(deviceOf(9), samplesOf(4), 2, wish)).toThrow(ConfigError);
});
