/** What a workgroup of a persistent kernel keeps and exchanges; see shaders/shared/persistent.wgsl. */
export type PersistentTile = Readonly<Record<'COLUMNS' | 'SLICES' | 'LANES' | 'TERMS' | 'ROWS' | 'ROUND', number>>;

/** Weights of a lane are vectors of four values: four gates of a unit forward, four units backward. */
const WAYS = {
  forward: { unitsOfColumn: 1, termsOfUnit: 1 },
  backward: { unitsOfColumn: 4, termsOfUnit: 4 },
} as const;

/** Vectors of weights that a lane keeps in registers, and of values that it waits for at once. */
const MOST_TERMS = 32;
const MOST_WAITING = 8;
/** Beyond these, one dispatch per time step is about as fast, because its tiles load less per product; see bench/NOTES.md. */
const MOST_ROWS = 32;
/** Lanes that keep a multiprocessor busy. */
const BUSY = 256;

/**
 * The tile that should be the fastest if no more than `workgroups` are to run side by side; of several, the one with the fewest that
 * exchange values, and the fewest lanes. Undefined: none is known to be faster than a dispatch per time step, or has enough registers and memory.
 */
export function persistentTile(
  way: keyof typeof WAYS,
  { batchSize: N, hiddenSize: H }: { batchSize: number; hiddenSize: number },
  limits: Pick<
    GPUSupportedLimits,
    'maxComputeWorkgroupStorageSize' | 'maxComputeInvocationsPerWorkgroup' | 'maxComputeWorkgroupSizeX'
  >,
  workgroups: number,
): PersistentTile | undefined {
  const { unitsOfColumn, termsOfUnit } = WAYS[way];
  const mostLanes = Math.min(limits.maxComputeInvocationsPerWorkgroup, limits.maxComputeWorkgroupSizeX);
  const found: { tile: PersistentTile; us: number; peers: number }[] = [];
  for (const LANES of [512, 256, 128, 64])
    for (let COLUMNS = 1; COLUMNS * 4 * unitsOfColumn <= LANES; COLUMNS *= 2) {
      const SLICES = LANES / COLUMNS;
      const TERMS = Math.ceil((termsOfUnit * H) / SLICES);
      const peers = Math.ceil(H / (unitsOfColumn * COLUMNS));
      const rowTiles = Math.floor(workgroups / peers);
      const ROWS = 4 * Math.ceil(N / (4 * rowTiles));
      if (LANES > mostLanes || rowTiles === 0) continue;
      for (const ROUND of ROWS % 8 === 0 ? [8, 4] : [4]) {
        const waiting = Math.ceil(((ROUND / 4) * TERMS) / COLUMNS);
        const bytes = 16 * ((ROUND / 4) * TERMS * SLICES + LANES) + 4 * ROWS * unitsOfColumn * COLUMNS;
        const fits = TERMS <= MOST_TERMS && ROWS <= MOST_ROWS && waiting <= MOST_WAITING;
        if (!fits || bytes > limits.maxComputeWorkgroupStorageSize) continue;
        const tile = { COLUMNS, SLICES, LANES, TERMS, ROWS, ROUND };
        found.push({ tile, us: predictedUs(tile), peers });
        break;
      }
    }
  found.sort((one, other) => one.us - other.us || one.peers - other.peers || one.tile.LANES - other.tile.LANES);
  return found[0]?.tile;
}

/** Registers of a multiprocessor that are enough for weights and everything else. */
const REGISTERS = 2 ** 15;

/** Microseconds of a time step, fitted to a prototype's on an H200; see bench/NOTES.md. */
function predictedUs({ SLICES, LANES, TERMS, ROWS, ROUND }: PersistentTile): number {
  const multiplyAdds = 4 * TERMS * ROWS * Math.max(LANES, BUSY);
  const exchanged = TERMS * SLICES * ROWS;
  const spilled = 4 * TERMS * LANES > REGISTERS ? 1 : 0;
  return (8 * multiplyAdds) / 2 ** 20 + (0.15 * exchanged) / 1024 + (0.7 * ROWS) / ROUND + spilled;
}
