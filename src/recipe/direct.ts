import { FittedSeries } from '../forecast/fitted.ts';
import { frameOf } from '../forecast/frame.ts';
import { ForecastModels } from '../forecast/models.ts';
import { lookAhead } from '../forecast/outlook.ts';
import { fitSettings } from '../forecast/settings.ts';
import { type ForecastShape, forecastShape } from '../forecast/shape.ts';
import { trainTogether } from '../forecast/together.ts';
import type { TogetherControls } from '../train/controls.ts';
import type { ScheduleOptions } from '../train/schedules.ts';

/** How every model is trained. */
export interface Budget {
  hiddenSize: number;
  steps: number;
  batchSize: number;
  lr: number;
  seed: number;
}

/** A series with columns beside it, checked. */
export interface KnownColumns {
  /** [rows] */
  target: Float64Array;
  /** Each [rows]. */
  past: Readonly<Record<string, Float64Array>>;
  /** Each [rows + rows known ahead]. */
  future: Readonly<Record<string, Float64Array>>;
}

/** A model to be trained on all rows of a series, and to forecast those behind it. */
export interface Job {
  /** Without its seasons, in logarithms where those are learned. */
  frame: KnownColumns;
  windowLength: number;
  /** Rows that are forecast at once. */
  horizon: number;
}

/** Models train together whose numbers of windows differ by no more than this factor: they get as many epochs. */
const ALIKE = 1.5;

/** From so many epochs on the rate falls from epoch to epoch, the same for models of more and of fewer windows. */
const MANY_EPOCHS = 20;

const numWindows = ({ frame, windowLength, horizon }: Job): number => frame.target.length - windowLength - horizon + 1;

/**
 * Trains a model for each job, those of a shape together, and forecasts the rows behind each series: from every window its last
 * value is subtracted, and the head starts at 0, so that training starts from the naive forecast.
 * @param onProgress hears which group of how many trains, and how far it is.
 * @returns [jobs][horizon] @throws DataError for a series that is too short. @throws TrainingError for a loss that is not finite.
 */
export async function trainDirectly(
  device: GPUDevice,
  jobs: readonly Job[],
  budget: Budget,
  controls: TogetherControls & { onGroup?: (group: number, groups: number) => void } = {},
): Promise<Float64Array[]> {
  const { onGroup, ...together } = controls;
  const forecasts: Float64Array[] = [];
  const groups = groupsOf(jobs);
  for (const [k, places] of groups.entries()) {
    onGroup?.(k, groups.length);
    const own = await trainGroup(
      device,
      places.map((place) => jobs[place]!),
      budget,
      together,
    );
    for (const [n, place] of places.entries()) forecasts[place] = own[n]!;
  }
  return forecasts;
}

/** The places of jobs that train together, in one dispatch. */
function groupsOf(jobs: readonly Job[]): number[][] {
  const byShape = new Map<string, number[]>();
  for (const [place, { frame, windowLength, horizon }] of jobs.entries()) {
    const columns = [Object.keys(frame.past), Object.keys(frame.future)];
    const shape = JSON.stringify([windowLength, horizon, columns]);
    byShape.set(shape, [...(byShape.get(shape) ?? []), place]);
  }
  return [...byShape.values()].flatMap((places) => {
    const sorted = places.toSorted((a, b) => numWindows(jobs[b]!) - numWindows(jobs[a]!));
    const groups: number[][] = [];
    for (const place of sorted) {
      const last = groups.at(-1);
      if (last && numWindows(jobs[last[0]!]!) <= ALIKE * numWindows(jobs[place]!)) last.push(place);
      else groups.push([place]);
    }
    return groups;
  });
}

async function trainGroup(
  device: GPUDevice,
  jobs: readonly Job[],
  { hiddenSize, steps, batchSize, lr, seed }: Budget,
  controls: TogetherControls,
): Promise<Float64Array[]> {
  const { frame, windowLength, horizon } = jobs[0]!;
  const names = { past: Object.keys(frame.past), future: Object.keys(frame.future) };
  const reads = { scaler: 'standard', scalePer: 'last', zeroHead: true } as const;
  const shape = forecastShape({ windowLength, horizon, hiddenSize, ...names, ...reads });
  const series = jobs.map((job) => newest(job, steps * batchSize));
  const perEpoch = Math.ceil(Math.min(numWindows(jobs[0]!), steps * batchSize) / batchSize);
  const epochs = Math.max(1, Math.round(steps / perEpoch));
  const settings = fitSettings(
    {
      ...{ epochs, batchSize, lr, shuffle: true, split: 1, clip: { norm: 1 } },
      schedule: cosine(epochs, perEpoch),
    },
    shape,
    jobs.length,
  );
  const fitted = series.map((one) => new FittedSeries(one, shape, settings));
  const models = new ForecastModels(
    device,
    shape,
    jobs.map(() => seed),
  );
  try {
    const { failures } = await trainTogether(models, fitted, settings, controls);
    for (const error of failures.values()) throw error;
    return await forecastsOf(models, shape, series, fitted, controls.signal);
  } finally {
    models.dispose();
  }
}

async function forecastsOf(
  models: ForecastModels,
  shape: ForecastShape,
  series: readonly KnownColumns[],
  fitted: readonly FittedSeries[],
  signal: AbortSignal | undefined,
): Promise<Float64Array[]> {
  const origins = fitted.map(({ scalers }, k) => [{ frame: frameOf(series[k]!, shape), scalers }]);
  const ahead = await lookAhead(models, origins, shape.horizon, signal);
  return ahead.map((own) => own[0]![0]!);
}

const cosine = (epochs: number, perEpoch: number): ScheduleOptions =>
  epochs >= MANY_EPOCHS
    ? { name: 'CosineAnnealingLR', tMax: epochs }
    : { name: 'CosineAnnealingLR', tMax: epochs * perEpoch, per: 'step' };

/** The newest rows of a series, with no more windows than are trained on. */
function newest(job: Job, windows: number): KnownColumns {
  const first = Math.max(0, numWindows(job) - windows);
  const { target, past, future } = job.frame;
  return { target: target.subarray(first), past: columnsFrom(past, first), future: columnsFrom(future, first) };
}

/** Some rows of columns. */
export const columnsFrom = (columns: KnownColumns['past'], first: number, end?: number): KnownColumns['past'] =>
  Object.fromEntries(Object.entries(columns).map(([name, column]) => [name, column.subarray(first, end)]));
