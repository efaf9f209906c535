import type { NumericArray, TensorInput } from '../arrays.ts';
import { DISPOSE } from '../dispose.ts';
import { DeviceError, StateError } from '../errors.ts';
import { during } from '../gpu/guarded_device.ts';
import { numElements } from '../gpu/tensor.ts';
import { type BytesInput, bytesOf } from '../io/bytes.ts';
import { notTrained } from '../lifetime.ts';
import { configWarnings, type ModelConfig } from '../model/config.ts';
import { parameterTable, type StateDict, type StateDictInput, type TensorValue } from '../model/parameters.ts';
import { type MatchOptions, matchStateDict } from '../model/state_dict.ts';
import { checkOptions } from '../options.ts';
import { stoppable } from '../signals.ts';
import { checkSameData, type SavedTraining, snapshotFrom } from '../train/checkpoint.ts';
import { resumedSettings } from '../train/controls.ts';
import { writeTrainedFile } from '../train/file.ts';
import { Models } from '../train/models.ts';
import type { FitStart } from '../train/report.ts';
import { FitRun } from '../train/run.ts';
import { Training, type TrainingData, type TrainingJob } from '../train/training.ts';
import { meanLoss } from '../train/validation.ts';
import { SampleOutputs } from './sample_outputs.ts';
import { chunkSize, type Samples, uploadForTraining } from './samples.ts';
import { clearPadding, swapFirstAxes } from './shapes.ts';
import { hashOfSamples, readInputs, readSamples } from './trainer_data.ts';
import { parseTrainerFile } from './trainer_file.ts';
import {
  copied,
  FIT_OPTIONS,
  type SampleData,
  TRAINER_OPTIONS,
  TRAINER_RESUME_OPTIONS,
  type TrainerFitOptions,
  type TrainerOptions,
  type TrainerParts,
  type TrainerResumeOptions,
  type TrainerSettings,
  trainerParts,
  trainerSettings,
} from './trainer_options.ts';

/** Progress of all trainings so far. */
interface Done {
  steps: number;
  epochs: number;
}

/** Trains a recurrent model of any kind on sequences. Each fit continues where the last one stopped. */
export class Trainer {
  readonly config: Readonly<ModelConfig>;
  readonly seed: number;
  /** Settings that are valid but probably a mistake: dropout with a single layer. */
  readonly warnings: readonly string[];
  readonly #options: Omit<TrainerOptions, 'device'>;
  readonly #parts: TrainerParts;
  readonly #models: Models;
  #done: Done = { steps: 0, epochs: 0 };
  /** What a fit continues from. */
  #start: Exclude<FitStart, 'checkpoint'> = 'initial';
  /** Takes a checkpoint of the latest fit. */
  #checkpoint: (() => Promise<Uint8Array<ArrayBuffer>>) | undefined;
  /** The fit in a loaded checkpoint, until it is resumed. */
  #unfinished: SavedTraining<TrainerSettings> | undefined;

  /**
   * Creates a trainer with PyTorch's initial weights for `seed`.
   * @throws ConfigError naming the first option out of range. @throws DeviceError if the model does not fit the device.
   */
  static async create(options: TrainerOptions): Promise<Trainer> {
    checkOptions('Trainer.create', options, TRAINER_OPTIONS);
    const trainer = new Trainer(options);
    await trainer.#models.start(() => trainer.#models.load());
    return trainer;
  }

  /**
   * Creates a trainer from the bytes of {@link save} or {@link checkpoint}, with all its options. After the latter, {@link
   * resume} continues the fit.
   * @throws DataError if the file is of another kind or damaged. @throws ConfigError if `bytes` is not a byte array.
   * @throws DeviceError if the model does not fit the device.
   */
  static async load(bytes: BytesInput, given: { device: GPUDevice }): Promise<Trainer> {
    checkOptions('Trainer.load', given, { device: true });
    const { options, weights, training } = parseTrainerFile(bytes);
    const trainer = new Trainer({ ...options, device: given.device });
    await trainer.#models.start(() => {
      if (training) trainer.#take(training, bytesOf('Trainer.load', bytes).slice());
      else trainer.loadStateDict(weights);
    });
    return trainer;
  }

  /** Restores a checkpoint. @param file its bytes. */
  #take(training: SavedTraining<TrainerSettings>, file: Uint8Array<ArrayBuffer>): void {
    const { position } = training;
    const [{ stepsTaken, schedule }] = position.models as [(typeof position.models)[0]];
    this.#models.state.writeBytes(snapshotFrom(training, this.#models.state).state);
    this.#parts.schedule.restore(schedule);
    this.#done = { steps: stepsTaken + position.step, epochs: position.epoch - 1 };
    this.#start = 'state';
    this.#unfinished = training;
    this.#checkpoint = async () => file.slice();
  }

  private constructor({ device, model, loss, optimizer, clip, schedule, seed }: TrainerOptions) {
    this.#options = copied({ model, loss, optimizer, clip, schedule, seed }); // the caller may change the originals
    this.#parts = trainerParts(this.#options);
    this.config = this.#parts.config;
    this.seed = this.#parts.seed;
    this.warnings = configWarnings(this.config);
    const own = { config: this.config, seeds: [this.seed], name: 'trainer' };
    this.#models = new Models(device, own);
  }

  /** The device in use: the one passed in, or a new one after a fit recovered from a lost device. */
  get device(): GPUDevice {
    return this.#models.device.raw;
  }

  /**
   * Trains on samples. Iterate over the run to get its epochs, or await it. By default, batches of 32, shuffled, and weights,
   * epochs, optimizer and schedule continue from the last fit or from what was loaded. A Float32Array is not copied: do not
   * change it until the run has ended.
   * The run rejects with ShapeError, ConfigError, StateError (during another training), DataError (naming the sample),
   * TrainingError (non-finite loss), DeviceError, or the signal's reason.
   */
  fit(data: SampleData, options: TrainerFitOptions = {}): FitRun {
    const training = new Training(this.#models, 'fit', options, () => {
      checkOptions('fit', options, FIT_OPTIONS);
      const settings = trainerSettings(options, Boolean(options.validation));
      if (settings.from === 'weights' && this.#start === 'initial')
        throw new StateError(
          "from: got 'weights', but there are no trained weights; call loadStateDict() or fit() first.",
          { code: 'not-trained', details: { method: 'fit' } },
        );
      return this.#job(settings, data, options);
    });
    return new FitRun(training.epochs());
  }

  /**
   * Resumes the fit of the checkpoint that this trainer was loaded from, as if it had never stopped: bit-identical on the same
   * device.
   * @param data the same samples, and in `options` the same validation samples; their hashes are in the checkpoint.
   * The run rejects like that of {@link fit}; with DataError for other samples.
   */
  resume(data: SampleData, options: TrainerResumeOptions = {}): FitRun {
    const training = new Training(this.#models, 'resume', options, () => {
      checkOptions('resume', options, TRAINER_RESUME_OPTIONS);
      const unfinished = this.#unfinished;
      if (!unfinished)
        throw new StateError('resume: there is no unfinished fit; load() the bytes of a checkpoint() first.', {
          code: 'nothing-to-resume',
        });
      return this.#job(resumedSettings(unfinished.settings, options), data, options, unfinished);
    });
    return new FitRun(training.epochs());
  }

  async #job(
    asked: TrainerSettings,
    data: SampleData,
    { validation: given, signal, recover }: TrainerResumeOptions,
    unfinished?: SavedTraining<TrainerSettings>,
  ): Promise<TrainingJob> {
    const { loss, optimizer, clip, schedule } = this.#parts;
    const { device, state } = this.#models;
    const samples = readSamples(data, this.config, loss);
    const validation = given && readSamples(given, this.config, loss, 'validation.');
    const chunkSamples = chunkSize(device, samples, asked.batchSize, asked.chunkSamples);
    const settings = { ...asked, chunkSamples };
    signal?.throwIfAborted();
    const trained = this.#data(samples, validation, chunkSamples);
    if (unfinished) await this.#checkSame(unfinished, trained, chunkSamples);
    this.#unfinished = undefined;
    if (!unfinished && settings.from !== 'state') this.#startFrom(settings.from);
    const bytes = recover && !unfinished ? await state.readBytes() : undefined;
    const done = this.#done;
    return {
      ...{ start: unfinished ? 'checkpoint' : this.#start, settings, loss, optimizer, clip },
      ...{ rates: [optimizer.options.lr], schedules: [schedule], epochs: [settings.epochs], data: trained },
      before: { epochs: unfinished?.epochsBefore ?? done.epochs, steps: done.steps },
      load: () => bytes && this.#models.state.writeBytes(bytes), // otherwise the weights are on the device already
      from: unfinished && { ...unfinished, snapshot: snapshotFrom(unfinished, state) },
      file: { writer: 'trainer', model: this.#options },
      begun: (training) => {
        this.#checkpoint = () => training.checkpoint();
      },
      ended: ({ steps, epochs }) => {
        if (steps > 0) this.#start = 'state';
        this.#done = { steps: done.steps + steps, epochs: done.epochs + epochs };
      },
    };
  }

  /** @throws DataError for samples other than the checkpoint's. @throws DeviceError if they come in chunks of another size. */
  async #checkSame({ hashes, settings }: SavedTraining<TrainerSettings>, data: TrainingData, chunkSamples: number) {
    checkSameData(await data.hashes(), hashes, (part) => ['data', 'options.validation'][part]!);
    if (chunkSamples !== settings.chunkSamples)
      throw new DeviceError(
        `resume: got a device that holds ${chunkSamples} samples at once, expected ${settings.chunkSamples}, like the first device.`,
      );
  }

  #data(samples: Samples, validation: Samples | undefined, chunkSamples: number): TrainingData {
    const windowLength = samples.inputs.shape[1]!;
    return {
      windowLength,
      hashes: () => Promise.all([samples, ...(validation ? [validation] : [])].map(hashOfSamples)),
      upload: (scope) => {
        const outputs = validation && new SampleOutputs(scope, this.#models.state, validation);
        return {
          ...uploadForTraining(scope, samples, chunkSamples),
          validate: outputs && (async () => [this.#meanLoss(await outputs.read(), validation)]),
        };
      },
    };
  }

  /**
   * The state of the latest fit, to resume it later: options, weights, state of the optimizer and the schedule, position in the
   * samples. Possible at any time after the first step of a fit, also after it ended or was aborted; for a loaded trainer it is
   * the loaded file, until it trains.
   * @throws StateError before a fit, and after {@link loadStateDict}.
   */
  async checkpoint(): Promise<Uint8Array<ArrayBuffer>> {
    return this.#models.lifetime.during('checkpoint', async () => {
      if (!this.#checkpoint) throw notTrained('checkpoint', 'call fit() first');
      return this.#checkpoint();
    });
  }

  /**
   * Outputs of the head for every sequence.
   * @param inputs [S, T, I]; any float32 values, including NaN and infinity.
   * @param options the sequences' lengths; a signal that stops the call, which then rejects with the signal's reason.
   * @returns [S, O], or [S, T, O] for a head on every step; zero after the end of a sequence.
   * @throws ShapeError, ConfigError, DataError naming the argument.
   */
  async predict(
    inputs: TensorInput,
    options: { lengths?: NumericArray; signal?: AbortSignal } = {},
  ): Promise<TensorValue> {
    checkOptions('predict', options, { lengths: true, signal: true });
    const { signal } = options;
    const values = readInputs({ inputs, lengths: options.lengths }, this.config);
    const [numSamples, windowLength] = values.inputs.shape as [number, number];
    const { outputSize: O, head } = this.config;
    const { device, state, lifetime } = this.#models;
    const samples = { ...values, targets: zeros([numSamples, 1, 1]) };
    const data = await stoppable(signal, () =>
      lifetime.during('predict', () =>
        during(device, (scope) => new SampleOutputs(scope, state, samples).read(signal)),
      ),
    );
    if (head === 'last') return { shape: [numSamples, O], data };
    const timeMajor = swapFirstAxes(data, numSamples, windowLength);
    clearPadding(timeMajor, windowLength, values.lengths);
    return { shape: [numSamples, windowLength, O], data: swapFirstAxes(timeMajor, windowLength, numSamples) };
  }

  /** The weights under PyTorch's names. */
  async stateDict(): Promise<StateDict> {
    return this.#models.lifetime.during('stateDict', async () => (await this.#models.state.readWeights())[0]!);
  }

  /**
   * Loads weights under PyTorch's names; any name prefix is accepted. Resets optimizer and schedule. The next fit continues
   * from these weights.
   * @throws ShapeError naming what is missing, unknown or of another shape, DataError naming an invalid value; nothing has
   *   changed then. @throws StateError during training.
   */
  loadStateDict(values: StateDictInput, options: MatchOptions = {}): void {
    this.#models.checkIdle('loadStateDict');
    this.#models.state.load(matchStateDict(values, parameterTable(this.config), options));
    this.#parts.schedule.restore({});
    this.#done = { steps: 0, epochs: 0 };
    this.#start = 'weights';
    this.#checkpoint = undefined;
    this.#unfinished = undefined;
  }

  /** A safetensors file, for {@link load}: weights under PyTorch's names, and all options in its metadata. */
  async save(): Promise<Uint8Array<ArrayBuffer>> {
    return writeTrainedFile('trainer', { tensors: await this.stateDict(), model: this.#options });
  }

  /**
   * Frees the trainer's memory on the device. A fit in progress stops after its current slice, as if its signal had aborted,
   * and rejects with a StateError; other calls in progress end first, and later ones reject.
   */
  dispose(): void {
    this.#models.dispose();
  }

  /** Calls {@link dispose} at the end of a `using` block. */
  [DISPOSE](): void {
    this.dispose();
  }

  /** Resets optimizer and schedule and, for 'initial', the weights. */
  #startFrom(start: 'weights' | 'initial'): void {
    if (start === 'initial') this.#models.load();
    else this.#models.state.resetOptimizer();
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
