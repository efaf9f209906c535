/** What a workgroup of a persistent kernel keeps and exchanges; see shaders/shared/persistent.wgsl. */
export type PersistentTile = Readonly<Record<'COLUMNS' | 'SLICES' | 'TERMS' | 'ROWS' | 'ROUND', number>>;

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
const MOST_UNITS = 256;

/**
 * The tile with the least work per workgroup if no more than `workgroups` are to run side by side; among these the one with the fewest
 * that exchange values, and the fewest lanes. Undefined: none is known to be faster than a dispatch per time step, or has enough registers and memory.
 */
export function persistentTile(
  way: keyof typeof WAYS,
  { batchSize: N, hiddenSize: H }: { batchSize: number; hiddenSize: number },
  limits: Pick<GPUSupportedLimits, 'maxComputeWorkgroupStorageSize' | 'maxComputeInvocationsPerWorkgroup'>,
  workgroups: number,
): PersistentTile | undefined {
  const { unitsOfColumn, termsOfUnit } = WAYS[way];
  if (H > MOST_UNITS) return undefined;
  const found: { tile: PersistentTile; work: number; peers: number; lanes: number }[] = [];
  for (const lanes of [256, 128, 64])
    for (let COLUMNS = 1; COLUMNS * 4 * unitsOfColumn <= lanes; COLUMNS *= 2) {
      const SLICES = lanes / COLUMNS;
      const TERMS = Math.ceil((termsOfUnit * H) / SLICES);
      const peers = Math.ceil(H / (unitsOfColumn * COLUMNS));
      const rowTiles = Math.floor(workgroups / peers);
      const ROWS = 4 * Math.ceil(N / (4 * rowTiles));
      if (lanes > limits.maxComputeInvocationsPerWorkgroup || rowTiles === 0) continue;
      for (const ROUND of ROWS % 8 === 0 ? [8, 4] : [4]) {
        const waiting = Math.ceil(((ROUND / 4) * TERMS) / COLUMNS);
        const bytes = 16 * ((ROUND / 4) * TERMS * SLICES + 4 * lanes) + 4 * ROWS * unitsOfColumn * COLUMNS;
        const fits = TERMS <= MOST_TERMS && ROWS <= MOST_ROWS && waiting <= MOST_WAITING;
        if (!fits || bytes > limits.maxComputeWorkgroupStorageSize) continue;
        found.push({ tile: { COLUMNS, SLICES, TERMS, ROWS, ROUND }, work: ROWS * (8 * TERMS + SLICES), peers, lanes });
        break;
      }
    }
  // a term is 16 multiply-adds in every lane, a slice one more value for a few lanes to add up
  found.sort((one, other) => one.work - other.work || one.peers - other.peers || one.lanes - other.lanes);
  return found[0]?.tile;
}
