import type { LoadedKernel } from '../gpu/compile.ts';
import { type Dispatch, DispatchBuilder, record } from '../gpu/dispatch.ts';
import { type DeviceScope, during, GuardedDevice } from '../gpu/guarded_device.ts';
import type { Kernel } from '../gpu/kernel.ts';
import { readRegions } from '../gpu/readback.ts';
import { createTensor, type Tensor, writeTensor } from '../gpu/tensor.ts';
import { timeRound } from '../gpu/timing.ts';
import type { Matmul } from '../kernels/dims.ts';
import { matmul, matmulQuad } from '../kernels/index.ts';
import { type MatmulDims, matmulDims } from '../kernels/matmul_dims.ts';
import { checkOptions } from '../options.ts';
import { stoppable } from '../signals.ts';
import { kernelFamily } from './family.ts';

/** A product kernel and the shape of its workgroups. */
interface ProductVariant {
  kernel: Kernel<MatmulDims, Matmul['overrides']>;
  overrides: Readonly<Record<'TX' | 'TY', number>>;
}

/** The default without tuning; see bench/NOTES.md. On a software adapter, a load costs as much as ten multiply-adds. */
const DEFAULTS = {
  gpu: { kernel: matmul, overrides: { TX: 8, TY: 8 } },
  software: { kernel: matmul, overrides: { TX: 8, TY: 8 } },
  softwareWithSubgroups: { kernel: matmulQuad, overrides: { TX: 8, TY: 2 } },
} as const satisfies Record<string, ProductVariant>;

/** Shapes that {@link autotune} tries: at most 256 invocations, which every device supports; quads need a multiple of 4 in x. */
const SHAPES = [
  { TX: 8, TY: 2 },
  { TX: 4, TY: 4 },
  { TX: 8, TY: 8 },
  { TX: 16, TY: 4 },
  { TX: 16, TY: 16 },
] as const;

const tuned = new WeakMap<GPUDevice, ProductVariant>();

/** Longer sums are split into stretches of this many terms, accumulated in C. */
const STRETCH = 65_536;

/** The matrix product on a device, for the requested lengths of sums. */
export interface Product {
  /** C (+)= A B, for a K that it was loaded for. */
  dispatches(build: DispatchBuilder, dims: MatmulDims, tensors: Readonly<Record<'a' | 'b' | 'c', Tensor>>): Dispatch[];
}

/**
 * The matrix product for a device: the variant found by {@link autotune}, or the default.
 * @param sums every K that will be used: kernels are specialized for a K that is short or even.
 */
export async function loadProduct(device: GuardedDevice, sums: Iterable<number>): Promise<Product> {
  const { kernel, overrides } = tuned.get(device.raw) ?? defaultOf(device);
  const variantOf = (K: number) => {
    if (kernel === matmul) return overrides;
    const isLong = K > kernel.shader.overrides.BLOCK;
    return { ...overrides, LONG: isLong ? 1 : 0, ODD: isLong || K % 2 === 1 ? 1 : 0 };
  };
  const lengths = new Set(Array.from(sums, (K) => Math.min(K, STRETCH)));
  for (const K of sums) if (K > STRETCH && K % STRETCH > 0) lengths.add(K % STRETCH);
  const loaded = new Map<number, LoadedKernel<MatmulDims>>();
  await Promise.all([...lengths].map(async (K) => loaded.set(K, await kernel.load(device, variantOf(K)))));
  return {
    dispatches: (build, dims, tensors) =>
      stretchesOf(dims).map((stretch) => {
        const variant = loaded.get(stretch.K);
        if (!variant) throw new Error(`${kernel.name}: not loaded for K = ${stretch.K}`);
        return build.dispatch(variant, stretch, tensors);
      }),
  };
}

/** A product as products of at most {@link STRETCH} terms, each added to the previous one. */
function stretchesOf(dims: MatmulDims): MatmulDims[] {
  return Array.from({ length: Math.max(1, Math.ceil(dims.K / STRETCH)) }, (_, k) => ({
    ...dims,
    K: Math.min(STRETCH, dims.K - k * STRETCH),
    a_offset: dims.a_offset + k * STRETCH * dims.a_col,
    b_offset: dims.b_offset + k * STRETCH * dims.b_row,
    accumulate: k > 0 ? 1 : dims.accumulate,
  }));
}

function defaultOf(device: GuardedDevice): ProductVariant {
  if (kernelFamily(device) === 'gpu') return DEFAULTS.gpu;
  return device.features.has('subgroups') ? DEFAULTS.softwareWithSubgroups : DEFAULTS.software;
}

/** How fast a variant of the product was. */
export interface ProductTiming {
  kernel: string;
  /** Invocations of a workgroup in x and y. */
  workgroup: readonly [number, number];
  /** 2 M K N operations in the fastest of several runs, by the device's own clock if it has one. */
  gflops: number;
}

/**
 * Times the variants of the matrix product on a device, which takes about a second, and uses the fastest one for everything
 * created on it from then on. Variants give the same results except for rounding.
 * @param options a signal that stops it.
 * @returns the timings, fastest first. @throws the signal's reason on abort; nothing has changed then.
 */
export async function autotune(given: GPUDevice, options: { signal?: AbortSignal } = {}): Promise<ProductTiming[]> {
  checkOptions('autotune', options, { signal: true });
  const { signal } = options;
  const found = await stoppable(signal, () => during(new GuardedDevice(given), timeVariants, signal));
  found.sort((one, other) => other.timing.gflops - one.timing.gflops);
  tuned.set(given, found[0]!.variant);
  return found.map(({ timing }) => timing);
}

async function timeVariants(device: DeviceScope): Promise<{ variant: ProductVariant; timing: ProductTiming }[]> {
  const kernels: ProductVariant['kernel'][] = device.features.has('subgroups') ? [matmul, matmulQuad] : [matmul];
  const [M, K, N] = [128, 256, 1024];
  const tensor = (name: string, ...shape: number[]) => createTensor(device, name, shape);
  const [a, b, c] = [tensor('a', M, K), tensor('b', N, K), tensor('c', M, N)];
  const wave = (count: number) => Float32Array.from({ length: count }, (_, k) => ((k * 37) % 101) / 101 - 0.5);
  writeTensor(device, a, wave(M * K));
  writeTensor(device, b, wave(N * K));
  const dims = matmulDims({ rows: M, columns: K }, { rows: N, columns: K, transposed: true });
  const found: { variant: ProductVariant; timing: ProductTiming }[] = [];
  let expected: Float32Array | undefined;
  for (const kernel of kernels)
    for (const overrides of SHAPES) {
      device.signal?.throwIfAborted();
      const { ms, values } = await time(device, await kernel.load(device, overrides), dims, { a, b, c });
      expected ??= values;
      // quads depend on how a device numbers its lanes
      if (values.some((value, k) => Math.abs(value - expected![k]!) > 1e-3)) continue;
      const workgroup = [overrides.TX, overrides.TY] as const;
      const timing = { kernel: kernel.name, workgroup, gflops: (2 * M * K * N) / ms / 1e6 };
      found.push({ variant: { kernel, overrides }, timing });
    }
  return found;
}

/** Milliseconds per product, and its result in c. */
async function time(
  device: GuardedDevice,
  kernel: LoadedKernel<MatmulDims>,
  dims: MatmulDims,
  tensors: Readonly<Record<'a' | 'b' | 'c', Tensor>>,
): Promise<{ ms: number; values: Float32Array }> {
  const build = new DispatchBuilder(device, 'autotune');
  const dispatch = build.dispatch(kernel, dims, tensors);
  build.upload();
  const encode = (pass: GPUComputePassEncoder, rounds: number) => {
    for (let k = 0; k < rounds; k++) record(pass, [dispatch]);
  };
  const ms = await timeRound(device, 'autotune', TIMING, encode);
  const [values] = await readRegions(device, [tensors.c], () => undefined);
  return { ms, values: values! };
}

/** The resolution of a clock may be a tenth of a millisecond. */
const TIMING = { enoughMs: 8, firstRounds: 1, maxRounds: 4096 };
