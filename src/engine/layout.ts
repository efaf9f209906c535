import type { Tensor } from '../gpu/tensor.ts';
import type { Operand } from '../kernels/matmul_dims.ts';
import { type ModelConfig, numDirections, outputFeatures, stateSize } from '../model/config.ts';
import { CELL_KERNELS, type GateBlock } from './cells.ts';

/** A matrix within a tensor. */
export interface Matrix extends Operand {
  tensor: Tensor;
}

/** A matrix with an offset and gaps between its rows. */
interface Part extends Matrix {
  offset: number;
  stride: number;
}

export const transposed = <Given extends Operand>(matrix: Given): Given => ({ ...matrix, transposed: true });

/** A step of the recurrence: its time, and the rows of the states before and after it. */
export interface RecurrentStep {
  t: number;
  before: number;
  after: number;
}

/**
 * Where one direction of a layer finds its values. Time t is in row t + 1 of the states [T+2, N, D * size]; rows 0 and T + 1
 * are the initial states of the two directions.
 */
export class DirectionLayout {
  /** 0 forward, 1 reverse. */
  readonly direction: number;
  readonly #config: ModelConfig;
  readonly #T: number;
  readonly #N: number;

  constructor(config: ModelConfig, sizes: { windowLength: number; batchSize: number }, direction: number) {
    this.#config = config;
    this.#T = sizes.windowLength;
    this.#N = sizes.batchSize;
    this.direction = direction;
  }

  /** The time steps in the order of the recurrence. */
  steps(): RecurrentStep[] {
    const T = this.#T;
    return Array.from({ length: T }, (_, k) =>
      this.direction === 0 ? { t: k, before: k, after: k + 1 } : { t: T - 1 - k, before: T + 1 - k, after: T - k },
    );
  }

  /** Where a cell finds its states; see shaders/shared/cell.wgsl. */
  offsets(before: number, after: number) {
    const N = this.#N;
    const { hiddenSize: H } = this.#config;
    const [Hout, d] = [stateSize(this.#config), this.direction];
    const [h_stride, c_stride] = [outputFeatures(this.#config), numDirections(this.#config) * H];
    return {
      h_before: before * N * h_stride + d * Hout,
      h_after: after * N * h_stride + d * Hout,
      h_stride,
      c_before: before * N * c_stride + d * H,
      c_after: after * N * c_stride + d * H,
      c_stride,
    };
  }

  /** Where this direction's gates begin in [D, T, N, slots, H]. */
  get gatesOffset(): number {
    return this.direction * this.#T * this.#N * CELL_KERNELS[this.#config.cell].slots * this.#config.hiddenSize;
  }

  /** Where they begin at one time step. */
  gatesAt(t: number): number {
    return this.gatesOffset + t * this.#N * CELL_KERNELS[this.#config.cell].slots * this.#config.hiddenSize;
  }

  /** The cell's output before its projection, or its gradient: `rows` of [D, .., H], from a time on. */
  raw(tensor: Tensor, rows: number, t = 0): Part {
    const { hiddenSize: H } = this.#config;
    const offset = this.direction * (tensor.sizeBytes / 4 / numDirections(this.#config)) + t * this.#N * H;
    return { tensor, rows, columns: H, offset, stride: H };
  }

  /** This direction's part of h or dH, from a row on. */
  stateRows(tensor: Tensor, row: number, count = 1): Part {
    const { h_before: offset, h_stride: stride } = this.offsets(row, row);
    return { tensor, rows: count * this.#N, columns: stateSize(this.#config), offset, stride };
  }

  /** A block's slots of gates or their gradients: at one time step, or at all. */
  gates({ slot, count }: GateBlock, tensor: Tensor, t?: number): Part {
    const [T, N] = [this.#T, this.#N];
    const { hiddenSize: H } = this.#config;
    const stride = CELL_KERNELS[this.#config.cell].slots * H;
    const rows = t === undefined ? T * N : N;
    const offset = this.gatesAt(t ?? 0) + slot * H;
    return { tensor, rows, columns: count * H, offset, stride };
  }

  /** A block's rows of a weight matrix. */
  rows({ gate, count }: GateBlock, tensor: Tensor): Matrix {
    const { hiddenSize: H } = this.#config;
    const columns = tensor.shape[1]!;
    return { tensor, rows: count * H, columns, offset: gate * H * columns };
  }

  /** weight_hr [P, H], or its gradient. */
  projection(tensor: Tensor): Matrix {
    return { tensor, rows: this.#config.projSize, columns: this.#config.hiddenSize };
  }
}
