import { ConfigError } from '../../errors.ts';
import { checkOptions } from '../../options.ts';
import { shown } from '../../shown.ts';

/** Options of a scaler's fit. */
export interface ScalerFitOptions {
  /** What to do with constant values: 'refuse' (default) throws an error, 'keep' shifts them without scaling. */
  constant?: 'refuse' | 'keep';
}

/** @param where the options are, for messages. @throws ConfigError for an invalid option. */
export function constantOf(where: string, options: ScalerFitOptions): 'refuse' | 'keep' {
  checkOptions(where, options, { constant: true });
  const { constant = 'refuse' } = options;
  if (constant === 'refuse' || constant === 'keep') return constant;
  throw new ConfigError(`${where}: got constant: ${shown(constant)}, expected 'refuse' or 'keep'.`);
}
