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
 * A small ring of staging buffers for reading results back. `copy` appends the copy to an encoder; the returned function,
 * called after the submit, resolves to the bytes. A slot is reused once its bytes were read. The buffers are freed with the
 * device's scope.
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
   * Copies regions, one after another.
   * @throws Error if more copies are in flight than the ring has slots, or one is larger than a slot: a bug in the
   * caller. @throws DeviceLostError (from the returned function) if the device is lost before the bytes arrive.
   * @throws CommandError (from the returned function) if the device rejected this or an earlier command.
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
        // the device may have been lost in the meantime, and its buffers unmapped
        const bytes = staging.getMappedRange(0, sizeBytes).slice(0);
        staging.unmap();
        this.#free.push(staging);
        return bytes;
      } catch (error) {
        // a rejected command is the better explanation, unless the device was lost
        const better = await this.#device.settled().then(() => undefined, asError);
        throw await explainMapFailure(
          this.#device,
          better ?? (error instanceof DeviceError ? error : refused(what, error)),
        );
      }
    };
  }
}

/** Reads `sizeBytes` from a buffer, once, through its own staging buffer: for weights and tests, not for loops. */
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
 * Submits the commands that `encode` appends, then reads regions, each as f32: for calls that return results, not for loops.
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
 * Waits until a device has finished all submitted work.
 * @throws DeviceLostError if it is lost, which a mere write does not report.
 */
export async function checkAlive(device: GuardedDevice): Promise<void> {
  await during(device, (scope) => {
    const source = scope.createBuffer({ label: 'alive', size: 4, usage: GPUBufferUsage.COPY_SRC });
    return readBuffer(device, source, 0, 4);
  });
}

/** Names of the errors that work in progress rejects with when a device is lost. */
const FROM_LOSS: readonly string[] = ['OperationError', 'AbortError', 'GPUPipelineError'];

/** The error or, if a lost device caused it, a DeviceLostError. */
export async function explainLoss(device: GuardedDevice, error: unknown): Promise<unknown> {
  if (error instanceof DeviceLostError) return error;
  const mayBe = error instanceof DeviceError || error instanceof ShaderError;
  return mayBe || FROM_LOSS.includes((error as Error | undefined)?.name ?? '')
    ? explainMapFailure(device, error as Error)
    : error;
}

const asError = (reason: unknown): Error => reason as Error;

/** Chrome rejects pending maps slightly before it reports the loss; Firefox reports it once all submitted work is done. */
const LOST_WITHIN_MS = 100;
/** A limit, in case that is never reported. */
const DONE_WITHIN_MS = 20_000;

async function explainMapFailure(device: GuardedDevice, error: Error): Promise<Error> {
  const done = device.queue.onSubmittedWorkDone().catch(() => undefined);
  await givenWithin(DONE_WITHIN_MS, Promise.race([device.lost, done]));
  const lost = await givenWithin(LOST_WITHIN_MS, device.lost);
  if (!lost) return error;
  return new DeviceLostError(
    `The GPU device was lost (${lost.reason || 'unknown'}): ${lost.message || 'no details'}. ` +
      'Request a new device and try again; saved weights and checkpoints can be used on it.',
    lost.reason,
    error,
  );
}

/** The result of a promise, if it resolves in time. */
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
