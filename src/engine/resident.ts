import { DispatchBuilder, record, UNIFORM_SLOT_BYTES } from '../gpu/dispatch.ts';
import { type DeviceScope, type GuardedDevice, owning } from '../gpu/guarded_device.ts';
import { hasQuads } from '../gpu/quads.ts';
import { MULTIPROCESSORS } from '../gpu/side_by_side.ts';
import { createTensor } from '../gpu/tensor.ts';
import type { PositionDims, ResidentModelDims, SliceDims } from '../kernels/dims.ts';
import {
  resident,
  residentQuads,
  residentQuadsInMemory,
  residentRows,
  residentRowsInMemory,
  residentRowsUpdate,
  residentWide,
} from '../kernels/index.ts';
import type { CellName, ModelConfig } from '../model/config.ts';
import { parameterName } from '../model/parameters.ts';
import { shownBytes } from '../shown.ts';
import { type KernelFamily, kernelFamily } from './family.ts';
import { adamDims } from './optimizers.ts';
import type { PlanOptions, TrainingPlan } from './plan.ts';
import type { ModelState } from './state.ts';
import { StepTable } from './step_table.ts';

/** Bounds the table of steps (32 bytes each) and the losses (4). */
const MAX_SLOTS = 16_384;
const MAX_STEPS_PER_SLICE = 4096;

/** Maximum rows of a batch, over all time steps, since gradients are summed over them at once; other plans sum in levels. */
const MAX_ROWS = 65_536;

/** The sizes that fit in the private tiles of a software adapter's kernel. */
const TILED_LIMITS = { hiddenSize: 32, inputSize: 4, outputSize: 4, numLayers: 1 } as const;

/** The sizes that fit in the workgroup's arrays of its wide kernel; each hidden unit is an invocation, so a device may allow fewer. */
const WIDE_LIMITS = { hiddenSize: 256, outputSize: 256, numLayers: 1 } as const;

/** The sizes that fit in the registers and lanes of a GPU's kernel, on a device with WebGPU's default limits. */
const QUAD_LIMITS = { hiddenSize: 64, inputSize: 8, outputSize: 32, numLayers: 1 } as const;

/** The cells that a family's resident kernels train. */
export const residentCells = (family: KernelFamily): readonly CellName[] =>
  family === 'gpu' ? (Object.keys(QUAD_CELLS) as CellName[]) : ['LSTM'];

/** Why a family's resident kernels do not support a kind of model, in words; undefined if they do, apart from its size. */
function beyondKind(
  family: KernelFamily,
  { cell, bias, bidirectional, projSize, head }: ModelConfig,
): string | undefined {
  if (!residentCells(family).includes(cell)) return `the cell is ${cell}, and without a GPU it supports only LSTM`;
  if (family === 'software' && !bias) return 'bias is false, and without a GPU it always trains both bias vectors';
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
  const family = kernelFamily(device);
  const kind = beyondKind(family, state.config);
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
  if (family === 'software') {
    if (fitsTiles(state.config)) return undefined;
    const { maxComputeInvocationsPerWorkgroup, maxComputeWorkgroupSizeX } = device.limits;
    const hiddenSize = Math.min(WIDE_LIMITS.hiddenSize, maxComputeInvocationsPerWorkgroup, maxComputeWorkgroupSizeX);
    return beyondSize({ ...WIDE_LIMITS, hiddenSize }, state.config);
  }
  return beyondSize(QUAD_LIMITS, state.config) ?? beyondMemory(options);
}

/** Why a GPU's kernels lack memory, in words; undefined if they do not. */
function beyondMemory(options: PlanOptions): string | undefined {
  const { device, state, batchSize, windowLength: T } = options;
  const { maxComputeWorkgroupStorageSize, maxStorageBufferBindingSize } = device.limits;
  const shape = quadShape(device, state.config, T, true);
  if (!shape) return `this device has ${maxComputeWorkgroupStorageSize} bytes of workgroup memory, and it needs more`;
  const shares = state.numModels * (residentKernel(options) === 'rows' ? sharesOf(batchSize) : 1);
  const bytes = shares * Math.max(state.weights.copyBytes, shape.STORED ? 4 * 6 * shape.UNITS * T : 0);
  if (bytes <= maxStorageBufferBindingSize) return undefined;
  return `it needs a buffer of ${shownBytes(bytes)}, and this device allows up to ${shownBytes(maxStorageBufferBindingSize)}`;
}

/** Whether a model fits in the tiled kernels. */
export const fitsTiles = (config: ModelConfig): boolean =>
  beyondKind('software', config) === undefined && beyondSize(TILED_LIMITS, config) === undefined;

/** The override constants of the tiled kernels. */
export const residentShape = ({ inputSize: I, hiddenSize: H, outputSize: O }: ModelConfig) => ({
  LANES: Math.ceil(H / 4),
  I,
  O,
});

/** The override constants of the quad kernels that train a model; see shaders/shared/quad_sizes.wgsl. */
interface QuadShape extends Record<string, number> {
  CELL: number;
  LANES: number;
  UNITS: number;
  I: number;
  O: number;
  /** Values of the kept time steps in workgroup memory; 1 if they are stored. */
  KEPT: number;
  /** 1: the kept time steps are in `history`. */
  STORED: number;
  /** Columns of W_hh that are transposed at a time. */
  COLUMNS: number;
}

/**
 * Keeps the time steps in workgroup memory if they fit, and transposes as much of W_hh at a time as fits beside them.
 * @returns undefined if the device has too little memory in any case.
 */
export function quadShape(
  { limits }: { limits: Pick<GPUSupportedLimits, 'maxComputeWorkgroupStorageSize'> },
  { cell, inputSize: I, hiddenSize: H, outputSize: O }: ModelConfig,
  T: number,
  inMemory: boolean,
): QuadShape | undefined {
  const UNITS = 4 * Math.ceil(H / 4);
  const LANES = 4 * UNITS;
  const KEPT = 6 * UNITS * T;
  const columnBytes = 16 * (UNITS + 4);
  const states = 2 * UNITS * (4 + 16);
  const head = 4 * O * (UNITS + 2);
  const exchange = inMemory ? LANES * (16 + 4 + 4) : 0;
  const free = limits.maxComputeWorkgroupStorageSize - states - head - exchange - PADDING;
  const columnsIn = (bytes: number) => Math.min(UNITS, 4 * Math.floor(bytes / columnBytes / 4));
  const kept = { CELL: QUAD_CELLS[cell], LANES, UNITS, I, O, KEPT, STORED: 0, COLUMNS: columnsIn(free - 4 * KEPT) };
  if (kept.COLUMNS > 0) return kept;
  const stored = { ...kept, KEPT: 1, STORED: 1, COLUMNS: columnsIn(free) };
  return stored.COLUMNS > 0 ? stored : undefined;
}

/** CELL of shaders/shared/quad_sizes.wgsl. */
const QUAD_CELLS: Readonly<Record<CellName, number>> = { LSTM: 0, GRU: 1, RNN_TANH: 2, RNN_RELU: 3 };

/** Bytes; each array of the workgroup starts at a multiple of 16. */
const PADDING = 16 * 10;

/** For biases that a model does not have. */
const NOWHERE = 0xffffffff;

/** Where a resident kernel finds a model's parameters, in elements. */
export function residentLayout({ config, weights }: ModelState) {
  const offset = (name: string) => weights.tensor(name).offsetBytes / 4;
  const own = (role: string) => offset(parameterName(config, role, { layer: 0, direction: 0 }));
  return {
    arena: weights.copyBytes / 4,
    weight_ih: own('weight_ih'),
    weight_hh: own('weight_hh'),
    bias_ih: config.bias ? own('bias_ih') : NOWHERE,
    bias_hh: config.bias ? own('bias_hh') : NOWHERE,
    fc_weight: offset('fc.weight'),
    fc_bias: offset('fc.bias'),
  };
}

/**
 * Kernels with the same arithmetic. On a software adapter, whose lanes run one after another: `tiled`, with four units per lane, and
 * `wide`, with one, for models that are too wide for that. On a GPU, with four lanes per unit: `quads`, where a model stays in one
 * workgroup, and `rows`, where several share the rows of a batch, and a step is two dispatches.
 */
export type ResidentKernel = 'tiled' | 'wide' | 'quads' | 'rows';

export const RESIDENT_KERNELS: Readonly<Record<KernelFamily, readonly ResidentKernel[]>> = {
  software: ['tiled', 'wide'],
  gpu: ['quads', 'rows'],
};

/** Above this batch size, `rows` is faster than `quads`. */
const MAX_ROWS_ALONE = 4;

/** The fastest kernel of a device's family that the model fits in. */
export function residentKernel({ device, state, batchSize }: PlanOptions): ResidentKernel {
  if (kernelFamily(device) === 'gpu') return batchSize > MAX_ROWS_ALONE ? 'rows' : 'quads';
  return fitsTiles(state.config) ? 'tiled' : 'wide';
}

export const createResidentPlan = (options: PlanOptions, kernel = residentKernel(options)): Promise<TrainingPlan> =>
  owning(options.device, (device) =>
    kernel === 'rows' ? sharedPlan(device, options) : residentPlan(device, options, kernel),
  );

/** One dispatch per slice: every model (forward, backward and Adam) stays in its own workgroup for many optimizer steps. */
async function residentPlan(
  device: DeviceScope,
  options: PlanOptions,
  variant: Exclude<ResidentKernel, 'rows'>,
): Promise<TrainingPlan> {
  const { state, source, optimizer, batchSize, maxSamples } = options;
  const { numModels, config } = state;
  if (source.kind !== 'windows' || optimizer.name !== 'Adam') throw new Error('resident: see whyNotResident');
  const { targetColumns: C = config.outputSize } = source;
  const maxStepsPerSlice = Math.max(1, Math.min(MAX_STEPS_PER_SLICE, Math.floor(MAX_SLOTS / numModels)));
  const sizes = { numModels, batchSize, maxSamples, maxStepsPerSlice, optimizer };
  const schedule = new StepTable(device, { label: 'resident', kind: 'array', ...sizes });
  const losses = createTensor(device, 'losses', [maxStepsPerSlice, numModels]);
  const slice = device.createBuffer({
    label: 'resident slice',
    size: UNIFORM_SLOT_BYTES,
    usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST,
  });
  const { kernel, scratch } = await loadTraining(device, variant, config, { T: options.windowLength, C });
  const build = new DispatchBuilder(device, 'resident', slice);
  const dispatch = build.dispatch(kernel, residentDims(options), {
    series: source.series,
    order: schedule.order,
    steps: schedule.steps,
    ...arenasOf(state),
    [scratch.name]: createTensor(device, scratch.name, [numModels, ...scratch.shape]),
    losses,
  });
  build.upload();

  return {
    name: 'resident',
    batchSize,
    maxStepsPerSlice,
    losses,
    setOrder: (orders) => schedule.setOrder(orders),
    encode(encoder, part, timestampWrites) {
      schedule.write(part);
      device.queue.writeBuffer(slice, 0, Uint32Array.of(part.numSteps satisfies SliceDims['num_steps']));
      const pass = encoder.beginComputePass({ label: 'resident slice', timestampWrites });
      record(pass, [dispatch]);
      pass.end();
      return 1;
    },
    dispose: () => device.dispose(),
  };
}

/** Two dispatches per step, for all models: the gradients of the batch's shares, and their sum with Adam. */
async function sharedPlan(device: DeviceScope, options: PlanOptions): Promise<TrainingPlan> {
  const { state, source, optimizer, batchSize, maxSamples, windowLength: T } = options;
  const { numModels, config } = state;
  if (source.kind !== 'windows' || optimizer.name !== 'Adam') throw new Error('resident: see whyNotResident');
  const { targetColumns: C = config.outputSize } = source;
  const SHARES = sharesOf(batchSize);
  const inMemory = !(await hasQuads(device));
  const { COLUMNS: _, ...shape } = quadShape(device, config, T, inMemory)!; // see whyNotResident
  const [gradients, update] = await Promise.all([
    (inMemory ? residentRowsInMemory : residentRows).load(device, { ...shape, C, SHARES }),
    residentRowsUpdate.load(device, { SHARES, O: config.outputSize }),
  ]);
  const most = Math.min(MAX_SHARED_STEPS, Math.floor(MAX_SLOTS / numModels), Math.ceil(maxSamples / batchSize));
  const maxStepsPerSlice = Math.max(1, most);
  const sizes = { numModels, batchSize, maxSamples, maxStepsPerSlice, optimizer };
  const schedule = new StepTable(device, { label: 'resident', kind: 'array', ...sizes });
  const positions = createPositions(device, maxStepsPerSlice);
  const build = new DispatchBuilder(device, 'resident', positions);
  const dims = residentDims(options);
  const tensors = {
    ...{ series: source.series, order: schedule.order, steps: schedule.steps, ...arenasOf(state) },
    losses: createTensor(device, 'losses', [maxStepsPerSlice, numModels]),
    history: createTensor(device, 'history', shape.STORED ? [numModels, SHARES, T, 6, shape.UNITS] : [1]),
    parts: createTensor(device, 'parts', [numModels, SHARES, dims.arena]),
    part_losses: createTensor(device, 'part_losses', [numModels, SHARES]),
  };
  const step = [build.dispatch(gradients, dims, tensors), build.dispatch(update, dims, tensors)];
  build.upload();

  return {
    name: 'resident',
    batchSize,
    maxStepsPerSlice,
    losses: tensors.losses,
    setOrder: (orders) => schedule.setOrder(orders),
    encode(encoder, slice, timestampWrites) {
      schedule.write(slice);
      const pass = encoder.beginComputePass({ label: 'resident slice', timestampWrites });
      for (let k = 0; k < slice.numSteps; k++) record(pass, step, k * UNIFORM_SLOT_BYTES);
      pass.end();
      return slice.numSteps * step.length;
    },
    dispose: () => device.dispose(),
  };
}

/** Workgroups that share a batch: one per row, as long as they fill a GPU. */
const sharesOf = (batchSize: number): number => Math.min(batchSize, MULTIPROCESSORS);

/** Bounds the uniforms of {@link createPositions}. */
const MAX_SHARED_STEPS = 1024;

/** A uniform per step of a slice, with its position in it. */
function createPositions(device: GuardedDevice, count: number): GPUBuffer {
  const values = new Uint32Array((count * UNIFORM_SLOT_BYTES) / 4);
  for (let k = 0; k < count; k++) values[(k * UNIFORM_SLOT_BYTES) / 4] = k satisfies PositionDims['step'];
  const usage = GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST;
  const buffer = device.createBuffer({ label: 'resident positions', size: values.byteLength, usage });
  device.queue.writeBuffer(buffer, 0, values);
  return buffer;
}

/** The sizes of a model, and Adam's constants. */
function residentDims({ state, optimizer, windowLength: T }: PlanOptions): ResidentModelDims {
  if (optimizer.name !== 'Adam') throw new Error('resident: see whyNotResident');
  const { numModels: models, config } = state;
  return { models, T, H: config.hiddenSize, ...residentLayout(state), ...adamDims(optimizer.options) };
}

const arenasOf = ({ weights, m, v }: ModelState) => ({ weights: weights.flat, m: m.flat, v: v.flat });

/** A kernel for a model, and its scratch memory. */
async function loadTraining(
  device: GuardedDevice,
  variant: Exclude<ResidentKernel, 'rows'>,
  config: ModelConfig,
  { T, C }: { T: number; C: number },
) {
  const { inputSize: I, hiddenSize: H, outputSize: O } = config;
  if (variant === 'quads') {
    const inMemory = !(await hasQuads(device));
    const shape = quadShape(device, config, T, inMemory)!; // see whyNotResident
    const kernel = await (inMemory ? residentQuadsInMemory : residentQuads).load(device, { ...shape, C });
    return { kernel, scratch: { name: 'history', shape: shape.STORED ? [T, 6, shape.UNITS] : [1] } };
  }
  if (variant === 'tiled') {
    const kernel = await resident.load(device, { ...residentShape(config), C });
    return { kernel, scratch: { name: 'history', shape: [6 * T + 8, 8, 4] } };
  }
  const rows = 4 * (H + I + 2 + 2 * Math.ceil(O / 4)) + 2 * T;
  return { kernel: await residentWide.load(device, { H, O, I, C }), scratch: { name: 'scratch', shape: [rows, H, 4] } };
}
