import { FINITE, float64s, type NumericArray } from '../../arrays.ts';
import { ConfigError, DataError } from '../../errors.ts';
import { notTrained } from '../../lifetime.ts';
import { checkOptions } from '../../options.ts';
import { shown } from '../../shown.ts';
import { constantOf, type ScalerFitOptions } from './options.ts';

/** Options of a MinMaxScaler. */
export interface MinMaxScalerOptions {
  /** The values to which the smallest and largest fitted value are mapped. Default [-1, 1]. */
  featureRange?: readonly [number, number];
}

/** A fitted scaler as plain JSON; it has no name, because it was once the only kind. */
export interface MinMaxScalerState {
  featureRange: [number, number];
  dataMin: number;
  dataMax: number;
}

/**
 * Maps values linearly so that the fitted ones fill `featureRange`: scikit-learn's arithmetic, in float64. Other values may
 * fall outside of the range; nothing is clipped.
 * @see https://scikit-learn.org/stable/modules/generated/sklearn.preprocessing.MinMaxScaler.html
 */
export class MinMaxScaler {
  readonly name = 'minmax';
  readonly featureRange: readonly [number, number];
  #fitted: { dataMin: number; dataMax: number; scale: number; min: number } | undefined;

  /** @throws ConfigError unless featureRange is two finite numbers, the smaller one first. */
  constructor(options: MinMaxScalerOptions = {}) {
    checkOptions('MinMaxScaler', options, { featureRange: true });
    const { featureRange = [-1, 1] } = options;
    const [low, high] = featureRange;
    if (!(Number.isFinite(low) && Number.isFinite(high) && low < high))
      throw new ConfigError(`featureRange: got [${low}, ${high}], expected two finite numbers, the smaller one first.`);
    this.featureRange = [low, high];
  }

  /** Smallest fitted value. @throws StateError before a fit. */
  get dataMin(): number {
    return this.#parameters('dataMin').dataMin;
  }

  /** Largest fitted value. @throws StateError before a fit. */
  get dataMax(): number {
    return this.#parameters('dataMax').dataMax;
  }

  /**
   * Finds the smallest and largest of `values` [rows].
   * @throws DataError if there are none, one is NaN or infinite (naming the row, from 1), or all are the same and not kept.
   */
  fit(values: NumericArray, options: ScalerFitOptions = {}): this {
    const constant = constantOf('MinMaxScaler.fit', options);
    const finite = float64s('MinMaxScaler.fit', values, FINITE);
    if (finite.length === 0) throw new DataError('MinMaxScaler.fit: got no values, expected at least 2.');
    let [dataMin, dataMax] = [Infinity, -Infinity];
    for (const value of finite) {
      dataMin = Math.min(dataMin, value);
      dataMax = Math.max(dataMax, value);
    }
    this.#setRange(dataMin, dataMax, constant);
    return this;
  }

  /**
   * x * scale + min, for [rows], as a new array.
   * @throws StateError before a fit. @throws DataError naming the first row (from 1) that is NaN or infinite.
   */
  transform(values: NumericArray): Float64Array {
    const { scale, min } = this.#parameters('transform');
    return float64s('MinMaxScaler.transform', values, FINITE).map((value) => value * scale + min);
  }

  /**
   * (x - min) / scale, for [rows], as a new array.
   * @throws StateError before a fit. @throws DataError naming the first row (from 1) that is not a number.
   */
  inverseTransform(values: NumericArray): Float64Array {
    const { scale, min } = this.#parameters('inverseTransform');
    return float64s('MinMaxScaler.inverseTransform', values).map((value) => (value - min) / scale);
  }

  /** @throws StateError before a fit. */
  toJSON(): MinMaxScalerState {
    const { dataMin, dataMax } = this.#parameters('toJSON');
    const [low, high] = this.featureRange;
    return { featureRange: [low, high], dataMin, dataMax };
  }

  /** Restores a scaler from {@link toJSON}, bit for bit. @throws DataError if `state` is invalid. */
  static fromJSON(state: unknown): MinMaxScaler {
    const { featureRange, dataMin, dataMax } = (state ?? {}) as Partial<Record<keyof MinMaxScalerState, unknown>>;
    const range: unknown[] = Array.isArray(featureRange) ? featureRange : [];
    const [low, high] = range;
    if (range.length !== 2 || ![low, high, dataMin, dataMax].every(Number.isFinite) || Number(low) >= Number(high))
      throw new DataError(
        `MinMaxScaler.fromJSON: got ${shown(state)}, expected { featureRange: [low, high], dataMin, dataMax }.`,
      );
    const scaler = new MinMaxScaler({ featureRange: [low as number, high as number] });
    scaler.#setRange(dataMin as number, dataMax as number, 'keep');
    return scaler;
  }

  #setRange(dataMin: number, dataMax: number, constant: 'refuse' | 'keep'): void {
    const [low, high] = this.featureRange;
    const scale = constant === 'keep' && dataMin === dataMax ? 1 : (high - low) / (dataMax - dataMin);
    const min = low - dataMin * scale;
    if (!(scale > 0 && Number.isFinite(scale) && Number.isFinite(min)))
      throw new DataError(
        `MinMaxScaler: the values range from ${dataMin} to ${dataMax}, which cannot be scaled to [${low}, ${high}]. ` +
          'A constant series has nothing to learn: choose another column or more rows.',
        dataMin === dataMax ? { code: 'constant', details: { value: dataMin } } : {},
      );
    this.#fitted = { dataMin, dataMax, scale, min };
  }

  #parameters(method: string) {
    if (!this.#fitted) throw notTrained(`MinMaxScaler.${method}`, 'call fit(values) first');
    return this.#fitted;
  }
}
