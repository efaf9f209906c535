import { type Dispatch, record } from './dispatch.ts';
import { type DeviceScope, during, type GuardedDevice } from './guarded_device.ts';
import { checkAlive, ReadbackRing, type Region, readRegions } from './readback.ts';

/** resolveQuerySet writes at multiples of this. */
const ALIGNMENT_BYTES = 256;
const TIMESTAMP_BYTES = 8;

/** Measures how long compute passes take on the GPU itself, without round trips. Freed with the device's scope. */
export class PassTimer {
  readonly #queries: GPUQuerySet;
  readonly #resolved: GPUBuffer;

  /** @param slots number of passes timed at once. @returns undefined on a device without timestamp queries. */
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

  /** For the descriptor of the pass timed in a slot. */
  writes(slot: number): GPUComputePassTimestampWrites {
    return { querySet: this.#queries, beginningOfPassWriteIndex: 2 * slot, endOfPassWriteIndex: 2 * slot + 1 };
  }

  /** Appends the resolving of a slot, after its pass; returns where the two timestamps then are. */
  resolve(encoder: GPUCommandEncoder, slot: number): Region {
    const region = this.region(slot);
    encoder.resolveQuerySet(this.#queries, 2 * slot, 2, this.#resolved, region.offsetBytes);
    return region;
  }

  /** Where the two timestamps of a slot are, once resolved. */
  region(slot: number): Region {
    return { buffer: this.#resolved, offsetBytes: slot * ALIGNMENT_BYTES, sizeBytes: PassTimer.sizeBytes };
  }

  static readonly sizeBytes = 2 * TIMESTAMP_BYTES;

  /** Milliseconds between the two timestamps at `offsetBytes`; undefined if they are not plausible. */
  static ms(bytes: ArrayBuffer, offsetBytes: number): number | undefined {
    const [begin, end] = new BigUint64Array(bytes.slice(offsetBytes, offsetBytes + PassTimer.sizeBytes));
    const ms = Number(end! - begin!) / 1e6;
    return ms > 0 ? ms : undefined;
  }
}

/** How long a submitted pass took. */
export interface SubmitTime {
  /** By the device's clock if it has one, otherwise from submit to done. */
  gpuMs: number;
  /** Encoding and submitting on the host. */
  hostMs: number;
}

/** Times passes, each in its own submit. Freed with the device's scope. */
export class SubmitTimer {
  readonly #device: DeviceScope;
  readonly #timer: PassTimer | undefined;
  readonly #ring: ReadbackRing;
  readonly #before: () => void;

  /** @param before called right before each submit. */
  constructor(device: DeviceScope, label: string, before = () => {}) {
    this.#device = device;
    this.#timer = PassTimer.create(device, label, 1);
    this.#ring = new ReadbackRing(device, label, PassTimer.sizeBytes, 1);
    this.#before = before;
  }

  /** @param encode appends one pass. @throws the reason of the scope's signal. */
  async time(
    encode: (encoder: GPUCommandEncoder, timestampWrites: GPUComputePassTimestampWrites | undefined) => void,
  ): Promise<SubmitTime> {
    const [device, timer] = [this.#device, this.#timer];
    device.signal?.throwIfAborted();
    const encoder = device.createCommandEncoder({ label: 'timed' });
    const startMs = performance.now();
    encode(encoder, timer?.writes(0));
    const encodedMs = performance.now();
    const read = timer && this.#ring.copy(encoder, timer.resolve(encoder, 0));
    this.#before();
    const submitMs = performance.now();
    device.queue.submit(encoder);
    const submittedMs = performance.now();
    const hostMs = encodedMs - startMs + submittedMs - submitMs;
    if (read) return { gpuMs: PassTimer.ms(await read(), 0) ?? 0, hostMs };
    await checkAlive(device);
    return { gpuMs: performance.now() - submitMs, hostMs };
  }
}

/** Appends some rounds of work to a pass. */
type Encode = (pass: GPUComputePassEncoder, rounds: number) => void;

/**
 * Milliseconds that each of `count` passes takes: by the device's own clock if it has one, otherwise from submit to done.
 * Firefox checks only every 100 ms whether work is done. 0 for a pass that is too short for the clock.
 */
function timePasses(
  device: GuardedDevice,
  label: string,
  count: number,
  encode: (pass: GPUComputePassEncoder) => void,
): Promise<number[]> {
  const slots = Array.from({ length: count }, (_, slot) => slot);
  return during(device, async (scope) => {
    const timer = PassTimer.create(scope, label, count);
    const append = (encoder: GPUCommandEncoder, slot: number) => {
      const pass = encoder.beginComputePass({ label, ...(timer && { timestampWrites: timer.writes(slot) }) });
      encode(pass);
      pass.end();
      timer?.resolve(encoder, slot);
    };
    if (timer) {
      const regions = slots.map((slot) => timer.region(slot));
      const times = await readRegions(scope, regions, (encoder) => {
        for (const slot of slots) append(encoder, slot);
      });
      return times.map(({ buffer }) => PassTimer.ms(buffer, 0) ?? 0);
    }
    const times: number[] = [];
    for (const slot of slots) {
      await checkAlive(scope);
      const startMs = performance.now();
      const encoder = scope.createCommandEncoder({ label });
      append(encoder, slot);
      scope.queue.submit(encoder);
      await checkAlive(scope);
      times.push(performance.now() - startMs);
    }
    return times;
  });
}

/** How to time work. */
export interface TimingOptions {
  /** A pass of half this many milliseconds is long enough for the clock. */
  enoughMs: number;
  /** Rounds of the first pass, and their maximum. */
  firstRounds: number;
  maxRounds: number;
}

/** Limits growth from one measurement to the next, because a single short one may be noise. */
const MAX_GROWTH = 16;

/** How many of something should take `enoughMs`, at most `most`, if `count` took `ms`. */
export const growTo = (enoughMs: number, count: number, ms: number, most: number): number =>
  Math.min(most, Math.ceil(count * Math.min(MAX_GROWTH, enoughMs / ms)));

/** Number of timed passes, once they are long enough. */
const RUNS = 4;

/**
 * Milliseconds per round of some work on a device, in the fastest of a few passes, with as many rounds each as needed for the
 * clock.
 * @returns 0 if no pass is long enough.
 */
export async function timeRound(
  device: GuardedDevice,
  label: string,
  { enoughMs, firstRounds, maxRounds }: TimingOptions,
  encode: Encode,
): Promise<number> {
  let rounds = firstRounds;
  for (;;) {
    const [ms] = await timePasses(device, label, 1, (pass) => encode(pass, rounds));
    if (ms! >= enoughMs / 2 || rounds >= maxRounds) break;
    rounds = growTo(enoughMs, rounds, ms!, maxRounds);
  }
  return Math.min(...(await timePasses(device, label, RUNS, (pass) => encode(pass, rounds)))) / rounds;
}

/**
 * Milliseconds that some dispatches take together, as {@link timeRound}.
 * @param enoughMs the resolution of a clock may be a tenth of a millisecond.
 */
export const timeDispatches = (
  device: GuardedDevice,
  label: string,
  dispatches: readonly Dispatch[],
  enoughMs = 8,
): Promise<number> =>
  timeRound(device, label, { enoughMs, firstRounds: 1, maxRounds: 4096 }, (pass, rounds) => {
    for (let k = 0; k < rounds; k++) record(pass, dispatches);
  });
