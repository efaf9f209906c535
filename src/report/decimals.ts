/** Rows that are looked at, from the end. */
const MOST_ROWS = 1000;
/** Decimals that values may have, besides those that a small error needs. */
const MOST_DECIMALS = 6;

/**
 * Decimals for the values of a series, its forecasts and their errors: those of the data, but at least as many as two digits of a
 * typical error need, and at most two more.
 */
export function decimalsOf(values: ArrayLike<number>, error: number): number {
  let own = 0;
  for (let row = Math.max(0, values.length - MOST_ROWS); row < values.length; row++)
    while (own < MOST_DECIMALS && Number(values[row]!.toFixed(own)) !== values[row]) own++;
  if (!(error > 0 && error < Infinity)) return own;
  const needed = Math.max(0, 1 - Math.floor(Math.log10(error)));
  return Math.min(20, Math.max(needed, Math.min(own, needed + 2)));
}
