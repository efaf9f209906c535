import { createPlan, planUnmeasured } from '../../src/engine/choose.ts';
import { lossOf } from '../../src/engine/losses.ts';
import { optimizerOf } from '../../src/engine/optimizers.ts';
import type { PlanName, PlanOptions, TrainingPlan } from '../../src/engine/plan.ts';
import { planTimings, TimedSlices } from '../../src/engine/plan_timing.ts';
import { whyNotResident } from '../../src/engine/resident.ts';
import { ModelState } from '../../src/engine/state.ts';
import { type DeviceScope, during, type GuardedDevice } from '../../src/gpu/guarded_device.ts';
import { readBuffer } from '../../src/gpu/readback.ts';
import { createTensor, writeTensor } from '../../src/gpu/tensor.ts';
import { type SubmitTime, SubmitTimer } from '../../src/gpu/timing.ts';
import { modelConfig } from '../../src/model/config.ts';
import { initialWeights } from '../../src/model/init.ts';
import { AFTER_PAUSE_MS, type Heat } from '../heat.ts';
import type { CompiledPipeline, PipelineLog } from './pipelines.ts';
import type { Row } from './rows.ts';

/** Steps whose losses are compared between plans: Adam has changed the weights by then. */
const FIRST_STEPS = 3;
const SERIES_ROWS = 1000;

/** What a plan takes for an optimizer step of all models. */
export interface PlanTime {
  gpuUs: number[];
  hostUs: number[];
  dispatchesPerStep: number;
  /** Of the first steps of the first model. */
  losses: number[];
  pipelines: CompiledPipeline[];
  /** Until the plan was created; less for kernels that an earlier one compiled. */
  createMs: number;
}

/** Where to time: a heated device whose pipelines are noted. */
export interface PlanBench {
  device: GuardedDevice;
  heat: Heat;
  pipelines: PipelineLog;
}

/** The plans that can run the row, what `auto` takes, and what it measures after `autotune`, fastest first. */
export const plansOf = ({ device, heat }: PlanBench, row: Row) =>
  during(device, async (scope) => {
    const options = optionsOf(scope, row);
    const plans = row.plans.filter((plan) => plan !== 'resident' || whyNotResident(options) === undefined);
    const measure = () => {
      heat(AFTER_PAUSE_MS);
      return planTimings(options);
    };
    return { auto: planUnmeasured(options).name, plans, measured: plans.length > 1 ? await measure() : [] };
  });

/** Times slices of optimizer steps on new models with the initial weights of seed 0. */
export const timePlan = (bench: PlanBench, row: Row, name: PlanName, rounds: number): Promise<PlanTime> =>
  during(bench.device, async (scope) => {
    const options = optionsOf(scope, row);
    const startMs = performance.now();
    const plan = await createPlan(name, options);
    const createMs = performance.now() - startMs;
    try {
      let pipelines: CompiledPipeline[] | undefined;
      let dispatches = 0;
      const noted: TrainingPlan = {
        ...plan,
        encode(encoder, slice, timestampWrites) {
          pipelines ??= bench.pipelines.usedIn(encoder);
          dispatches = plan.encode(encoder, slice, timestampWrites);
          return dispatches;
        },
      };
      const slices = new TimedSlices(noted, options, SERIES_ROWS, new SubmitTimer(scope, 'bench', bench.heat));
      bench.heat(AFTER_PAUSE_MS);
      const firstSteps = Math.min(FIRST_STEPS, slices.mostSteps);
      const first = await slices.time(firstSteps);
      const losses = await readBuffer(scope, plan.losses.buffer, 0, 4 * firstSteps * row.models);
      const { steps } = await slices.untilLong(firstSteps, first);
      const times: SubmitTime[] = [];
      for (let round = 0; round < rounds; round++) times.push(await slices.time(steps));
      return {
        gpuUs: times.map((time) => (1000 * time.gpuMs) / steps),
        hostUs: times.map((time) => (1000 * time.hostMs) / steps),
        dispatchesPerStep: dispatches / steps,
        losses: [...new Float32Array(losses)].filter((_, k) => k % row.models === 0),
        pipelines: pipelines ?? [],
        createMs,
      };
    } finally {
      plan.dispose();
    }
  });

function optionsOf(device: DeviceScope, { sizes, models }: Row): PlanOptions {
  const { N, T, I, H, L } = sizes;
  const config = modelConfig({ inputSize: I, hiddenSize: H, numLayers: L });
  const state = new ModelState(device, config, models);
  const weights = initialWeights(config, 0);
  state.load(...Array.from({ length: models }, () => weights));
  const series = createTensor(device, 'series', [SERIES_ROWS + T, I]);
  writeTensor(
    device,
    series,
    Float32Array.from({ length: (SERIES_ROWS + T) * I }, (_, k) => Math.sin(k / 9)),
  );
  return {
    device,
    state,
    source: { kind: 'windows', series, targetColumns: 1 },
    windowLength: T,
    batchSize: N,
    maxSamples: TimedSlices.mostSamples({ state, batchSize: N }, FIRST_STEPS),
    loss: lossOf({ name: 'mse' }),
    optimizer: optimizerOf({ name: 'Adam' }),
    clip: undefined,
    seeds: Array.from({ length: models }, () => 0),
  };
}
