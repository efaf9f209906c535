import type { SeriesScalers } from '../forecast/encoder.ts';
import { FittedSeries } from '../forecast/fitted.ts';
import { frameOf } from '../forecast/frame.ts';
import { ForecastModels } from '../forecast/models.ts';
import { lookAhead } from '../forecast/outlook.ts';
import { fitSettings } from '../forecast/settings.ts';
import { type ForecastShape, forecastShape } from '../forecast/shape.ts';
import { trainTogether } from '../forecast/together.ts';
import type { CellName } from '../model/config.ts';
import type { StateDict } from '../model/parameters.ts';
import type { TogetherControls } from '../train/controls.ts';
import type { Progress } from '../train/report.ts';
import type { ScheduleOptions } from '../train/schedules.ts';

/** Settings of a model and of its training. */
export interface Learning {
  cell: CellName;
  windowLength: number;
  /** Steps that are forecast at once. */
  horizon: number;
  hiddenSize: number;
  scalePer: 'window' | 'last';
  loss: 'mse' | 'l1';
  steps: number;
  batchSize: number;
  lr: number;
  seed: number;
}

/** A series with its other columns, checked. */
export interface KnownColumns {
  /** [rows] */
  target: Float64Array;
  /** Each [rows]. */
  past: Readonly<Record<string, Float64Array>>;
  /** Each [rows + rows known ahead]. */
  future: Readonly<Record<string, Float64Array>>;
}

/** A model to train on all rows of a series, and to forecast the rows after its end. */
export interface Job {
  /** Without its seasons, in logarithms if those are learned. */
  frame: KnownColumns;
  learning: Learning;
}

/** A trained model, and its forecast of its series. */
export interface Trained {
  /** [horizon] */
  forecast: Float64Array;
  shape: ForecastShape;
  scalers: SeriesScalers;
  weights: StateDict;
}

/** Jobs that train for the same number of epochs. */
interface JobGroup {
  /** Indices of the jobs. */
  places: number[];
  learning: Learning;
  /** Steps of an epoch of the series with the most windows. */
  perEpoch: number;
  epochs: number;
}

/** Models train for the same number of epochs if their numbers of windows differ by no more than this factor. */
const ALIKE = 1.5;

/** Most values in the windows of models that train together: the buffer size that every WebGPU device supports. */
const MOST_VALUES = (128 * 2 ** 20) / Float32Array.BYTES_PER_ELEMENT;

/** With at least this many epochs the rate falls from epoch to epoch, equally for models with more and with fewer windows. */
const MANY_EPOCHS = 20;

const numWindows = ({ frame, learning: { windowLength, horizon } }: Job): number =>
  frame.target.length - windowLength - horizon + 1;

/**
 * Trains a model for each job, similar ones in one dispatch, and forecasts the rows after each series: the head starts at 0, so that
 * training starts from the naive forecast, or from the mean of each window.
 * @param controls progress is reported as one epoch with the steps of all dispatches.
 * @returns the model of each job. @throws DataError for a series that is too short. @throws TrainingError for a loss that is not
 *   finite.
 */
export async function trainDirectly(
  device: GPUDevice,
  jobs: readonly Job[],
  { onProgress, ...controls }: TogetherControls = {},
): Promise<Trained[]> {
  const all: Trained[] = [];
  const dispatches = dispatchesOf(groupsOf(jobs), jobs);
  const steps = dispatches.reduce((sum, groups) => sum + stepsOf(groups), 0);
  let before = 0;
  for (const groups of dispatches) {
    const report = ({ epoch, step, loss }: Progress) =>
      onProgress?.({ epoch: 1, epochs: 1, step: before + stepsOf(groups, epoch - 1) + step, steps, loss });
    const members = groups.flatMap((group) => group.places.map((place) => memberOf(jobs[place]!, group)));
    const own = await trainMembers(device, members, { ...controls, onProgress: report });
    for (const [k, place] of groups.flatMap(({ places }) => places).entries()) all[place] = own[k]!;
    before += stepsOf(groups);
  }
  return all;
}

function groupsOf(jobs: readonly Job[]): JobGroup[] {
  const byKind = new Map<string, number[]>();
  for (const [place, { frame, learning }] of jobs.entries()) {
    const kind = JSON.stringify([learning, Object.keys(frame.past), Object.keys(frame.future)]);
    byKind.set(kind, [...(byKind.get(kind) ?? []), place]);
  }
  return [...byKind.values()].flatMap((places) => {
    const sorted = places.toSorted((a, b) => numWindows(jobs[b]!) - numWindows(jobs[a]!));
    const groups: number[][] = [];
    for (const place of sorted) {
      const last = groups.at(-1);
      if (last && numWindows(jobs[last[0]!]!) <= ALIKE * numWindows(jobs[place]!)) last.push(place);
      else groups.push([place]);
    }
    return groups.map((own): JobGroup => {
      const most = jobs[own[0]!]!;
      const { steps, batchSize } = most.learning;
      const perEpoch = Math.ceil(Math.min(numWindows(most), steps * batchSize) / batchSize);
      return { places: own, learning: most.learning, perEpoch, epochs: Math.max(1, Math.round(steps / perEpoch)) };
    });
  });
}

/** Groups that train in one dispatch: models of one shape with equal settings, except epochs, rate and seed. */
function dispatchesOf(groups: readonly JobGroup[], jobs: readonly Job[]): JobGroup[][] {
  const byKind = new Map<string, JobGroup[][]>();
  for (const group of groups) {
    const { past, future } = jobs[group.places[0]!]!.frame;
    const alike = { ...group.learning, steps: 0, lr: 0, seed: 0 };
    const kind = JSON.stringify([alike, Object.keys(past), Object.keys(future)]);
    const known = byKind.get(kind) ?? [];
    const last = known.at(-1);
    const values = [...(last ?? []), group].reduce((sum, own) => sum + valuesOf(own, jobs), 0);
    if (last && values <= MOST_VALUES) last.push(group);
    else byKind.set(kind, [...known, [group]]);
  }
  return [...byKind.values()].flat();
}

/** The number of values in all windows of a group, as on the device. */
function valuesOf({ places, learning: { windowLength, horizon } }: JobGroup, jobs: readonly Job[]): number {
  const ofJob = (job: Job) => {
    const { past, future } = job.frame;
    const columns = 1 + Object.keys(past).length + horizon * Object.keys(future).length; // at most
    return numWindows(job) * (windowLength + horizon) * columns;
  };
  return places.reduce((sum, place) => sum + ofJob(jobs[place]!), 0);
}

/** Steps of the first epochs of groups in parallel: each epoch takes as many as the longest group in it. Default: of all epochs. */
function stepsOf(groups: readonly JobGroup[], epochs = Math.max(...groups.map((group) => group.epochs))): number {
  let steps = 0;
  for (let epoch = 1; epoch <= epochs; epoch++)
    steps += Math.max(...groups.map((group) => (group.epochs >= epoch ? group.perEpoch : 0)));
  return steps;
}

/** A job of a dispatch. */
interface Member {
  /** The newest rows, with no more windows than are trained on. */
  series: KnownColumns;
  learning: Learning;
  epochs: number;
  schedule: ScheduleOptions;
}

const memberOf = (job: Job, { perEpoch, epochs }: JobGroup): Member => ({
  ...{ series: newest(job), learning: job.learning, epochs },
  schedule: cosine(epochs, perEpoch),
});

async function trainMembers(
  device: GPUDevice,
  members: readonly Member[],
  controls: TogetherControls,
): Promise<Trained[]> {
  const [{ learning, series: first }] = members as [Member];
  const { batchSize, lr: _, seed: __, loss, steps: ___, ...shaped } = learning;
  const names = { past: Object.keys(first.past), future: Object.keys(first.future) };
  const shape = forecastShape({ ...shaped, ...names, scaler: 'standard', zeroHead: true });
  const lr = members.map((member) => member.learning.lr);
  const fit = { batchSize, lr, shuffle: true, split: 1, clip: { norm: 1 }, loss: { name: loss } };
  const settings = fitSettings(fit, shape, members.length);
  const fitted = members.map(({ series }) => new FittedSeries(series, shape, settings));
  const models = new ForecastModels(
    device,
    shape,
    members.map((member) => member.learning.seed),
  );
  try {
    const { failures } = await trainTogether(models, fitted, settings, controls, members);
    for (const error of failures.values()) throw error;
    const origins = fitted.map(({ scalers }, k) => [{ frame: frameOf(members[k]!.series, shape), scalers }]);
    const ahead = await lookAhead(models, origins, learning.horizon, controls.signal);
    const weights = await models.readWeights('forecast');
    return fitted.map(({ scalers }, k) => ({ forecast: ahead[k]![0]![0]!, shape, scalers, weights: weights[k]! }));
  } finally {
    models.dispose();
  }
}

/** A rate that falls to 0 along half a cosine: from epoch to epoch if there are many, otherwise from step to step. */
export const cosine = (epochs: number, perEpoch: number): ScheduleOptions =>
  epochs >= MANY_EPOCHS
    ? { name: 'CosineAnnealingLR', tMax: epochs }
    : { name: 'CosineAnnealingLR', tMax: epochs * perEpoch, per: 'step' };

/** The newest rows of a series, with no more windows than are trained on. */
function newest(job: Job): KnownColumns {
  const { steps, batchSize } = job.learning;
  const first = Math.max(0, numWindows(job) - steps * batchSize);
  const { target, past, future } = job.frame;
  return { target: target.subarray(first), past: columnsFrom(past, first), future: columnsFrom(future, first) };
}

/** Some rows of columns. */
export const columnsFrom = (
  columns: Readonly<Record<string, Float64Array>>,
  first: number,
  end?: number,
): Record<string, Float64Array> =>
  Object.fromEntries(Object.entries(columns).map(([name, column]) => [name, column.subarray(first, end)]));
