import { createPlan } from '../engine/choose.ts';
import { kernelFamily } from '../engine/family.ts';
import { lossOf } from '../engine/losses.ts';
import { optimizerOf } from '../engine/optimizers.ts';
import type { PlanOptions, TrainingPlan } from '../engine/plan.ts';
import { predictSamples } from '../engine/predict.ts';
import { createResidentPlan, RESIDENT_KERNELS } from '../engine/resident.ts';
import { ModelState } from '../engine/state.ts';
import { during, type GuardedDevice } from '../gpu/guarded_device.ts';
import { readBuffer } from '../gpu/readback.ts';
import { createTensor, type Tensor, writeTensor } from '../gpu/tensor.ts';
import { type ModelConfig, modelConfig } from '../model/config.ts';
import { initialWeights, MersenneTwister } from '../model/init.ts';
import type { StateDict } from '../model/parameters.ts';
import { Trainer } from '../nn/trainer.ts';
import type { TrainerOptions } from '../nn/trainer_options.ts';
import { type Check, TOLERANCES } from './check.ts';
import { type Errors, relativeError, SKETCH_SIZE, sketchError } from './compare.ts';
import { Numbers } from './numbers.ts';

/** The forecaster's default model, so that it can reuse what is compiled here; as in test/golden/model.json. */
export const MODEL = { seed: 2, windowLength: 10, batchSize: 2, options: { inputSize: 1, hiddenSize: 32 } } as const;
export const LR = 1e-2;
const BETAS = [0.9, 0.999] as const;

/** The generator in its state after `torch.manual_seed(seed)` and the creation of a model. */
function afterInitialWeights(config: ModelConfig, seed: number): MersenneTwister {
  const generator = new MersenneTwister(seed);
  for (const { data } of initialWeights(config, seed).values()) for (const _ of data) generator.uint32();
  return generator;
}

/** Two windows of T + 1 rows, one after the other. */
function seriesOf({ seed, windowLength, batchSize, options }: typeof MODEL): Float32Array {
  const generator = afterInitialWeights(modelConfig(options), seed);
  return Float32Array.from({ length: batchSize * (windowLength + 1) }, () => generator.uniform(-1, 1));
}

const starts = (): Uint32Array => Uint32Array.from({ length: MODEL.batchSize }, (_, n) => n * (MODEL.windowLength + 1));

const initial = (): StateDict => initialWeights(modelConfig(MODEL.options), MODEL.seed);

function withModel(
  device: GuardedDevice,
  use: (state: ModelState, series: Tensor) => Promise<Errors>,
): Promise<Errors> {
  return during(device, async (scope) => {
    const state = new ModelState(scope, modelConfig(MODEL.options));
    const values = seriesOf(MODEL);
    const series = createTensor(scope, 'series', [values.length, 1]);
    state.load(initial());
    writeTensor(device, series, values);
    return use(state, series);
  });
}

interface PlanRunner {
  name: string;
  create: (options: PlanOptions) => Promise<TrainingPlan>;
}

/** Every plan with the kernels of the device's family, the resident one with each of them. */
const runnersOf = (device: GuardedDevice): PlanRunner[] => [
  ...RESIDENT_KERNELS[kernelFamily(device)].map((kernel) => ({
    name: `resident, ${kernel}`,
    create: (options: PlanOptions) => createResidentPlan(options, kernel),
  })),
  ...(['sequence', 'timestep'] as const).map((name) => ({
    name,
    create: (options: PlanOptions) => createPlan(name, options),
  })),
];

/** One optimizer step: its loss, every gradient (from Adam's first moment), and the update of the weights. */
const stepCheck = ({ name, create }: PlanRunner): Check => ({
  name: `training step, ${name}`,
  tolerance: TOLERANCES.update,
  run: (device) =>
    withModel(device, async (state, series) => {
      const options: PlanOptions = {
        device,
        state,
        source: { kind: 'windows', series },
        ...{ windowLength: MODEL.windowLength, batchSize: MODEL.batchSize, maxSamples: MODEL.batchSize },
        loss: lossOf({ name: 'mse' }),
        optimizer: optimizerOf({ name: 'Adam', betas: BETAS }),
        clip: undefined,
        seeds: [0],
      };
      const plan = await create(options);
      try {
        plan.setOrder([starts()]);
        const step = () => {
          const encoder = device.createCommandEncoder({ label: 'self-test step' });
          plan.encode(encoder, { firstStep: 0, numSteps: 1, models: [{ stepsTaken: 0, lr: () => LR }] });
          device.queue.submit(encoder);
        };
        step();
        const { sideBySide } = plan;
        const failed = sideBySide && (await readBuffer(device, sideBySide.failed.buffer, 0, 4));
        if (failed && new Uint32Array(failed)[0] !== 0) {
          // as in training: the same step again, with other kernels
          sideBySide.giveUp();
          state.load(initial());
          step();
        }
        const [loss, [moments], [weights]] = await Promise.all([
          readBuffer(device, plan.losses.buffer, 0, 4),
          state.readArena(state.m),
          state.readWeights(),
        ]);
        return stepErrors(new Float32Array(loss), moments!, weights!);
      } finally {
        plan.dispose();
      }
    }),
});

function stepErrors(loss: Float32Array, moments: StateDict, weights: StateDict): Errors {
  const golden = new Numbers('training step');
  const errors: Errors = { loss: relativeError(loss, golden.take(1)) };
  for (const [name, { data: before }] of initial()) {
    const gradient = Float64Array.from(moments.get(name)!.data, (moment) => moment / (1 - BETAS[0]));
    const move = Float64Array.from(weights.get(name)!.data, (after, k) => after - before[k]!);
    errors[`gradient of ${name}`] = sketchError(gradient, golden.take(SKETCH_SIZE));
    errors[`move of ${name}`] = sketchError(move, golden.take(SKETCH_SIZE));
  }
  return errors;
}

const predictCheck: Check = {
  name: 'resident predict',
  tolerance: TOLERANCES.gradient,
  run: (device) =>
    withModel(device, async (state, series) => {
      const { windowLength: T, batchSize } = MODEL;
      const predict = async () => (await predictSamples(state, { kind: 'windows', series }, T, [starts()]))[0]!;
      const errors: Errors = { y: relativeError(await predict(), new Numbers('predict').take(batchSize)) };
      // all gates open: c counts the steps, h = tanh(T), and y is tanh(T) times the sum of the head's weights
      writeTensor(device, series, new Float32Array(batchSize * (T + 1)).fill(1));
      const open = (name: string, data: Float32Array) =>
        name.startsWith('fc.') ? data : data.map(() => (name.includes('weight_hh') ? 0 : 1e4));
      const weights = initial();
      state.load(new Map([...weights].map(([name, { shape, data }]) => [name, { shape, data: open(name, data) }])));
      const y = weights.get('fc.weight')!.data.reduce((sum, value) => sum + value * Math.tanh(T), 0);
      const expected = Array.from(starts(), () => y + weights.get('fc.bias')!.data[0]!);
      errors['y, saturated'] = relativeError(await predict(), expected);
      // forecasts become rows of the next window: they are written into the series
      state.load(initial());
      const roll = { ahead: 1, values: 1, value: 0 };
      const two = [Uint32Array.of(0, 1)];
      const [rolled] = await predictSamples(state, { kind: 'windows', series }, T, two, roll);
      const [again] = await predictSamples(state, { kind: 'windows', series }, T, two);
      return { ...errors, 'y, rolled': relativeError(rolled!, again!) };
    }),
};

/** A whole training, as in test/golden/trainer.json: a class for every step of sequences of different lengths. */
export const TRAINING = {
  model: { cell: 'GRU', inputSize: 3, hiddenSize: 7, outputSize: 4, head: 'every', numLayers: 2 },
  loss: { name: 'crossEntropy' },
  optimizer: { name: 'AdamW', lr: 0.01, weightDecay: 0.1 },
  schedule: { name: 'CosineAnnealingLR', tMax: 12, etaMin: 0.001, per: 'step' },
  seed: 1,
} as const satisfies Omit<TrainerOptions, 'device'>;
const SAMPLES = { count: 8, steps: 5, lengths: [5, 1, 3, 5, 2, 4, 1, 5] };
const EPOCHS = 4;

/** Inputs in [-1, 1) and classes, in the order of test/golden/trainer.py. */
function trainingData() {
  const { count: S, steps: T, lengths } = SAMPLES;
  const { inputSize: I, outputSize: O } = TRAINING.model;
  const generator = afterInitialWeights(modelConfig(TRAINING.model), TRAINING.seed);
  const inputs = Float32Array.from({ length: S * T * I }, () => generator.uniform(-1, 1));
  const targets = Float32Array.from({ length: S * T }, () => generator.uint32() % O);
  return { inputs: { shape: [S, T, I], data: inputs }, targets: { shape: [S, T], data: targets }, lengths };
}

const trainerCheck: Check = {
  name: 'whole training',
  tolerance: TOLERANCES.trace,
  async run(device) {
    const trainer = await Trainer.create({ device: device.raw, ...TRAINING });
    try {
      const { epochs } = await trainer.fit(trainingData(), { batchSize: 3, shuffle: false, epochs: EPOCHS });
      const golden = new Numbers('whole training').take(EPOCHS);
      return {
        losses: relativeError(
          epochs.map(({ loss }) => loss),
          golden,
        ),
      };
    } finally {
      trainer.dispose();
    }
  },
};

export const planChecks = (device: GuardedDevice): Check[] => [
  ...runnersOf(device).map(stepCheck),
  predictCheck,
  trainerCheck,
];
