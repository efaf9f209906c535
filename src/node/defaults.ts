import { type OptimizerOptions, optimizerOf } from '../engine/optimizers.ts';
import { fitSettings } from '../forecast/settings.ts';
import { shapeOf } from '../forecast/shape.ts';

/** What the library makes of a model and a fit without options. The command has no defaults: its help shows these. */
const shape = shapeOf({});
export const DEFAULTS = { shape, fit: fitSettings({}, shape, 1) } as const;

/** Words of the command line for torch's. */
export const OPTIMIZERS = { adam: 'Adam', adamw: 'AdamW', sgd: 'SGD', rmsprop: 'RMSprop' } as const satisfies Record<
  string,
  OptimizerOptions['name']
>;

/** What an option is with the usual optimizer, and in words with which others it is something else. */
export function defaultOfOptimizers(option: 'lr' | 'weightDecay'): { usual: number; others: string } {
  const of = (name: OptimizerOptions['name']) => optimizerOf({ name }).options[option];
  const usual = of(DEFAULTS.fit.optimizer.name);
  const others = Object.entries(OPTIMIZERS).filter(([, name]) => of(name) !== usual);
  return { usual, others: others.map(([word, name]) => `; by default ${of(name)} with --optimizer ${word}`).join('') };
}
