import type { Dispatch, DispatchBuilder } from '../gpu/dispatch.ts';
import type { Tensor } from '../gpu/tensor.ts';
import type { CellBackwardDims, CellDims } from '../kernels/dims.ts';
import { matmulDims } from '../kernels/matmul_dims.ts';
import { CELLS, type ModelConfig } from '../model/config.ts';
import { CELL_KERNELS, type GateBlock } from './cells.ts';
import type { DirectionKernels, DirectionOptions } from './direction_kernels.ts';
import { DirectionLayout, type Matrix, type RecurrentStep, transposed } from './layout.ts';

/** Parameters of a layer and direction, or their gradients. Biases are zeros if the model has none; the rest may be missing. */
export interface LayerParameters {
  weightIh: Tensor;
  weightHh: Tensor;
  biasIh: Tensor;
  biasHh: Tensor;
  weightHr: Tensor | undefined;
}

/** Tensors of a layer and direction. Time t is in row t + 1 of h, c and dH; rows 0 and T + 1 are the initial states. */
export interface DirectionTensors {
  /** [N] u32 */
  lengths: Tensor;
  /** [T * N, columns] */
  input: Matrix;
  /** [T+2, N, D * Hout] */
  h: Tensor;
  /** [T+2, N, D * H], for cells that have one. */
  c: Tensor | undefined;
  /** [D, T, N, slots, H]; backward overwrites them with their gradients. */
  gates: Tensor;
  /** The cell's output before its projection, [D, T, N, H]. */
  raw: Tensor | undefined;
  /** For kernels that read weight_hh in vectors: a copy for the direction that is running. */
  vectors: Tensor | undefined;
  /** [1] u32, for persistent kernels: not 0 once one has given up, and all results are invalid. */
  failed: Tensor | undefined;
}

/** In training: the gradients, and where to write that of the input, if needed. */
export interface DirectionGradients {
  /** Total gradient of h, in its layout. */
  dH: Tensor;
  /** [N, D * H] */
  dC: Tensor | undefined;
  /** Of `raw` at one time step: [D, N, H]. */
  dRaw: Tensor | undefined;
  /** Of the gates, where persistent kernels write it: [D, T, N, 4, H]. */
  dGates: Tensor | undefined;
  dInput: (Matrix & { accumulate: boolean }) | undefined;
}

/** One direction of one layer: products over all time steps, and the recurrence between them, one step per dispatch. */
export class Direction {
  readonly #config: ModelConfig;
  readonly #options: DirectionOptions;
  readonly #kernels: DirectionKernels;
  readonly #layout: DirectionLayout;
  readonly #tensors: DirectionTensors;
  readonly #gradients: DirectionGradients | undefined;

  constructor(
    config: ModelConfig,
    options: DirectionOptions,
    kernels: DirectionKernels,
    /** 0 forward, 1 reverse. */
    direction: number,
    tensors: DirectionTensors,
    gradients: DirectionGradients | undefined,
  ) {
    this.#config = config;
    this.#options = options;
    this.#kernels = kernels;
    this.#layout = new DirectionLayout(config, options, direction);
    this.#tensors = tensors;
    this.#gradients = gradients;
  }

  /** gates = input W_ih^T, for all t at once. */
  inputProducts(build: DispatchBuilder, weights: LayerParameters): Dispatch[] {
    const layout = this.#layout;
    const { input, gates } = this.#tensors;
    return CELL_KERNELS[this.#config.cell].fromInput.flatMap((block) =>
      this.#multiply(build, input, transposed(layout.rows(block, weights.weightIh)), layout.gates(block, gates)),
    );
  }

  /** gates, and the initial states -> gates, h, c: one time step after the other. */
  stepsForward(build: DispatchBuilder, weights: LayerParameters, isPersistent: boolean): Dispatch[] {
    if (isPersistent) return this.#persistentForward(build, weights);
    return this.#kernels.timestepForward
      ? this.#stepsInOneForward(build, weights)
      : this.#stepsInPartsForward(build, weights);
  }

  /** gates, dH of every row, dC -> the gates' gradients in place, or in dGates, all of dH: one time step after the other. */
  stepsBackward(build: DispatchBuilder, weights: LayerParameters, isPersistent: boolean): Dispatch[] {
    if (isPersistent) return this.#persistentBackward(build, weights);
    return this.#kernels.timestepBackward
      ? this.#stepsInOneBackward(build, weights)
      : this.#stepsInPartsBackward(build, weights);
  }

  /** One dispatch for all time steps, over workgroups that wait for each other. */
  #persistentForward(build: DispatchBuilder, weights: LayerParameters): Dispatch[] {
    const { biasIh: bias_ih, biasHh: bias_hh } = weights;
    const { lengths, h, c, gates, vectors, failed } = this.#tensors;
    const { h_before, h_stride } = this.#layout.offsets(0, 0);
    const dims = { ...this.#persistentDims(), h: h_before, h_stride };
    const tensors = { vectors, bias_ih, bias_hh, lengths, gates, c, h, failed };
    return [this.#packForward(build, weights.weightHh), ...this.#kernels.persistent!.forward(build, dims, tensors)];
  }

  #persistentBackward(build: DispatchBuilder, weights: LayerParameters): Dispatch[] {
    const { lengths, c, gates, failed } = this.#tensors;
    const { dH: d_h, dGates: d_gates } = this.#inTraining();
    const { h_before, h_stride } = this.#layout.offsets(0, 0);
    const dims = { ...this.#persistentDims(), d_h: h_before, d_h_stride: h_stride };
    const { vectors, packing } = this.#packBackward(build, weights.weightHh);
    const tensors = { vectors, c, lengths, gates, d_h, d_gates, failed };
    return [...packing, ...this.#kernels.persistent!.backward(build, dims, tensors)];
  }

  #persistentDims() {
    const { windowLength: T, batchSize: N } = this.#options;
    const { c_before: c, c_stride } = this.#layout.offsets(0, 0);
    const { gatesOffset: gates, direction: reverse } = this.#layout;
    return { N, T, H: this.#config.hiddenSize, gates, c, c_stride, reverse };
  }

  /** One dispatch per time step. */
  #stepsInOneForward(build: DispatchBuilder, weights: LayerParameters): Dispatch[] {
    const { timestepForward } = this.#kernels;
    const { lengths, h, c, gates, vectors } = this.#tensors;
    const { hiddenSize: H } = this.#config;
    const { biasIh: bias_ih, biasHh: bias_hh } = weights;
    const steps = this.#layout.steps().map((step, k) => {
      // gates[t], h[before], c[before] -> gates[t], h[after], c[after]; products of a zero state are skipped
      const dims = { ...this.#cellDims(step), K: k > 0 || this.#options.states ? H : 0 };
      return build.dispatch(timestepForward!, dims, { vectors, bias_ih, bias_hh, lengths, gates, c, h });
    });
    return [this.#packForward(build, weights.weightHh), ...steps];
  }

  /** One dispatch per time step: its product is that of the step before it in this order, which completes dH[after]. */
  #stepsInOneBackward(build: DispatchBuilder, weights: LayerParameters): Dispatch[] {
    const layout = this.#layout;
    const { timestepBackward } = this.#kernels;
    const { states } = this.#options;
    const { lengths, h, c, gates } = this.#tensors;
    const { dH: d_h, dC: d_c } = this.#inTraining();
    const { cell, hiddenSize: H } = this.#config;
    const steps = layout.steps().reverse();
    const first = steps.at(-1)!;
    const { vectors, packing } = this.#packBackward(build, weights.weightHh);
    const backwards = steps.map((step, k) => {
      // dH[after] += dG[next] W_hh; then gates[t], h, c, dC, dH[after] -> dG[t] in place of gates[t], dC, a part of dH[before]
      const next = steps[k - 1];
      const dims = {
        ...this.#cellBackwardDims(step, { fresh: !states && !next, toBefore: states || step !== first }),
        next: next ? layout.gatesAt(next.t) : 0,
        K: next ? CELLS[cell].gates * H : 0,
      };
      return build.dispatch(timestepBackward!, dims, { vectors, h, c, lengths, d_h, d_c, gates });
    });
    return [...packing, ...backwards, ...(states ? this.#addGateProducts(build, weights, first) : [])];
  }

  /** Separate dispatches for the product, the cell and the rest of a time step. */
  #stepsInPartsForward(build: DispatchBuilder, weights: LayerParameters): Dispatch[] {
    const layout = this.#layout;
    const { forward, holding } = this.#kernels;
    const { batchSize: N, ragged, states } = this.#options;
    const { lengths, h, c, raw, gates } = this.#tensors;
    const { hiddenSize: H } = this.#config;
    const { fromState } = CELL_KERNELS[this.#config.cell];
    const list: Dispatch[] = [];
    for (const [k, step] of layout.steps().entries()) {
      const { t, before, after } = step;
      // gates[t] += h[before] W_hh^T, or = in slots without input; products of a zero state are skipped
      for (const block of fromState)
        if (k > 0 || states || !block.accumulate)
          list.push(
            ...this.#multiply(
              build,
              layout.stateRows(h, before),
              transposed(layout.rows(block, weights.weightHh)),
              layout.gates(block, gates, t),
              block.accumulate,
            ),
          );
      // gates[t], h[before], c[before] -> gates[t], c[after], and h[after] or, with a projection, raw[t]
      const into = raw && { h_after: layout.raw(raw, N, t).offset, h_stride: H };
      list.push(
        build.dispatch(
          forward!,
          { ...this.#cellDims(step), ...into },
          { gates, h: raw ?? h, c, lengths, bias_ih: weights.biasIh, bias_hh: weights.biasHh },
        ),
      );
      // h[after] = raw[t] W_hr^T
      if (raw)
        list.push(
          ...this.#multiply(
            build,
            layout.raw(raw, N, t),
            transposed(layout.projection(weights.weightHr!)),
            layout.stateRows(h, after),
          ),
        );
      // h[after] = h[before] in rows that have ended
      if (ragged) list.push(this.#hold(build, holding!, { t, state: h, source: before, to: after, accumulate: false }));
    }
    return list;
  }

  /** Separate dispatches for the cell, the product and the rest of a time step. */
  #stepsInPartsBackward(build: DispatchBuilder, weights: LayerParameters): Dispatch[] {
    const layout = this.#layout;
    const { backward, holding } = this.#kernels;
    const { batchSize: N, ragged, states } = this.#options;
    const { lengths, h, c, gates } = this.#tensors;
    const { dH, dC, dRaw } = this.#inTraining();
    const { hiddenSize: H } = this.#config;
    const list: Dispatch[] = [];
    const steps = layout.steps();
    const [first, last] = [steps[0], steps.at(-1)];
    for (const step of steps.reverse()) {
      const { t, before, after } = step;
      const toBefore = states || step !== first;
      // dRaw = dH[after] W_hr
      if (dRaw)
        list.push(
          ...this.#multiply(
            build,
            layout.stateRows(dH, after),
            layout.projection(weights.weightHr!),
            layout.raw(dRaw, N),
          ),
        );
      // gates[t], h, c, dC, and dRaw or dH[after] -> dG[t] in place of gates[t], dC, and the cell's own part of dH[before]
      const from = dRaw && { d_h_before: 0, d_h_after: layout.raw(dRaw, N).offset, d_h_stride: H };
      list.push(
        build.dispatch(
          backward!,
          { ...this.#cellBackwardDims(step, { fresh: !states && step === last, toBefore }), ...from },
          { gates, h, c, lengths, d_h: dRaw ?? dH, d_c: dC },
        ),
      );
      if (!toBefore) continue;
      // dH[before] += dH[after] in rows that have ended
      if (ragged) list.push(this.#hold(build, holding!, { t, state: dH, source: after, to: before, accumulate: true }));
      list.push(...this.#addGateProducts(build, weights, step));
    }
    return list;
  }

  /** dH[before] += dG[t] W_hh. */
  #addGateProducts(build: DispatchBuilder, weights: LayerParameters, { t, before }: RecurrentStep): Dispatch[] {
    const layout = this.#layout;
    return CELL_KERNELS[this.#config.cell].fromState.flatMap((block) =>
      this.#multiply(
        build,
        layout.gates(block, this.#tensors.gates, t),
        layout.rows(block, weights.weightHh),
        layout.stateRows(this.#inTraining().dH, before),
        true,
      ),
    );
  }

  #cellDims({ t, before, after }: RecurrentStep): CellDims {
    const { gatesOffset: gates } = this.#layout;
    return { N: this.#options.batchSize, H: this.#config.hiddenSize, t, gates, ...this.#layout.offsets(before, after) };
  }

  #cellBackwardDims(step: RecurrentStep, { fresh, toBefore }: { fresh: boolean; toBefore: boolean }): CellBackwardDims {
    const dims = this.#cellDims(step);
    const { h_before: d_h_before, h_after: d_h_after, h_stride: d_h_stride, c_stride: d_c_stride } = dims;
    const d_c = this.#layout.direction * dims.H;
    const flags = { fresh: fresh ? 1 : 0, to_before: toBefore ? 1 : 0 };
    return { ...dims, d_h_before, d_h_after, d_h_stride, d_c, d_c_stride, ...flags };
  }

  /** W_hh -> vectors from unit k to the gates of a unit, or to four units. */
  #packForward(build: DispatchBuilder, weight: Tensor): Dispatch {
    const { cell, hiddenSize: H } = this.#config;
    const fours =
      CELL_KERNELS[cell].fours === 'gates'
        ? { columns: H, u_stride: H, e_stride: H * H, step: 0, count: CELLS[cell].gates }
        : { columns: Math.ceil(H / 4), u_stride: 4 * H, e_stride: H, step: 4, count: H };
    const { vectors } = this.#tensors;
    return build.dispatch(this.#kernels.packing!, { K: H, k_stride: 1, ...fours }, { weight, vectors });
  }

  /** W_hh -> its rows in vectors of four units, as they are if H is a multiple of four. */
  #packBackward(build: DispatchBuilder, weight: Tensor): { vectors: Tensor; packing: Dispatch[] } {
    const { cell, hiddenSize: H } = this.#config;
    if (H % 4 === 0) return { vectors: weight, packing: [] };
    const vectors = this.#tensors.vectors!;
    const sizes = { K: CELLS[cell].gates * H, columns: Math.ceil(H / 4), step: 4, count: H };
    const strides = { k_stride: H, u_stride: 4, e_stride: 1 };
    return {
      vectors,
      packing: [build.dispatch(this.#kernels.packing!, { ...sizes, ...strides }, { weight, vectors })],
    };
  }

  /** dG, the gates' gradients -> those of parameters (=), and of the input, over all t at once. */
  gradients(
    build: DispatchBuilder,
    weights: LayerParameters,
    grads: LayerParameters,
    isPersistent: boolean,
  ): Dispatch[] {
    const layout = this.#layout;
    const { dH, dGates, dInput } = this.#inTraining();
    const { input, h, raw } = this.#tensors;
    const gates = isPersistent ? dGates! : this.#tensors.gates;
    const { windowLength: T, batchSize: N } = this.#options;
    const { fromInput, fromState } = CELL_KERNELS[this.#config.cell];
    const before = layout.stateRows(h, layout.direction === 0 ? 0 : 2, T);
    const list: Dispatch[] = [];
    // dW_ih = dG^T input
    for (const block of fromInput)
      list.push(
        ...this.#multiply(build, transposed(layout.gates(block, gates)), input, layout.rows(block, grads.weightIh)),
      );
    // dW_hh = dG^T h[before]
    for (const block of fromState)
      list.push(
        ...this.#multiply(build, transposed(layout.gates(block, gates)), before, layout.rows(block, grads.weightHh)),
      );
    if (this.#config.bias) list.push(...this.#biasGradients(build, gates, grads));
    // dW_hr = dH^T raw
    if (raw)
      list.push(
        ...this.#multiply(
          build,
          transposed(layout.stateRows(dH, 1, T)),
          layout.raw(raw, T * N),
          layout.projection(grads.weightHr!),
        ),
      );
    // dInput (+)= dG W_ih
    if (dInput)
      for (const [k, block] of fromInput.entries())
        list.push(
          ...this.#multiply(
            build,
            layout.gates(block, gates),
            layout.rows(block, weights.weightIh),
            dInput,
            dInput.accumulate || k > 0,
          ),
        );
    return list;
  }

  /** db_ih, db_hh = sum of dG over t and n. */
  #biasGradients(build: DispatchBuilder, gates: Tensor, { biasIh, biasHh }: LayerParameters): Dispatch[] {
    const { windowLength: T, batchSize: N } = this.#options;
    const { hiddenSize: H } = this.#config;
    const { fromInput, fromState, slots, biasesMeet } = CELL_KERNELS[this.#config.cell];
    const sum = (block: GateBlock, bias: Tensor, twin: Tensor, hasTwin: boolean) =>
      build.dispatch(
        this.#kernels.bias!,
        {
          R: T * N,
          row: slots * H,
          first: this.#layout.gates(block, gates).offset,
          G: block.count * H,
          to: block.gate * H,
          twin: hasTwin ? 1 : 0,
        },
        { d_gates: gates, d_bias: bias, d_twin: twin },
      );
    if (biasesMeet) return fromInput.map((block) => sum(block, biasIh, biasHh, true));
    return [
      ...fromInput.map((block) => sum(block, biasIh, biasHh, false)),
      ...fromState.map((block) => sum(block, biasHh, biasIh, false)),
    ];
  }

  #inTraining(): DirectionGradients {
    if (!this.#gradients) throw new Error('Direction: created for prediction, it has no backward');
    return this.#gradients;
  }

  /** c = a b, or +=. */
  #multiply(build: DispatchBuilder, a: Matrix, b: Matrix, c: Matrix, accumulate = false): Dispatch[] {
    const dims = matmulDims(a, b, { offset: c.offset, stride: c.stride, accumulate });
    return this.#kernels.product.dispatches(build, dims, { a: a.tensor, b: b.tensor, c: c.tensor });
  }

  /** Rows that have ended keep their state, and pass their gradient on: row `to` of the states (+)= row `source`. */
  #hold(
    build: DispatchBuilder,
    kernel: NonNullable<DirectionKernels['holding']>,
    { t, state, source, to, accumulate }: { t: number; state: Tensor; source: number; to: number; accumulate: boolean },
  ): Dispatch {
    const from = this.#layout.stateRows(state, source);
    return build.dispatch(
      kernel,
      {
        N: from.rows,
        columns: from.columns,
        t,
        source: from.offset,
        to: this.#layout.stateRows(state, to).offset,
        stride: from.stride,
        accumulate: accumulate ? 1 : 0,
      },
      { lengths: this.#tensors.lengths, state },
    );
  }
}
