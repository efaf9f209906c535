import type { DeviceScope } from '../../src/gpu/guarded_device.ts';
import { ReadbackRing } from '../../src/gpu/readback.ts';
import { PassTimer } from '../../src/gpu/timing.ts';
import type { Heat } from '../heat.ts';

/** Of one submitted pass. */
export interface PassTime {
  /** By the device's clock. */
  gpuMs: number;
  /** Encoding and submitting on the host. */
  hostMs: number;
}

/** Times passes, each submitted right after a heating one, so that the device is at its full clock and not idle. */
export class HeatedTimer {
  readonly #device: DeviceScope;
  readonly #heat: Heat;
  readonly #timer: PassTimer;
  readonly #ring: ReadbackRing;

  constructor(device: DeviceScope, heat: Heat) {
    const timer = PassTimer.create(device, 'bench', 1);
    if (!timer)
      throw new Error('bench: this device has no timestamps, and without them host and device cannot be separated.');
    this.#device = device;
    this.#heat = heat;
    this.#timer = timer;
    this.#ring = new ReadbackRing(device, 'bench', PassTimer.sizeBytes, 1);
  }

  /** @param encode appends one pass. */
  async time(
    encode: (encoder: GPUCommandEncoder, timestampWrites: GPUComputePassTimestampWrites) => void,
  ): Promise<PassTime> {
    const encoder = this.#device.createCommandEncoder({ label: 'bench' });
    const startMs = performance.now();
    encode(encoder, this.#timer.writes(0));
    const encodedMs = performance.now();
    const read = this.#ring.copy(encoder, this.#timer.resolve(encoder, 0));
    this.#heat();
    const submitMs = performance.now();
    this.#device.queue.submit(encoder);
    const hostMs = encodedMs - startMs + performance.now() - submitMs;
    return { gpuMs: PassTimer.ms(await read(), 0) ?? 0, hostMs };
  }
}
