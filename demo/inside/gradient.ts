import type { CellName } from '../../src/index.ts';
import type { GateName, Layer, Picture } from './layer.ts';

/** A gate or state of one unit at one step. */
type Value = (name: GateName) => number;

/** dy/dc of a unit through the next step; stays 0 where a cell has no c. */
interface Carry {
  c: number;
}

/**
 * One unit's step back: dh -> gradients of the state part of its gates' sums, in the order of PyTorch's rows, and the share of dh that
 * reaches the unit's own earlier state past the gates. @param candidate the candidate's state part, W_hn h + b_hn; of a GRU only.
 */
type StepBack = (dh: number, now: Value, before: Value, carry: Carry, candidate: () => number) => [number[], number];

const STEPS_BACK: Readonly<Record<CellName, StepBack>> = {
  LSTM: (dh, now, before, carry) => {
    const [i, f, g, o, tanhC] = [now('i'), now('f'), now('g'), now('o'), Math.tanh(now('c'))];
    const dc = carry.c + dh * o * (1 - tanhC * tanhC);
    carry.c = dc * f;
    const [di, df, dg] = [dc * g * i * (1 - i), dc * before('c') * f * (1 - f), dc * i * (1 - g * g)];
    return [[di, df, dg, dh * tanhC * o * (1 - o)], 0];
  },
  GRU: (dh, now, before, _, candidate) => {
    const [r, z, n] = [now('r'), now('z'), now('n')];
    const dn = dh * (1 - z) * (1 - n * n);
    return [[dn * candidate() * r * (1 - r), dh * (before('h') - n) * z * (1 - z), dn * r], dh * z];
  },
  RNN_TANH: (dh, now) => [[dh * (1 - now('h') ** 2)], 0],
  RNN_RELU: (dh, now) => [[now('h') > 0 ? dh : 0], 0],
};

/**
 * How much of the gradient at the last step reaches the state that each step hands to the next: h, and an LSTM's c.
 * @param pictures of the layer, by `picturesOf`. @param last dy/dh_T, [H].
 * @returns |dy/d(h_t, c_t)|, the 2-norm over units, [T], in float64; at the last step |dy/dh_T|.
 * @see Pascanu, Mikolov & Bengio 2013, "On the difficulty of training recurrent neural networks", equation 5
 */
export function gradientByStep(layer: Layer, pictures: readonly Picture[], last: ArrayLike<number>): Float64Array {
  const { cell, steps, hidden: H, weights } = layer;
  const { hh, biasHh } = weights;
  const values = new Map(pictures.map((picture) => [picture.name, picture.values]));
  const valueAt = (unit: number, t: number) => (name: GateName) => (t < 0 ? 0 : values.get(name)![unit * steps + t]!);
  const carries: Carry[] = Array.from({ length: H }, () => ({ c: 0 }));
  const norms = new Float64Array(steps);
  let dh = Float64Array.from(last);
  for (let t = steps - 1; t >= 0; t--) {
    norms[t] = Math.hypot(...dh, ...carries.map(({ c }) => c));
    const earlier = new Float64Array(H);
    for (let j = 0; j < H; j++) {
      const candidate = () => {
        let sum = biasHh[2 * H + j]!;
        for (let k = 0; k < H; k++) sum += hh[(2 * H + j) * H + k]! * valueAt(k, t - 1)('h');
        return sum;
      };
      const [sums, past] = STEPS_BACK[cell](dh[j]!, valueAt(j, t), valueAt(j, t - 1), carries[j]!, candidate);
      earlier[j]! += past;
      for (const [gate, d] of sums.entries())
        for (let k = 0; k < H; k++) earlier[k]! += hh[(gate * H + j) * H + k]! * d;
    }
    dh = earlier;
  }
  return norms;
}
