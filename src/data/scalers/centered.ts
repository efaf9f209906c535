import { FINITE, float64s, type NumericArray } from '../../arrays.ts';
import { ConfigError, DataError } from '../../errors.ts';
import { notTrained } from '../../lifetime.ts';
import { checkOptions } from '../../options.ts';
import { shown } from '../../shown.ts';
import { sortedQuantile } from '../quantiles.ts';
import { constantOf, type ScalerFitOptions } from './options.ts';

/** A fitted scaler as plain JSON: center and spread of the values, in their units. */
export interface CenteredScalerState {
  name: 'standard' | 'robust';
  center: number;
  scale: number;
}

/** Maps values to (x - center) / scale, in float64; subclasses differ in how they measure the two. */
export abstract class CenteredScaler {
  abstract readonly name: CenteredScalerState['name'];
  /** The class and its scale in words, for messages. */
  protected abstract readonly words: { scaler: string; scale: string };
  #fitted: Omit<CenteredScalerState, 'name'> | undefined;

  /** @param fitted the result of an earlier fit; without it, call fit first. @throws ConfigError if it is invalid. */
  constructor(fitted?: Omit<CenteredScalerState, 'name'>) {
    checkOptions('scaler', fitted, { center: true, scale: true });
    if (fitted && !isFitted(fitted))
      throw new ConfigError(`scaler: got ${shown(fitted)}, expected { center, scale } with a scale above 0.`);
    this.#fitted = fitted;
  }

  /** Measures at least one value; the scale is 0 if all are the same. */
  protected abstract measure(values: Float64Array): Omit<CenteredScalerState, 'name'>;

  /** The center of the fitted values. @throws StateError before a fit. */
  get center(): number {
    return this.#parameters('center').center;
  }

  /** The spread of the fitted values, above 0; 1 for constant ones that were kept. @throws StateError before a fit. */
  get scale(): number {
    return this.#parameters('scale').scale;
  }

  /**
   * Measures the center and spread of `values` [rows].
   * @throws DataError if there are none, one is NaN or infinite (naming the row, from 1), or they do not spread and constants
   *   are not kept.
   */
  fit(values: NumericArray, options: ScalerFitOptions = {}): this {
    const { scaler, scale: word } = this.words;
    const constant = constantOf(`${scaler}.fit`, options);
    const finite = float64s(`${scaler}.fit`, values, FINITE);
    if (finite.length === 0) throw new DataError(`${scaler}.fit: got no values, expected at least 2.`);
    const { center, scale } = this.measure(finite);
    const kept = scale === 0 && constant === 'keep' ? 1 : scale;
    if (!(kept > 0 && Number.isFinite(kept) && Number.isFinite(center)))
      throw new DataError(
        `${scaler}: the values have the ${word} ${scale} around ${center}, so they cannot be scaled. ` +
          'A constant series has nothing to learn: choose another column or more rows. If only most values are ' +
          'the same, choose another scaler.',
        scale === 0 ? { code: 'constant', details: { value: center } } : {},
      );
    this.#fitted = { center, scale: kept };
    return this;
  }

  /**
   * (x - center) / scale, for [rows], as a new array.
   * @throws StateError before a fit. @throws DataError naming the first row (from 1) that is NaN or infinite.
   */
  transform(values: NumericArray): Float64Array {
    const { center, scale } = this.#parameters('transform');
    return float64s(`${this.words.scaler}.transform`, values, FINITE).map((value) => (value - center) / scale);
  }

  /**
   * x * scale + center, for [rows], as a new array.
   * @throws StateError before a fit. @throws DataError naming the first row (from 1) that is not a number.
   */
  inverseTransform(values: NumericArray): Float64Array {
    const { center, scale } = this.#parameters('inverseTransform');
    return float64s(`${this.words.scaler}.inverseTransform`, values).map((value) => value * scale + center);
  }

  /** @throws StateError before a fit. */
  toJSON(): CenteredScalerState {
    return { name: this.name, ...this.#parameters('toJSON') };
  }

  #parameters(method: string): Omit<CenteredScalerState, 'name'> {
    if (!this.#fitted) throw notTrained(`${this.words.scaler}.${method}`, 'call fit(values) first');
    return this.#fitted;
  }
}

/**
 * Maps values to mean 0 and standard deviation 1, like scikit-learn: the population's, and a deviation no larger than rounding
 * errors counts as 0.
 * @see https://scikit-learn.org/stable/modules/generated/sklearn.preprocessing.StandardScaler.html
 */
export class StandardScaler extends CenteredScaler {
  readonly name = 'standard';
  protected readonly words = { scaler: 'StandardScaler', scale: 'standard deviation' };

  protected measure(values: Float64Array): Omit<CenteredScalerState, 'name'> {
    const count = values.length;
    let sum = 0;
    for (let row = 0; row < count; row++) sum += values[row]!;
    const center = sum / count;
    let [squares, rest] = [0, 0];
    for (let row = 0; row < count; row++) {
      const difference = values[row]! - center;
      squares += difference ** 2;
      rest += difference; // 0 except for rounding of the mean
    }
    const variance = (squares - rest ** 2 / count) / count;
    const rounding = count * Number.EPSILON * variance + (count * center * Number.EPSILON) ** 2;
    return { center, scale: variance <= rounding ? 0 : Math.sqrt(variance) };
  }

  /** Restores a scaler from {@link toJSON}, bit for bit. @throws DataError if `state` is invalid. */
  static fromJSON(state: unknown): StandardScaler {
    return new StandardScaler(checkState('standard', state));
  }
}

/**
 * Maps values to median 0 and interquartile range 1, like scikit-learn: robust against a few outliers.
 * @see https://scikit-learn.org/stable/modules/generated/sklearn.preprocessing.RobustScaler.html
 */
export class RobustScaler extends CenteredScaler {
  readonly name = 'robust';
  protected readonly words = { scaler: 'RobustScaler', scale: 'interquartile range' };

  protected measure(values: Float64Array): Omit<CenteredScalerState, 'name'> {
    const sorted = Float64Array.from(values).sort();
    return {
      center: sortedQuantile(sorted, 0.5),
      scale: sortedQuantile(sorted, 0.75) - sortedQuantile(sorted, 0.25),
    };
  }

  /** Restores a scaler from {@link toJSON}, bit for bit. @throws DataError if `state` is invalid. */
  static fromJSON(state: unknown): RobustScaler {
    return new RobustScaler(checkState('robust', state));
  }
}

/** Two finite numbers, the scale above 0. */
const isFitted = ({ center, scale }: { center: unknown; scale: unknown }): boolean =>
  [center, scale].every(Number.isFinite) && Number(scale) > 0;

function checkState(expected: CenteredScalerState['name'], state: unknown): Omit<CenteredScalerState, 'name'> {
  const { name, center, scale } = (state ?? {}) as Partial<Record<keyof CenteredScalerState, unknown>>;
  if (name !== expected || !isFitted({ center, scale }))
    throw new DataError(
      `scaler: got ${shown(state)}, expected { name: '${expected}', center, scale } with a scale above 0.`,
    );
  return { center: center as number, scale: scale as number };
}
