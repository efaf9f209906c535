import { Recurrent } from '../engine/recurrent.ts';
import type { ModelState } from '../engine/state.ts';
import { writeStep } from '../engine/step_table.ts';
import { type Dispatch, DispatchBuilder, record, UNIFORM_SLOT_BYTES } from '../gpu/dispatch.ts';
import { type DeviceScope, owning } from '../gpu/guarded_device.ts';
import { type Region, readRegions } from '../gpu/readback.ts';
import { type Tensor, writeTensor } from '../gpu/tensor.ts';
import { numDirections } from '../model/config.ts';
import { addColumns, type Columns, clearPadding, takeColumns } from './shapes.ts';

export interface SessionOptions {
  /** T */
  steps: number;
  /** N */
  rows: number;
  /** Rows may be shorter than T. */
  ragged: boolean;
  /** All time steps in one dispatch, instead of one each. */
  fused: boolean;
  /** Keys of dropout's random numbers, for each model; undefined: no dropout. */
  dropoutSeeds: readonly number[] | undefined;
}

/** States of all layers and directions, [D * L, N, size]; undefined means zeros. */
export interface States {
  h: Float32Array | undefined;
  c: Float32Array | undefined;
}

/** A recurrent module's buffers and commands for inputs of one size; everything here is time-major. */
export class Session {
  readonly options: SessionOptions;
  readonly #state: ModelState;
  readonly #recurrent: Recurrent;
  readonly #scope: DeviceScope;
  readonly #step: GPUBuffer;
  readonly #forward: readonly Dispatch[];
  readonly #backward: readonly Dispatch[];
  #lengths: Uint32Array<ArrayBuffer>;
  /** Backward has overwritten the gates with gradients, so another backward needs a forward pass first. */
  #isSpent = false;

  static create(state: ModelState, options: SessionOptions): Promise<Session> {
    const { steps: windowLength, rows: batchSize, ...rest } = options;
    const sizes = { windowLength, batchSize, ...rest, states: true, training: true };
    return owning(
      state.device,
      async (scope) => new Session(scope, state, options, await Recurrent.create(scope, state, sizes)),
    );
  }

  private constructor(device: DeviceScope, state: ModelState, options: SessionOptions, recurrent: Recurrent) {
    this.#scope = device;
    this.options = options;
    this.#state = state;
    this.#recurrent = recurrent;
    this.#step = device.createBuffer({
      label: 'session step',
      size: UNIFORM_SLOT_BYTES,
      usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST,
    });
    const build = new DispatchBuilder(device, 'session', this.#step);
    this.#forward = recurrent.forward(build);
    this.#backward = recurrent.backward(build);
    build.upload();
    this.#lengths = new Uint32Array(options.rows);
  }

  /**
   * @param x [T, N, I]; values after a row's end are ignored. @param number of the forward call, which seeds dropout.
   * @returns the top layer's output [T, N, D * Hout], and the states after each row's last step.
   */
  async forward(
    x: Float32Array<ArrayBuffer>,
    lengths: Uint32Array<ArrayBuffer>,
    initial: States,
    number: number,
  ): Promise<{ output: Float32Array; h: Float32Array; c: Float32Array | undefined }> {
    const { device } = this.#state;
    const { steps: T, rows: N } = this.options;
    const { layers } = this.#recurrent;
    this.#lengths = lengths;
    clearPadding(x, T, lengths);
    writeTensor(device, this.#recurrent.x, x);
    writeTensor(device, this.#recurrent.lengths, lengths);
    writeStep(device, this.#step, { first: 0, rows: N, slot: 0, number });
    for (const [layer, { h, c }] of layers.entries()) {
      this.#writeRows(h, layer, initial.h, [0, T + 1]);
      if (c) this.#writeRows(c, layer, initial.c, [0, T + 1]);
    }
    const last = (state: Tensor | undefined) => (state ? [this.#rows(state, T), this.#rows(state, 1)] : []);
    this.#isSpent = false;
    const read = await this.#run(this.#forward, [
      this.#rows(layers.at(-1)!.h, 1, T),
      ...layers.flatMap(({ h }) => last(h)),
      ...layers.flatMap(({ c }) => last(c)),
    ]);
    const output = clearPadding(read[0]!, T, lengths);
    const states = read.slice(1);
    const hasCellState = layers[0]!.c !== undefined;
    return {
      output,
      h: this.#join(states.slice(0, 2 * layers.length)),
      c: hasCellState ? this.#join(states.slice(2 * layers.length)) : undefined,
    };
  }

  /**
   * Runs the backward pass of the last forward call.
   * @param dOutput [T, N, D * Hout] @param final gradients of the final states.
   * @returns the gradients of x and of the initial states; those of the parameters are in the state's arena.
   */
  async backward(
    dOutput: Float32Array<ArrayBuffer> | undefined,
    final: States,
  ): Promise<{ x: Float32Array; h: Float32Array; c: Float32Array | undefined }> {
    this.#writeGradients(dOutput, final);
    const { steps: T } = this.options;
    const { layers, dX } = this.#recurrent;
    const first = (dH: Tensor) => [this.#rows(dH, 0), this.#rows(dH, T + 1)];
    const cells = layers.flatMap(({ dC }) => (dC ? [dC, dC] : [])); // both directions' states are in one row
    const [x, ...states] = await this.#goBack([dX!, ...layers.flatMap(({ dH }) => first(dH!)), ...cells]);
    return {
      x: x!,
      h: this.#join(states.slice(0, 2 * layers.length)),
      c: cells.length > 0 ? this.#join(states.slice(2 * layers.length)) : undefined,
    };
  }

  /** Like {@link backward}. @returns |dL/dh_t| of each layer and direction, [D * L][T]: 2-norms over rows and units. */
  async gradientFlow(dOutput: Float32Array<ArrayBuffer> | undefined, final: States): Promise<Float64Array[]> {
    this.#writeGradients(dOutput, final);
    const { steps: T } = this.options;
    const { layers } = this.#recurrent;
    const all = await this.#goBack(layers.map(({ dH }) => this.#rows(dH!, 1, T)));
    const norm = (values: Float32Array) => Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
    return all.flatMap((dH) =>
      Array.from({ length: this.#directions }, (_, direction) =>
        Float64Array.from({ length: T }, (_, t) => {
          const row = dH.length / T;
          return norm(takeColumns(dH.subarray(t * row, (t + 1) * row), this.#columns(row, direction)));
        }),
      ),
    );
  }

  dispose(): void {
    this.#scope.dispose();
  }

  get #directions(): number {
    return numDirections(this.#state.config);
  }

  /** Queues the writes of the gradients that the backward pass starts from. */
  #writeGradients(dOutput: Float32Array<ArrayBuffer> | undefined, final: States): void {
    const { device } = this.#state;
    const { steps: T } = this.options;
    const { layers } = this.#recurrent;
    const encoder = device.createCommandEncoder({ label: 'session clear' });
    for (const { dH, dC } of layers) {
      encoder.clearBuffer(dH!.buffer);
      if (dC) encoder.clearBuffer(dC.buffer);
    }
    device.queue.submit(encoder);
    const top = layers.at(-1)!.dH!;
    const own = dOutput && clearPadding(dOutput, T, this.#lengths);
    if (own) writeTensor(device, part(top, this.#rows(top, 1, T)), own);
    for (const [layer, { dH, dC }] of layers.entries()) {
      this.#writeRows(dH!, layer, final.h, [T, 1], dH === top ? own : undefined);
      if (dC) this.#writeRows(dC, layer, final.c, [0, 0]);
    }
  }

  /**
   * Writes a layer's states: those of the forward direction into the first of two rows, those of the reverse into the second,
   * added to `base` [T, N, D * size], which has rows 1 to T.
   */
  #writeRows(
    tensor: Tensor,
    layer: number,
    states: Float32Array | undefined,
    [forwardRow, reverseRow]: readonly [number, number],
    base?: Float32Array,
  ): void {
    const D = this.#directions;
    for (const row of new Set([forwardRow, reverseRow])) {
      const { sizeBytes, offsetBytes } = this.#rows(tensor, row);
      const count = sizeBytes / 4;
      const values = new Float32Array(count);
      if (base) values.set(base.subarray((row - 1) * count, row * count));
      for (const direction of D === 2 ? [0, 1] : [0]) {
        if (!states || row !== (direction === 0 ? forwardRow : reverseRow)) continue;
        const from = (layer * D + direction) * (count / D);
        addColumns(values, states.subarray(from, from + count / D), this.#columns(count, direction));
      }
      writeTensor(this.#state.device, part(tensor, { sizeBytes, offsetBytes }), values);
    }
  }

  /** [D * L, N, size] from two rows per layer: the forward direction's states are in the first, the reverse's in the second. */
  #join(rows: readonly Float32Array[]): Float32Array {
    const D = this.#directions;
    const joined = new Float32Array((rows.length / 2) * rows[0]!.length);
    const size = rows[0]!.length / D;
    for (let layer = 0; layer < rows.length / 2; layer++)
      for (let direction = 0; direction < D; direction++) {
        const row = rows[2 * layer + direction]!;
        joined.set(takeColumns(row, this.#columns(row.length, direction)), (layer * D + direction) * size);
      }
    return joined;
  }

  #columns(rowLength: number, direction: number): Columns {
    const directions = this.#directions;
    return { direction, directions, size: rowLength / (this.options.rows * directions) };
  }

  /** Some rows of [T+2, N, D * size]; or all of a tensor without a time axis. */
  #rows({ buffer, shape, sizeBytes }: Tensor, first: number, count = 1): Region {
    const rowBytes = shape.length === 3 ? sizeBytes / shape[0]! : sizeBytes;
    return { buffer, offsetBytes: first * rowBytes, sizeBytes: count * rowBytes };
  }

  #goBack(regions: readonly Region[]): Promise<Float32Array[]> {
    const dispatches = this.#isSpent ? [...this.#forward, ...this.#backward] : this.#backward;
    this.#isSpent = true;
    return this.#run(dispatches, regions);
  }

  #run(dispatches: readonly Dispatch[], regions: readonly Region[]): Promise<Float32Array[]> {
    return readRegions(this.#state.device, regions, (encoder) => {
      const pass = encoder.beginComputePass({ label: 'session' });
      record(pass, dispatches);
      pass.end();
    });
  }
}

/** A part of a tensor, to be written separately. */
const part = (tensor: Tensor, { offsetBytes, sizeBytes }: Omit<Region, 'buffer'>): Tensor => ({
  ...tensor,
  shape: [sizeBytes / 4],
  offsetBytes,
  sizeBytes,
});
