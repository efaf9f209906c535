import type { NumericArray, TensorInput, TensorValue } from '../arrays.ts';
import { DISPOSE } from '../dispose.ts';
import { ModelState } from '../engine/state.ts';
import { CommandError, ConfigError, StateError } from '../errors.ts';
import { GuardedDevice } from '../gpu/guarded_device.ts';
import { Lifetime } from '../lifetime.ts';
import { configWarnings, type ModelConfig, modelConfig, outputFeatures } from '../model/config.ts';
import { initialWeights } from '../model/init.ts';
import { parameterTable, type StateDict, type StateDictInput } from '../model/parameters.ts';
import { type MatchOptions, matchStateDict } from '../model/state_dict.ts';
import { checkOptions, notAChoice } from '../options.ts';
import {
  type GRUOptions,
  type LSTMOptions,
  MODULE_OPTIONS,
  type ModuleOptions,
  type RNNOptions,
} from './module_options.ts';
import { Session } from './session.ts';
import {
  type CallSizes,
  checkOutputGradient,
  checkStates,
  type OwnTensor,
  outputShape,
  readInput,
  readLengths,
  readTensors,
  stateShape,
  swapFirstAxes,
} from './shapes.ts';

/** Initial states and lengths of a forward call. */
export interface ForwardOptions {
  /** Initial hidden state, [D * L, N, P or H]. Default: zeros. */
  h0?: TensorInput;
  /** Initial cell state of an LSTM, [D * L, N, H]. Pass both h0 and c0, or neither. Default: zeros. */
  c0?: TensorInput;
  /** Length of each sequence, 1 to T, as in `pack_padded_sequence(..., enforce_sorted=False)`. Default: all T. */
  lengths?: NumericArray;
  /** Apply dropout between layers, like a module after `train()`. Default false, like after `eval()`. */
  training?: boolean;
}

/** The result of a forward call, as in torch.nn. */
export interface ForwardResult {
  /** The last layer's output at every step, [T, N, D * (P or H)], or in the input's layout; zero after a sequence's end. */
  output: TensorValue;
  /** State after each sequence's own last step, [D * L, N, P or H]. */
  hn: TensorValue;
  /** [D * L, N, H]; LSTM only. */
  cn?: TensorValue;
}

/** Gradients of a loss with respect to forward's results, in the same shapes; omitted ones are zero. */
export interface UpstreamGradients {
  output?: TensorInput;
  hn?: TensorInput;
  cn?: TensorInput;
}

/** The gradients of a backward call. */
export interface ModuleGradients {
  input: TensorValue;
  h0: TensorValue;
  c0?: TensorValue;
  /** By parameter name. */
  parameters: StateDict;
}

/** The common part of torch.nn's recurrent modules: {@link LSTM}, {@link GRU} and {@link RNN}. */
export class RecurrentModule {
  readonly config: Readonly<ModelConfig>;
  readonly batchFirst: boolean;
  /** Settings that are valid but probably a mistake: dropout with a single layer. */
  readonly warnings: readonly string[];
  readonly #device: GuardedDevice;
  readonly #state: ModelState;
  readonly #seed: number;
  readonly #fused: boolean;
  readonly #lifetime: Lifetime;
  /** Resolves when the last call so far has ended. */
  #turn: Promise<unknown> = Promise.resolve();
  #session: Session | undefined;
  /** The last forward call, for backward. */
  #last: { session: Session; sizes: CallSizes } | undefined;
  #numForwards = 0;

  protected constructor({ device, batchFirst = false, seed = 0, plan = 'timestep', ...options }: ModuleOptions) {
    this.config = modelConfig({ ...options, head: 'none' });
    this.batchFirst = batchFirst;
    this.warnings = configWarnings(this.config);
    if (plan !== 'timestep' && plan !== 'sequence') throw notAChoice('plan', plan, ['timestep', 'sequence']);
    this.#seed = seed;
    this.#fused = plan === 'sequence';
    this.#device = new GuardedDevice(device);
    this.#state = new ModelState(this.#device, this.config);
    this.#lifetime = new Lifetime('module', {
      free: () => {
        this.#dropSession();
        this.#state.dispose();
      },
      idle: () => this.#device.forget(),
    });
  }

  /** @throws CommandError if the device has no room for the module. */
  protected static async accepted<Module extends RecurrentModule>(module: Module): Promise<Module> {
    try {
      module.#state.load(initialWeights(module.config, module.#seed));
      await module.#device.settled();
      return module;
    } catch (error) {
      module.dispose();
      throw error;
    }
  }

  /**
   * Runs the module over whole sequences. Calls that are not awaited run one after another.
   * @param input [T, N, I], or [N, T, I] with `batchFirst`, or [T, I] without a batch: then states have no N either.
   * Its values, and those of the states, may be any float32, including NaN and infinity.
   * @throws ShapeError, ConfigError, DataError naming the argument. @throws DeviceError when the device is lost.
   */
  async forward(input: TensorInput, options: ForwardOptions = {}): Promise<ForwardResult> {
    checkOptions('forward', options, { h0: true, c0: true, lengths: true, training: true });
    const { config } = this;
    const { input: own, sizes } = readInput(input, config, this.batchFirst);
    const lengths = readLengths(options.lengths, sizes);
    const { training = false } = options;
    const { h0, c0 } = readTensors(options, ['h0', 'c0']);
    checkStates(config, sizes, ['h0', h0], ['c0', c0]);
    if (config.cell === 'LSTM' && !h0 !== !c0)
      throw new ConfigError(`${h0 ? 'c0' : 'h0'}: missing, but ${h0 ? 'h0' : 'c0'} was given; pass both or neither.`);
    const drops = training && config.dropout > 0;
    const x = this.#toTimeMajor(own, sizes);
    const initial = { h: h0?.data, c: c0?.data };
    const { output, h, c } = await this.#inTurn('forward', async () => {
      const session = await this.#sessionFor(sizes, options.lengths !== undefined, drops);
      this.#last = { session, sizes };
      return session.forward(x, lengths, initial, this.#numForwards++);
    });
    return {
      output: this.#fromTimeMajor(output, sizes, outputFeatures(config)),
      hn: { shape: stateShape(config, sizes), data: h },
      ...(c && { cn: { shape: stateShape(config, sizes, config.hiddenSize), data: c } }),
    };
  }

  /**
   * Gradients of the last forward call, for the loss sum(output * d.output) + sum(hn * d.hn) + sum(cn * d.cn).
   * @throws StateError before a forward call. @throws ShapeError naming the gradient whose shape differs from its value's.
   * @throws DataError naming a value that is not a number.
   */
  async backward(d: UpstreamGradients): Promise<ModuleGradients> {
    const { config } = this;
    const given = copyOf('backward', d);
    return this.#inTurn('backward', async () => {
      const { session, sizes, output, final } = this.#upstream(given);
      const { x, h, c } = await session.backward(output, final);
      const [parameters] = await this.#state.readGradients();
      return {
        input: this.#fromTimeMajor(x, sizes, config.inputSize),
        h0: { shape: stateShape(config, sizes), data: h },
        ...(c && { c0: { shape: stateShape(config, sizes, config.hiddenSize), data: c } }),
        parameters: parameters!,
      };
    });
  }

  /**
   * How much of a loss's gradient reaches each time step of the last forward call: |dL/dh_t|, the 2-norm over batch and units.
   * In an RNN it vanishes, or explodes, with the distance from the loss; an LSTM's cell state carries it.
   * @param d default: the gradients of the sum of the last step's outputs.
   * @returns for each layer and direction, in the order of h_n, one value per time step.
   * @see Hochreiter & Schmidhuber 1997; Pascanu, Mikolov & Bengio 2013, "On the difficulty of training RNNs"
   */
  async gradientFlow(d?: UpstreamGradients): Promise<Float64Array[]> {
    const given = copyOf('gradientFlow', d ?? {});
    return this.#inTurn('gradientFlow', async () => {
      const { session, output, final } = this.#upstream(given);
      if (d) return session.gradientFlow(output, final);
      const { steps, rows } = session.options;
      const row = rows * outputFeatures(this.config);
      return session.gradientFlow(new Float32Array(steps * row).fill(1, (steps - 1) * row), final);
    });
  }

  /** The weights under PyTorch's names, in its order. */
  async stateDict(): Promise<StateDict> {
    const [weights] = await this.#lifetime.during('stateDict', () => this.#state.readWeights());
    return weights!;
  }

  /**
   * Loads weights under PyTorch's names; any name prefix is accepted: `weight_ih_l0`, `lstm.weight_ih_l0`,
   * `model.rnn.weight_ih_l0`. They take effect at once, so earlier calls that are still pending may use them, too.
   * @throws ShapeError naming what is missing, unknown or of another shape, DataError naming a value that is not a number; the
   *   weights are then unchanged.
   */
  loadStateDict(weights: StateDictInput, options: MatchOptions = {}): void {
    this.#lifetime.check('loadStateDict');
    this.#state.load(matchStateDict(weights, parameterTable(this.config), options));
  }

  /** Frees the module's memory on the device, once earlier calls have ended; later ones reject. */
  dispose(): void {
    this.#lifetime.end();
  }

  /** Calls {@link dispose} at the end of a `using` block. */
  [DISPOSE](): void {
    this.dispose();
  }

  /** Runs a call after all earlier ones: they share buffers, and backward uses the last forward call. */
  #inTurn<Result>(method: string, call: () => Promise<Result>): Promise<Result> {
    const before = this.#turn;
    const turn = this.#lifetime.during(method, async () => {
      await before;
      try {
        return await call();
      } catch (error) {
        if (error instanceof CommandError) this.#dropSession(); // its buffers may be among those that were rejected
        throw error;
      }
    });
    const done = () => undefined;
    this.#turn = turn.then(done, done);
    return turn;
  }

  /** Buffers for inputs of this size: those of the last call if they fit, otherwise new ones. */
  async #sessionFor({ steps, rows }: CallSizes, ragged: boolean, drops: boolean): Promise<Session> {
    const existing = this.#session?.options;
    const fits = existing?.steps === steps && existing.rows === rows && existing.ragged === ragged;
    if (fits && (existing.dropoutSeeds !== undefined) === drops) return this.#session!;
    const dropoutSeeds = drops ? [this.#seed] : undefined;
    const session = await Session.create(this.#state, { steps, rows, ragged, dropoutSeeds, fused: this.#fused });
    this.#session?.dispose();
    this.#session = session;
    return session;
  }

  #dropSession(): void {
    this.#session?.dispose();
    this.#session = undefined;
    this.#last = undefined;
  }

  #upstream({ output, hn, cn }: ReturnType<typeof copyOf>) {
    if (!this.#last) throw new StateError('backward: there is no forward pass; call forward() first.');
    const { session, sizes } = this.#last;
    const { config } = this;
    checkStates(config, sizes, ['hn', hn], ['cn', cn]);
    if (output) checkOutputGradient(output, outputShape(config, sizes, this.batchFirst));
    const dOutput = output && this.#toTimeMajor(output, sizes);
    return { session, sizes, output: dOutput, final: { h: hn?.data, c: cn?.data } };
  }

  /** Converts to the GPU's layout. */
  #toTimeMajor({ data }: OwnTensor, { steps, rows, batched }: CallSizes): Float32Array<ArrayBuffer> {
    return this.batchFirst && batched ? swapFirstAxes(data, rows, steps) : data;
  }

  #fromTimeMajor(data: Float32Array, sizes: CallSizes, features: number): TensorValue {
    const { steps, rows, batched } = sizes;
    const swaps = this.batchFirst && batched;
    const shape = outputShape(this.config, sizes, this.batchFirst, features);
    return { shape, data: swaps ? swapFirstAxes(data, steps, rows) : data };
  }
}

/** Copies the caller's arrays, which may change before the call runs. */
function copyOf(method: string, d: UpstreamGradients) {
  checkOptions(method, d, { output: true, hn: true, cn: true });
  return readTensors(d, ['output', 'hn', 'cn']);
}

/**
 * torch.nn.LSTM with all its arguments: gates i, f, g, o; two biases, directions, projection, dropout between layers.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.LSTM.html
 */
export class LSTM extends RecurrentModule {
  /** @throws ConfigError naming the first option out of range. @throws DeviceError when it does not fit the device. */
  static async create(options: LSTMOptions): Promise<LSTM> {
    checkOptions('LSTM.create', options, MODULE_OPTIONS);
    return RecurrentModule.accepted(new LSTM({ ...options, cell: 'LSTM' }));
  }
}

/**
 * torch.nn.GRU: gates r, z, n.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.GRU.html
 */
export class GRU extends RecurrentModule {
  /** @throws ConfigError naming the first option out of range. @throws DeviceError when it does not fit the device. */
  static async create(options: GRUOptions): Promise<GRU> {
    checkOptions('GRU.create', options, MODULE_OPTIONS);
    return RecurrentModule.accepted(new GRU({ ...options, cell: 'GRU' }));
  }
}

/**
 * torch.nn.RNN, the plain recurrence h_t = tanh(W_ih x_t + b_ih + W_hh h_(t-1) + b_hh).
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.RNN.html
 */
export class RNN extends RecurrentModule {
  /** @throws ConfigError naming the first option out of range. @throws DeviceError when it does not fit the device. */
  static async create(given: RNNOptions): Promise<RNN> {
    checkOptions('RNN.create', given, { ...MODULE_OPTIONS, nonlinearity: true });
    const { nonlinearity = 'tanh', ...options } = given;
    if (nonlinearity !== 'tanh' && nonlinearity !== 'relu')
      throw notAChoice('nonlinearity', nonlinearity, ['tanh', 'relu']);
    return RecurrentModule.accepted(new RNN({ ...options, cell: nonlinearity === 'tanh' ? 'RNN_TANH' : 'RNN_RELU' }));
  }
}

/** A module of any kind. */
export function createModule({ cell, ...options }: ModuleOptions): Promise<RecurrentModule> {
  if (cell === 'GRU') return GRU.create(options);
  if (cell === 'RNN_TANH' || cell === 'RNN_RELU')
    return RNN.create({ ...options, nonlinearity: cell === 'RNN_TANH' ? 'tanh' : 'relu' });
  return LSTM.create(options);
}
