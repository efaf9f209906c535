import type { Dispatch, DispatchBuilder } from '../gpu/kernel.ts';
import type { Tensor } from '../gpu/tensor.ts';
import { matmulDims } from '../kernels/matmul_dims.ts';
import type { ModelConfig } from '../model/config.ts';
import { CELL_KERNELS, type GateBlock } from './cells.ts';
import type { DirectionKernels, DirectionOptions } from './direction_kernels.ts';
import { DirectionLayout, type Matrix } from './layout.ts';

/** Parameters of a layer and direction, or their gradients. Without biases, zeros stand for them; the rest may be missing. */
export interface LayerParameters {
  weightIh: Tensor;
  weightHh: Tensor;
  biasIh: Tensor;
  biasHh: Tensor;
  weightHr: Tensor | undefined;
}

/** What a layer and direction works on. Time t lies in row t + 1 of h, c and dH; rows 0 and T + 1 are the initial states. */
export interface DirectionTensors {
  /** [N] u32 */
  lengths: Tensor;
  /** [T * N, columns] */
  input: Matrix;
  /** [T+2, N, D * Hout] */
  h: Tensor;
  /** [T+2, N, D * H], of cells that have one. */
  c: Tensor | undefined;
  /** [D, T, N, slots, H]; backward puts their gradients in their place. */
  gates: Tensor;
  /** The cell's output before its projection, [D, T, N, H]. */
  raw: Tensor | undefined;
}

/** In training: the gradients, and where that of the input goes, if anybody wants it. */
export interface DirectionGradients {
  /** Total gradient of h, in its layout. */
  dH: Tensor;
  /** [N, D * H] */
  dC: Tensor | undefined;
  /** Of `raw` at one time step: [D, N, H]. */
  dRaw: Tensor | undefined;
  dInput: (Matrix & { accumulate: boolean }) | undefined;
}

/** One direction of one layer: products over all time steps, and the recurrence between them, one step a dispatch. */
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
    const { input, gates } = this.#tensors;
    return CELL_KERNELS[this.#config.cell].fromInput.flatMap((block) => {
      const weightRows = { ...this.#layout.rows(block, weights.weightIh), transposed: true };
      return this.#multiply(build, input, weightRows, this.#layout.gates(block, gates));
    });
  }

  /** The gates' gradients -> those of parameters (=), and of the input. */
  gradients(build: DispatchBuilder, weights: LayerParameters, grads: LayerParameters): Dispatch[] {
    const gradients = this.#inTraining();
    return [...this.#parameterGradients(build, gradients, grads), ...this.#inputGradient(build, gradients, weights)];
  }

  /** gates, and the initial states -> gates, h, c: one time step a dispatch. */
  stepsForward(build: DispatchBuilder, weights: LayerParameters): Dispatch[] {
    const { forward, holding } = this.#kernels;
    const { batchSize: N, ragged, states } = this.#options;
    const { lengths, h, c, raw, gates } = this.#tensors;
    const { hiddenSize: H } = this.#config;
    const { fromState } = CELL_KERNELS[this.#config.cell];
    const list: Dispatch[] = [];
    // the initial state is zero unless it comes from outside, and its products are then needed only where they are not added
    const always = states || fromState.some((block) => !block.accumulate);
    for (const [k, { t, before, after }] of this.#layout.steps().entries()) {
      const at = this.#layout.offsets(before, after);
      // gates[t] += h[before] W_hh^T
      if (k > 0 || always)
        for (const block of fromState)
          list.push(
            ...this.#multiply(
              build,
              this.#layout.stateRows(h, before),
              { ...this.#layout.rows(block, weights.weightHh), transposed: true },
              { ...this.#layout.gates(block, gates, t), accumulate: block.accumulate },
            ),
          );
      const out = raw ? { h_after: this.#layout.raw(raw, N, t).offset!, h_stride: H } : undefined;
      const tensors = { gates, h: raw ?? h, lengths, bias_ih: weights.biasIh, bias_hh: weights.biasHh };
      list.push(
        build.dispatch(
          forward!,
          { N, H, t, gates: this.#layout.gatesOffset, ...at, ...out },
          { ...tensors, ...(c && { c }) },
        ),
      );
      // h[after] = raw[t] W_hr^T
      if (raw)
        list.push(
          ...this.#multiply(
            build,
            this.#layout.raw(raw, N, t),
            { ...this.#layout.projection(weights.weightHr!), transposed: true },
            this.#layout.stateRows(h, after),
          ),
        );
      if (ragged) list.push(this.#carry(build, holding!, t, h, before, after, false));
    }
    return list;
  }

  /** gates, dH of every row, dC -> the gates' gradients in their place, the whole of dH: one time step a dispatch. */
  stepsBackward(build: DispatchBuilder, weights: LayerParameters): Dispatch[] {
    const gradients = this.#inTraining();
    const { backward, holding } = this.#kernels;
    const { batchSize: N, ragged, states } = this.#options;
    const { lengths, h, c, gates } = this.#tensors;
    const { dH, dC, dRaw } = gradients;
    const { hiddenSize: H } = this.#config;
    const { fromState } = CELL_KERNELS[this.#config.cell];
    const list: Dispatch[] = [];
    const steps = this.#layout.steps();
    const [first, last] = [steps[0], steps.at(-1)];
    for (const step of steps.reverse()) {
      const { t, before, after } = step;
      const at = this.#layout.offsets(before, after);
      const toBefore = states || step !== first;
      const fresh = !states && step === last;
      // dRaw = dH[after] W_hr
      if (dRaw) {
        const out = this.#layout.raw(dRaw, N);
        const projection = this.#layout.projection(weights.weightHr!);
        list.push(...this.#multiply(build, this.#layout.stateRows(dH, after), projection, out));
      }
      const from = dRaw
        ? { d_h_before: 0, d_h_after: this.#layout.raw(dRaw, N).offset!, d_h_stride: H }
        : { d_h_before: at.h_before, d_h_after: at.h_after, d_h_stride: at.h_stride };
      const toCell = { d_c: this.#layout.direction * H, d_c_stride: at.c_stride };
      const flags = { fresh: fresh ? 1 : 0, to_before: toBefore ? 1 : 0 };
      const tensors = { gates, h, lengths, d_h: dRaw ?? dH, ...(c && { c, d_c: dC! }) };
      list.push(
        build.dispatch(
          backward!,
          { N, H, t, gates: this.#layout.gatesOffset, ...at, ...from, ...toCell, ...flags },
          tensors,
        ),
      );
      if (!toBefore) continue;
      if (ragged) list.push(this.#carry(build, holding!, t, dH, after, before, true));
      // dH[before] += dG[t] W_hh
      for (const block of fromState)
        list.push(
          ...this.#multiply(build, this.#layout.gates(block, gates, t), this.#layout.rows(block, weights.weightHh), {
            ...this.#layout.stateRows(dH, before),
            accumulate: true,
          }),
        );
    }
    return list;
  }

  #inTraining(): DirectionGradients {
    if (!this.#gradients) throw new Error('Direction: made for prediction, it has no backward');
    return this.#gradients;
  }

  /** With dG, the gates' gradients: dW = dG^T input and dG^T h[before], db = sum of dG, over all t at once. */
  #parameterGradients(build: DispatchBuilder, { dH }: DirectionGradients, grads: LayerParameters): Dispatch[] {
    const { input, h, raw, gates } = this.#tensors;
    const { windowLength: T, batchSize: N } = this.#options;
    const { fromInput, fromState } = CELL_KERNELS[this.#config.cell];
    const { bias } = this.#config;
    const before = this.#layout.stateRows(h, this.#layout.direction === 0 ? 0 : 2, T);
    const list: Dispatch[] = [];
    for (const [blocks, read, weight] of [
      [fromInput, input, grads.weightIh],
      [fromState, before, grads.weightHh],
    ] as const)
      for (const block of blocks)
        list.push(
          ...this.#multiply(
            build,
            { ...this.#layout.gates(block, gates), transposed: true },
            read,
            this.#layout.rows(block, weight),
          ),
        );
    if (bias) list.push(...this.#biasGradients(build, grads));
    // dW_hr = dH^T raw
    if (raw) {
      const rows = this.#layout.raw(raw, T * N);
      list.push(
        ...this.#multiply(
          build,
          { ...this.#layout.stateRows(dH, 1, T), transposed: true },
          rows,
          this.#layout.projection(grads.weightHr!),
        ),
      );
    }
    return list;
  }

  #biasGradients(build: DispatchBuilder, { biasIh, biasHh }: LayerParameters): Dispatch[] {
    const { gates } = this.#tensors;
    const { windowLength: T, batchSize: N } = this.#options;
    const { fromInput, fromState, slots, biasesMeet } = CELL_KERNELS[this.#config.cell];
    const { hiddenSize: H } = this.#config;
    const sum = (block: GateBlock, d_bias: Tensor, d_twin: Tensor, twin: 0 | 1) => {
      const first = this.#layout.gates(block, gates).offset!;
      const dims = { R: T * N, row: slots * H, first, G: block.count * H, to: block.gate * H, twin };
      return build.dispatch(this.#kernels.bias!, dims, { d_gates: gates, d_bias, d_twin });
    };
    if (biasesMeet) return fromInput.map((block) => sum(block, biasIh, biasHh, 1));
    const ofInput = fromInput.map((block) => sum(block, biasIh, biasHh, 0));
    return [...ofInput, ...fromState.map((block) => sum(block, biasHh, biasIh, 0))];
  }

  /** dInput (+)= dG W_ih. */
  #inputGradient(build: DispatchBuilder, { dInput }: DirectionGradients, weights: LayerParameters): Dispatch[] {
    const { gates } = this.#tensors;
    if (!dInput) return [];
    return CELL_KERNELS[this.#config.cell].fromInput.flatMap((block, k) =>
      this.#multiply(build, this.#layout.gates(block, gates), this.#layout.rows(block, weights.weightIh), {
        ...dInput,
        accumulate: dInput.accumulate || k > 0,
      }),
    );
  }

  #multiply(build: DispatchBuilder, a: Matrix, b: Matrix, c: Matrix & { accumulate?: boolean }): Dispatch[] {
    const tensors = { a: a.tensor, b: b.tensor, c: c.tensor };
    return this.#kernels.product.dispatches(build, matmulDims(a, b, c), tensors);
  }

  /** Rows that have ended keep their state, and hand their gradient on. */
  #carry(
    build: DispatchBuilder,
    kernel: NonNullable<DirectionKernels['holding']>,
    t: number,
    state: Tensor,
    source: number,
    to: number,
    accumulate: boolean,
  ): Dispatch {
    const { offset, columns, stride, rows: N } = this.#layout.stateRows(state, source);
    const dims = { N, columns, t, source: offset!, to: this.#layout.stateRows(state, to).offset!, stride: stride! };
    return build.dispatch(
      kernel,
      { ...dims, accumulate: accumulate ? 1 : 0 },
      { lengths: this.#tensors.lengths, state },
    );
  }
}
