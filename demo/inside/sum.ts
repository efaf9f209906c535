import type { ACTIVATIONS, GateName, Layer, Picture } from './layer.ts';

/** A part of a sum: a product, such as a weight times an input. */
interface Term {
  /** In torch's notation, such as `W_hf[3, 7] · h[7]`; units and inputs from 1. */
  symbol: string;
  factors: number[];
  product: number;
}

/** The sum that makes one number of a heat map. */
export interface CellSum {
  name: GateName;
  /** From 0. */
  unit: number;
  step: number;
  /** As in torch's documentation. */
  equation: string;
  /** The largest products, the largest first. */
  terms: Term[];
  /** The sum of all others. */
  rest: { count: number; sum: number };
  sum: number;
  /** What the sum goes through; undefined: nothing. */
  activation: keyof typeof ACTIVATIONS | undefined;
  /** The number itself. */
  value: number;
}

type Parts = Pick<CellSum, 'equation' | 'activation'> & { terms: Term[] };

const term = (symbol: string, ...factors: number[]): Term => ({
  symbol,
  factors,
  product: factors.reduce((product, factor) => product * factor, 1),
});

/** Values of the gates and states of a unit, at a step and before it. */
interface Values {
  now: (name: GateName) => number;
  before: (name: GateName) => number;
}

/** Of what follows from gates, without weights of its own. */
const STATES: Readonly<Record<string, (values: Values) => Parts>> = {
  'LSTM c': ({ now, before }) => ({
    equation: 'c = f · c[t−1] + i · g',
    activation: undefined,
    terms: [term('f · c[t−1]', now('f'), before('c')), term('i · g', now('i'), now('g'))],
  }),
  'LSTM h': ({ now }) => ({
    equation: 'h = o · tanh(c)',
    activation: undefined,
    terms: [term('o · tanh(c)', now('o'), Math.tanh(now('c')))],
  }),
  'GRU h': ({ now, before }) => ({
    equation: 'h = (1 − z) · n + z · h[t−1]',
    activation: undefined,
    terms: [term('(1 − z) · n', 1 - now('z'), now('n')), term('z · h[t−1]', now('z'), before('h'))],
  }),
};

/** Gates in the order of torch's rows. */
const GATES = { LSTM: 'ifgo', GRU: 'rzn', RNN_TANH: 'h', RNN_RELU: 'h' } as const;

const activationOf = (cell: Layer['cell'], name: GateName): keyof typeof ACTIVATIONS => {
  if (cell === 'RNN_RELU') return 'relu';
  return name === 'g' || name === 'n' || name === 'h' ? 'tanh' : 'sigmoid';
};

/**
 * How one number of a layer's pictures comes about: every product that is added up, with its values.
 * @param at the gate or state, its unit and its step, from 0. @param most products that are listed one by one.
 */
export function sumOf(
  layer: Layer & { pictures: readonly Picture[] },
  { name, unit, step }: Pick<CellSum, 'name' | 'unit' | 'step'>,
  most = 6,
): CellSum {
  const { cell, steps, pictures } = layer;
  const read = (of: GateName, k: number, t: number) =>
    t < 0 ? 0 : pictures.find((picture) => picture.name === of)!.values[k * steps + t]!;
  const now = (of: GateName) => read(of, unit, step);
  const parts =
    STATES[`${cell} ${name}`]?.({ now, before: (of) => read(of, unit, step - 1) }) ??
    gateParts(layer, { name, unit, step }, { now, before: (k) => read('h', k, step - 1) });
  const sorted = parts.terms.toSorted((a, b) => Math.abs(b.product) - Math.abs(a.product));
  const total = (some: readonly Term[]) => some.reduce((sum, { product }) => sum + product, 0);
  const others = sorted.slice(most);
  const rest = { count: others.length, sum: total(others) };
  return { name, unit, step, ...parts, terms: sorted.slice(0, most), rest, sum: total(sorted), value: now(name) };
}

/** @param values gates of this unit now, and the hidden state of any unit before. */
function gateParts(
  { cell, inputs, hidden: H, window, weights }: Layer,
  { name, unit, step }: Pick<CellSum, 'name' | 'unit' | 'step'>,
  { now, before }: { now: (name: GateName) => number; before: (unit: number) => number },
): Parts {
  const row = GATES[cell].indexOf(name) * H + unit;
  const reset = cell === 'GRU' && name === 'n' ? [now('r')] : []; // what comes from the state is multiplied by r
  const r = reset.length > 0 ? 'r · ' : '';
  const [wX, wH, bX, bH] = ['W_i', 'W_h', 'b_i', 'b_h'].map((role) => role + name) as [string, string, string, string];
  const j = unit + 1;
  const inputTerm = (_: unknown, k: number) =>
    term(`${wX}[${j}, ${k + 1}] · x[${k + 1}]`, weights.ih[row * inputs + k]!, window[step * inputs + k]!);
  const stateTerm = (_: unknown, k: number) =>
    term(`${r}${wH}[${j}, ${k + 1}] · h[${k + 1}]`, ...reset, weights.hh[row * H + k]!, before(k));
  const activation = activationOf(cell, name);
  const fromState = `${wH} h[t−1] + ${bH}`;
  return {
    equation: `${name} = ${activation}(${wX} x + ${bX} + ${r ? `r · (${fromState})` : fromState})`,
    activation,
    terms: [
      ...Array.from({ length: inputs }, inputTerm),
      ...Array.from({ length: H }, stateTerm),
      term(`${bX}[${j}]`, weights.biasIh[row]!),
      term(`${r}${bH}[${j}]`, ...reset, weights.biasHh[row]!),
    ],
  };
}
