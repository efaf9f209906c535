import type { NumericArray } from '../arrays.ts';
import { DataError } from '../errors.ts';
import { notAChoice } from '../options.ts';
import { shown } from '../shown.ts';
import { type CenteredScaler, type CenteredScalerState, RobustScaler, StandardScaler } from './scalers/centered.ts';
import { MinMaxScaler, type MinMaxScalerOptions, type MinMaxScalerState } from './scalers/minmax.ts';
import type { ScalerFitOptions } from './scalers/options.ts';

export {
  type CenteredScaler,
  type CenteredScalerState,
  MinMaxScaler,
  type MinMaxScalerOptions,
  type MinMaxScalerState,
  RobustScaler,
  type ScalerFitOptions,
  StandardScaler,
};

/** Scalers by name, as in scikit-learn. */
const SCALERS: Readonly<Record<ScalerName, ScalerClass>> = {
  minmax: MinMaxScaler,
  standard: StandardScaler,
  robust: RobustScaler,
};

/** 'minmax' fills [-1, 1], 'standard' has mean 0 and deviation 1, 'robust' median 0 and interquartile range 1. */
export type ScalerName = 'minmax' | 'standard' | 'robust';

/** A fitted scaler as plain JSON. */
export type ScalerState = MinMaxScalerState | CenteredScalerState;

/** Maps a series to the small numbers that networks need, and back. */
export interface Scaler {
  readonly name: ScalerName;
  /** @throws DataError if there are no values, one is NaN or infinite, or they are constant and not kept. */
  fit(values: NumericArray, options?: ScalerFitOptions): this;
  /** [rows], as a new array. @throws StateError before a fit. @throws DataError naming a row that is not finite. */
  transform(values: NumericArray): Float64Array;
  /** [rows], as a new array. @throws StateError before a fit. @throws DataError naming a row that is no number. */
  inverseTransform(values: NumericArray): Float64Array;
  /** @throws StateError before a fit. */
  toJSON(): ScalerState;
}

interface ScalerClass {
  new (): Scaler;
  fromJSON(state: unknown): Scaler;
}

const isName = (name: unknown): name is ScalerName => typeof name === 'string' && Object.hasOwn(SCALERS, name);
const names = Object.keys(SCALERS)
  .map((name) => `'${name}'`)
  .join(', ');

/** A scaler that is not fitted yet. @throws ConfigError for an unknown name. */
export function createScaler(name: ScalerName): Scaler {
  if (!isName(name)) throw notAChoice('scaler', name, Object.keys(SCALERS));
  return new SCALERS[name]();
}

/**
 * Restores a scaler from `toJSON`, bit for bit. State without a name is that of a {@link MinMaxScaler}.
 * @throws DataError if `state` is invalid.
 */
export function scalerFromJSON(state: unknown): Scaler {
  const { name = 'minmax' } = (state ?? {}) as { name?: unknown };
  if (!isName(name)) throw new DataError(`scaler: got the name ${shown(name)}, expected one of ${names}.`);
  return SCALERS[name].fromJSON(state);
}
