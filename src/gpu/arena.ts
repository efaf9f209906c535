import { createStorage, numElements, type Tensor } from './tensor.ts';

/** Rows of an arena's table: name and shape, in order. */
export type TensorTable = readonly { readonly name: string; readonly shape: readonly number[] }[];

/** WebGPU binds a buffer at multiples of minStorageBufferOffsetAlignment, 256 bytes by default on every device. */
const ALIGNMENT_BYTES = 256;

/**
 * One GPU buffer that holds many tensors. Arenas made from one table have one layout, so a kernel can treat weights,
 * gradients and moments as flat arrays of equal length. The gaps that alignment leaves stay zero.
 */
export class Arena {
  readonly name: string;
  readonly buffer: GPUBuffer;
  readonly tensors: ReadonlyMap<string, Tensor>;
  /** The whole arena as one flat tensor. */
  readonly flat: Tensor;

  constructor(device: GPUDevice, name: string, table: TensorTable) {
    let sizeBytes = 0;
    const places = table.map((row) => {
      const place = { ...row, offsetBytes: sizeBytes, sizeBytes: numElements(row.shape) * 4 };
      sizeBytes += Math.ceil(place.sizeBytes / ALIGNMENT_BYTES) * ALIGNMENT_BYTES;
      return place;
    });
    this.name = name;
    this.buffer = createStorage(device, name, sizeBytes);
    this.tensors = new Map(places.map((place) => [place.name, { ...place, buffer: this.buffer }]));
    this.flat = { name, shape: [sizeBytes / 4], buffer: this.buffer, offsetBytes: 0, sizeBytes };
  }

  /** @throws Error when the table has no such row: a bug in the caller. */
  tensor(name: string): Tensor {
    const tensor = this.tensors.get(name);
    if (!tensor) throw new Error(`${this.name}: no tensor ${name}; there are ${[...this.tensors.keys()].join(', ')}`);
    return tensor;
  }

  destroy(): void {
    this.buffer.destroy();
  }
}
