import { expect, test } from 'vitest';
import { Forecaster } from '../../src/forecast/forecaster.ts';
import type { Kernel } from '../../src/gpu/kernel.ts';
import type { SequenceDims } from '../../src/kernels/dims.ts';
import {
  gruSequenceBackward,
  gruSequenceForward,
  lstmSequenceBackward,
  lstmSequenceForward,
  rnnSequenceBackward,
  rnnSequenceForward,
} from '../../src/kernels/index.ts';
import * as twins from '../reference/sequence.ts';
import { shareOf } from './cases.ts';
import { describeGpu, testDevice, testFamily } from './device.ts';
import { bitsOf } from './expect.ts';
import { holdAgainstTwin } from './hold_against_twin.ts';
import { garbage, randomValues, STEP } from './run_kernel.ts';

/** One row, one step, odd sizes, tiles that are not full, more units than lanes, both directions, rows that end. */
const SIZES = [
  { N: 1, T: 1, H: 7, P: 7, D: 1, bias: 1, ragged: 0, states: 0 },
  { N: 3, T: 4, H: 5, P: 5, D: 1, bias: 1, ragged: 0, states: 0 },
  { N: 9, T: 3, H: 7, P: 7, D: 2, bias: 0, ragged: 1, states: 1 },
  { N: 5, T: 5, H: 33, P: 33, D: 2, bias: 1, ragged: 1, states: 0 },
  { N: 17, T: 2, H: 6, P: 4, D: 1, bias: 1, ragged: 1, states: 1 },
  { N: 2, T: 3, H: 9, P: 5, D: 2, bias: 1, ragged: 0, states: 1 },
];
type Size = (typeof SIZES)[number];

function dimsOf({ N, T, H, P, D, bias, ragged, states }: Size, gates: number): SequenceDims {
  const weight_hh = 3;
  const weight_hr = weight_hh + gates * H * P;
  const bias_ih = weight_hr + (P < H ? P * H : 0);
  const bias_hh = bias_ih + gates * H;
  const parameters = { weight_hh, weight_hr, bias_ih, bias_hh, bias, reverse: bias_hh + gates * H };
  return { N, T, H, P, D, ...parameters, ragged, states };
}

const CELLS = {
  lstm: { gates: 4, slots: 4, forward: lstmSequenceForward, backward: lstmSequenceBackward, overrides: {} },
  gru: { gates: 3, slots: 4, forward: gruSequenceForward, backward: gruSequenceBackward, overrides: {} },
  rnn: { gates: 1, slots: 1, forward: rnnSequenceForward, backward: rnnSequenceBackward, overrides: { RELU: 0 } },
  'rnn, relu': {
    gates: 1,
    slots: 1,
    forward: rnnSequenceForward,
    backward: rnnSequenceBackward,
    overrides: { RELU: 1 },
  },
};
const TWINS = {
  lstm: [twins.lstmSequenceForward, twins.lstmSequenceBackward],
  gru: [twins.gruSequenceForward, twins.gruSequenceBackward],
  rnn: [twins.rnnSequenceForward(false), twins.rnnSequenceBackward(false)],
  'rnn, relu': [twins.rnnSequenceForward(true), twins.rnnSequenceBackward(true)],
} as const;

const cases = (Object.keys(CELLS) as (keyof typeof CELLS)[]).flatMap((cell) =>
  SIZES.filter(({ P, H }) => P === H || cell === 'lstm').map((size) => [cell, JSON.stringify(size), size] as const),
);

describeGpu('sequences', () => {
  test.each(shareOf(cases, 2))('of %s match their twins, forward and backward, for %s', async (cell, _, size) => {
    const { N, T, H, P, D } = size;
    const { gates, slots, forward, backward, overrides } = CELLS[cell];
    const dims = dimsOf(size, gates);
    const states = (T + 2) * N * D;
    const shared = {
      weights: randomValues(D * dims.reverse, 1).map((weight) => weight / Math.sqrt(H)),
      lengths: Uint32Array.from({ length: N }, (_x, n) => (size.ragged ? 1 + ((n * 2) % T) : T)),
    };
    const tile = { ...overrides, WG: 4, ROWS: N > 4 ? 8 : 4, PROJECTED: P < H ? 1 : 0 };
    const inputs = {
      ...shared,
      gates: randomValues(D * T * N * slots * H, 2),
      c: randomValues(states * H, 3),
      h: randomValues(states * P, 4),
      raw: P < H ? garbage(D * T * N * H) : new Float32Array(1),
    };
    const [twinForward, twinBackward] = TWINS[cell];
    await holdAgainstTwin(
      forward as Kernel<SequenceDims>,
      twinForward as never,
      dims,
      inputs as never,
      'summed',
      STEP,
      tile,
    );
    const gradients = {
      ...shared,
      gates: randomValues(D * T * N * slots * H, 5).map((gate) => (gate + 1) / 2),
      c: randomValues(states * H, 6),
      h: randomValues(states * P, 7),
      d_h: randomValues(states * P, 8),
      d_c: size.states ? randomValues(N * D * H, 9) : garbage(N * D * H),
      d_raw: P < H ? garbage(D * N * H) : new Float32Array(1),
    };
    await holdAgainstTwin(
      backward as Kernel<SequenceDims>,
      twinBackward as never,
      dims,
      gradients as never,
      'summed',
      STEP,
      tile,
    );
  });
});

describeGpu('the sequence plan', () => {
  const waves = (rows: number) => Float64Array.from({ length: rows }, (_, t) => Math.sin(t / 5) + t / 100);

  test('has no dispatches per time step', async () => {
    const perStep = async (windowLength: number, plan: 'sequence' | 'timestep') => {
      const forecaster = await Forecaster.create({ device: testDevice(), windowLength, hiddenSize: 4, numLayers: 2 });
      const { dispatches, steps } = await forecaster.fit(waves(windowLength + 12), { epochs: 1, batchSize: 4, plan });
      forecaster.dispose();
      return dispatches / steps;
    };
    const constant = await perStep(10, 'sequence');
    expect(constant).toBeLessThan(30);
    // on a GPU, longer sums of a layer's two weight gradients are split into parts, and another dispatch adds these up
    const longer = constant + (testFamily === 'gpu' ? 4 : 0);
    expect(await perStep(500, 'sequence')).toBe(longer);
    expect(await perStep(10, 'timestep')).toBeGreaterThan(2 * constant);
  });

  test('is bit-identical for the same seed, with dropout, two directions and a projection', async () => {
    const run = async () => {
      const options = { windowLength: 5, hiddenSize: 9, numLayers: 2, bidirectional: true, projSize: 4, dropout: 0.3 };
      const forecaster = await Forecaster.create({ device: testDevice(), ...options });
      await forecaster.fit(waves(40), { epochs: 2, batchSize: 5, plan: 'sequence' });
      const weights = await forecaster.stateDict();
      forecaster.dispose();
      return weights;
    };
    const [first, second] = [await run(), await run()];
    for (const [name, { data }] of first) expect(bitsOf(second.get(name)!.data), name).toEqual(bitsOf(data));
  });
});
