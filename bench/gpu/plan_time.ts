import { choosePlan, createPlan } from '../../src/engine/choose.ts';
import { lossOf } from '../../src/engine/losses.ts';
import { optimizerOf } from '../../src/engine/optimizers.ts';
import type { PlanName, PlanOptions } from '../../src/engine/plan.ts';
import { whyNotResident } from '../../src/engine/resident.ts';
import { ModelState } from '../../src/engine/state.ts';
import { type DeviceScope, during, type GuardedDevice } from '../../src/gpu/guarded_device.ts';
import { readBuffer } from '../../src/gpu/readback.ts';
import { createTensor, writeTensor } from '../../src/gpu/tensor.ts';
import { modelConfig } from '../../src/model/config.ts';
import { initialWeights } from '../../src/model/init.ts';
import { AFTER_PAUSE_MS, type Heat } from '../heat.ts';
import type { CompiledPipeline, PipelineLog } from './pipelines.ts';
import type { Row } from './rows.ts';
import { HeatedTimer } from './timed.ts';

/** A timed slice takes about this long, so that its submit is a small part. */
const SLICE_MS = 20;
/** Steps whose losses are compared between plans: Adam has changed the weights by then. */
const FIRST_STEPS = 3;
const MOST_STEPS = 2048;
/** Bounds the order of the samples. */
const MOST_SAMPLES = 2 ** 20;
const SERIES_ROWS = 1000;
const LR = 1e-3;

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

/** What `auto` takes, and the plans that can run the row. */
export const plansOf = ({ device }: PlanBench, row: Row) =>
  during(device, async (scope) => {
    const options = optionsOf(scope, row, 1);
    const plans = row.plans.filter((plan) => plan !== 'resident' || whyNotResident(options) === undefined);
    return { auto: choosePlan(options).name, plans };
  });

/** Times slices of optimizer steps on new models with the initial weights of seed 0. */
export const timePlan = (bench: PlanBench, row: Row, name: PlanName, rounds: number): Promise<PlanTime> =>
  during(bench.device, async (scope) => {
    const { N } = row.sizes;
    const mostSteps = Math.max(FIRST_STEPS, Math.min(MOST_STEPS, Math.floor(MOST_SAMPLES / (N * row.models))));
    const options = optionsOf(scope, row, mostSteps);
    const startMs = performance.now();
    const plan = await createPlan(name, options);
    const createMs = performance.now() - startMs;
    try {
      const order = Uint32Array.from({ length: mostSteps * N }, (_, k) => (k * 7919) % SERIES_ROWS);
      plan.setOrder(Array.from({ length: row.models }, () => order));
      const timer = new HeatedTimer(scope, bench.heat);
      bench.heat(AFTER_PAUSE_MS);
      const most = Math.min(mostSteps, plan.maxStepsPerSlice);
      let [stepsTaken, dispatches] = [0, 0];
      let pipelines: CompiledPipeline[] | undefined;
      const slice = async (numSteps: number) => {
        const models = Array.from({ length: row.models }, () => ({ stepsTaken, lr: () => LR }));
        stepsTaken += numSteps;
        return timer.time((encoder, timestampWrites) => {
          pipelines ??= bench.pipelines.usedIn(encoder);
          dispatches = plan.encode(encoder, { firstStep: 0, numSteps, models }, timestampWrites);
        });
      };
      let steps = Math.min(FIRST_STEPS, most);
      let { gpuMs } = await slice(steps);
      const losses = await readBuffer(scope, plan.losses.buffer, 0, 4 * steps * row.models);
      while (steps < most && gpuMs < SLICE_MS / 2) {
        steps = Math.min(most, Math.ceil(steps * Math.min(16, SLICE_MS / Math.max(gpuMs, 0.01))));
        ({ gpuMs } = await slice(steps));
      }
      const times: Awaited<ReturnType<typeof slice>>[] = [];
      for (let round = 0; round < rounds; round++) times.push(await slice(steps));
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

function optionsOf(device: DeviceScope, { sizes, models }: Row, steps: number): PlanOptions {
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
    maxSamples: steps * N * models,
    loss: lossOf({ name: 'mse' }),
    optimizer: optimizerOf({ name: 'Adam' }),
    clip: undefined,
    seeds: Array.from({ length: models }, () => 0),
  };
}
