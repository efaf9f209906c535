import type { GuardedDevice } from '../gpu/guarded_device.ts';
import { type ModelConfig, modelConfig, numDirections, type RecurrentOptions, stateSize } from '../model/config.ts';
import { MersenneTwister } from '../model/init.ts';
import type { TensorValue } from '../model/parameters.ts';
import { createModule, type RecurrentModule } from '../nn/recurrent.ts';
import { type Check, TOLERANCES } from './check.ts';
import { type Errors, relativeError, SKETCH_SIZE, sketchError } from './compare.ts';
import { Numbers } from './numbers.ts';

/** A call of a torch.nn module, as in test/golden/recurrent.json. */
export interface ModuleCall {
  name: string;
  /** Of the initial weights; the inputs are drawn from `seed + 1000`. */
  seed: number;
  config: RecurrentOptions & { batchFirst?: boolean };
  /** T */
  steps: number;
  lengths: readonly number[];
  /** Whether initial states are given. */
  states: boolean;
}

const TWO_LAYERS = { inputSize: 3, hiddenSize: 5, numLayers: 2, bidirectional: true } as const;
const call = { steps: 4, lengths: [3, 1, 4], states: false };

/** Two layers, two directions, sequences of different lengths: everything that a cell supports at once. */
export const MODULE_CALLS: readonly ModuleCall[] = [
  { name: 'LSTM', seed: 6, config: { cell: 'LSTM', ...TWO_LAYERS, batchFirst: true }, ...call },
  { name: 'GRU', seed: 14, config: { cell: 'GRU', ...TWO_LAYERS }, ...call },
  { name: 'RNN tanh', seed: 22, config: { cell: 'RNN_TANH', ...TWO_LAYERS }, ...call },
  { name: 'RNN relu', seed: 30, config: { cell: 'RNN_RELU', ...TWO_LAYERS, batchFirst: true }, ...call },
  {
    name: 'LSTM with projection',
    seed: 38,
    config: { cell: 'LSTM', ...TWO_LAYERS, inputSize: 2, projSize: 3, batchFirst: true },
    ...{ steps: 5, lengths: [2, 5, 1], states: true },
  },
];

const PLANS = ['timestep', 'sequence'] as const;

/** Outputs, final states and every gradient. */
export const moduleChecks = (): Check[] =>
  MODULE_CALLS.flatMap((described) =>
    PLANS.map((plan) => ({
      name: `${described.name}, ${plan}`,
      tolerance: TOLERANCES.gradient,
      run: (device) => withModule(device, described, plan, (module) => errorsOf(module, described)),
    })),
  );

/** The same in buffers where an earlier call has left NaN everywhere. */
export const garbageChecks = (): Check[] =>
  PLANS.map((plan) => ({
    name: `LSTM over NaN, ${plan}`,
    tolerance: TOLERANCES.gradient,
    run: (device) =>
      withModule(device, MODULE_CALLS[0]!, plan, async (module) => {
        const { input, upstream, lengths } = drawCall(MODULE_CALLS[0]!);
        await module.forward(filled(input.shape, Number.NaN), { lengths });
        await module.backward({ output: filled(upstream.output.shape, Number.NaN) });
        return errorsOf(module, MODULE_CALLS[0]!);
      }),
  }));

async function withModule<Result>(
  device: GuardedDevice,
  { seed, config }: Pick<ModuleCall, 'seed' | 'config'>,
  plan: (typeof PLANS)[number],
  use: (module: RecurrentModule) => Promise<Result>,
): Promise<Result> {
  const module = await createModule({ device: device.raw, seed, plan, ...config });
  try {
    return await use(module);
  } finally {
    module.dispose();
  }
}

/** The inputs of a call: values in [-1, 1), in the order of test/golden/recurrent.py. */
function drawCall({ seed, config, steps: T, lengths, states }: ModuleCall) {
  const full = modelConfig({ ...config, head: 'none' });
  const N = lengths.length;
  const generator = new MersenneTwister(seed + 1000);
  const draw = (...shape: number[]): TensorValue => {
    const count = shape.reduce((product, size) => product * size, 1);
    return { shape, data: Float32Array.from({ length: count }, () => generator.uniform(-1, 1)) };
  };
  const sequence = (features: number) => (config.batchFirst ? [N, T, features] : [T, N, features]);
  const h = [numDirections(full) * full.numLayers, N, stateSize(full)];
  const c = [numDirections(full) * full.numLayers, N, full.hiddenSize];
  const isLstm = full.cell === 'LSTM';
  const input = draw(...sequence(full.inputSize));
  const [h0, c0] = [states ? draw(...h) : undefined, states && isLstm ? draw(...c) : undefined];
  const output = draw(...sequence(numDirections(full) * stateSize(full)));
  const upstream = { output, hn: draw(...h), ...(isLstm && { cn: draw(...c) }) };
  return { input, h0, c0, upstream, lengths };
}

async function errorsOf(module: RecurrentModule, described: ModuleCall): Promise<Errors> {
  const { input, h0, c0, upstream, lengths } = drawCall(described);
  const { output, hn, cn } = await module.forward(input, { h0, c0, lengths });
  const gradients = await module.backward(upstream);
  const golden = new Numbers(described.name);
  const errors: Errors = {};
  const compare = (name: string, value: TensorValue | undefined) => {
    if (value) errors[name] = sketchError(value.data, golden.take(SKETCH_SIZE));
  };
  compare('output', output);
  compare('h_n', hn);
  compare('c_n', cn);
  compare('gradient of the input', gradients.input);
  compare('gradient of h_0', h0 && gradients.h0);
  compare('gradient of c_0', c0 && gradients.c0);
  for (const [name, value] of gradients.parameters) compare(`gradient of ${name}`, value);
  return errors;
}

const filled = (shape: readonly number[], value: number): TensorValue => ({
  shape,
  data: new Float32Array(shape.reduce((product, size) => product * size, 1)).fill(value),
});

/** Large enough for exp and tanh of a gate's input to overflow without a guard. */
const LARGE = 1e4;
const SATURATED_STEPS = 4;

/** The output of a cell after t steps with all gates open, or all closed; and the gradient of its initial state. */
interface Saturated {
  cell: ModelConfig['cell'];
  start: 'h0' | 'c0';
  open: { h: (t: number) => number; dStart: number };
  shut: { h: number; dStart: number };
}

/**
 * With all outputs' gradients 1. An LSTM from c = 0 counts its steps in c, so that dc_0 is the sum of 1 - tanh(t)^2; a GRU
 * from h = 0.5 keeps h; an RNN is at 1.
 */
const SATURATED: readonly Saturated[] = [
  {
    cell: 'LSTM',
    start: 'c0',
    open: { h: (t) => Math.tanh(t), dStart: 0.501832154 },
    shut: { h: 0, dStart: 0 },
  },
  { cell: 'GRU', start: 'h0', open: { h: () => 0.5, dStart: SATURATED_STEPS }, shut: { h: -1, dStart: 0 } },
  { cell: 'RNN_TANH', start: 'h0', open: { h: () => 1, dStart: 0 }, shut: { h: -1, dStart: 0 } },
];

/** Gates far beyond where exp and tanh overflow, in both directions; their own gradients are zero there. */
export const saturationChecks = (): Check[] =>
  SATURATED.map(({ cell, start, open, shut }) => ({
    name: `${cell.replace('_TANH', ' tanh')}, saturated`,
    tolerance: TOLERANCES.gradient,
    async run(device) {
      const errors: Errors = {};
      for (const plan of PLANS)
        await withModule(device, { seed: 0, config: { cell, inputSize: 1, hiddenSize: 3 } }, plan, async (module) => {
          const weights = await module.stateDict();
          for (const side of ['open', 'shut'] as const) {
            const to = side === 'open' ? LARGE : -LARGE;
            // W_hh stays zero, so that every step has the same input
            const value = (name: string) => (name.startsWith('weight_hh') ? 0 : to);
            module.loadStateDict(new Map([...weights].map(([name, { shape }]) => [name, filled(shape, value(name))])));
            const states = { h0: filled([1, 1, 3], start === 'h0' ? 0.5 : 0), c0: filled([1, 1, 3], 0) };
            const given = cell === 'LSTM' ? states : { h0: states.h0 };
            const { output } = await module.forward(filled([SATURATED_STEPS, 1, 1], 1), given);
            const back = await module.backward({ output: filled(output.shape, 1) });
            const h = Array.from(output.data, (_, k) => (side === 'open' ? open.h(1 + Math.floor(k / 3)) : shut.h));
            errors[`${plan}, ${side}: output`] = relativeError(output.data, h);
            const dStart = new Array<number>(3).fill((side === 'open' ? open : shut).dStart);
            errors[`${plan}, ${side}: gradient of ${start}`] = relativeError(back[start]!.data, dStart);
            for (const [name, { data }] of back.parameters)
              errors[`${plan}, ${side}: gradient of ${name}`] = relativeError(data, new Float32Array(data.length));
          }
        });
      return errors;
    },
  }));
