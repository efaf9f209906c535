import type { CellName } from '../../src/index.ts';
import type { GateName, Layer, Picture } from './layer.ts';

/** A gate or state of one unit at one step. */
type Value = (name: GateName) => number;

/** dy/dc of a unit through the next step; stays 0 where a cell has no c. */
interface Carry {
  c: number;
}

/** One unit's step back. */
interface Back {
  /** Gradients of its gates' sums, in the order of PyTorch's rows: of the input's part, and where it differs, of the state's. */
  sums: number[];
  stateSums?: number[];
  /** The share of dh that reaches the unit's own earlier state past the gates. */
  past?: number;
}

/** @param dh of the unit at the step. @param candidate the candidate's state part, W_hn h + b_hn; of a GRU only. */
type StepBack = (dh: number, now: Value, before: Value, carry: Carry, candidate: () => number) => Back;

const STEPS_BACK: Readonly<Record<CellName, StepBack>> = {
  LSTM: (dh, now, before, carry) => {
    const [i, f, g, o, tanhC] = [now('i'), now('f'), now('g'), now('o'), Math.tanh(now('c'))];
    const dc = carry.c + dh * o * (1 - tanhC * tanhC);
    carry.c = dc * f;
    const [di, df, dg] = [dc * g * i * (1 - i), dc * before('c') * f * (1 - f), dc * i * (1 - g * g)];
    return { sums: [di, df, dg, dh * tanhC * o * (1 - o)] };
  },
  GRU: (dh, now, before, _, candidate) => {
    const [r, z, n] = [now('r'), now('z'), now('n')];
    const dn = dh * (1 - z) * (1 - n * n);
    const [dr, dz] = [dn * candidate() * r * (1 - r), dh * (before('h') - n) * z * (1 - z)];
    return { sums: [dr, dz, dn], stateSums: [dr, dz, dn * r], past: dh * z };
  },
  RNN_TANH: (dh, now) => ({ sums: [dh * (1 - now('h') ** 2)] }),
  RNN_RELU: (dh, now) => ({ sums: [now('h') > 0 ? dh : 0] }),
};

/** Of y, in float64. */
export interface LayerGradient {
  /** |dy/d(h_t, c_t)|, the 2-norm over units, [T]: of the state that each step hands to the next, h and an LSTM's c. */
  state: Float64Array;
  /** dy/dx, [T, I]. */
  input: Float64Array;
}

/**
 * How much of the gradient of a model's output reaches each step of a layer.
 * @param pictures of the layer, by `picturesOf`. @param above dy/dh_t through the layer above or the head, [T, H].
 * @see Pascanu, Mikolov & Bengio 2013, "On the difficulty of training recurrent neural networks", equation 5
 */
export function gradientByStep(layer: Layer, pictures: readonly Picture[], above: ArrayLike<number>): LayerGradient {
  const { cell, steps, inputs, hidden: H, weights } = layer;
  const { ih, hh, biasHh } = weights;
  const values = new Map(pictures.map((picture) => [picture.name, picture.values]));
  const valueAt = (unit: number, t: number) => (name: GateName) => (t < 0 ? 0 : values.get(name)![unit * steps + t]!);
  const carries: Carry[] = Array.from({ length: H }, () => ({ c: 0 }));
  const [state, input] = [new Float64Array(steps), new Float64Array(steps * inputs)];
  let dh = new Float64Array(H);
  for (let t = steps - 1; t >= 0; t--) {
    for (let j = 0; j < H; j++) dh[j]! += above[t * H + j]!;
    state[t] = Math.hypot(...dh, ...carries.map(({ c }) => c));
    const earlier = new Float64Array(H);
    for (let j = 0; j < H; j++) {
      const candidate = () => {
        let sum = biasHh[2 * H + j]!;
        for (let k = 0; k < H; k++) sum += hh[(2 * H + j) * H + k]! * valueAt(k, t - 1)('h');
        return sum;
      };
      const back = STEPS_BACK[cell](dh[j]!, valueAt(j, t), valueAt(j, t - 1), carries[j]!, candidate);
      const { sums, stateSums = sums, past = 0 } = back;
      earlier[j]! += past;
      for (const [gate, d] of stateSums.entries())
        for (let k = 0; k < H; k++) earlier[k]! += hh[(gate * H + j) * H + k]! * d;
      for (const [gate, d] of sums.entries())
        for (let k = 0; k < inputs; k++) input[t * inputs + k]! += ih[(gate * H + j) * inputs + k]! * d;
    }
    dh = earlier;
  }
  return { state, input };
}

/** dy/dh_t through the head alone, [T, H], for y its first output at the last step. @param head its matrix, [O, H]. */
export function gradientOfHead({ steps, hidden }: Layer, head: Float32Array): Float64Array {
  const above = new Float64Array(steps * hidden);
  above.set(head.subarray(0, hidden), (steps - 1) * hidden);
  return above;
}
