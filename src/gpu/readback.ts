import { DeviceError, DeviceLostError, ShaderError } from '../errors.ts';
import { during, type GuardedDevice, refused } from './guarded_device.ts';
import { untilDone } from './waiting.ts';

/** Part of a buffer: a multiple of 4 bytes. */
export interface Region {
  buffer: GPUBuffer;
  offsetBytes: number;
  sizeBytes: number;
}

/**
 * A small ring of staging buffers for reading results back. `copy` appends the copy to an encoder; the returned
 * function, called after the submit, resolves to the bytes. A slot is used again once its bytes were read. The buffers are the
 * device's, to be freed with its scope.
 */
export class ReadbackRing {
  readonly #device: GuardedDevice;
  readonly #free: GPUBuffer[];
  readonly #sizeBytes: number;

  constructor(device: GuardedDevice, label: string, sizeBytes: number, slots = 3) {
    this.#device = device;
    this.#sizeBytes = Math.max(4, sizeBytes);
    this.#free = Array.from({ length: slots }, (_, slot) =>
      device.createBuffer({
        label: `${label} readback ${slot}`,
        size: this.#sizeBytes,
        usage: GPUBufferUsage.COPY_DST | GPUBufferUsage.MAP_READ,
      }),
    );
  }

  /**
   * Copies regions one behind the other.
   * @throws Error when more copies are under way than the ring has slots, or one is larger than a slot: a bug in the
   * caller. @throws DeviceLostError (from the returned function) when the device is lost before the bytes arrive.
   * @throws CommandError (from the returned function) when the device refused this or a command before it.
   */
  copy(encoder: GPUCommandEncoder, ...regions: readonly Region[]): () => Promise<ArrayBuffer> {
    const staging = this.#free.pop();
    if (!staging) throw new Error('ReadbackRing: every slot is in use');
    const sizeBytes = regions.reduce((sum, region) => sum + region.sizeBytes, 0);
    if (sizeBytes > this.#sizeBytes) throw new Error(`ReadbackRing: ${sizeBytes} bytes, slots have ${this.#sizeBytes}`);
    let at = 0;
    for (const region of regions) {
      encoder.copyBufferToBuffer(region.buffer, region.offsetBytes, staging, at, region.sizeBytes);
      at += region.sizeBytes;
    }
    return async () => {
      const what = `readback of ${sizeBytes} bytes`;
      try {
        const map = () => staging.mapAsync(GPUMapMode.READ, 0, sizeBytes);
        await untilDone(this.#device.run(what, map));
        await this.#device.settled();
        // the device may have been lost since, and its buffers unmapped
        const bytes = staging.getMappedRange(0, sizeBytes).slice(0);
        staging.unmap();
        this.#free.push(staging);
        return bytes;
      } catch (error) {
        // a command that was refused is the better reason, unless a lost device has refused it
        const better = await this.#device.settled().then(() => undefined, asError);
        throw await explainMapFailure(
          this.#device,
          better ?? (error instanceof DeviceError ? error : refused(what, error)),
        );
      }
    };
  }
}

/** Reads `sizeBytes` from a buffer, once, through a staging buffer of its own: for weights and tests, not for loops. */
export function readBuffer(
  device: GuardedDevice,
  source: GPUBuffer,
  offsetBytes: number,
  sizeBytes: number,
): Promise<ArrayBuffer> {
  return during(device, (scope) => {
    const ring = new ReadbackRing(scope, source.label, sizeBytes, 1);
    const encoder = device.createCommandEncoder({ label: `read ${source.label}` });
    const read = ring.copy(encoder, { buffer: source, offsetBytes, sizeBytes });
    device.queue.submit(encoder);
    return read();
  });
}

/**
 * Submits what `encode` appends, and reads regions of what it left, each as f32: for calls that give results, not for
 * loops.
 */
export function readRegions(
  device: GuardedDevice,
  regions: readonly Region[],
  encode: (encoder: GPUCommandEncoder) => void,
): Promise<Float32Array<ArrayBuffer>[]> {
  const sizeBytes = regions.reduce((sum, region) => sum + region.sizeBytes, 0);
  return during(device, async (scope) => {
    const ring = new ReadbackRing(scope, 'regions', sizeBytes, 1);
    const encoder = device.createCommandEncoder({ label: 'run and read' });
    encode(encoder);
    const read = ring.copy(encoder, ...regions);
    device.queue.submit(encoder);
    const bytes = await read();
    let at = 0;
    return regions.map((region) => {
      at += region.sizeBytes;
      return new Float32Array(bytes.slice(at - region.sizeBytes, at));
    });
  });
}

/**
 * Waits until a device has done all that was submitted.
 * @throws DeviceLostError when it is lost, which a mere write does not show.
 */
export async function checkAlive(device: GuardedDevice): Promise<void> {
  await during(device, (scope) => {
    const source = scope.createBuffer({ label: 'alive', size: 4, usage: GPUBufferUsage.COPY_SRC });
    return readBuffer(device, source, 0, 4);
  });
}

/** Names of the errors that a lost device leaves of work under way. */
const FROM_LOSS: readonly string[] = ['OperationError', 'AbortError', 'GPUPipelineError'];

/** The error, or where a device that was lost has caused it, a DeviceLostError. */
export async function explainLoss(device: GuardedDevice, error: unknown): Promise<unknown> {
  if (error instanceof DeviceLostError) return error;
  const mayBe = error instanceof DeviceError || error instanceof ShaderError;
  return mayBe || FROM_LOSS.includes((error as Error | undefined)?.name ?? '')
    ? explainMapFailure(device, error as Error)
    : error;
}

const asError = (reason: unknown): Error => reason as Error;

/** Chrome rejects open maps a little before it says that the device is lost; Firefox says so when all that was submitted is done. */
const LOST_WITHIN_MS = 100;
/** Where nobody hears of that. */
const DONE_WITHIN_MS = 20_000;

async function explainMapFailure(device: GuardedDevice, error: Error): Promise<Error> {
  const done = device.queue.onSubmittedWorkDone().catch(() => undefined);
  await givenWithin(DONE_WITHIN_MS, Promise.race([device.lost, done]));
  const lost = await givenWithin(LOST_WITHIN_MS, device.lost);
  if (!lost) return error;
  return new DeviceLostError(
    `The GPU device was lost (${lost.reason || 'unknown'}): ${lost.message || 'no details'}. ` +
      'Request a new device and go on from the last checkpoint or saved weights; a fit that takes `recover` does so by itself.',
    lost.reason,
    error,
  );
}

/** What a promise gives, if it does by then. */
async function givenWithin<Result>(ms: number, result: Promise<Result>): Promise<Result | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), ms);
  });
  try {
    return await Promise.race([result, late]);
  } finally {
    clearTimeout(timer);
  }
}
