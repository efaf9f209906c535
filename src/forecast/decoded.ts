import { memberMean } from '../data/quantiles.ts';
import { StateError } from '../errors.ts';
import type { FittedSeries, PartName } from './fitted.ts';
import { type ForecastModels, outputSize } from './models.ts';
import { pointQuantile } from './shape.ts';

/** The models' forecasts for samples of a series, in its units. */
export class Decoded {
  readonly series: FittedSeries;
  readonly samples: Uint32Array;
  /** [members][quantiles, at least one][steps]: [samples] */
  readonly values: readonly Float64Array[][][];

  /** @param said for each member, for each sample: [quantiles, at least one][steps]. */
  constructor(series: FittedSeries, samples: Uint32Array, said: readonly (readonly Float64Array[])[][]) {
    this.series = series;
    this.samples = samples;
    this.values = said.map((own) => {
      const [first = []] = own;
      const at = (q: number, step: number) => Float64Array.from(own, (quantiles) => quantiles[q]![step]!);
      return first.map((steps, q) => Array.from(steps, (_, step) => at(q, step)));
    });
  }

  /** @param outputs for each member: [samples, horizon * quantiles]. */
  static ofOutputs(series: FittedSeries, samples: Uint32Array, outputs: readonly Float32Array[]): Decoded {
    const size = outputSize(series.shape);
    const decode = (own: Float32Array, sample: number, k: number) =>
      series.encoder.decode(series.startOf(sample), own.subarray(k * size, (k + 1) * size));
    return new Decoded(
      series,
      samples,
      outputs.map((own) => Array.from(samples, (sample, k) => decode(own, sample, k))),
    );
  }

  /** The models' forecasts for one part of a series. @throws StateError if it has no windows. */
  static async ofPart(
    models: ForecastModels,
    series: FittedSeries,
    part: PartName | 'all',
    learners: readonly number[],
  ): Promise<Decoded> {
    const samples = series.samples(part);
    if (samples.length === 0)
      throw new StateError(
        `evaluate: the ${part} set is empty; fit with ${part === 'test' ? 'split: 0.8' : 'validation: 0.1'}.`,
      );
    return Decoded.ofOutputs(series, samples, await models.outputs(series, samples, learners));
  }

  /** The forecast for each step: the mean over the members; for quantiles, of the middle one. @returns [steps][samples] */
  point(): Float64Array[] {
    const q = pointQuantile(this.series.shape);
    return this.#eachStep((step) => memberMean(this.values.map((member) => member[q]![step]!)));
  }

  /** The actual values. @returns [steps][samples] */
  actual(): Float64Array[] {
    const { target } = this.series.frame;
    return this.#eachStep((step) =>
      Float64Array.from(this.samples, (sample) => target[this.series.targetRow(sample) + step]!),
    );
  }

  #eachStep<Value>(of: (step: number) => Value): Value[] {
    return Array.from(this.values[0]![0]!, (_, step) => of(step));
  }
}
