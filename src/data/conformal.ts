import { FINITE, float64s, type NumericArray } from '../arrays.ts';
import { ConfigError, DataError } from '../errors.ts';
import { shown } from '../shown.ts';

/**
 * Split conformal prediction: `forecast` +- radius holds at least a share `level` of new values, whatever the model, as long
 * as new residuals come as the given ones did (exchangeable; a series that changes its ways breaks that).
 * @param residuals [n], actual - predicted on rows that the model was not trained on. @param level 0 to 1, such as 0.9.
 * @returns the ceil((n + 1) level)-th smallest |residual|, in the units of the series.
 * @see Vovk, Gammerman & Shafer 2005, Algorithmic Learning in a Random World
 * @see https://doi.org/10.1080/01621459.2017.1307116 Lei et al. 2018, Distribution-Free Predictive Inference for Regression
 * @throws DataError when there are too few residuals for the level, or one is not finite. @throws ConfigError for a level
 *   outside of 0 to 1, or at its ends.
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
        `${numNeeded(level)}. Keep more rows for calibration, or ask for a lower level.`,
    );
  return finite.map(Math.abs).sort()[rank - 1]!;
}

/** ceil((n + 1) level), where 100 * 0.55 is 55 and not the next number in float64. */
const rankOf = (n: number, level: number): number => Math.ceil((n + 1) * level * (1 - 2 * Number.EPSILON));

/** The smallest n whose rank is not above it: level / (1 - level), rounded up. */
function numNeeded(level: number): number {
  let n = Math.max(1, Math.floor(level / (1 - level)) - 1);
  while (rankOf(n, level) > n) n++;
  return n;
}
