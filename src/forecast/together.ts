import type { FitControls } from '../train/fit.ts';
import { Snapshots } from '../train/position.ts';
import { type FitReport, FitRun } from '../train/run.ts';
import { decodeSamples } from './decoded.ts';
import { type EvaluateOptions, type Evaluation, evaluateSamples } from './evaluation.ts';
import type { FittedSeries } from './fitted.ts';
import type { Fleet } from './fleet.ts';
import type { FitSettings } from './settings.ts';

/** What a call that trains many models may be told. */
export type TogetherControls = Pick<FitControls, 'signal' | 'beforeSlice' | 'onProgress'>;

/**
 * Trains each model of a fleet on a series of its own, from its initial weights. A model whose loss is not finite stops by
 * itself.
 * @returns the report, and what went wrong with which model.
 */
export async function trainTogether(
  fleet: Fleet,
  series: readonly FittedSeries[],
  settings: FitSettings,
  controls: TogetherControls,
): Promise<{ fit: FitReport; failures: ReadonlyMap<number, Error> }> {
  fleet.layOut(series);
  const failures = new Map<number, Error>();
  const { signal, beforeSlice, onProgress } = controls;
  const fit = await new FitRun(
    fleet.train({
      ...{ settings, signal, beforeSlice, onProgress },
      seriesOf: series.map((_, model) => [model]),
      snapshots: new Snapshots(),
      isolate: (model, error) => failures.set(model, error),
    }),
  );
  return { fit, failures };
}

/** How good the outputs of a single model are for the test part of its series. */
export function evaluateTest(
  series: FittedSeries,
  outputs: Float32Array,
  options: EvaluateOptions = {},
  radii?: readonly Float64Array[],
): Evaluation {
  return evaluateSamples(decodeSamples(series, series.samples('test'), [outputs]), options, radii);
}
