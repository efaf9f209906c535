import { typedArrayName } from '../arrays.ts';
import { DeviceError, ShapeError } from '../errors.ts';
import type { GuardedDevice } from './guarded_device.ts';

/** A named array on the GPU: its buffer, offset, and shape (row-major, last axis fastest, f32 or u32). */
export interface Tensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly buffer: GPUBuffer;
  readonly offsetBytes: number;
  readonly sizeBytes: number;
}

export function numElements(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** A tensor in its own buffer, filled with zeros. Its owner calls `tensor.buffer.destroy()`. */
export function createTensor(device: GuardedDevice, name: string, shape: readonly number[]): Tensor {
  const sizeBytes = numElements(shape) * 4;
  return { name, shape, buffer: createStorage(device, name, sizeBytes), offsetBytes: 0, sizeBytes };
}

/**
 * Queues a write of a whole tensor, byte by byte; callers' arrays were converted by `src/arrays.ts` before.
 * @throws ShapeError if the number of elements differs. @throws TypeError for another kind of array: a bug in the caller.
 */
export function writeTensor(device: GuardedDevice, tensor: Tensor, data: Float32Array | Uint32Array): void {
  const type = typedArrayName(data);
  if (type !== 'Float32Array' && type !== 'Uint32Array')
    throw new TypeError(`${tensor.name}: got ${type ?? typeof data}, expected a Float32Array or a Uint32Array.`);
  if (data.byteLength !== tensor.sizeBytes)
    throw new ShapeError(
      `${tensor.name}: got ${data.length} elements, but [${tensor.shape.join(', ')}] needs ${numElements(tensor.shape)}.`,
    );
  device.queue.writeBuffer(tensor.buffer, tensor.offsetBytes, data.buffer, data.byteOffset, data.byteLength);
}

/** The maximum size of a tensor on a device, in bytes. */
export const mostBytes = ({ limits }: Pick<GuardedDevice, 'limits'>): number =>
  Math.min(limits.maxBufferSize, limits.maxStorageBufferBindingSize);

/** @throws DeviceError if the device's limits do not allow a buffer of this size. */
export function createStorage(device: GuardedDevice, label: string, sizeBytes: number): GPUBuffer {
  const limit = mostBytes(device);
  if (sizeBytes > limit)
    throw new DeviceError(
      `${label}: needs ${sizeBytes} bytes in one buffer, but this device allows ${limit} ` +
        '(maxStorageBufferBindingSize). Use a smaller batch, window or hidden size, or request the device with higher limits.',
      { code: 'too-large', details: { tensor: label, bytes: sizeBytes, limit } },
    );
  return device.createBuffer({
    label,
    size: Math.max(4, sizeBytes),
    usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST,
  });
}
