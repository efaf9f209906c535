import { expect } from 'vitest';
import { createPlan } from '../../src/engine/choose.ts';
import { lossOf } from '../../src/engine/losses.ts';
import { optimizerOf } from '../../src/engine/optimizers.ts';
import type { PlanName, PlanOptions } from '../../src/engine/plan.ts';
import { createResidentPlan, type ResidentKernel } from '../../src/engine/resident.ts';
import { ModelState } from '../../src/engine/state.ts';
import { DeviceScope, GuardedDevice } from '../../src/gpu/guarded_device.ts';
import { readBuffer } from '../../src/gpu/readback.ts';
import { limitSideBySide, mostSideBySide } from '../../src/gpu/side_by_side.ts';
import { createTensor, writeTensor } from '../../src/gpu/tensor.ts';
import type { ModelConfig } from '../../src/model/config.ts';
import { initialWeights } from '../../src/model/init.ts';
import type { StateDict } from '../../src/model/parameters.ts';
import { deviceFor, hasSubgroups, testDevice, testFamily } from './device.ts';

/** A plan with this device's kernels, or with those that are not the default on it. */
const KINDS = {
  timestep: { plan: 'timestep' },
  'timestep (gpu)': { plan: 'timestep', onGpu: true },
  'timestep (persistent)': { plan: 'timestep', onGpu: true },
  sequence: { plan: 'sequence' },
  resident: { plan: 'resident' },
  'resident (wide)': { plan: 'resident', kernel: 'wide' },
  'resident (gpu)': { plan: 'resident', onGpu: true },
  'resident (rows)': { plan: 'resident', onGpu: true, kernel: 'rows' },
} as const satisfies Record<string, { plan: PlanName; onGpu?: true; kernel?: ResidentKernel }>;

export type Runner = keyof typeof KINDS;

const kindOf = (runner: Runner): { plan: PlanName; onGpu?: true; kernel?: ResidentKernel } => KINDS[runner];

/** Without subgroups, there are no persistent kernels: see side_by_side.test.ts. */
export const RUNNERS = (Object.keys(KINDS) as Runner[]).filter(
  (runner) => runner !== 'timestep (persistent)' || hasSubgroups(),
);

/** Whether a resident runner has the kernels for GPUs. */
const runsForGpu = (runner: Runner): boolean => kindOf(runner).onGpu || (runner === 'resident' && testFamily === 'gpu');

/** Whether a runner supports a model, on a device with WebGPU's default limits. */
export function takes(runner: Runner, config: ModelConfig): boolean {
  if (runner === 'timestep (persistent)')
    return config.cell === 'LSTM' && config.projSize === 0 && config.hiddenSize <= 64; // in one workgroup
  const { plan } = kindOf(runner);
  if (plan !== 'resident') return true;
  const { cell, bias, numLayers, hiddenSize } = config;
  if (runsForGpu(runner)) return numLayers === 1 && hiddenSize <= 64;
  return cell === 'LSTM' && bias && numLayers === 1 && hiddenSize <= 256;
}

export interface Run {
  config: ModelConfig;
  /** Default: the initial weights of seed 0. */
  weights?: StateDict;
  /** [rows, I] */
  series: Float32Array;
  /** Starts of the samples, in the order of one pass. */
  order: ArrayLike<number>;
  windowLength: number;
  batchSize: number;
  passes?: number;
  lr?: number;
  betas?: readonly [number, number];
  /** Number of columns to forecast. Default: the number of outputs. */
  targetColumns?: number;
  /** Default: the tests' device, or for a runner of kernels for GPUs the one that runs them. */
  device?: GPUDevice;
}

export interface RunResult {
  /** For every step of every pass. */
  losses: number[];
  weights: StateDict;
  /** Adam's first moment by parameter. From zero moments and with beta1 = 0, it is the gradient, in every plan. */
  firstMoment: ReadonlyMap<string, Float32Array>;
  /** The plan's gradient arena; only the timestep plan has one. */
  gradients: StateDict;
}

/** Runs optimizer steps with a plan, one submit per pass, and reads everything back. */
export async function runPlan(runner: Runner, run: Run): Promise<RunResult> {
  const { config, series, windowLength, batchSize, passes = 1, lr = 1e-3, betas = [0.9, 0.999] } = run;
  const { device: given = kindOf(runner).onGpu ? deviceFor('gpu') : testDevice() } = run;
  const device = new DeviceScope(new GuardedDevice(given));
  const order = Uint32Array.from(run.order);
  const numSteps = Math.ceil(order.length / batchSize);
  const state = new ModelState(device, config);
  state.load(run.weights ?? initialWeights(config, 0));
  const tensor = createTensor(device, 'series', [series.length / config.inputSize, config.inputSize]);
  writeTensor(device, tensor, series);
  const options: PlanOptions = {
    device,
    state,
    source: { kind: 'windows', series: tensor, targetColumns: run.targetColumns },
    windowLength,
    batchSize,
    maxSamples: order.length,
    loss: lossOf({ name: 'mse' }),
    optimizer: optimizerOf({ name: 'Adam', betas }),
    clip: undefined,
    seeds: [0],
  };
  const usual = mostSideBySide(device);
  limitSideBySide(device, runner === 'timestep (persistent)' ? 1 : 0); // more than one at a time is up to the device
  const { plan: name, kernel } = kindOf(runner);
  const plan = await (kernel ? createResidentPlan(options, kernel) : createPlan(name, options));
  if (runner === 'timestep (persistent)') expect(plan.sideBySide, 'persistent kernels').toBeDefined();
  try {
    plan.setOrder([order]);
    const losses: number[] = [];
    for (let pass = 0; pass < passes; pass++) {
      const encoder = device.createCommandEncoder({ label: 'test' });
      plan.encode(encoder, { firstStep: 0, numSteps, models: [{ stepsTaken: pass * numSteps, lr: () => lr }] });
      device.queue.submit(encoder);
      losses.push(...new Float32Array(await readBuffer(device, plan.losses.buffer, 0, numSteps * 4)));
    }
    if (plan.sideBySide) {
      const failed = await readBuffer(device, plan.sideBySide.failed.buffer, 0, 4);
      expect([...new Uint32Array(failed)], 'failed').toEqual([0]);
    }
    const firstMoment = new Map<string, Float32Array>();
    for (const parameter of state.m.names) {
      const { buffer, offsetBytes, sizeBytes } = state.m.tensor(parameter);
      firstMoment.set(parameter, new Float32Array(await readBuffer(device, buffer, offsetBytes, sizeBytes)));
    }
    const [weights, gradients] = [await state.readWeights(), await state.readGradients()];
    return { losses, weights: weights[0]!, firstMoment, gradients: gradients[0]! };
  } finally {
    limitSideBySide(device, usual);
    plan.dispose();
    state.dispose();
    tensor.buffer.destroy();
  }
}
