import { describeDevice } from '../gpu/device.ts';
import { type Dispatch, DispatchBuilder, record, UNIFORM_SLOT_BYTES } from '../gpu/dispatch.ts';
import { type DeviceScope, type GuardedDevice, owning } from '../gpu/guarded_device.ts';
import { createTensor, type Tensor } from '../gpu/tensor.ts';
import { resident, residentWide } from '../kernels/index.ts';
import type { ModelConfig } from '../model/config.ts';
import { adamDims } from './optimizers.ts';
import type { PlanOptions, TrainingPlan } from './plan.ts';
import type { ModelState } from './state.ts';
import { StepTable } from './step_table.ts';

/** Bounds the table of steps (32 bytes each) and the losses (4). */
const MAX_SLOTS = 16_384;
const MAX_STEPS_PER_SLICE = 4096;

/** Rows of a batch, over all time steps, that gradients are one sum of; the other plans add longer ones up in levels. */
const MAX_ROWS = 65_536;

/** The sizes one workgroup of `resident` holds: what the shader's private tiles have room for. */
const RESIDENT_LIMITS = { hiddenSize: 32, inputSize: 4, outputSize: 4, numLayers: 1 } as const;

/** The sizes the workgroup arrays of `resident_wide` have room for; H is an invocation each, so the device may hold fewer. */
const RESIDENT_WIDE_LIMITS = { hiddenSize: 256, outputSize: 256, numLayers: 1 } as const;

/**
 * Two kernels with one arithmetic. `tiled` keeps four units a lane in private memory: for software adapters, where a
 * barrier costs as many invocations as there are. `wide` has one unit a lane: for GPUs, and for what `tiled` cannot hold.
 */
export type ResidentKernel = 'tiled' | 'wide';

/** What the resident kernels are written for; undefined when a model is that, apart from its sizes. */
function beyondKind({ cell, bias, bidirectional, projSize, head }: ModelConfig): string | undefined {
  if (cell !== 'LSTM') return `the cell is ${cell}, and it runs LSTMs`;
  if (!bias) return 'bias is false, and it trains both bias vectors';
  if (bidirectional) return 'bidirectional is true, and it runs one direction';
  if (projSize > 0) return `projSize is ${projSize}, and it has no projection`;
  return head === 'last' ? undefined : `the head reads ${head} step, and it reads the last one`;
}

/** The first size of a model beyond what a kernel holds, in words. Undefined when there is none. */
function beyondSize(limits: Partial<Record<keyof ModelConfig, number>>, config: ModelConfig): string | undefined {
  for (const [name, limit] of Object.entries(limits)) {
    const size = config[name as keyof ModelConfig];
    if (Number(size) > limit) return `${name} is ${size}, and one workgroup holds up to ${limit}`;
  }
  return undefined;
}

/** Why a training cannot be resident on a device, in words; undefined when it can. */
export function whyNotResident(options: PlanOptions): string | undefined {
  const { device, state, source, loss, optimizer, clip, batchSize, windowLength } = options;
  const kind = beyondKind(state.config);
  if (kind) return kind;
  if (source.kind !== 'windows') return 'samples are sequences of their own, and it reads windows of one series';
  if (loss.name !== 'mse' || loss.reduction !== 'mean')
    return `the loss is ${loss.name} (${loss.reduction}), and it has mse (mean)`;
  if (optimizer.name !== 'Adam') return `the optimizer is ${optimizer.name}, and it has Adam`;
  if (optimizer.options.weightDecay > 0)
    return `weightDecay is ${optimizer.options.weightDecay}, and its Adam has none`;
  if (optimizer.options.amsgrad) return 'amsgrad is true, and its Adam has none';
  if (clip?.norm !== undefined || clip?.value !== undefined) return 'gradients are clipped, and it keeps no gradients';
  const rows = batchSize * windowLength;
  if (rows > MAX_ROWS) return `a batch has ${rows} rows, and it adds up to ${MAX_ROWS} without a loss of precision`;
  if (fitsTiles(state.config)) return undefined;
  const { maxComputeInvocationsPerWorkgroup, maxComputeWorkgroupSizeX } = device.limits;
  const invocations = Math.min(maxComputeInvocationsPerWorkgroup, maxComputeWorkgroupSizeX);
  const hiddenSize = Math.min(RESIDENT_WIDE_LIMITS.hiddenSize, invocations);
  return beyondSize({ ...RESIDENT_WIDE_LIMITS, hiddenSize }, state.config);
}

/** Whether the tiled kernels hold a model. */
export const fitsTiles = (config: ModelConfig): boolean =>
  beyondKind(config) === undefined && beyondSize(RESIDENT_LIMITS, config) === undefined;

/** The kernel that is the faster one on a device, of those that hold the model. */
export function chooseKernel(device: GuardedDevice, config: ModelConfig): ResidentKernel {
  return describeDevice(device).software && fitsTiles(config) ? 'tiled' : 'wide';
}

/** The override constants of the tiled kernels. */
export const residentShape = ({ inputSize: I, hiddenSize: H, outputSize: O }: ModelConfig) => ({
  LANES: Math.ceil(H / 4),
  I,
  O,
});

/** Where a resident kernel finds a model's parameters, in elements. */
export function residentLayout({ weights }: ModelState) {
  const offset = (name: string) => weights.tensor(name).offsetBytes / 4;
  return {
    arena: weights.copyBytes / 4,
    weight_ih: offset('lstm.weight_ih_l0'),
    weight_hh: offset('lstm.weight_hh_l0'),
    bias_ih: offset('lstm.bias_ih_l0'),
    bias_hh: offset('lstm.bias_hh_l0'),
    fc_weight: offset('fc.weight'),
    fc_bias: offset('fc.bias'),
  };
}

/** One dispatch a slice: every model, forward, backward and Adam, stays in a workgroup of its own for many optimizer steps. */
export const createResidentPlan = (options: PlanOptions, variant?: ResidentKernel): Promise<TrainingPlan> =>
  owning(options.device, (device) => residentPlan(device, options, variant));

async function residentPlan(
  device: DeviceScope,
  options: PlanOptions,
  variant: ResidentKernel | undefined,
): Promise<TrainingPlan> {
  const { state, source, optimizer, windowLength: T, batchSize, maxSamples } = options;
  const { numModels, config } = state;
  const { inputSize: I, hiddenSize: H, outputSize: O } = config;
  if (source.kind !== 'windows' || optimizer.name !== 'Adam') throw new Error('resident: see whyNotResident');
  const { targetColumns: C = O } = source;
  const maxStepsPerSlice = Math.max(1, Math.min(MAX_STEPS_PER_SLICE, Math.floor(MAX_SLOTS / numModels)));
  const sizes = { numModels, batchSize, maxSamples, maxStepsPerSlice, optimizer };
  const schedule = new StepTable(device, { label: 'resident', kind: 'array', ...sizes });
  const losses = createTensor(device, 'losses', [maxStepsPerSlice, numModels]);
  const slice = device.createBuffer({
    label: 'resident slice',
    size: UNIFORM_SLOT_BYTES,
    usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST,
  });
  const build = new DispatchBuilder(device, 'resident', slice);
  const dims = {
    models: numModels,
    T,
    ...residentLayout(state),
    ...adamDims(optimizer.options),
  };
  const tensors = {
    series: source.series,
    order: schedule.order,
    steps: schedule.steps,
    weights: state.weights.flat,
    m: state.m.flat,
    v: state.v.flat,
    losses,
  };
  let scratch: Tensor;
  let dispatch: Dispatch;
  if ((variant ?? chooseKernel(device, config)) === 'tiled') {
    const kernel = await resident.load(device, { ...residentShape(config), C });
    scratch = createTensor(device, 'history', [numModels, 6 * T + 8, 8, 4]);
    dispatch = build.dispatch(kernel, { ...dims, H }, { ...tensors, history: scratch });
  } else {
    const kernel = await residentWide.load(device, { H, O });
    const rows = 4 * (H + I + 2 + 2 * Math.ceil(O / 4)) + 2 * T;
    scratch = createTensor(device, 'scratch', [numModels, rows, H, 4]);
    dispatch = build.dispatch(kernel, { ...dims, I, C }, { ...tensors, scratch });
  }
  build.upload();

  return {
    name: 'resident',
    batchSize,
    maxStepsPerSlice,
    losses,
    setOrder: (orders) => schedule.setOrder(orders),
    encode(encoder, part, timestampWrites) {
      schedule.write(part);
      device.queue.writeBuffer(slice, 0, Uint32Array.of(part.numSteps));
      const pass = encoder.beginComputePass({ label: 'resident slice', timestampWrites });
      record(pass, [dispatch]);
      pass.end();
      return 1;
    },
    dispose: () => device.dispose(),
  };
}
