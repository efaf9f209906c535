import { MULTIPROCESSORS } from '../gpu/side_by_side.ts';

/**
 * What a workgroup of a time step computes: COLUMNS columns of four sums, and ROW_LANES * LANE_ROWS rows of the batch, in rounds of
 * DEPTH terms that K_LANES lanes divide among them; see shaders/shared/timestep.wgsl.
 */
export type TimestepTile = Readonly<Record<'COLUMNS' | 'ROW_LANES' | 'LANE_ROWS' | 'K_LANES' | 'DEPTH', number>>;

/** Four sums of a column: the gates of one unit, or one value of four units. */
export type Fours = 'gates' | 'units';

const tile = (COLUMNS: number, ROW_LANES: number, LANE_ROWS: number, K_LANES: number, DEPTH: number): TimestepTile => ({
  COLUMNS,
  ROW_LANES,
  LANE_ROWS,
  K_LANES,
  DEPTH,
});

/** From the largest; each is the fastest of its number of rows on an H200, the one after it its substitute in 16 KiB. See bench/NOTES.md. */
export const TIMESTEP_TILES: Readonly<Record<Fours, readonly TimestepTile[]>> = {
  gates: [
    tile(16, 8, 8, 1, 32), // 64 rows, 16 units
    tile(16, 8, 8, 1, 16),
    tile(16, 8, 4, 2, 32), // 32 rows
    tile(16, 4, 4, 4, 64), // 16 rows
    tile(16, 4, 4, 4, 32),
    tile(16, 4, 2, 4, 64), // 8 rows
    tile(16, 4, 2, 2, 32), // also the fastest for 32 units
  ],
  units: [
    tile(16, 4, 8, 4, 32), // 32 rows, 64 units
    tile(16, 4, 8, 2, 32),
    tile(8, 4, 4, 4, 64), // 16 rows, 32 units
    tile(4, 4, 4, 8, 128), // 16 rows, 16 units
    tile(4, 4, 4, 8, 64),
    tile(4, 4, 2, 8, 128), // 8 rows, 16 units
  ],
};

export const rowsOf = ({ ROW_LANES, LANE_ROWS }: TimestepTile): number => ROW_LANES * LANE_ROWS;

/** Bytes of workgroup memory. */
export function tileBytes(one: TimestepTile): number {
  const { COLUMNS, K_LANES, DEPTH } = one;
  const rows = rowsOf(one);
  return 16 * Math.max(rows * (DEPTH / 4 + 1) + DEPTH * COLUMNS, K_LANES * rows * COLUMNS);
}

/** The largest tile with enough workgroups for the whole GPU, since it loads least per product; otherwise the smallest. */
export function timestepTile(
  fours: Fours,
  { batchSize: N, hiddenSize: H }: { batchSize: number; hiddenSize: number },
  { maxComputeWorkgroupStorageSize }: Pick<GPUSupportedLimits, 'maxComputeWorkgroupStorageSize'>,
): TimestepTile {
  const deepest = fours === 'gates' && H <= 32 ? 32 : Number.POSITIVE_INFINITY; // no more terms per round than there are
  const fitting = TIMESTEP_TILES[fours].filter(
    (one) => tileBytes(one) <= maxComputeWorkgroupStorageSize && one.DEPTH <= deepest,
  );
  const units = fours === 'units' ? 4 : 1;
  const workgroups = (one: TimestepTile) => Math.ceil(H / (units * one.COLUMNS)) * Math.ceil(N / rowsOf(one));
  return (
    fitting.find((one) => workgroups(one) >= MULTIPROCESSORS) ??
    fitting.find((one) => rowsOf(one) === rowsOf(fitting.at(-1)!))!
  );
}
