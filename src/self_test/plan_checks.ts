import { createPlan } from '../engine/choose.ts';
import { type KernelFamily, kernelFamily } from '../engine/family.ts';
import { lossOf } from '../engine/losses.ts';
import { optimizerOf } from '../engine/optimizers.ts';
import type { PlanOptions, TrainingPlan } from '../engine/plan.ts';
import { predictSamples } from '../engine/predict.ts';
import { createResidentPlan, RESIDENT_KERNELS, residentCells } from '../engine/resident.ts';
import { ModelState } from '../engine/state.ts';
import { during, type GuardedDevice } from '../gpu/guarded_device.ts';
import { readBuffer } from '../gpu/readback.ts';
import { createTensor, type Tensor, writeTensor } from '../gpu/tensor.ts';
import { type ModelConfig, modelConfig, type RecurrentOptions } from '../model/config.ts';
import { initialWeights, MersenneTwister } from '../model/init.ts';
import type { StateDict } from '../model/parameters.ts';
import { Trainer } from '../nn/trainer.ts';
import type { TrainerOptions } from '../nn/trainer_options.ts';
import { type Check, TOLERANCES } from './check.ts';
import { type Errors, relativeError, SKETCH_SIZE, sketchError } from './compare.ts';
import { Numbers } from './numbers.ts';

/** A model of test/golden/model.json, and a batch that it trains on. */
interface GoldenModel {
  seed: number;
  windowLength: number;
  batchSize: number;
  options: RecurrentOptions & { outputSize?: number };
}

/** The forecaster's default model, so that it can reuse what is compiled here. */
export const MODEL: GoldenModel = {
  ...{ seed: 2, windowLength: 10, batchSize: 2 },
  options: { cell: 'LSTM', inputSize: 1, hiddenSize: 32 },
};
/** For cells that only some resident kernels train. */
export const OTHER_MODELS = (['GRU', 'RNN_TANH', 'RNN_RELU'] as const).map(
  (cell): GoldenModel => ({
    ...{ seed: 6, windowLength: 5, batchSize: 3 },
    options: { cell, inputSize: 2, hiddenSize: 7, outputSize: 2 },
  }),
);
export const LR = 1e-2;
const BETAS = [0.9, 0.999] as const;

/** The generator in its state after `torch.manual_seed(seed)` and the creation of a model. */
function afterInitialWeights(config: ModelConfig, seed: number): MersenneTwister {
  const generator = new MersenneTwister(seed);
  for (const { data } of initialWeights(config, seed).values()) for (const _ of data) generator.uint32();
  return generator;
}

/** Windows of T + 1 rows, one after the other. */
function seriesOf({ seed, windowLength, batchSize, options }: GoldenModel): Float32Array {
  const generator = afterInitialWeights(modelConfig(options), seed);
  return Float32Array.from({ length: batchSize * (windowLength + 1) * options.inputSize }, () =>
    generator.uniform(-1, 1),
  );
}

const startsOf = ({ windowLength, batchSize }: GoldenModel): Uint32Array =>
  Uint32Array.from({ length: batchSize }, (_, n) => n * (windowLength + 1));

const initialOf = ({ seed, options }: GoldenModel): StateDict => initialWeights(modelConfig(options), seed);

function withModel(
  device: GuardedDevice,
  model: GoldenModel,
  use: (state: ModelState, series: Tensor) => Promise<Errors>,
): Promise<Errors> {
  return during(device, async (scope) => {
    const state = new ModelState(scope, modelConfig(model.options));
    const values = seriesOf(model);
    const { inputSize } = model.options;
    const series = createTensor(scope, 'series', [values.length / inputSize, inputSize]);
    state.load(initialOf(model));
    writeTensor(device, series, values);
    return use(state, series);
  });
}

/** The name of its numbers. */
export const stepName = ({ options: { cell } }: GoldenModel): string =>
  cell === 'LSTM' ? 'training step' : `training step, ${cell}`;

interface PlanRunner {
  name: string;
  create: (options: PlanOptions) => Promise<TrainingPlan>;
}

/** The resident plan, with each kernel of a family. */
const residentRunners = (family: KernelFamily): PlanRunner[] =>
  RESIDENT_KERNELS[family].map((kernel) => ({
    name: `resident, ${kernel}`,
    create: (options) => createResidentPlan(options, kernel),
  }));

const otherRunners = (['sequence', 'timestep'] as const).map(
  (name): PlanRunner => ({
    name,
    create: (options) => createPlan(name, options),
  }),
);

/** Every plan with the kernels of the device's family. */
function stepChecks(device: GuardedDevice): Check[] {
  const family = kernelFamily(device);
  const resident = residentRunners(family);
  const others = OTHER_MODELS.filter(({ options }) => residentCells(family).includes(options.cell!));
  return [
    ...[...resident, ...otherRunners].map((runner) => stepCheck(MODEL, runner)),
    ...others.flatMap((model) => resident.map((runner) => stepCheck(model, runner))),
  ];
}

/** One optimizer step: its loss, every gradient (from Adam's first moment), and the update of the weights. */
const stepCheck = (model: GoldenModel, { name, create }: PlanRunner): Check => ({
  name: `${stepName(model)}, ${name}`,
  tolerance: TOLERANCES.update,
  run: (device) =>
    withModel(device, model, async (state, series) => {
      const options: PlanOptions = {
        device,
        state,
        source: { kind: 'windows', series },
        ...{ windowLength: model.windowLength, batchSize: model.batchSize, maxSamples: model.batchSize },
        loss: lossOf({ name: 'mse' }),
        optimizer: optimizerOf({ name: 'Adam', betas: BETAS }),
        clip: undefined,
        seeds: [0],
      };
      const plan = await create(options);
      try {
        plan.setOrder([startsOf(model)]);
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
          state.load(initialOf(model));
          step();
        }
        const [loss, [moments], [weights]] = await Promise.all([
          readBuffer(device, plan.losses.buffer, 0, 4),
          state.readArena(state.m),
          state.readWeights(),
        ]);
        return stepErrors(model, new Float32Array(loss), moments!, weights!);
      } finally {
        plan.dispose();
      }
    }),
});

function stepErrors(model: GoldenModel, loss: Float32Array, moments: StateDict, weights: StateDict): Errors {
  const golden = new Numbers(stepName(model));
  const errors: Errors = { loss: relativeError(loss, golden.take(1)) };
  for (const [name, { data: before }] of initialOf(model)) {
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
    withModel(device, MODEL, async (state, series) => {
      const { windowLength: T, batchSize } = MODEL;
      const predict = async () => (await predictSamples(state, { kind: 'windows', series }, T, [startsOf(MODEL)]))[0]!;
      const errors: Errors = { y: relativeError(await predict(), new Numbers('predict').take(batchSize)) };
      // all gates open: c counts the steps, h = tanh(T), and y is tanh(T) times the sum of the head's weights
      writeTensor(device, series, new Float32Array(batchSize * (T + 1)).fill(1));
      const open = (name: string, data: Float32Array) =>
        name.startsWith('fc.') ? data : data.map(() => (name.includes('weight_hh') ? 0 : 1e4));
      const weights = initialOf(MODEL);
      state.load(new Map([...weights].map(([name, { shape, data }]) => [name, { shape, data: open(name, data) }])));
      const y = weights.get('fc.weight')!.data.reduce((sum, value) => sum + value * Math.tanh(T), 0);
      const expected = Array.from(startsOf(MODEL), () => y + weights.get('fc.bias')!.data[0]!);
      errors['y, saturated'] = relativeError(await predict(), expected);
      // forecasts become rows of the next window: they are written into the series
      state.load(initialOf(MODEL));
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

export const planChecks = (device: GuardedDevice): Check[] => [...stepChecks(device), predictCheck, trainerCheck];
