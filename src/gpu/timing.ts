import type { GuardedDevice } from './guarded_device.ts';
import type { Region } from './readback.ts';

/** resolveQuerySet writes at multiples of this. */
const ALIGNMENT_BYTES = 256;
const TIMESTAMP_BYTES = 8;

/** How long compute passes take on the GPU itself, without the way there and back. Freed with the device's scope. */
export class PassTimer {
  readonly #queries: GPUQuerySet;
  readonly #resolved: GPUBuffer;

  /** @param slots passes that are timed at once. @returns undefined on a device without timestamp queries. */
  static create(device: GuardedDevice, label: string, slots: number): PassTimer | undefined {
    return device.features.has('timestamp-query') ? new PassTimer(device, label, slots) : undefined;
  }

  private constructor(device: GuardedDevice, label: string, slots: number) {
    this.#queries = device.createQuerySet({ label: `${label} times`, type: 'timestamp', count: 2 * slots });
    this.#resolved = device.createBuffer({
      label: `${label} times`,
      size: slots * ALIGNMENT_BYTES,
      usage: GPUBufferUsage.QUERY_RESOLVE | GPUBufferUsage.COPY_SRC,
    });
  }

  /** For the descriptor of the pass that is timed in a slot. */
  writes(slot: number): GPUComputePassTimestampWrites {
    return { querySet: this.#queries, beginningOfPassWriteIndex: 2 * slot, endOfPassWriteIndex: 2 * slot + 1 };
  }

  /** Appends the resolving of a slot, after its pass; returns where the two timestamps then are. */
  resolve(encoder: GPUCommandEncoder, slot: number): Region {
    const offsetBytes = slot * ALIGNMENT_BYTES;
    encoder.resolveQuerySet(this.#queries, 2 * slot, 2, this.#resolved, offsetBytes);
    return { buffer: this.#resolved, offsetBytes, sizeBytes: PassTimer.sizeBytes };
  }

  static readonly sizeBytes = 2 * TIMESTAMP_BYTES;

  /** Milliseconds between the two timestamps at `offsetBytes`; undefined when they make no sense. */
  static ms(bytes: ArrayBuffer, offsetBytes: number): number | undefined {
    const [begin, end] = new BigUint64Array(bytes.slice(offsetBytes, offsetBytes + PassTimer.sizeBytes));
    const ms = Number(end! - begin!) / 1e6;
    return ms > 0 ? ms : undefined;
  }
}
