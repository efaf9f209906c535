import { memberMean } from '../data/quantiles.ts';
import { StateError } from '../errors.ts';
import type { FittedSeries, PartName } from './fitted.ts';
import { type ForecastModels, outputSize } from './models.ts';
import { pointQuantile } from './shape.ts';

/** What models said about samples of a series, in its units. */
export interface Decoded {
  series: FittedSeries;
  samples: Uint32Array;
  /** [members][quantiles, at least one][steps]: [samples] */
  values: Float64Array[][][];
}

/** @param outputs of each member [samples, horizon * quantiles]. */
export function decodeSamples(series: FittedSeries, samples: Uint32Array, outputs: readonly Float32Array[]): Decoded {
  const { shape } = series;
  const size = outputSize(shape);
  const Q = size / shape.horizon;
  const values = outputs.map((own) => {
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
  return { series, samples, values };
}

/** The forecast of each step: mean over the members, of quantiles the middle one. @returns [steps][samples] */
export function pointForecasts({ series: { shape }, values }: Decoded): Float64Array[] {
  const q = pointQuantile(shape);
  return Array.from({ length: shape.horizon }, (_, step) => memberMean(values.map((member) => member[q]![step]!)));
}

/** What happened. @returns [steps][samples] */
export function actualValues(series: FittedSeries, samples: Uint32Array): Float64Array[] {
  const { shape, frame } = series;
  return Array.from({ length: shape.horizon }, (_, step) =>
    Float64Array.from(samples, (sample) => frame.target[series.targetRow(sample) + step]!),
  );
}

/** The models that learn a series. @param seriesOf of each model its series. */
export const learnersOf = (seriesOf: readonly (readonly number[])[], place: number): number[] =>
  seriesOf.flatMap((own, model) => (own.includes(place) ? [model] : []));

/** What models say about a part of a series. @throws StateError for a part without windows. */
export async function decodePart(
  models: ForecastModels,
  series: FittedSeries,
  part: PartName | 'all',
  learners: readonly number[],
): Promise<Decoded> {
  const samples = series.samples(part);
  if (samples.length === 0)
    throw new StateError(`evaluate: the ${part} part has no windows; fit with validation: 0.1 to have some.`);
  return decodeSamples(series, samples, await models.outputs(series, samples, learners));
}
