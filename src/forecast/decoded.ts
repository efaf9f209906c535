import { memberMean } from '../data/quantiles.ts';
import { StateError } from '../errors.ts';
import type { FittedSeries, PartName } from './fitted.ts';
import { type ForecastModels, outputSize } from './models.ts';
import { pointQuantile } from './shape.ts';

/** What models said about samples of a series, in its units. */
export class Decoded {
  readonly series: FittedSeries;
  readonly samples: Uint32Array;
  /** [members][quantiles, at least one][steps]: [samples] */
  readonly values: readonly Float64Array[][][];

  /** @param outputs of each member [samples, horizon * quantiles]. */
  constructor(series: FittedSeries, samples: Uint32Array, outputs: readonly Float32Array[]) {
    this.series = series;
    this.samples = samples;
    const { shape } = series;
    const size = outputSize(shape);
    const Q = size / shape.horizon;
    this.values = outputs.map((own) => {
      const byQuantile = Array.from({ length: Q }, () =>
        Array.from({ length: shape.horizon }, () => new Float64Array(samples.length)),
      );
      for (const [k, sample] of samples.entries())
        for (const [q, steps] of series.encoder
          .decode(series.startOf(sample), own.subarray(k * size, (k + 1) * size))
          .entries())
          for (const [step, value] of steps.entries()) byQuantile[q]![step]![k] = value;
      return byQuantile;
    });
  }

  /** What models say about a part of a series. @throws StateError for a part without windows. */
  static async ofPart(
    models: ForecastModels,
    series: FittedSeries,
    part: PartName | 'all',
    learners: readonly number[],
  ): Promise<Decoded> {
    const samples = series.samples(part);
    if (samples.length === 0)
      throw new StateError(
        `evaluate: the ${part} part has no windows; fit with ${part === 'test' ? 'split: 0.8' : 'validation: 0.1'} to have some.`,
      );
    return new Decoded(series, samples, await models.outputs(series, samples, learners));
  }

  /** The forecast of each step: mean over the members, of quantiles the middle one. @returns [steps][samples] */
  point(): Float64Array[] {
    const { shape } = this.series;
    const q = pointQuantile(shape);
    return Array.from({ length: shape.horizon }, (_, step) =>
      memberMean(this.values.map((member) => member[q]![step]!)),
    );
  }

  /** What happened. @returns [steps][samples] */
  actual(): Float64Array[] {
    const { shape, frame } = this.series;
    return Array.from({ length: shape.horizon }, (_, step) =>
      Float64Array.from(this.samples, (sample) => frame.target[this.series.targetRow(sample) + step]!),
    );
  }
}
