import type { NumericArray, TensorInput, TensorValue } from '../arrays.ts';
import { ModelState } from '../engine/state.ts';
import { ConfigError, DataError, DeviceError } from '../errors.ts';
import { GuardedDevice } from '../gpu/guarded_device.ts';
import { numElements } from '../gpu/tensor.ts';
import type { BytesInput } from '../io/bytes.ts';
import { checkBetween, configWarnings, type ModelConfig } from '../model/config.ts';
import { initialWeights } from '../model/init.ts';
import type { StateDict, StateDictInput } from '../model/parameters.ts';
import type { MatchOptions } from '../model/state_dict.ts';
import { checkOptions } from '../options.ts';
import { readSnapshot, snapshotFrom } from '../train/checkpoint.ts';
import { Claim } from '../train/claim.ts';
import { runFit } from '../train/fit.ts';
import { type Snapshot, Snapshots } from '../train/position.ts';
import { type Epochs, FitRun, type FitStart } from '../train/run.ts';
import { eitherSignal } from '../train/signals.ts';
import { noCounts } from '../train/slice_runner.ts';
import { meanLoss } from '../train/validation.ts';
import { Lifetime } from './lifetime.ts';
import { SampleOutputs } from './sample_outputs.ts';
import { chunkSize, type Samples, uploadSamples } from './samples.ts';
import { clearPadding, swapFirstAxes } from './shapes.ts';
import { checkSame, parseTrainerCheckpoint, trainerCheckpoint, type UnfinishedFit } from './trainer_checkpoint.ts';
import { hashOfSamples, readInputs, readSamples } from './trainer_data.ts';
import {
  copied,
  FIT_OPTIONS,
  RESUME_OPTIONS,
  type SampleData,
  TRAINER_OPTIONS,
  type TrainerFitOptions,
  type TrainerOptions,
  type TrainerParts,
  type TrainerResumeOptions,
  trainerParts,
  trainerSettings,
} from './trainer_options.ts';
import { type Done, readStateDict, writeStateDict } from './trainer_state.ts';

/** A fit, and where it goes on. */
interface Training extends Pick<UnfinishedFit, 'settings' | 'epochsDone' | 'reports'> {
  from?: { snapshot: Snapshot; hashes: readonly string[] };
}

/** Trains a recurrent model of any kind on sequences. Goes on where the last fit stopped. */
export class Trainer {
  readonly config: Readonly<ModelConfig>;
  readonly seed: number;
  /** What is legal but probably not meant: dropout with a single layer. */
  readonly warnings: readonly string[];
  readonly #device: GuardedDevice;
  readonly #options: Omit<TrainerOptions, 'device'>;
  readonly #parts: TrainerParts;
  readonly #state: ModelState;
  #done: Done = { steps: 0, epochs: 0 };
  /** What a fit goes on from. */
  #start: Exclude<FitStart, 'checkpoint'> = 'initial';
  readonly #claim = new Claim('trainer', (method) => this.#lifetime.check(method));
  /** Gives the newest fit as it is now. */
  #checkpoint: (() => Promise<Uint8Array<ArrayBuffer>>) | undefined;
  /** A fit that came with a checkpoint, until it goes on. */
  #unfinished: Training | undefined;
  /** Stops the fit under way. */
  #stopper: AbortController | undefined;
  readonly #lifetime = new Lifetime('trainer', {
    free: () => this.#state.destroy(),
    idle: () => this.#device.forget(),
  });

  /**
   * Makes a trainer with PyTorch's initial weights for `seed`.
   * @throws ConfigError naming the first option out of range. @throws DeviceError when the model does not fit the device.
   */
  static async create(options: TrainerOptions): Promise<Trainer> {
    checkOptions('Trainer.create', options, TRAINER_OPTIONS);
    const trainer = new Trainer(options);
    trainer.#state.load(initialWeights(trainer.config, trainer.seed));
    await trainer.#accepted();
    return trainer;
  }

  /**
   * Makes a trainer from the bytes that {@link checkpoint} gave, with all its options; {@link resume} goes on.
   * @throws DataError when they are not such a file, or one that was damaged. @throws ConfigError for what are no bytes.
   * @throws DeviceError when the model does not fit the device.
   */
  static async load(bytes: BytesInput, given: { device: GPUDevice }): Promise<Trainer> {
    checkOptions('Trainer.load', given, { device: true });
    const { device } = given;
    const { options, settings, epochsDone, hashes, reports, position, tensors } = parseTrainerCheckpoint(bytes);
    const trainer = new Trainer({ ...options, device });
    const { optimizer, schedule } = trainer.#parts;
    try {
      const where = { position, stopsEarly: settings.earlyStopping !== undefined };
      const snapshot = snapshotFrom(readSnapshot(tensors, trainer.config, optimizer, where), trainer.#state);
      trainer.#state.writeBytes(snapshot.state);
      trainer.#unfinished = { settings, epochsDone, reports, from: { snapshot, hashes } };
      const fit = { options: trainer.#options, settings, epochsDone, hashes, reports };
      trainer.#checkpoint = async () => trainerCheckpoint(fit, snapshot, trainer.#state, optimizer);
    } catch (error) {
      trainer.dispose();
      throw new DataError(`checkpoint: ${(error as Error).message}`);
    }
    const [{ stepsTaken, schedule: remembered }] = position.models as [(typeof position.models)[0]];
    schedule.restore(remembered);
    trainer.#done = { steps: stepsTaken + position.step, epochs: position.epoch - 1 };
    trainer.#start = 'state';
    await trainer.#accepted();
    return trainer;
  }

  private constructor({ device, model, loss, optimizer, clip, schedule, seed }: TrainerOptions) {
    if (!device) throw new ConfigError('device: missing. Get one with requestDevice() and pass it in.');
    this.#options = copied({ model, loss, optimizer, clip, schedule, seed }); // the caller may change theirs
    this.#parts = trainerParts(this.#options);
    this.config = this.#parts.config;
    this.seed = this.#parts.seed;
    this.warnings = configWarnings(this.config);
    this.#device = new GuardedDevice(device);
    this.#state = new ModelState(this.#device, this.config);
  }

  /**
   * Trains on samples. Iterate the run for its epochs, or await it. Batches of 32 and shuffled, unless the options say
   * otherwise; weights, epochs, optimizer and schedule go on from the last fit, or from what was loaded, unless `from` says
   * otherwise. A Float32Array is not copied: leave it as it is until the run has ended.
   * The run rejects with ShapeError, ConfigError, DataError (a value by its sample), TrainingError (non-finite loss),
   * DeviceError, or the signal's reason.
   */
  fit(data: SampleData, options: TrainerFitOptions = {}): FitRun {
    return new FitRun(this.#claim.hold('fit', () => this.#fit(data, options)));
  }

  /**
   * Goes on with the fit of the checkpoint that this trainer was loaded from, as if it had never stopped: to the same bits on
   * the same device.
   * @param data the same samples, and in the options the same for validation; the checkpoint knows their hashes.
   * The run rejects as that of {@link fit}; with DataError for other samples.
   */
  resume(data: SampleData, options: TrainerResumeOptions = {}): FitRun {
    return new FitRun(this.#claim.hold('resume', () => this.#resume(data, options)));
  }

  async *#fit(data: SampleData, options: TrainerFitOptions): Epochs {
    checkOptions('fit', options, FIT_OPTIONS);
    const settings = trainerSettings(options, Boolean(options.validation));
    if (settings.from === 'weights' && this.#start === 'initial')
      throw new ConfigError(
        "from: got 'weights', but there are the initial ones only; loadStateDict(), or fit() first.",
      );
    const epochsDone = settings.from === 'state' ? this.#done.epochs : 0;
    return yield* this.#train({ settings, epochsDone, reports: [] }, data, options);
  }

  async *#resume(data: SampleData, options: TrainerResumeOptions): Epochs {
    checkOptions('resume', options, RESUME_OPTIONS);
    if (!this.#unfinished)
      throw new ConfigError('resume: there is no unfinished fit; load() the bytes that checkpoint() gave first.');
    const { settings, ...training } = this.#unfinished;
    const { sliceMs = settings.sliceMs } = options;
    checkBetween('sliceMs', sliceMs, 0, Infinity);
    return yield* this.#train({ ...training, settings: { ...settings, sliceMs } }, data, options);
  }

  async *#train(
    { settings, epochsDone, reports: before, from }: Training,
    data: SampleData,
    options: TrainerResumeOptions,
  ): Epochs {
    const { loss, optimizer, clip, schedule } = this.#parts;
    const samples = readSamples(data, this.config, loss);
    const validation = options.validation && readSamples(options.validation, this.config, loss, 'validation.');
    const { plan, batchSize, epochs, shuffle, sliceMs, earlyStopping } = settings;
    const chunkSamples = chunkSize(this.#device, samples, batchSize, settings.chunkSamples);
    const { beforeSlice, onProgress } = options;
    options.signal?.throwIfAborted();
    const stopper = new AbortController();
    const signal = eitherSignal(stopper.signal, options.signal);
    this.#stopper = stopper;
    const leave = this.#lifetime.enter('fit');
    const counts = noCounts();
    const owners: { destroy(): void }[] = [];
    try {
      const hashes = () => Promise.all([samples, ...(validation ? [validation] : [])].map(hashOfSamples));
      if (from) checkSame(await hashes(), from.hashes);
      if (from && chunkSamples !== settings.chunkSamples)
        throw new DeviceError(
          `resume: got a device that holds ${chunkSamples} samples at once, expected ${settings.chunkSamples}, as the first.`,
        );
      this.#unfinished = undefined;
      const uploaded = uploadSamples(this.#device, samples, chunkSamples);
      owners.push(uploaded);
      const outputs = validation && new SampleOutputs(this.#state, validation);
      if (outputs) owners.push(outputs);
      if (!from && settings.from !== 'state') this.#startFrom(settings.from);
      const [numSamples, windowLength] = samples.inputs.shape as [number, number];
      const reports = [...before];
      const snapshots = new Snapshots();
      this.#checkpoint = async () => {
        const [snapshot, fitHashes] = await Promise.all([snapshots.take(), hashes()]);
        const fit = { options: this.#options, settings: { ...settings, chunkSamples }, epochsDone, hashes: fitHashes };
        const done = reports.filter(({ epoch }) => epoch < snapshot.position.epoch);
        return trainerCheckpoint({ ...fit, reports: done }, snapshot, this.#state, optimizer);
      };
      const model = {
        starts: Uint32Array.from({ length: numSamples }, (_, sample) => sample),
        ...{ lr: optimizer.options.lr, schedule, seed: this.seed, stepsTaken: this.#done.steps },
      };
      const planOptions = {
        ...{ device: this.#device, state: this.#state, source: uploaded.source, windowLength, batchSize },
        ...{ maxSamples: numSamples, loss, optimizer, clip, seeds: [this.seed] },
      };
      const feed = chunkSamples < numSamples ? { chunkSamples, load: uploaded.load } : undefined;
      const validate = outputs && (async () => [this.#meanLoss(await outputs.read(), validation)]);
      const trainOptions = {
        ...{ epochs, epochsDone, shuffle, sliceMs, models: [model], feed, validate, earlyStopping },
        ...{ from: from?.snapshot, snapshots, signal, beforeSlice, onProgress },
      };
      return yield* runFit(plan, planOptions, trainOptions, {
        ...{ from: from ? 'checkpoint' : this.#start, counts, reports },
      });
    } finally {
      if (counts.steps > 0) this.#start = 'state';
      this.#done = { steps: this.#done.steps + counts.steps, epochs: this.#done.epochs + counts.epochs };
      for (const owner of owners) owner.destroy();
      this.#stopper = undefined;
      leave();
    }
  }

  /**
   * The newest fit as it is now, to go on with later: options, weights, what the optimizer and the schedule keep, place in the
   * samples. Possible at any time from the first step of a fit on, and after it ended or was aborted; of a loaded trainer it
   * is what was loaded, until it trains.
   * @throws ConfigError before a fit, and after {@link loadStateDict}.
   */
  async checkpoint(): Promise<Uint8Array<ArrayBuffer>> {
    return this.#lifetime.during('checkpoint', async () => {
      if (!this.#checkpoint) throw new ConfigError('checkpoint: nothing was trained yet; call fit() first.');
      return this.#checkpoint();
    });
  }

  /**
   * Outputs of the head for every sequence.
   * @param inputs [S, T, I]; any values that float32 has, also NaN and infinity, as of a module.
   * @returns [S, O], or [S, T, O] of a head on every step; zero behind the end of a sequence.
   * @throws ShapeError, ConfigError, DataError naming the argument.
   */
  async predict(inputs: TensorInput, options: { lengths?: NumericArray } = {}): Promise<TensorValue> {
    checkOptions('predict', options, { lengths: true });
    const values = readInputs({ inputs, lengths: options.lengths }, this.config);
    const [numSamples, windowLength] = values.inputs.shape as [number, number];
    const { outputSize: O, head } = this.config;
    const leave = this.#lifetime.enter('predict');
    let outputs: SampleOutputs | undefined;
    try {
      outputs = new SampleOutputs(this.#state, { ...values, targets: zeros([numSamples, 1, 1]) });
      const data = await outputs.read();
      if (head === 'last') return { shape: [numSamples, O], data };
      const timeMajor = swapFirstAxes(data, numSamples, windowLength);
      clearPadding(timeMajor, windowLength, values.lengths);
      return { shape: [numSamples, windowLength, O], data: swapFirstAxes(timeMajor, windowLength, numSamples) };
    } finally {
      outputs?.destroy();
      leave();
    }
  }

  /**
   * The weights by PyTorch's names; with `optimizer` also what the optimizer keeps, as `optimizer.exp_avg.lstm.weight_ih_l0`
   * and so on, `optimizer.step`, and what a schedule that watches the loss remembers, as `optimizer.schedule.best`.
   */
  async stateDict(options: { optimizer?: boolean } = {}): Promise<StateDict> {
    checkOptions('stateDict', options, { optimizer: true });
    const { optimizer = false } = options;
    return this.#lifetime.during('stateDict', async () => {
      if (optimizer) return readStateDict({ ...this.#parts, state: this.#state }, this.#done);
      return (await this.#state.readWeights())[0]!;
    });
  }

  /**
   * Takes weights by PyTorch's names, with any prefix, and what optimizer and schedule kept where it is there; without it they
   * start anew. The next fit goes on from there.
   * @throws ShapeError naming what is missing, unknown or of another shape, DataError a value that cannot be; nothing changes
   * then. @throws ConfigError while it trains.
   */
  loadStateDict(values: StateDictInput, options: MatchOptions = {}): void {
    this.#claim.check('loadStateDict');
    this.#done = writeStateDict({ ...this.#parts, state: this.#state }, values, options);
    this.#start = this.#done.steps > 0 ? 'state' : 'weights';
    this.#checkpoint = undefined;
    this.#unfinished = undefined;
  }

  /**
   * Frees the trainer's memory on the device. A fit under way stops after its slice, as if its signal aborted, and rejects with
   * a ConfigError; other calls under way end first, and later ones reject.
   */
  dispose(): void {
    this.#stopper?.abort(new ConfigError('fit: this trainer was disposed while it trained.'));
    this.#lifetime.end();
  }

  /** @throws CommandError where the device has no room for the model. */
  async #accepted(): Promise<void> {
    try {
      await this.#device.settled();
    } catch (error) {
      this.dispose();
      throw error;
    }
  }

  /** Takes away what optimizer and schedule keep, and the weights, too, where the initial ones are asked for. */
  #startFrom(start: 'weights' | 'initial'): void {
    if (start === 'initial') this.#state.load(initialWeights(this.config, this.seed));
    else this.#state.resetOptimizer();
    this.#parts.schedule.restore({});
    this.#done = { steps: 0, epochs: 0 };
    this.#start = start;
  }

  /** @param outputs of every sample. */
  #meanLoss(outputs: Float32Array, { targets, lengths }: Samples): number {
    return meanLoss(this.#options.loss ?? { name: 'mse' }, outputs, targets.data, {
      steps: targets.shape[1]!,
      lengths,
    });
  }
}

const zeros = (shape: number[]): TensorValue => ({ shape, data: new Float32Array(numElements(shape)) });
