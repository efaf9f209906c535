import { expect, test } from 'vitest';
import { adamDims, type OptimizerOptions, optimizerOf } from '../../src/engine/optimizers.ts';
import type { Kernel } from '../../src/gpu/kernel.ts';
import { adam, clipGradNorm, clipGradValue, gradNorm, rmsprop, sgd } from '../../src/kernels/index.ts';
import golden from '../golden/optimizers.json';
import * as twins from '../reference/index.ts';
import { describeGpu, guardedTestDevice } from './device.ts';
import { bitsOf, expectClose, expectNormClose } from './expect.ts';
import { holdAgainstTwin } from './hold_against_twin.ts';
import { garbage, randomValues, runKernel, STEP } from './run_kernel.ts';

/** Ten steps in PyTorch, from test/golden/optimizers.py. */
interface OptimizerCase {
  name: OptimizerOptions['name'];
  options: Record<string, unknown>;
  P: number;
  weights: number[];
  grads: number[][];
  after: number[];
  state: Record<string, number[]>;
}

const cases = golden.optimizers as unknown as OptimizerCase[];
const f32 = (values: readonly number[]) => Float32Array.from(values);

/** Intercepts the uniform that an optimizer passes to its kernel. */
async function uniformOf(options: OptimizerOptions): Promise<Record<string, number>> {
  const update = await optimizerOf(options).load(guardedTestDevice());
  let dims: Record<string, number> = {};
  const catcher = {
    dispatch(_: unknown, given: Record<string, number>) {
      dims = given;
      return undefined as never;
    },
  };
  update(catcher as never, 1, {});
  return dims;
}

/** One parameter more than a row of workgroups. */
const FOLDED = 65_535 * 64 + 1;

const kernelOf = { Adam: adam, AdamW: adam, SGD: sgd, RMSprop: rmsprop } as Record<string, unknown>;

describeGpu('optimizers', () => {
  test.each(cases.map((row) => [`${row.name} ${JSON.stringify(row.options)}`, row] as const))(
    'match ten steps of torch.optim.%s',
    async (_, { name, options, P, weights, grads, after, state: expected }) => {
      const given = { name, ...options } as OptimizerOptions;
      const optimizer = optimizerOf(given);
      const dims = { ...(await uniformOf(given)), P };
      let kept: Record<string, Float32Array> = { weights: f32(weights) };
      for (const arena of ['m', 'v', 'extra'] as const) kept[arena] = new Float32Array(P);
      for (const [k, values] of grads.entries()) {
        const step = { ...STEP, number: k, ...optimizer.stepFields({ t: k + 1, lr: optimizer.options.lr }) };
        kept = {
          ...kept,
          ...(await runKernel(kernelOf[name] as Kernel<never>, dims as never, { grads: f32(values), ...kept }, step)),
        };
      }
      expectNormClose(kept.weights!, after, { tensor: 'weights', tolerance: 'gradient' });
      const moved = (values: ArrayLike<number>) => Float64Array.from(values, (value, k) => value - weights[k]!);
      expectNormClose(moved(kept.weights!), moved(after), { tensor: 'moves', tolerance: 'gradient' });
      for (const [arena, torchName] of Object.entries(optimizer.state))
        expectNormClose(kept[arena]!, expected[torchName]!, { tensor: torchName, tolerance: 'gradient' });
      expect(Object.keys(expected).sort()).toEqual(Object.values(optimizer.state).sort());
    },
  );

  const inputs = (P: number) => ({
    grads: randomValues(P, 1),
    m: randomValues(P, 2),
    v: randomValues(P, 3).map(Math.abs),
    extra: randomValues(P, 4).map((value) => Math.abs(value) / 10),
    weights: randomValues(P, 5),
  });

  test.each([1, 7, 65])('match their twins for P=%d, and leave values beyond P unchanged', async (P) => {
    const moments = { P, ...adamDims({ betas: [0.9, 0.999], eps: 1e-8 }) };
    for (const weight_decay of [0, 0.1])
      for (const flag of [0, 1]) {
        const { grads, m, v, extra, weights } = inputs(P + 3);
        await holdAgainstTwin(
          adam,
          twins.adam,
          { ...moments, weight_decay, amsgrad: flag },
          inputs(P + 3),
          'elementwise',
        );
        const ofSgd = { P, momentum: 0.9 * flag, one_minus_dampening: 0.8, weight_decay, nesterov: flag };
        await holdAgainstTwin(sgd, twins.sgd, ofSgd, { grads, m, weights }, 'elementwise');
        const ofRms = {
          P,
          alpha: 0.9,
          one_minus_alpha: 1 - 0.9,
          eps: 1e-8,
          weight_decay,
          momentum: 0.5 * flag,
          centered: flag,
        };
        await holdAgainstTwin(rmsprop, twins.rmsprop, ofRms, { grads, m, v, extra, weights }, 'elementwise');
      }
  });

  test('keep a NaN in their state, like their twins', async () => {
    const P = 7;
    const { grads, m, extra, weights, v } = inputs(P);
    const tensors = { grads, m, extra, weights, v: v.map((value, k) => (k % 3 === 0 ? Number.NaN : value)) };
    const ofAdam = { P, ...adamDims({ betas: [0.9, 0.999], eps: 1e-8 }), weight_decay: 0, amsgrad: 1 };
    await holdAgainstTwin(adam, twins.adam, ofAdam, tensors, 'elementwise');
    const ofRms = { P, alpha: 0.9, one_minus_alpha: 1 - 0.9, eps: 1e-8, weight_decay: 0, momentum: 0, centered: 1 };
    await holdAgainstTwin(rmsprop, twins.rmsprop, ofRms, tensors, 'elementwise');
  });

  test('change no weight with lr = 0', async () => {
    for (const name of ['Adam', 'AdamW', 'SGD', 'RMSprop'] as const) {
      const optimizer = optimizerOf({ name, lr: 0 });
      const dims = { ...(await uniformOf({ name, lr: 0 })), P: 65 };
      const step = { ...STEP, ...optimizer.stepFields({ t: 6, lr: 0 }) };
      const given = inputs(65);
      const { weights } = await runKernel(kernelOf[name] as Kernel<never>, dims as never, given, step);
      expect(bitsOf(weights!), name).toEqual(bitsOf(given.weights));
    }
  });

  test('leave zero padding at zero', async () => {
    const zeros = new Float32Array(70);
    for (const name of ['Adam', 'AdamW', 'SGD', 'RMSprop'] as const) {
      const dims = { ...(await uniformOf({ name })), P: 70 };
      const outputs = await runKernel(kernelOf[name] as Kernel<never>, dims as never, {
        ...{ grads: zeros, m: zeros, v: zeros },
        ...{ extra: zeros, weights: zeros },
      });
      for (const [arena, values] of Object.entries(outputs))
        expect(bitsOf(values), `${name} ${arena}`).toEqual(bitsOf(zeros));
    }
  });

  test.each(['Adam', 'AdamW', 'SGD', 'RMSprop'] as const)(
    'reach the last parameter of a grid folded past 65,535 workgroups: %s',
    async (name) => {
      const dims = { ...(await uniformOf({ name })), P: FOLDED } as never;
      const zeros = new Float32Array(FOLDED);
      const kept = { m: zeros, v: zeros, extra: zeros.subarray(0, 1) };
      const given = { grads: new Float32Array(FOLDED).fill(2), weights: zeros, ...kept };
      const { weights } = await runKernel(kernelOf[name] as Kernel<never>, dims, given);
      expect(weights![0]).toBeLessThan(0);
      expect(weights!.findIndex((weight) => weight !== weights![0])).toBe(-1);
    },
  );
});

describeGpu('clipping', () => {
  test.each(golden.clips.map((row) => [`P=${row.P} norm=${row.norm ?? '-'} value=${row.value ?? '-'}`, row] as const))(
    'matches torch.nn.utils for %s',
    async (_, { P, norm, value, grads, clipped }) => {
      if (norm === undefined) {
        const outputs = await runKernel(clipGradValue, { P, clip_value: value! }, { grads: f32(grads) });
        expectClose(outputs.grads!, f32(clipped), { tensor: 'grads', tolerance: 'copied' });
        return;
      }
      const { partials } = await runKernel(gradNorm, { P }, { grads: f32(grads), partials: garbage(64) });
      const outputs = await runKernel(clipGradNorm, { P, max_norm: norm }, { grads: f32(grads), partials: partials! });
      expectClose(outputs.grads!, clipped, { tensor: 'grads', tolerance: 'elementwise' });
    },
  );

  test.each([1, 63, 65, 4097, 20_000])(
    'matches its twins for P=%d, and leaves values beyond P unchanged',
    async (P) => {
      const grads = randomValues(P + 3, 1).fill(Number.NaN, P);
      await holdAgainstTwin(gradNorm, twins.gradNorm, { P }, { grads, partials: garbage(64) }, 'summed');
      const partials = randomValues(64, 2).map(Math.abs);
      const norm = Math.sqrt(partials.reduce((sum, squares) => sum + squares, 0));
      for (const max_norm of [norm / 3, norm * 3])
        await holdAgainstTwin(clipGradNorm, twins.clipGradNorm, { P, max_norm }, { grads, partials }, 'elementwise');
      await holdAgainstTwin(clipGradValue, twins.clipGradValue, { P, clip_value: 0.3 }, { grads }, 'elementwise');
    },
  );

  test('keeps a NaN: in place when clipping by value, everywhere by norm', async () => {
    const grads = f32([2, Number.NaN, -2, 0.1, Number.POSITIVE_INFINITY]);
    const clipped = { P: 5, clip_value: 0.3 };
    await holdAgainstTwin(clipGradValue, twins.clipGradValue, clipped, { grads }, 'elementwise');
    const partials = new Float32Array(64).fill(Number.NaN, 3, 4);
    const byNorm = { P: 5, max_norm: 1 };
    await holdAgainstTwin(clipGradNorm, twins.clipGradNorm, byNorm, { grads, partials }, 'elementwise');
  });

  test('adds 1e-6 to the norm, which matters for small gradients', async () => {
    const grads = f32([3e-6, 0, -4e-6]);
    const { partials } = await runKernel(gradNorm, { P: 3 }, { grads, partials: garbage(64) });
    const outputs = await runKernel(clipGradNorm, { P: 3, max_norm: 3e-6 }, { grads, partials: partials! });
    expectClose(outputs.grads!, [1.5e-6, 0, -2e-6], { tensor: 'grads', tolerance: 'relative' }); // 3 / (5 + 1)
  });

  test('reaches the last gradient of a grid folded past 65,535 workgroups', async () => {
    const grads = new Float32Array(FOLDED).fill(2);
    const partials = new Float32Array(64).fill(1);
    const byNorm = await runKernel(clipGradNorm, { P: FOLDED, max_norm: 4 }, { partials, grads });
    const byValue = await runKernel(clipGradValue, { P: FOLDED, clip_value: 1 }, { grads });
    for (const { grads: clipped } of [byNorm, byValue]) {
      expect(clipped![0]).toBeCloseTo(1, 5);
      expect(clipped!.findIndex((value) => value !== clipped![0])).toBe(-1);
    }
  });
});
