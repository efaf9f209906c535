import { checkClip } from '../engine/clip.ts';
import { type Loss, type LossOptions, lossOf } from '../engine/losses.ts';
import { type Optimizer, type OptimizerOptions, optimizerOf } from '../engine/optimizers.ts';
import type { ClipOptions } from '../engine/plan.ts';
import { predictSamples } from '../engine/predict.ts';
import { ModelState } from '../engine/state.ts';
import { ConfigError, ShapeError } from '../errors.ts';
import { numElements, writeTensor } from '../gpu/tensor.ts';
import { configWarnings, type ModelConfig, type ModelOptions, modelConfig } from '../model/config.ts';
import { initialWeights } from '../model/init.ts';
import { checkStateDict, parameterTable, type StateDict, type TensorValue } from '../model/parameters.ts';
import { matchStateDict } from '../model/state_dict.ts';
import { checkControls, type FitControls, runFit } from '../train/fit.ts';
import { type FitReport, FitRun } from '../train/run.ts';
import { createSchedule, type Schedule, type ScheduleOptions } from '../train/schedules.ts';
import { noCounts } from '../train/slice_runner.ts';
import type { EpochReport } from '../train/trainer.ts';
import { chunkSize, uploadSamples } from './samples.ts';
import { checkFilled, checkLengths, clearPadding, swapFirstAxes } from './shapes.ts';

/** A model, and how it is trained. */
export interface TrainerOptions {
  /** A device of the caller's; never destroyed here. */
  device: GPUDevice;
  /** The recurrent layers, and the linear layer on their last step or on every one. */
  model: Omit<ModelOptions, 'head'> & { head?: 'last' | 'every' };
  /** Default mean squared error. */
  loss?: LossOptions;
  /** Default Adam, with torch's settings. */
  optimizer?: OptimizerOptions;
  /** Limits for the gradients. Default none. */
  clip?: ClipOptions;
  /** How the learning rate changes. Default: not at all. */
  schedule?: ScheduleOptions;
  /** As in `torch.manual_seed(seed)`; also of the order of samples and of dropout. Default 0. */
  seed?: number;
}

/** Sequences with a target for their end, or for each of their steps. */
export interface SampleData {
  /** [S, T, I] */
  inputs: TensorValue;
  /**
   * [S, K] for a head on the last step, [S, T, K] for one on every step. K is outputSize; with a quantile loss outputSize
   * divided by the number of quantiles. With crossEntropy the classes, from 0, without the last axis.
   */
  targets: TensorValue;
  /** Steps of each sequence, 1 to T; what lies behind is not read. Default: all T. */
  lengths?: ArrayLike<number>;
}

export interface TrainerFitOptions extends FitControls {
  /**
   * Samples on the device at once, rounded to whole batches; more stream to it while it trains, and are then shuffled within
   * chunks, and the chunks among themselves. Default: as many as one buffer holds.
   */
  chunkSamples?: number;
}

/** Trains a recurrent model of any kind on sequences. Goes on where the last fit stopped. */
export class Trainer {
  readonly config: Readonly<ModelConfig>;
  readonly seed: number;
  /** What is legal but probably not meant: dropout with a single layer. */
  readonly warnings: readonly string[];
  readonly #device: GPUDevice;
  readonly #state: ModelState;
  readonly #loss: Loss;
  readonly #optimizer: Optimizer;
  readonly #clip: ClipOptions | undefined;
  readonly #schedule: Schedule;
  #epochsDone = 0;
  #stepsTaken = 0;
  #busy = false;

  /**
   * Makes a trainer with PyTorch's initial weights for `seed`.
   * @throws ConfigError naming the first option out of range. @throws DeviceError when the model does not fit the device.
   */
  static async create(options: TrainerOptions): Promise<Trainer> {
    return new Trainer(options);
  }

  private constructor({ device, model, loss, optimizer, clip, schedule, seed = 0 }: TrainerOptions) {
    if (!device) throw new ConfigError('device: missing. Get one with requestDevice() and pass it in.');
    this.config = modelConfig(model);
    if (this.config.head === 'none')
      throw new ConfigError("head: got 'none', expected 'last' or 'every': it is trained.");
    this.seed = seed;
    this.warnings = configWarnings(this.config);
    this.#loss = lossOf(loss ?? { name: 'mse' });
    this.#loss.targetSize(this.config.outputSize); // throws where the two do not go together
    this.#optimizer = optimizerOf(optimizer ?? { name: 'Adam' });
    checkClip(clip);
    this.#clip = clip;
    this.#schedule = createSchedule(schedule);
    const weights = initialWeights(this.config, seed);
    this.#device = device;
    this.#state = new ModelState(device, this.config);
    this.#state.load(weights);
  }

  /**
   * Trains on samples. Iterate the run for its epochs, or await it. Batches of 32 and shuffled, unless the options say
   * otherwise; epochs, optimizer and schedule go on from the last fit.
   * The run rejects with ShapeError, ConfigError, TrainingError (non-finite loss), DeviceError, or the signal's reason.
   */
  fit(data: SampleData, options: TrainerFitOptions = {}): FitRun {
    return new FitRun(this.#train(data, options));
  }

  async *#train(data: SampleData, options: TrainerFitOptions): AsyncGenerator<EpochReport, FitReport, undefined> {
    if (this.#busy) throw new ConfigError('fit: this trainer is training already; wait for it, or create another.');
    const { plan, batchSize, ...controls } = checkControls(options, { batchSize: 32, shuffle: true });
    const { numSamples, windowLength, values } = this.#checkData(data);
    const chunkSamples = chunkSize(this.#device, values, batchSize, options.chunkSamples);
    options.signal?.throwIfAborted();
    this.#busy = true;
    const { source, load, destroy } = uploadSamples(this.#device, values, chunkSamples);
    const feed = chunkSamples < numSamples ? { chunkSamples, load } : undefined;
    const model = {
      starts: Uint32Array.from({ length: numSamples }, (_, sample) => sample),
      lr: this.#optimizer.options.lr,
      schedule: this.#schedule,
      seed: this.seed,
      stepsTaken: this.#stepsTaken,
    };
    const planOptions = {
      device: this.#device,
      state: this.#state,
      source,
      windowLength,
      batchSize,
      maxSamples: numSamples,
      loss: this.#loss,
      optimizer: this.#optimizer,
      clip: this.#clip,
      seeds: [this.seed],
    };
    const counts = noCounts();
    try {
      return yield* runFit(
        plan,
        planOptions,
        { ...controls, models: [model], feed, epochsDone: this.#epochsDone },
        { counts },
      );
    } finally {
      this.#epochsDone += counts.epochs;
      this.#stepsTaken += counts.steps;
      destroy();
      this.#busy = false;
    }
  }

  /**
   * Outputs of the head for every sequence.
   * @param inputs [S, T, I]
   * @returns [S, O], or [S, T, O] of a head on every step; zero behind the end of a sequence.
   * @throws ShapeError, ConfigError naming the argument.
   */
  async predict(inputs: TensorValue, { lengths }: { lengths?: ArrayLike<number> } = {}): Promise<TensorValue> {
    const values = this.#checkInputs({ inputs, lengths });
    const [numSamples, windowLength] = values.inputs.shape as [number, number];
    const { outputSize: O, head } = this.config;
    const withTargets = { ...values, targets: zeros([numSamples, 1, 1]) };
    const chunkSamples = chunkSize(this.#device, withTargets, 1);
    const { source, load, destroy } = uploadSamples(this.#device, withTargets, chunkSamples);
    const perSample = O * (head === 'every' ? windowLength : 1);
    const data = new Float32Array(numSamples * perSample);
    try {
      for (let first = 0; first < numSamples; first += chunkSamples) {
        if (first > 0) load(first / chunkSamples);
        const size = Math.min(chunkSamples, numSamples - first);
        const samples = Uint32Array.from({ length: size }, (_, sample) => sample);
        data.set((await predictSamples(this.#state, source, windowLength, [samples]))[0]!, first * perSample);
      }
      if (head === 'last') return { shape: [numSamples, O], data };
      const timeMajor = swapFirstAxes(data, numSamples, windowLength);
      clearPadding(timeMajor, windowLength, values.lengths);
      return { shape: [numSamples, windowLength, O], data: swapFirstAxes(timeMajor, windowLength, numSamples) };
    } finally {
      destroy();
    }
  }

  /**
   * The weights by PyTorch's names; with `optimizer` also what the optimizer keeps, as `optimizer.exp_avg.lstm.weight_ih_l0`
   * and so on, and `optimizer.step`.
   */
  async stateDict({ optimizer = false }: { optimizer?: boolean } = {}): Promise<StateDict> {
    const [weights] = await this.#state.readWeights();
    if (!optimizer) return weights!;
    const all = new Map(weights);
    for (const [arena, torchName] of Object.entries(this.#optimizer.state) as [Kept, string][]) {
      const [kept] = await this.#state.readArena(this.#state[arena]);
      for (const [name, value] of kept!) all.set(`${OPTIMIZER}${torchName}.${name}`, value);
    }
    const progress = Float32Array.of(this.#stepsTaken, this.#epochsDone);
    return all.set(`${OPTIMIZER}step`, { shape: [2], data: progress });
  }

  /**
   * Takes weights by PyTorch's names, with any prefix, and what the optimizer kept where it is there; without it the
   * optimizer starts anew.
   * @throws ShapeError naming what is missing, unknown or of another shape; nothing changes then.
   */
  loadStateDict(values: StateDict, options: { prefix?: string } = {}): void {
    const isKept = (name: string) => name.startsWith(OPTIMIZER);
    const weights = new Map([...values].filter(([name]) => !isKept(name)));
    const table = parameterTable(this.config);
    const matched = matchStateDict(weights, table, options);
    const progress = values.get(`${OPTIMIZER}step`);
    const kept = Object.entries(this.#optimizer.state).map(([arena, torchName]) => {
      const prefix = `${OPTIMIZER}${torchName}.`;
      const own = [...values].filter(([name]) => name.startsWith(prefix));
      const parameters = new Map(own.map(([name, value]) => [name.slice(prefix.length), value]));
      if (progress) checkStateDict(parameters, table);
      return [arena as Kept, parameters] as const;
    });
    this.#state.load(matched);
    [this.#stepsTaken, this.#epochsDone] = [progress?.data[0] ?? 0, progress?.data[1] ?? 0];
    if (!progress) return;
    for (const [arena, parameters] of kept)
      for (const [name, { data }] of parameters) writeTensor(this.#device, this.#state[arena].tensor(name), data);
  }

  /** Frees the trainer's memory on the device. */
  dispose(): void {
    this.#state.destroy();
  }

  /** @throws ShapeError, ConfigError naming what does not fit the model. */
  #checkInputs({ inputs, lengths }: Pick<SampleData, 'inputs' | 'lengths'>) {
    const { inputSize: I } = this.config;
    const [S = 0, T = 0] = inputs.shape;
    if (inputs.shape.length !== 3 || S < 1 || T < 1 || inputs.shape[2] !== I)
      throw new ShapeError(
        `inputs: got shape [${inputs.shape.join(', ')}], expected [samples, steps, inputSize = ${I}].`,
      );
    checkFilled('inputs', inputs);
    return {
      inputs,
      lengths: checkLengths(lengths, { rows: S, steps: T, batched: true }),
      ragged: lengths !== undefined,
    };
  }

  #checkData(data: SampleData) {
    const values = this.#checkInputs(data);
    const [numSamples, windowLength] = values.inputs.shape as [number, number];
    const { head, outputSize } = this.config;
    const steps = head === 'every' ? [windowLength] : [];
    const classes = this.#loss.name === 'crossEntropy';
    const K = this.#loss.targetSize(outputSize);
    const expected = [numSamples, ...steps, ...(classes ? [] : [K])];
    const { shape, data: targets } = data.targets;
    if (shape.join() !== expected.join())
      throw new ShapeError(
        `targets: got shape [${shape.join(', ')}], expected [${expected.join(', ')}]: ` +
          `head '${head}', loss ${this.#loss.name}, outputSize ${outputSize}.`,
      );
    checkFilled('targets', data.targets);
    const bad = classes
      ? targets.find((value) => !(Number.isInteger(value) && value >= 0 && value < outputSize))
      : undefined;
    if (bad !== undefined)
      throw new ConfigError(`targets: got ${bad}, expected classes: whole numbers from 0 to ${outputSize - 1}.`);
    const inSteps = { shape: [numSamples, steps[0] ?? 1, K], data: targets };
    return { numSamples, windowLength, values: { ...values, targets: inSteps } };
  }
}

/** What names of an optimizer's values start with in a state dict. */
const OPTIMIZER = 'optimizer.';

type Kept = 'm' | 'v' | 'extra';

const zeros = (shape: number[]): TensorValue => ({ shape, data: new Float32Array(numElements(shape)) });
