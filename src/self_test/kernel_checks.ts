import { createClip } from '../engine/clip.ts';
import { kernelFamily } from '../engine/family.ts';
import { type LossOptions, lossOf } from '../engine/losses.ts';
import { type OptimizerOptions, optimizerOf } from '../engine/optimizers.ts';
import type { ClipOptions } from '../engine/plan.ts';
import { chooseTiling, loadTiles, type Product } from '../engine/tiles.ts';
import { type DeviceScope, during, type GuardedDevice } from '../gpu/guarded_device.ts';
import {
  dropout,
  matmul,
  matmulQuad,
  matmulTiles,
  matmulTilesAny,
  roll,
  sampleGather,
  windowGather,
} from '../kernels/index.ts';
import { type MatmulDims, matmulDims } from '../kernels/matmul_dims.ts';
import { type Check, TOLERANCES } from './check.ts';
import { type Errors, relativeError, SKETCH_SIZE, sketchError, worstError } from './compare.ts';
import { Numbers } from './numbers.ts';
import { garbage, runDispatches, SOME_STEP } from './run_dispatches.ts';

/** 3 rows of which 2 count, as in test/golden/losses.json. */
export const LOSSES: readonly LossOptions[] = [
  { name: 'mse' },
  { name: 'l1' },
  { name: 'huber', delta: 0.7 },
  { name: 'smoothL1', beta: 0.4 },
  { name: 'crossEntropy' },
  { name: 'quantile', quantiles: [0.1, 0.5, 0.9] },
];

/** Outputs of the model whose loss is taken. */
export const lossOutputs = ({ name }: LossOptions): number => (name === 'quantile' ? 3 : 2);

export const lossChecks = (): Check[] =>
  LOSSES.map((options) => ({
    name: `loss ${options.name}`,
    tolerance: TOLERANCES.gradient,
    async run(device) {
      const loss = lossOf(options);
      const [N, O] = [3, lossOutputs(options)];
      const golden = new Numbers(`loss ${options.name}`);
      const given = {
        y: golden.take(N * O),
        target_rows: golden.take(N * loss.targetSize(O)),
        lengths: new Uint32Array(N).fill(1),
        quantiles: loss.quantiles ?? new Float32Array(1),
        d_y: garbage(N * O),
        losses: garbage(SOME_STEP.slot + 1),
      };
      const kernel = await loss.kernel.load(device, loss.overrides(device));
      const { d_y, losses } = await runDispatches(device, given, ['d_y', 'losses'], (build, tensors) => [
        build.dispatch(kernel, loss.dims({ R: N, N, O }), tensors),
      ]);
      return {
        gradient: relativeError(d_y, golden.take(N * O)),
        loss: relativeError([losses[SOME_STEP.slot]!], golden.take(1)),
      };
    },
  }));

/** Elements of a tensor, and steps, of an optimizer check. */
export const OPTIMIZER_ELEMENTS = 3;
const OPTIMIZER_STEPS = 10;

/** As in test/golden/optimizers.json. */
export const OPTIMIZERS: readonly OptimizerOptions[] = [
  { name: 'Adam', lr: 0.01, betas: [0.8, 0.95], eps: 1e-6 },
  { name: 'Adam', lr: 0.01, weightDecay: 0.1, amsgrad: true },
  { name: 'AdamW', lr: 0.01, weightDecay: 0.1 },
  { name: 'SGD', lr: 0.05, momentum: 0.9, dampening: 0.3, weightDecay: 0.01 },
  { name: 'SGD', lr: 0.05, momentum: 0.9, nesterov: true },
  { name: 'RMSprop', lr: 0.01, alpha: 0.95, centered: true, momentum: 0.5 },
];

export const optimizerName = (options: OptimizerOptions): string => {
  const variant = ['amsgrad', 'nesterov', 'centered'].find((flag) => flag in options);
  return `optimizer ${options.name}${variant ? ` (${variant})` : ''}`;
};

export const optimizerChecks = (): Check[] =>
  OPTIMIZERS.map((options) => ({
    name: optimizerName(options),
    tolerance: TOLERANCES.gradient,
    async run(device) {
      const optimizer = optimizerOf(options);
      const update = await optimizer.load(device);
      const golden = new Numbers(optimizerName(options));
      const P = OPTIMIZER_ELEMENTS;
      const weights = golden.take(P);
      const kept = { m: new Float32Array(P), v: new Float32Array(P), extra: new Float32Array(P) };
      const numbers = Array.from({ length: OPTIMIZER_STEPS }, (_, k) => k);
      const grads = Object.fromEntries(numbers.map((k) => [`grads ${k}`, golden.take(P)]));
      const after = await runDispatches(
        device,
        { weights, ...kept, ...grads },
        ['weights', 'm', 'v', 'extra'],
        (build, tensors) => numbers.map((k) => update(build, P, { ...tensors, grads: tensors[`grads ${k}`]! })),
        numbers.map((number) => ({
          ...SOME_STEP,
          number,
          ...optimizer.stepFields({ t: number + 1, lr: optimizer.options.lr }),
        })),
      );
      const errors: Errors = { weights: worstError(after.weights, golden.take(P)) };
      for (const [arena, torchName] of Object.entries(optimizer.state) as ['m' | 'v' | 'extra', string][])
        errors[torchName] = worstError(after[arena], golden.take(P));
      return errors;
    },
  }));

/** As in test/golden/optimizers.json. */
export const CLIPS: readonly (ClipOptions & { count: number })[] = [
  { norm: 1, count: 67 },
  { value: 0.5, count: 8 },
];

export const clipName = ({ norm }: ClipOptions): string => `clip by ${norm === undefined ? 'value' : 'norm'}`;

export const clipChecks = (): Check[] =>
  CLIPS.map(({ count, ...limits }) => ({
    name: clipName(limits),
    tolerance: TOLERANCES.gradient,
    run: (device) =>
      during(device, async (scope) => {
        const golden = new Numbers(clipName(limits));
        const clip = await createClip(scope, limits);
        const { grads } = await runDispatches(device, { grads: golden.take(count) }, ['grads'], (build, tensors) =>
          clip.dispatches(build, tensors.grads!),
        );
        return { gradients: sketchError(grads, golden.take(SKETCH_SIZE)) };
      }),
  }));

/** Larger than a tile in both dimensions, as in test/golden/kernels.json. */
export const PRODUCT = { M: 33, K: 2, N: 35 } as const;

/** A product's operands among zeros: A [rows, terms] and B [terms, columns], with the first term and the last. */
interface ProductSizes {
  rows: number;
  terms: number;
  columns: number;
}

const productCheck = (
  name: string,
  load: (scope: DeviceScope, dims: MatmulDims) => Promise<Product['dispatches']>,
  { rows, terms, columns }: ProductSizes,
): Check => ({
  name,
  tolerance: TOLERANCES.gradient,
  run: (device) =>
    during(device, async (scope) => {
      const { M, K, N } = PRODUCT;
      const golden = new Numbers('product');
      const term = (k: number) => k * (terms - 1);
      const a = new Float32Array(rows * terms);
      for (const [at, value] of golden.take(M * K).entries()) a[Math.floor(at / K) * terms + term(at % K)] = value;
      const b = new Float32Array(terms * columns);
      for (const [at, value] of golden.take(K * N).entries()) b[term(Math.floor(at / N)) * columns + (at % N)] = value;
      const given = { a, b, c: garbage(rows * columns), twice: garbage(rows * columns) };
      const dims = matmulDims({ rows, columns: terms }, { rows: terms, columns });
      const multiply = await load(scope, dims);
      const { c, twice } = await runDispatches(device, given, ['c', 'twice'], (build, tensors) => {
        const onto = { a: tensors.a!, b: tensors.b!, c: tensors.twice! };
        return [
          ...multiply(build, dims, { ...onto, c: tensors.c! }),
          ...multiply(build, dims, onto),
          ...multiply(build, { ...dims, accumulate: 1 }, onto),
        ];
      });
      const own = (values: Float32Array) => values.filter((_, at) => at < M * columns && at % columns < N);
      const product = golden.take(SKETCH_SIZE);
      return {
        'A B': sketchError(own(c), product),
        'A B + A B': sketchError(
          own(twice),
          product.map((value) => 2 * value),
        ),
      };
    }),
});

const plainCheck = (kernel: typeof matmul): Check =>
  productCheck(
    kernel.name,
    async (scope) => {
      const loaded = await kernel.load(scope, kernel === matmulQuad ? { TX: 8, TY: 2 } : { TX: 8, TY: 8 });
      return (build, dims, tensors) => [build.dispatch(loaded, dims, tensors)];
    },
    { rows: PRODUCT.M, terms: PRODUCT.K, columns: PRODUCT.N },
  );

/** Its terms are summed in two parts. */
const tilesCheck = (kernel: { name: string }, sizes: ProductSizes): Check =>
  productCheck(
    kernel.name,
    async (scope, dims) => (await loadTiles(scope, [dims], () => ({ ...chooseTiling(dims), parts: 2 }))).dispatches,
    sizes,
  );

/** The matrix products that a device runs. */
export function productChecks(device: GuardedDevice): Check[] {
  if (kernelFamily(device) === 'gpu')
    return [
      tilesCheck(matmulTiles, { rows: 36, terms: 64, columns: 36 }),
      tilesCheck(matmulTilesAny, { rows: PRODUCT.M, terms: 63, columns: PRODUCT.N }),
    ];
  return [matmul, ...(device.features.has('subgroups') ? [matmulQuad] : [])].map(plainCheck);
}

/** 0, 1, 2, ...: each value is its own index. */
const counted = (count: number): Float32Array => Float32Array.from({ length: count }, (_, k) => k);

const windowCheck: Check = {
  name: 'window gather',
  tolerance: TOLERANCES.copied,
  async run(device) {
    const [N, T, I] = [2, 3, 2];
    const order = Uint32Array.of(9, 9, 5, 1); // the step's samples begin at its first, 2
    const kernel = await windowGather.load(device);
    const given = { series: counted(24), order, x: garbage(T * N * I), target_rows: garbage(N) };
    const { x, target_rows } = await runDispatches(device, given, ['x', 'target_rows'], (build, tensors) => [
      build.dispatch(kernel, { N, T, I, O: 1, C: 1, every: 0 }, tensors),
    ]);
    return {
      windows: relativeError(x, [10, 11, 2, 3, 12, 13, 4, 5, 14, 15, 6, 7]),
      targets: relativeError(target_rows, [16, 8]),
    };
  },
};

const rollCheck: Check = {
  name: 'roll',
  tolerance: TOLERANCES.copied,
  async run(device) {
    const kernel = await roll.load(device);
    const y = Float32Array.of(2, 0, 1, 3, 4, 5); // three quantiles each; the first ones cross
    const given = { y, order: Uint32Array.of(9, 9, 1, 9), series: new Float32Array(8).fill(7) };
    const { series } = await runDispatches(device, given, ['series'], (build, tensors) => [
      build.dispatch(kernel, { T: 1, I: 2, ahead: 2, Q: 3, q: 1 }, tensors),
    ]);
    return { rows: relativeError(series, [7, 7, 7, 7, 1, 7, 4, 7]) };
  },
};

const sampleCheck: Check = {
  name: 'sample gather',
  tolerance: TOLERANCES.copied,
  async run(device) {
    const [N, T, TT, I, K] = [2, 3, 1, 1, 2];
    const kernel = await sampleGather.load(device);
    const given = {
      ...{ inputs: counted(12), targets: counted(8), sample_lengths: Uint32Array.of(3, 2, 1, 3) },
      ...{ order: Uint32Array.of(0, 0, 3, 1), x: garbage(T * N), target_rows: garbage(N * K), lengths: garbage(N) },
    };
    const read = await runDispatches(device, given, ['x', 'target_rows', 'lengths'], (build, tensors) => [
      build.dispatch(kernel, { N, T, TT, I, K }, tensors),
    ]);
    return {
      inputs: relativeError(read.x, [9, 3, 10, 4, 11, 0]),
      targets: relativeError(read.target_rows, [6, 7, 2, 3]),
      lengths: relativeError(new Uint32Array(read.lengths.buffer, 0, N), [3, 2]),
    };
  },
};

export const DROPOUT = { count: 64, p: 0.25, seed: 7, layer: 1 } as const;

const dropoutCheck: Check = {
  name: 'dropout',
  tolerance: TOLERANCES.gradient,
  async run(device) {
    const { count } = DROPOUT;
    const kernel = await dropout.load(device);
    const given = { x: counted(count), y: garbage(count) };
    const { y } = await runDispatches(device, given, ['y'], (build, tensors) => [
      build.dispatch(kernel, { ...DROPOUT, x_offset: 0, y_offset: 0, accumulate: 0 }, tensors),
    ]);
    const kept = new Numbers('dropout').take(count); // 1 or 0, from Philox (Salmon et al. 2011)
    return {
      kept: relativeError(
        y,
        given.x.map((value, k) => (kept[k]! * value) / (1 - DROPOUT.p)),
      ),
    };
  },
};

/** Kernels that only move or drop values. */
export const movingChecks = (): Check[] => [windowCheck, sampleCheck, rollCheck, dropoutCheck];
