import type { GuardedDevice } from './guarded_device.ts';
import { createStorage, numElements, type Tensor } from './tensor.ts';

/** The table of an arena: names and shapes, in order. */
export type TensorTable = readonly { readonly name: string; readonly shape: readonly number[] }[];

/** WebGPU binds a buffer at multiples of minStorageBufferOffsetAlignment, 256 bytes by default on every device. */
const ALIGNMENT_BYTES = 256;

/**
 * One GPU buffer that contains many tensors, in one or more copies. All arenas made from one table have the same layout, so a
 * kernel can treat weights, gradients and moments as flat arrays of equal length. Alignment gaps stay zero.
 */
export class Arena {
  readonly name: string;
  readonly buffer: GPUBuffer;
  /** Bytes from one copy to the next. */
  readonly copyBytes: number;
  /** The whole arena as one tensor, [copies, elements]. */
  readonly flat: Tensor;
  readonly #tensors: ReadonlyMap<string, Tensor>;

  /** Bytes of one copy of a table. */
  static copyBytes(table: TensorTable): number {
    return placesOf(table).copyBytes;
  }

  constructor(device: GuardedDevice, name: string, table: TensorTable, copies = 1) {
    const { places, copyBytes } = placesOf(table);
    const sizeBytes = copies * copyBytes;
    this.name = name;
    this.copyBytes = copyBytes;
    this.buffer = createStorage(device, name, sizeBytes);
    this.flat = { name, shape: [copies, copyBytes / 4], buffer: this.buffer, offsetBytes: 0, sizeBytes };
    this.#tensors = new Map(places.map((place) => [place.name, { ...place, buffer: this.buffer }]));
  }

  get names(): string[] {
    return [...this.#tensors.keys()];
  }

  /** @throws Error if the table has no such row: a bug in the caller. */
  tensor(name: string, copy = 0): Tensor {
    const tensor = this.#tensors.get(name);
    if (!tensor) throw new Error(`${this.name}: no tensor ${name}; there are ${this.names.join(', ')}`);
    return { ...tensor, offsetBytes: copy * this.copyBytes + tensor.offsetBytes };
  }

  /** One copy as a flat tensor, [elements]. */
  copy(copy: number): Tensor {
    const { name, buffer, copyBytes: sizeBytes } = this;
    return { name, shape: [sizeBytes / 4], buffer, offsetBytes: copy * sizeBytes, sizeBytes };
  }

  dispose(): void {
    this.buffer.destroy();
  }
}

/** Offsets of a table's rows within a copy, and the size of a copy. */
function placesOf(table: TensorTable) {
  let copyBytes = 0;
  const places = table.map((row) => {
    const place = { ...row, offsetBytes: copyBytes, sizeBytes: numElements(row.shape) * 4 };
    copyBytes += Math.ceil(place.sizeBytes / ALIGNMENT_BYTES) * ALIGNMENT_BYTES;
    return place;
  });
  return { places, copyBytes };
}
