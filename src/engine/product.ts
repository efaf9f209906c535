import type { LoadedKernel } from '../gpu/compile.ts';
import type { GuardedDevice } from '../gpu/guarded_device.ts';
import type { Kernel } from '../gpu/kernel.ts';
import type { Matmul } from '../kernels/dims.ts';
import { matmul, matmulQuad } from '../kernels/index.ts';
import type { MatmulDims } from '../kernels/matmul_dims.ts';
import { kernelFamily } from './family.ts';
import { chooseTiling, loadTiles, type Product, type Tiling } from './tiles.ts';

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

/** Chooses the tilings of products on a GPU. */
type TilingChooser = (device: GuardedDevice, products: readonly MatmulDims[]) => Promise<(dims: MatmulDims) => Tiling>;

const tuned = new WeakMap<GPUDevice, ProductVariant | TilingChooser>();

/** Uses a variant, or on a GPU the tilings that are chosen, for everything created on a device from now on. */
export const setTuned = (device: GPUDevice, found: ProductVariant | TilingChooser): void =>
  void tuned.set(device, found);

/** Longer sums are split into stretches of this many terms, accumulated in C. */
const STRETCH = 65_536;

/**
 * The matrix product for a device: the variant found by `autotune`, or the default.
 * @param device its scope frees the product's memory.
 * @param products one of each shape that will be used: kernels are specialized for sizes and strides.
 */
export async function loadProduct(device: GuardedDevice, products: readonly MatmulDims[]): Promise<Product> {
  const found = tuned.get(device.raw);
  if (kernelFamily(device) === 'gpu')
    return loadTiles(device, products, typeof found === 'function' ? await found(device, products) : chooseTiling);
  const standard = device.features.has('subgroups') ? DEFAULTS.withSubgroups : DEFAULTS.plain;
  return loadVariant(device, products, found && 'kernel' in found ? found : standard);
}

async function loadVariant(
  device: GuardedDevice,
  products: readonly MatmulDims[],
  { kernel, overrides }: ProductVariant,
): Promise<Product> {
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
