import type { FitReport, PlanName } from '../src/index.ts';
import { Forecaster, Trainer } from '../src/index.ts';
import type { ChromeBench } from './chrome.ts';
import { type Contender, measure, type Result } from './contender.ts';
import { flopsPerStep } from './flops.ts';
import type { Place } from './ours.ts';
import { pytorchSizes } from './pytorch.ts';

/** Sizes of a training run: rows of a batch, time steps, inputs, hidden units, layers. */
export interface Sizes {
  N: number;
  T: number;
  I: number;
  H: number;
  L: number;
}

/** From the tutorial's step to sizes that fill a GPU; the last ones take seconds per step on a software adapter. */
const GRID: readonly Sizes[] = [
  { N: 1, T: 10, I: 1, H: 32, L: 1 },
  { N: 1, T: 50, I: 1, H: 64, L: 1 },
  { N: 8, T: 30, I: 1, H: 64, L: 1 },
  { N: 32, T: 10, I: 1, H: 32, L: 1 },
  { N: 32, T: 30, I: 4, H: 64, L: 2 },
  { N: 64, T: 50, I: 8, H: 128, L: 1 },
  { N: 128, T: 100, I: 16, H: 256, L: 1 },
];

export const titleOf = ({ N, T, I, H, L }: Sizes): string => `B ${N}, T ${T}, I ${I}, H ${H}, L ${L}`;

export const flopsOf = ({ N, T, I, H, L }: Sizes): number =>
  flopsPerStep({ cell: 'LSTM', inputSize: I, hiddenSize: H, numLayers: L, windowLength: T, batchSize: N });

/** The resources of a training run besides time. */
export interface Taken {
  plan: string;
  dispatchesPerStep: number;
  /** Largest total size of buffers alive at once. */
  peakBytes: number;
}

const takenBy = new Map<string, Taken>();
export const taken = (name: string): Taken | undefined => takenBy.get(name);

const stepsOf = (sizes: Sizes): number => Math.max(1, Math.min(12, Math.round(4e8 / flopsOf(sizes))));

/** How much to train at some sizes. */
export interface Fit {
  sizes: Sizes;
  plan: PlanName | 'auto';
  epochs: number;
  /** Of an epoch. */
  steps: number;
  /** Default 1; more only with one input. */
  models?: number;
  /** Awaited right before the call of fit(). */
  ready?: () => Promise<void>;
}

/** Trains a new model on a wave: windows of it with one input, otherwise separate sequences. */
export async function fitAt(
  device: GPUDevice,
  { sizes, plan, epochs, steps, models = 1, ready }: Fit,
): Promise<FitReport> {
  const { N, T, I, H, L } = sizes;
  const options = { epochs, batchSize: N, plan };
  if (I > 1) {
    const trainer = await Trainer.create({ device, model: { inputSize: I, hiddenSize: H, numLayers: L } });
    const S = N * steps;
    const inputs = { shape: [S, T, I], data: Float32Array.from({ length: S * T * I }, (_, k) => Math.sin(k)) };
    const targets = { shape: [S, 1], data: Float32Array.from({ length: S }, (_, k) => Math.cos(k)) };
    await ready?.();
    const report = await trainer.fit({ inputs, targets }, { ...options, shuffle: false });
    trainer.dispose();
    return report;
  }
  const sized = { windowLength: T, hiddenSize: H, numLayers: L, ensemble: models };
  const forecaster = await Forecaster.create({ device, ...sized });
  const rows = T + Math.ceil((N * steps) / 0.8) + 1;
  await ready?.();
  const report = await forecaster.fit(
    Float64Array.from({ length: rows }, (_, k) => Math.sin(k / 9)),
    options,
  );
  forecaster.dispose();
  return report;
}

/** Milliseconds per optimizer step: the fastest epoch, without the first one, which warms up. */
function ours(place: Place, sizes: Sizes, plan: PlanName | 'auto'): Contender {
  const name = `ours, ${plan}, ${titleOf(sizes)}`;
  const steps = stepsOf(sizes);
  const sample = async (): Promise<number> => {
    const memory = watchMemory(place.device);
    const { epochs, dispatches, steps: done, plan: ran } = await fitAt(place.device, { sizes, plan, epochs: 3, steps });
    takenBy.set(name, { plan: ran, dispatchesPerStep: dispatches / done, peakBytes: memory.stop() });
    return Math.min(...epochs.slice(1).map((epoch) => (epoch.seconds * 1000) / epoch.steps));
  };
  return { name, device: place.deviceName, prepare: async () => void (await sample()), sample };
}

/** Tracks the peak memory of buffers created from now on. */
function watchMemory(device: GPUDevice): { stop(): number } {
  const create = device.createBuffer;
  let [alive, peak] = [0, 0];
  device.createBuffer = (descriptor) => {
    const buffer = create.call(device, descriptor);
    const destroy = buffer.destroy.bind(buffer);
    alive += descriptor.size;
    peak = Math.max(peak, alive);
    buffer.destroy = () => {
      alive -= descriptor.size;
      destroy();
    };
    return buffer;
  };
  return {
    stop() {
      device.createBuffer = create;
      return peak;
    },
  };
}

/** The plans to time; `resident` holds a single layer and is far too slow for large batches. */
const plansOf = ({ N, I, H, L }: Sizes): PlanName[] =>
  I === 1 && L === 1 && N * H <= 2048 ? ['resident', 'sequence', 'timestep'] : ['sequence', 'timestep'];

/** Times every row of the grid: every plan, `auto` and the peers. */
export async function measureGrid(
  place: Place,
  chrome: ChromeBench | undefined,
  rounds: number,
  print: (line: string) => void,
): Promise<{ sizes: Sizes; results: Result[] }[]> {
  const rows: { sizes: Sizes; results: Result[] }[] = [];
  for (const sizes of GRID) {
    const contenders = [
      ...plansOf(sizes).map((plan) => ours(place, sizes, plan)),
      ours(place, sizes, 'auto'),
      ...(chrome ? chrome.tensorflowAt(sizes, stepsOf(sizes)) : []),
      ...pytorchSizes(sizes, stepsOf(sizes)),
    ];
    rows.push({ sizes, results: await measure(contenders, flopsOf(sizes) > 5e9 ? 1 : rounds, print) });
  }
  return rows;
}
