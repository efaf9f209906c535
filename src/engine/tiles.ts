import type { LoadedKernel } from '../gpu/compile.ts';
import type { Dispatch, DispatchBuilder } from '../gpu/dispatch.ts';
import type { GuardedDevice } from '../gpu/guarded_device.ts';
import { createTensor, type Tensor } from '../gpu/tensor.ts';
import type { MatmulParts, TilesDims } from '../kernels/dims.ts';
import { matmulParts, matmulTiles, matmulTilesAny } from '../kernels/index.ts';
import type { MatmulDims } from '../kernels/matmul_dims.ts';

export type ProductTensors = Readonly<Record<'a' | 'b' | 'c', Tensor>>;

/** The matrix product on a device, for the products that it was loaded for. */
export interface Product {
  /** C (+)= A B. */
  dispatches(build: DispatchBuilder, dims: MatmulDims, tensors: ProductTensors): Dispatch[];
}

/** What a workgroup of a product computes: a tile of C, `depth` terms at a time, side x side sums per lane. */
export interface Tile {
  readonly rows: number;
  readonly columns: number;
  readonly depth: number;
  readonly side: 8 | 4;
}

/** How a GPU computes a product. */
export interface Tiling {
  tile: Tile;
  /** Stretches of K, which different workgroups sum. */
  parts: number;
}

const TILES = {
  square: { rows: 128, columns: 128, depth: 16, side: 8 },
  tall: { rows: 128, columns: 64, depth: 16, side: 8 },
  medium: { rows: 64, columns: 64, depth: 16, side: 8 },
  small: { rows: 32, columns: 32, depth: 32, side: 4 },
  /** More memory than WebGPU guarantees. */
  deep: { rows: 128, columns: 128, depth: 32, side: 8 },
} as const satisfies Record<string, Tile>;

/** Invocations that fill a large GPU: on an H200 every tile of a long product was fastest with about this many. */
const LANES_TO_FILL = 32_768;

/** Terms per part, at least: with fewer, adding up the parts takes longer than it saves. At most: accuracy, see shared/tiles.wgsl. */
const PART = { least: 128, most: 65_536 } as const;

export const lanesOf = ({ rows, columns, side }: Tile): number => (rows * columns) / side ** 2;

const bytesOf = ({ rows, columns, depth }: Tile): number => 4 * (rows + columns) * depth;

/** Elements of C, with those that tiles compute beyond its edges. */
const paddedSize = ({ M, N }: MatmulDims, { rows, columns }: Tile): number =>
  Math.ceil(M / rows) * rows * Math.ceil(N / columns) * columns;

/** Parts that fill a GPU, as far as K allows. */
function partsOf(dims: MatmulDims, tile: Tile): number {
  const wanted = Math.ceil(LANES_TO_FILL / (paddedSize(dims, tile) / tile.side ** 2));
  return Math.max(1, Math.ceil(dims.K / PART.most), Math.min(wanted, Math.floor(dims.K / PART.least)));
}

/**
 * The tiling of a product that nothing was measured for. Sums of 8 x 8 per lane need the fewest loads, so they are used if they
 * occupy at least half the lanes of a large GPU, in the largest tile that is not mostly beyond the edges of C.
 */
export function chooseTiling(dims: MatmulDims): Tiling {
  const { square, tall, medium, small } = TILES;
  const least = paddedSize(dims, medium);
  // d_x = d_gates W was fastest in tall tiles
  const order = isByK(dims).a && !isByK(dims).b ? [tall, square] : [square, tall];
  const tile = order.find((one) => paddedSize(dims, one) <= 1.1 * least) ?? medium;
  const parts = partsOf(dims, tile);
  const lanes = (paddedSize(dims, tile) / tile.side ** 2) * parts;
  const isNarrow = paddedSize(dims, small) <= least / 2;
  return lanes < LANES_TO_FILL / 2 || isNarrow ? { tile: small, parts: partsOf(dims, small) } : { tile, parts };
}

/**
 * The tilings worth measuring for a product: every tile that the device has memory for and that is not mostly beyond the edges
 * of C, with more and fewer parts.
 */
export function tilingsOf(device: GuardedDevice, dims: MatmulDims): Tiling[] {
  const most = device.limits.maxComputeWorkgroupStorageSize;
  return Object.values(TILES)
    .filter((tile) => bytesOf(tile) <= most && paddedSize(dims, tile) <= 2 * paddedSize(dims, TILES.small))
    .flatMap((tile) => {
      const parts = partsOf(dims, tile);
      const least = Math.max(1, Math.ceil(dims.K / PART.most));
      return [...new Set([least, Math.max(least, Math.ceil(parts / 2)), parts])].map((count) => ({
        tile,
        parts: count,
      }));
    });
}

/** Which operands have values of consecutive k next to each other. */
const isByK = ({ a_col, b_row }: MatmulDims) => ({ a: a_col === 1, b: b_row === 1 });

const areWhole = (...numbers: number[]): boolean => numbers.every((number) => number % 4 === 0);

/** Whether all rows are whole vec4; with parts, C is a dense matrix for each. */
function isAligned(dims: MatmulDims, parts: number): boolean {
  const { M, N, K } = dims;
  const by = isByK(dims);
  const a = by.a ? areWhole(dims.a_row, K) : dims.a_row === 1 && areWhole(dims.a_col, M);
  const b = by.b ? areWhole(dims.b_col, K) : dims.b_col === 1 && areWhole(dims.b_row, N);
  const c = parts > 1 || (dims.c_col === 1 && areWhole(dims.c_offset, dims.c_row));
  return a && b && c && areWhole(dims.a_offset, dims.b_offset, N);
}

/** Products for which the same tiling is best. */
export const tilingKey = (dims: MatmulDims): string => {
  const { a, b } = isByK(dims);
  return [dims.M, dims.N, dims.K, a, b, isAligned(dims, 1)].join();
};

/** A product compiled for a device. */
interface Tiled {
  tiling: Tiling;
  kernel: LoadedKernel<TilesDims>;
}

/**
 * Products on a GPU, compiled.
 * @param device its scope frees the memory for parts: at most 16 MiB, or for K over 65,536 a small part of the operands'.
 * @param tilingOf how to compute each.
 */
export async function loadTiles(
  device: GuardedDevice,
  products: readonly MatmulDims[],
  tilingOf: (dims: MatmulDims) => Tiling,
): Promise<Product> {
  const wanted = new Map(products.map((dims) => [tilingKey(dims), { dims, tiling: wholeParts(dims, tilingOf(dims)) }]));
  const most = partsOfProducts(products, tilingOf);
  const loaded = new Map<string, Tiled>();
  const load = async (key: string, { dims, tiling }: { dims: MatmulDims; tiling: Tiling }) =>
    loaded.set(key, { tiling, kernel: await loadTile(device, dims, tiling) });
  const loading = Array.from(wanted, ([key, product]) => load(key, product));
  const [sum] = await Promise.all([most > 0 ? matmulParts.load(device) : undefined, ...loading]);
  const parts = sum && { sum, tensor: createTensor(device, 'parts of products', [most]) };
  return {
    dispatches(build, dims, tensors) {
      const tiled = loaded.get(tilingKey(dims));
      if (!tiled) throw new Error(`${matmulTiles.name}: not loaded for ${JSON.stringify(dims)}`);
      return tiledDispatches(build, dims, tensors, tiled, parts);
    },
  };
}

/** Elements of the memory for parts, which all products share. */
export const partsOfProducts = (products: readonly MatmulDims[], tilingOf = chooseTiling): number =>
  Math.max(
    0,
    ...products.map((dims) => {
      const { parts } = wholeParts(dims, tilingOf(dims));
      return parts > 1 ? parts * dims.M * dims.N : 0;
    }),
  );

/** Parts are whole slices, so there may be fewer of them. */
function wholeParts({ K }: MatmulDims, { tile, parts }: Tiling): Tiling {
  return { tile, parts: Math.ceil(K / partLength(K, tile, parts)) };
}

const partLength = (K: number, { depth }: Tile, parts: number): number =>
  parts === 1 ? K : Math.ceil(K / parts / depth) * depth;

/** Compiles the kernel of a product. */
export function loadTile(
  device: GuardedDevice,
  dims: MatmulDims,
  { tile, parts }: Tiling,
): Promise<LoadedKernel<TilesDims>> {
  const by = isByK(dims);
  return (isAligned(dims, parts) ? matmulTiles : matmulTilesAny).load(device, {
    ...{ ROWS: tile.rows, COLUMNS: tile.columns, DEPTH: tile.depth, SIDE: tile.side, LANES: lanesOf(tile) },
    ...{ A_BY_K: by.a ? 1 : 0, B_BY_K: by.b ? 1 : 0 },
  });
}

function tiledDispatches(
  build: DispatchBuilder,
  dims: MatmulDims,
  tensors: ProductTensors,
  { tiling: { tile, parts }, kernel }: Tiled,
  shared: { sum: LoadedKernel<MatmulParts['dims']>; tensor: Tensor } | undefined,
): Dispatch[] {
  const { M, N, K, accumulate, c_offset, c_row, c_col } = dims;
  if (parts === 1) return [build.dispatch(kernel, { ...dims, part: K, c_part: 0 }, tensors)];
  const { sum, tensor } = shared!;
  const ofParts = {
    ...dims,
    ...{ accumulate: 0, c_offset: 0, c_row: N, c_col: 1 },
    ...{ part: partLength(K, tile, parts), c_part: M * N },
  };
  return [
    build.dispatch(kernel, ofParts, { ...tensors, c: tensor }),
    build.dispatch(sum, { M, N, P: parts, accumulate, c_offset, c_row, c_col }, { parts: tensor, c: tensors.c }),
  ];
}
