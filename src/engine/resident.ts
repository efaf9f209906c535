import { type Dispatch, DispatchBuilder, record, UNIFORM_SLOT_BYTES } from '../gpu/dispatch.ts';
import { type DeviceScope, type GuardedDevice, owning } from '../gpu/guarded_device.ts';
import { createTensor, type Tensor } from '../gpu/tensor.ts';
import { resident, residentWide } from '../kernels/index.ts';
import type { ModelConfig } from '../model/config.ts';
import { kernelFamily } from './family.ts';
import { adamDims } from './optimizers.ts';
import type { PlanOptions, TrainingPlan } from './plan.ts';
import type { ModelState } from './state.ts';
import { StepTable } from './step_table.ts';

/** Bounds the table of steps (32 bytes each) and the losses (4). */
const MAX_SLOTS = 16_384;
const MAX_STEPS_PER_SLICE = 4096;

/** Maximum rows of a batch, over all time steps, since gradients are summed over them at once; other plans sum in levels. */
const MAX_ROWS = 65_536;

/** The sizes that fit in one workgroup of `resident`, in the shader's private tiles. */
const RESIDENT_LIMITS = { hiddenSize: 32, inputSize: 4, outputSize: 4, numLayers: 1 } as const;

/** The sizes that fit in the workgroup arrays of `resident_wide`; each hidden unit is an invocation, so a device may allow fewer. */
const RESIDENT_WIDE_LIMITS = { hiddenSize: 256, outputSize: 256, numLayers: 1 } as const;

/**
 * Two kernels with the same arithmetic. `tiled` keeps four units per lane in private memory: for software adapters, where the
 * cost of a barrier grows with the number of invocations. `wide` has one unit per lane: for GPUs, and for models that do not
 * fit in `tiled`.
 */
export type ResidentKernel = 'tiled' | 'wide';

/** Why the resident kernels do not support a kind of model, in words; undefined if they do, apart from its size. */
function beyondKind({ cell, bias, bidirectional, projSize, head }: ModelConfig): string | undefined {
  if (cell !== 'LSTM') return `the cell is ${cell}, and it supports only LSTM`;
  if (!bias) return 'bias is false, and it always trains both bias vectors';
  if (bidirectional) return 'bidirectional is true, and it supports only one direction';
  if (projSize > 0) return `projSize is ${projSize}, and it does not support projections`;
  return head === 'last' ? undefined : `the head is on ${head} step, and it supports only the last one`;
}

/** The first size of a model that a kernel does not support, in words; undefined if there is none. */
function beyondSize(limits: Partial<Record<keyof ModelConfig, number>>, config: ModelConfig): string | undefined {
  for (const [name, limit] of Object.entries(limits)) {
    const size = config[name as keyof ModelConfig];
    if (Number(size) > limit) return `${name} is ${size}, and one workgroup supports up to ${limit}`;
  }
  return undefined;
}

/** Why a training cannot be resident on a device, in words; undefined if it can. */
export function whyNotResident(options: PlanOptions): string | undefined {
  const { device, state, source, loss, optimizer, clip, batchSize, windowLength } = options;
  const kind = beyondKind(state.config);
  if (kind) return kind;
  if (source.kind !== 'windows') return 'samples are separate sequences, and it supports only windows of one series';
  if (loss.name !== 'mse' || loss.reduction !== 'mean')
    return `the loss is ${loss.name} (${loss.reduction}), and it supports only mse (mean)`;
  if (optimizer.name !== 'Adam') return `the optimizer is ${optimizer.name}, and it supports only Adam`;
  if (optimizer.options.weightDecay > 0)
    return `weightDecay is ${optimizer.options.weightDecay}, and its Adam does not support that`;
  if (optimizer.options.amsgrad) return 'amsgrad is true, and its Adam does not support that';
  if (clip?.norm !== undefined || clip?.value !== undefined) return 'it does not support gradient clipping';
  const rows = batchSize * windowLength;
  if (rows > MAX_ROWS) return `a batch has ${rows} rows, and above ${MAX_ROWS} its sums lose precision`;
  if (fitsTiles(state.config)) return undefined;
  const { maxComputeInvocationsPerWorkgroup, maxComputeWorkgroupSizeX } = device.limits;
  const invocations = Math.min(maxComputeInvocationsPerWorkgroup, maxComputeWorkgroupSizeX);
  const hiddenSize = Math.min(RESIDENT_WIDE_LIMITS.hiddenSize, invocations);
  return beyondSize({ ...RESIDENT_WIDE_LIMITS, hiddenSize }, state.config);
}

/** Whether a model fits in the tiled kernels. */
export const fitsTiles = (config: ModelConfig): boolean =>
  beyondKind(config) === undefined && beyondSize(RESIDENT_LIMITS, config) === undefined;

/** The fastest kernel on a device that the model fits in. */
export function chooseKernel(device: GuardedDevice, config: ModelConfig): ResidentKernel {
  return kernelFamily(device) === 'software' && fitsTiles(config) ? 'tiled' : 'wide';
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

/** One dispatch per slice: every model (forward, backward and Adam) stays in its own workgroup for many optimizer steps. */
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
