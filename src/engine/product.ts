import type { LoadedKernel } from '../gpu/compile.ts';
import type { GuardedDevice } from '../gpu/guarded_device.ts';
import type { Kernel } from '../gpu/kernel.ts';
import type { Matmul } from '../kernels/dims.ts';
import { matmul, matmulQuad } from '../kernels/index.ts';
import type { MatmulDims } from '../kernels/matmul_dims.ts';
import { kernelFamily } from './family.ts';
import { measuredTiling, measureTilings } from './tile_timing.ts';
import { chooseTiling, loadTiles, type Product } from './tiles.ts';

/** On a software adapter: a product kernel and the shape of its workgroups. */
export interface ProductVariant {
  kernel: Kernel<MatmulDims, Matmul['overrides']>;
  overrides: Readonly<Record<'TX' | 'TY', number>>;
}

/** The defaults without tuning; see bench/NOTES.md. On a software adapter, a load costs as much as ten multiply-adds. */
const DEFAULTS = {
  plain: { kernel: matmul, overrides: { TX: 8, TY: 8 } },
  withSubgroups: { kernel: matmulQuad, overrides: { TX: 8, TY: 2 } },
} as const satisfies Record<string, ProductVariant>;

/** What {@link autotune} found: a variant on a software adapter; a GPU measures its tilings when products are loaded. */
const tuned = new WeakMap<GPUDevice, ProductVariant | 'by shape'>();

/** Uses a variant for everything created on a device from now on, or on a GPU the tiling that is the fastest for each shape. */
export const setTuned = (device: GPUDevice, found: ProductVariant | 'by shape'): void => void tuned.set(device, found);

/** Longer sums are split into stretches of this many terms, accumulated in C. */
const STRETCH = 65_536;

/**
 * The matrix product for a device: the variant found by `autotune`, or the default.
 * @param device its scope frees the product's memory.
 * @param products one of each shape that will be used: kernels are specialized for sizes and strides.
 */
export async function loadProduct(device: GuardedDevice, products: readonly MatmulDims[]): Promise<Product> {
  const found = tuned.get(device.raw);
  if (kernelFamily(device) === 'software') return loadSoftware(device, products, found);
  if (found === 'by shape') await measureTilings(device, products);
  return loadTiles(device, products, (dims) => measuredTiling(device, dims) ?? chooseTiling(dims));
}

async function loadSoftware(
  device: GuardedDevice,
  products: readonly MatmulDims[],
  found: ProductVariant | 'by shape' | undefined,
): Promise<Product> {
  const standard = device.features.has('subgroups') ? DEFAULTS.withSubgroups : DEFAULTS.plain;
  const { kernel, overrides }: ProductVariant = found === undefined || found === 'by shape' ? standard : found;
  const variantOf = (K: number) => {
    if (kernel === matmul) return overrides;
    const isLong = K > kernel.shader.overrides.BLOCK;
    return { ...overrides, LONG: isLong ? 1 : 0, ODD: isLong || K % 2 === 1 ? 1 : 0 };
  };
  const lengths = new Set(products.flatMap((dims) => stretchesOf(dims).map(({ K }) => K)));
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
