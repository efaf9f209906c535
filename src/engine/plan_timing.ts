import { DeviceError } from '../errors.ts';
import { DeviceScope, during, GuardedDevice } from '../gpu/guarded_device.ts';
import { readBuffer } from '../gpu/readback.ts';
import { createTensor, writeTensor } from '../gpu/tensor.ts';
import { growTo, type SubmitTime, SubmitTimer } from '../gpu/timing.ts';
import { createPlan, type PlanChoice, planUnmeasured } from './choose.ts';
import { kernelFamily } from './family.ts';
import { persistentTiles } from './persistent.ts';
import type { PlanOptions, SampleSource, TrainingPlan } from './plan.ts';
import { whyNotResident } from './resident.ts';
import { ModelState } from './state.ts';
import { measuredOn, type Timing, timeWays } from './tuning.ts';

/** A timed slice takes about this long, so that its submit is a small part. */
const SLICE_MS = 20;
/** How long slices are timed, if a step does not take longer: an idle card needs about that time to reach its full clock. */
const ENOUGH_MS = 250;
/** A plan whose first step takes this many times as long as the fastest one is not timed further. */
const HOPELESS = 2;
const MOST_STEPS = 2048;
/** Bounds the order of the samples. */
const MOST_SAMPLES = 2 ** 20;
/** Of more models, the dispatches that a plan has for each would take longer to build than a measurement saves. */
const MOST_MODELS = 32;

/** While slices follow each other, one takes as long as the slower of the two: the host encodes the next while the device runs one. */
const msOf = ({ gpuMs, hostMs }: SubmitTime): number => Math.max(gpuMs, hostMs);

/** Slices of a plan to time, on models that nothing else uses. */
export class TimedSlices {
  /** Maximum number of steps in one. */
  readonly mostSteps: number;
  readonly #plan: TrainingPlan;
  readonly #models: number;
  readonly #timer: SubmitTimer;
  #stepsTaken = 0;

  /** The most samples that slices visit: `maxSamples` of the plan's options. */
  static mostSamples({ state, batchSize }: Pick<PlanOptions, 'state' | 'batchSize'>, leastSteps = 1): number {
    const each = batchSize * state.numModels;
    return each * Math.max(leastSteps, Math.min(MOST_STEPS, Math.floor(MOST_SAMPLES / each)));
  }

  /** @param samples in the source. */
  constructor(plan: TrainingPlan, options: PlanOptions, samples: number, timer: SubmitTimer) {
    const { state, batchSize, maxSamples } = options;
    this.#plan = plan;
    this.#models = state.numModels;
    this.#timer = timer;
    const most = maxSamples / (batchSize * state.numModels);
    this.mostSteps = Math.min(plan.maxStepsPerSlice, most);
    const order = Uint32Array.from({ length: most * batchSize }, (_, k) => (k * 7919) % samples);
    plan.setOrder(Array.from({ length: state.numModels }, () => order));
  }

  time(numSteps: number): Promise<SubmitTime> {
    const models = Array.from({ length: this.#models }, () => ({ stepsTaken: this.#stepsTaken, lr: () => 1e-3 }));
    this.#stepsTaken += numSteps;
    return this.#timer.time((encoder, timestampWrites) =>
      this.#plan.encode(encoder, { firstStep: 0, numSteps, models }, timestampWrites),
    );
  }

  /** Times slices with more and more steps, until one is long enough. @param steps of the last slice, and its time. */
  async untilLong(steps: number, time: SubmitTime): Promise<{ steps: number; time: SubmitTime }> {
    while (steps < this.mostSteps && msOf(time) < SLICE_MS / 2) {
      steps = growTo(SLICE_MS, steps, msOf(time), this.mostSteps);
      time = await this.time(steps);
    }
    return { steps, time };
  }
}

type PlanWay = Required<Pick<PlanChoice, 'name' | 'persistent'>>;

const nameOf = ({ name, persistent }: PlanWay): string => (persistent ? `${name}, persistent` : name);

/** The ways to run a training on its device, by name; the first is probably the fastest. `sequence` never is on a GPU. */
function waysOf(options: PlanOptions): ReadonlyMap<string, PlanWay> {
  const { device, state, batchSize } = options;
  const isGpu = kernelFamily(device) === 'gpu';
  const ways: PlanWay[] = [{ name: 'timestep', persistent: false }];
  if (persistentTiles(device, state.config, batchSize)) ways.unshift({ name: 'timestep', persistent: true });
  if (!isGpu) ways.unshift({ name: 'sequence', persistent: false });
  if (whyNotResident(options) === undefined) ways.unshift({ name: 'resident', persistent: false });
  const { name: likely } = planUnmeasured(options);
  ways.sort((one, other) => Number(other.name === likely) - Number(one.name === likely));
  return new Map(ways.map((way) => [nameOf(way), way]));
}

/** All that the speed of a training depends on, besides its device. */
function keyOf(options: PlanOptions, ways: Iterable<string>): string {
  const { device, state, source, windowLength, batchSize, loss, optimizer, clip } = options;
  return JSON.stringify({
    kernels: kernelFamily(device),
    plans: [...ways],
    model: state.config,
    models: state.numModels,
    ...{ windowLength, batchSize, source: source.kind },
    ...(source.kind === 'windows' && { targetColumns: source.targetColumns }),
    ...{ loss: loss.name, quantiles: loss.quantiles?.length },
    ...{ optimizer: optimizer.name, moments: Object.keys(optimizer.state) },
    ...{ clipNorm: clip?.norm !== undefined, clipValue: clip?.value !== undefined },
  });
}

/** Measurements of a device wait for each other, so that none disturbs another, or measures the same. */
const turns = new WeakMap<GPUDevice, Promise<unknown>>();

function inTurn<Result>(device: GPUDevice, work: () => Promise<Result>): Promise<Result> {
  const result = (turns.get(device) ?? Promise.resolve()).then(work);
  turns.set(
    device,
    result.catch(() => undefined),
  );
  return result;
}

/** The plan that is the fastest for a training; measured once per device. */
export async function fastestPlan(options: PlanOptions): Promise<PlanChoice> {
  const ways = waysOf(options);
  if (ways.size === 1 || options.state.numModels > MOST_MODELS) return planUnmeasured(options);
  const timings = await planTimings(options);
  if (timings.length === 0) return planUnmeasured(options); // which will report the lack of memory
  const fastest = ways.get(timings[0]!.name)!;
  return fastest.name === 'resident' ? fastest : { ...fastest, whyNotResident: whyNotFastest(options, timings) };
}

/** The timings of the plans that can run a training, fastest first; measured once per device. */
export function planTimings(options: PlanOptions): Promise<readonly Timing[]> {
  const ways = waysOf(options);
  return inTurn(options.device.raw, () =>
    timeWays(measuredOn(options.device).plans, keyOf(options, ways.keys()), ways, (way, bestUs) =>
      timePlan(options, way, bestUs),
    ),
  );
}

function whyNotFastest(options: PlanOptions, timings: readonly Timing[]): string {
  const reason = whyNotResident(options);
  if (reason !== undefined) return reason;
  const shownUs = ({ us }: Timing) => `${Number(us.toPrecision(3))} us`;
  const [fastest] = timings as [Timing];
  const resident = timings.find(({ name }) => name === 'resident');
  return resident
    ? `a step was measured to take ${shownUs(resident)}, and ${shownUs(fastest)} with the plan ${fastest.name}`
    : 'the device had too little memory to measure it';
}

/** Microseconds of a step; undefined if the device lacks the memory, or does not run workgroups side by side after all. */
async function timePlan(options: PlanOptions, way: PlanWay, bestUs: number): Promise<number | undefined> {
  const { device } = options;
  const signal = device instanceof DeviceScope ? device.signal : undefined;
  try {
    const own = new GuardedDevice(device.raw); // a refused command of it does not fail the caller's
    return await during(own, (scope) => timeSteps(scope, options, way, bestUs), signal);
  } catch (error) {
    if (error instanceof DeviceError && (error.code === 'too-large' || error.code === 'out-of-memory'))
      return undefined;
    throw error;
  }
}

async function timeSteps(
  scope: DeviceScope,
  given: PlanOptions,
  { name, persistent }: PlanWay,
  bestUs: number,
): Promise<number | undefined> {
  const options = { ...onZeros(scope, given), persistent };
  const plan = await createPlan(name, options);
  try {
    const { sideBySide } = plan;
    if (persistent && !sideBySide) return undefined;
    const slices = new TimedSlices(plan, options, given.batchSize, new SubmitTimer(scope, 'plan'));
    const startMs = performance.now();
    const first = await slices.time(1);
    let usPerStep = 1000 * msOf(first);
    if (msOf(first) < SLICE_MS || usPerStep < HOPELESS * bestUs) {
      const { steps, time } = await slices.untilLong(1, first);
      let bestMs = msOf(time);
      while (performance.now() - startMs < ENOUGH_MS) bestMs = Math.min(bestMs, msOf(await slices.time(steps)));
      usPerStep = (1000 * bestMs) / steps;
    }
    if (!sideBySide) return usPerStep;
    const failed = await readBuffer(scope, sideBySide.failed.buffer, 0, 4);
    if (new Uint32Array(failed)[0] === 0) return usPerStep;
    sideBySide.giveUp();
    return undefined;
  } finally {
    plan.dispose();
  }
}

/** The same training with models and samples of its own, all zeros: kernels take as long for any values. */
function onZeros(scope: DeviceScope, options: PlanOptions): PlanOptions {
  const { windowLength: T, batchSize: N } = options;
  const { config, numModels } = options.state;
  const state = new ModelState(scope, config, numModels);
  const tensor = (name: string, ...shape: number[]) => createTensor(scope, name, shape);
  const sourceLike = (source: SampleSource): SampleSource => {
    if (source.kind === 'windows') {
      const rows = T + N + config.outputSize; // steps ahead are at most as many as outputs
      return { ...source, series: tensor('series', rows, source.series.shape[1]!) };
    }
    const like = (name: 'inputs' | 'targets') => tensor(name, N, ...source[name].shape.slice(1));
    const lengths = tensor('lengths', N);
    writeTensor(scope, lengths, new Uint32Array(N).fill(T));
    return { kind: 'samples', inputs: like('inputs'), targets: like('targets'), lengths };
  };
  const maxSamples = TimedSlices.mostSamples(options);
  return { ...options, device: scope, state, source: sourceLike(options.source), maxSamples };
}
