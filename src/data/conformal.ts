import { FINITE, float64s, type NumericArray } from '../arrays.ts';
import { ConfigError, DataError } from '../errors.ts';
import { shown } from '../shown.ts';

/**
 * Split conformal prediction: `forecast` +- radius covers at least a share `level` of new values, for any model, as long as new
 * residuals are distributed like the given ones (exchangeable; a series that changes its behavior breaks this).
 * @param residuals [n], actual - predicted on rows not used in training. @param level 0 to 1, such as 0.9.
 * @returns the ceil((n + 1) level)-th smallest |residual|, in the units of the series.
 * @see Vovk, Gammerman & Shafer 2005, Algorithmic Learning in a Random World
 * @see https://doi.org/10.1080/01621459.2017.1307116 Lei et al. 2018, Distribution-Free Predictive Inference for Regression
 * @throws DataError if there are too few residuals for the level, or one is not finite. @throws ConfigError for a level that is
 *   not strictly between 0 and 1.
 */
export function conformalRadius(residuals: NumericArray, level: number): number {
  if (!(level > 0 && level < 1))
    throw new ConfigError(`level: got ${level}, expected a number above 0 and below 1, such as 0.9.`, {
      code: 'out-of-range',
      details: { argument: 'level', got: shown(level), above: 0, below: 1 },
    });
  const finite = float64s('conformalRadius', residuals, FINITE);
  const rank = rankOf(residuals.length, level);
  if (rank > residuals.length)
    throw new DataError(
      `conformalRadius: got ${residuals.length} residuals, but an interval of level ${level} needs at least ` +
        `${numNeeded(level)}. Use a larger validation set or a lower level.`,
    );
  return finite.map(Math.abs).sort()[rank - 1]!;
}

/** ceil((n + 1) level), corrected for rounding: 100 * 0.55 should be 55, not the next float64. */
const rankOf = (n: number, level: number): number => Math.ceil((n + 1) * level * (1 - 2 * Number.EPSILON));

/** The smallest n whose rank is at most n: level / (1 - level), rounded up. */
function numNeeded(level: number): number {
  let n = Math.max(1, Math.floor(level / (1 - level)) - 1);
  while (rankOf(n, level) > n) n++;
  return n;
}
