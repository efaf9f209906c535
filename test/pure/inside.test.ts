import { describe, expect, test } from 'vitest';
import { Inspector } from '../../demo/inside/inspect.ts';
import { ACTIVATIONS, type GateName } from '../../demo/inside/layer.ts';
import { sumOf } from '../../demo/inside/sum.ts';
import { CELLS, type CellName, type ModelConfig, modelConfig } from '../../src/model/config.ts';
import { initialWeights } from '../../src/model/init.ts';
import { expectClose } from '../gpu/expect.ts';
import { randomValues } from '../gpu/run_kernel.ts';
import { gruCellForward, lstmCellForward, rnnCellForward } from '../reference/index.ts';

const NAMES: Record<CellName, GateName[]> = {
  LSTM: ['i', 'f', 'g', 'o', 'c', 'h'],
  GRU: ['r', 'z', 'n', 'h'],
  RNN_TANH: ['h'],
  RNN_RELU: ['h'],
};

const [T, I, H] = [7, 2, 5];
const SEED = 3;

/** A model with gates that are wide open or shut, like trained ones. */
function modelOf(cell: CellName, numLayers = 1) {
  const config = modelConfig({ cell, inputSize: I, hiddenSize: H, numLayers });
  const weights = initialWeights(config, 8);
  for (const { data } of weights.values()) for (const k of data.keys()) data[k]! *= 2;
  return { config, weights, window: randomValues(T * I, 1) };
}

type Model = ReturnType<typeof modelOf>;

/** The model in float64, from the twins of its kernels. @param nudge added to values before they are used. */
function twinOf(
  { config, weights, window }: Model,
  nudge: { x?: [at: number, by: number] } & Partial<Record<'h' | 'c', [t: number, unit: number, by: number]>> = {},
) {
  const { cell, numLayers } = config;
  const forward = {
    LSTM: lstmCellForward,
    GRU: gruCellForward,
    RNN_TANH: rnnCellForward(false),
    RNN_RELU: rnnCellForward(true),
  }[cell];
  const { gates: numGates, module } = CELLS[cell];
  const slots = cell === 'GRU' ? 4 : numGates;
  let input = Float64Array.from(window, (x, k) => x + (nudge.x?.[0] === k ? nudge.x[1] : 0));
  const layers: { gates: Float64Array; c: Float64Array; h: Float64Array }[] = [];
  for (let layer = 0; layer < numLayers; layer++) {
    const of = (role: string) => Float64Array.from(weights.get(`${module}.${role}_l${layer}`)!.data);
    const [wIh, wHh, bias_ih, bias_hh] = [of('weight_ih'), of('weight_hh'), of('bias_ih'), of('bias_hh')];
    const columns = input.length / T;
    const [gates, c, h] = [
      new Float64Array(T * slots * H),
      new Float64Array((T + 1) * H),
      new Float64Array((T + 1) * H),
    ];
    for (let t = 0; t < T; t++) {
      for (let row = 0; row < numGates * H; row++) {
        const [gate, j] = [Math.floor(row / H), row % H];
        const slot = (of: number) => (t * slots + of) * H + j;
        const isCandidate = cell === 'GRU' && gate === 2; // W_hn h has its own slot
        for (let k = 0; k < columns; k++) gates[slot(gate)]! += wIh[row * columns + k]! * input[t * columns + k]!;
        for (let k = 0; k < H; k++) gates[slot(isCandidate ? 3 : gate)]! += wHh[row * H + k]! * h[t * H + k]!;
      }
      const [before, after] = [t * H, (t + 1) * H];
      const states = { h_before: before, h_after: after, h_stride: H, c_before: before, c_after: after, c_stride: H };
      forward({ N: 1, H, t, gates: 0, ...states }, { gates, c, h, bias_ih, bias_hh, lengths: Float64Array.of(T) });
      if (layer === 0 && nudge.h?.[0] === t) h[after + nudge.h[1]]! += nudge.h[2];
      if (layer === 0 && nudge.c?.[0] === t) c[after + nudge.c[1]]! += nudge.c[2];
    }
    layers.push({ gates, c, h });
    input = h.subarray(H);
  }
  const y = input.subarray((T - 1) * H).reduce((sum, h, k) => sum + h * weights.get('fc.weight')!.data[k]!, 0);
  const { gates, c, h } = layers[0]!;
  const gate = (name: GateName, unit: number, t: number) => {
    if (name === 'h') return h[(t + 1) * H + unit]!;
    if (name === 'c') return c[(t + 1) * H + unit]!;
    const gate = gates[(t * slots + NAMES[cell].indexOf(name)) * H + unit]!;
    return name === 'z' ? 1 - gate : gate; // kernels keep 1 - z
  };
  return { y, gate };
}

/** dy by central differences. */
const slope = (model: Model, nudge: (by: number) => Parameters<typeof twinOf>[1]) =>
  (twinOf(model, nudge(1e-5)).y - twinOf(model, nudge(-1e-5)).y) / 2e-5;

const inspect = ({ config, weights, window }: Model) => new Inspector().inspect(config, weights, window, SEED);

const cells = Object.keys(NAMES) as CellName[];

describe("what the page shows of a model's internals", () => {
  test.each(cells)('agrees with the float64 twins of the kernels of %s', (cell) => {
    const model = modelOf(cell);
    const { gate } = twinOf(model);
    const { pictures } = inspect(model);
    expect(pictures.map(({ name }) => name)).toEqual(NAMES[cell]);
    for (const { name, values } of pictures)
      expectClose(
        values,
        Array.from({ length: H * T }, (_, k) => gate(name, Math.floor(k / T), k % T)),
        { tensor: name, tolerance: 'relative' },
      );
  });

  test.each(cells)('lists the products that make up each number of %s', (cell) => {
    const model = modelOf(cell);
    const inside = inspect(model);
    const { gate } = twinOf(model);
    for (const name of NAMES[cell])
      for (const [unit, step] of [
        [0, 0],
        [2, 3],
        [H - 1, T - 1],
      ] as const) {
        const { terms, rest, sum, activation, value } = sumOf(inside, { name, unit, step });
        const products = terms.map(({ factors, product }) => {
          expect(factors.reduce((a, b) => a * b, 1)).toBe(product);
          return Math.abs(product);
        });
        expect(products).toEqual(products.toSorted((a, b) => b - a));
        const whole = name === 'c' || (name === 'h' && !cell.startsWith('RNN'));
        expect(terms.length + rest.count).toBe(whole ? (cell === 'LSTM' && name === 'h' ? 1 : 2) : I + H + 2);
        expect(rest.count === 0 || Math.abs(rest.sum) <= rest.count * products.at(-1)!).toBe(true);
        expectClose([terms.reduce((all, { product }) => all + product, rest.sum)], [sum], {
          tensor: 'sum',
          tolerance: 'relative',
        });
        const result = activation ? ACTIVATIONS[activation](sum) : sum;
        const at = { tensor: `${name}[${unit}] at step ${step}`, tolerance: 'elementwise' } as const;
        expectClose([result, value], [gate(name, unit, step), gate(name, unit, step)], at);
      }
  });

  test.each([...cells.map((cell) => [cell, 1] as const), ['LSTM', 2] as const, ['GRU', 3] as const])(
    'has the gradient of the forecast with respect to each input and state: %s, %i layers',
    (cell, numLayers) => {
      const model = modelOf(cell, numLayers);
      const { kept, flow } = inspect(model);
      const inputs = Array.from({ length: T * I }, (_, k) => slope(model, (by) => ({ x: [k, by] })));
      expectClose(kept.input, inputs, { tensor: 'dy/dx', tolerance: 'elementwise' });
      const states = Array.from({ length: T }, (_, t) =>
        Math.hypot(
          ...Array.from({ length: H }, (_, unit) => slope(model, (by) => ({ h: [t, unit, by] }))),
          ...Array.from({ length: H }, (_, unit) => slope(model, (by) => ({ c: [t, unit, by] }))),
        ),
      );
      expectClose(kept.state, states, { tensor: '|dy/d(h, c)|', tolerance: 'elementwise' });
      const own = flow.find(({ trained }) => trained)!;
      expect([...own.norms]).toEqual([...kept.state].map((norm) => norm / kept.state.at(-1)!));
    },
  );

  test.each(['LSTM', 'GRU'] as const)(
    "shows next to a model the gradients of untrained ones, with PyTorch's weights: %s",
    (cell) => {
      const model = modelOf(cell);
      const { flow, initialForget } = inspect(model);
      expect(flow.map(({ cell, trained }) => `${cell} ${trained}`)).toEqual(
        [...new Set(['RNN_TANH', 'LSTM', cell])].map((name) => `${name} false`).concat(`${cell} true`),
      );
      for (const { cell, trained, norms } of flow.filter(({ trained }) => !trained)) {
        const config: ModelConfig = { ...model.config, cell };
        const own = inspect({ config, weights: initialWeights(config, SEED), window: model.window });
        expect([...norms], `${cell} ${trained}`).toEqual([...own.flow.at(-1)!.norms]);
      }
      const lstm = { ...model.config, cell: 'LSTM' } as const;
      const { gate } = twinOf({ config: lstm, weights: initialWeights(lstm, SEED), window: model.window });
      let forget = 0;
      for (let k = 0; k < H * T; k++) forget += gate('f', k % H, Math.floor(k / H)) / (H * T);
      expectClose([initialForget], [forget], { tensor: 'mean f', tolerance: 'relative' });
    },
  );

  test('gives the same answer again after its arrays were transferred to another thread', () => {
    const { config, weights, window } = modelOf('LSTM');
    const inspector = new Inspector();
    const first = inspector.inspect(config, weights, window, SEED);
    const moved = structuredClone(first, { transfer: first.flow.map(({ norms }) => norms.buffer as ArrayBuffer) });
    expect(inspector.inspect(config, weights, window, SEED)).toEqual(moved);
  });
});
