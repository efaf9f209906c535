import { ConfigError } from '../../errors.ts';
import { checkOptions } from '../../options.ts';
import { shown } from '../../shown.ts';

/** How a scaler takes the measure of values. */
export interface ScalerFitOptions {
  /**
   * What to do with values that do not spread, such as a constant series: 'refuse' (default) them, or 'keep' them: shifted,
   * and not scaled.
   */
  constant?: 'refuse' | 'keep';
}

/** @param where the options stand, for messages. @throws ConfigError for an option that it cannot have. */
export function constantOf(where: string, options: ScalerFitOptions): 'refuse' | 'keep' {
  checkOptions(where, options, { constant: true });
  const { constant = 'refuse' } = options;
  if (constant === 'refuse' || constant === 'keep') return constant;
  throw new ConfigError(`${where}: got constant: ${shown(constant)}, expected 'refuse' or 'keep'.`);
}
