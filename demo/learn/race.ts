import type { StateDict } from '../../src/index.ts';
import { MersenneTwister } from '../../src/model/init.ts';
import { Trainer } from '../../src/nn/trainer.ts';
import type { ShownLayer } from '../inside/inside_view.ts';
import { Film } from './film.ts';
import {
  flowOf,
  layerOf,
  mapped,
  modelOf,
  openWeights,
  outputsOf,
  RACERS,
  type Racer,
  type RaceSettings,
  testSet,
} from './models.ts';
import { drawSamples, Random, TASKS, type Task, type TaskData } from './tasks.ts';

/** At the usual delays a batch of more would take a second matrix product, which a software adapter compiles for half a second. */
const BATCH = 8;
/** Optimizer steps from one frame to the next. */
export const STEPS_PER_FRAME = 4;
/** Steps of a race. */
const MOST_STEPS = 1600;
/** Frames that are kept: a few MB of weights. */
const MOST_FRAMES = 256;
/** At 60 pictures a second; more would not be seen. */
const BETWEEN_FRAMES_MS = 1000 / 60;
const LR = 0.02;

/** The models at one moment of a race. */
interface Frame {
  /** From 0, before the first step. */
  number: number;
  step: number;
  /** Mean loss of the steps since the frame before; NaN before the first. */
  losses: Record<Racer, number>;
  weights: Record<Racer, StateDict>;
}

/** What of a frame is wanted: of which model the gates and states, while it reads which sample of the test set. */
export interface Look {
  racer: Racer;
  sample: number;
}

/** A frame as it is drawn, computed from its weights. */
export interface Shot extends Pick<Frame, 'number' | 'step' | 'losses'> {
  /** [S, A, O] of the test set. */
  outputs: Record<Racer, Float32Array>;
  /** How much of the gradient at the last step reaches each step of the sample that is looked at, [T]. */
  flows: Record<Racer, Float64Array>;
  layer: ShownLayer;
}

/** The newest frame, and what happened since the one that was drawn before. */
export interface Live extends Shot {
  /** The losses of each frame since, this one's included. */
  curve: Pick<Frame, 'step' | 'losses'>[];
  /** Distance between frames that are kept. */
  every: number;
}

export interface RaceOptions {
  /** Called with the newest frame when the call before has returned, at most 60 times a second; the race does not wait for it. */
  onFrame: (live: Live) => PromiseLike<void> | void;
  signal: AbortSignal;
}

/** A plain RNN, a GRU and an LSTM that learn the same task: from the same seed, with the same samples, step by step. */
export class Race {
  readonly #task: Task;
  readonly #settings: RaceSettings;
  readonly #trainers: Record<Racer, Trainer>;
  readonly #random: Random;
  readonly #test: TaskData;
  readonly #film = new Film<Frame>(MOST_FRAMES);
  #look: Look;
  #gate: { opened: Promise<void>; open: () => void } | undefined;

  /** @param look what its frames are drawn with. @throws DeviceError when the models do not fit the device. */
  static async create(device: GPUDevice, settings: RaceSettings, look: Look): Promise<Race> {
    const task = TASKS[settings.task];
    const { seed } = settings;
    const trainers = await ofEach(async (racer) => {
      const trainer = await Trainer.create({
        ...{ device, seed, model: modelOf(racer, task), loss: { name: task.loss } },
        ...{ optimizer: { name: 'Adam', lr: LR }, clip: { norm: 1 } },
      });
      trainer.loadStateDict(openWeights(trainer.config, seed, task));
      return trainer;
    });
    return new Race(settings, trainers, look);
  }

  private constructor(settings: RaceSettings, trainers: Record<Racer, Trainer>, look: Look) {
    this.#look = look;
    this.#settings = settings;
    this.#task = TASKS[settings.task];
    this.#trainers = trainers;
    this.#random = new Random(new MersenneTwister(settings.seed));
    this.#test = testSet(settings);
  }

  /** Trains until the end, or rejects with the signal's reason; what is on the device is freed then, and the film stays. */
  async run({ onFrame, signal }: RaceOptions): Promise<void> {
    let curve: Live['curve'] = [];
    let [isDrawing, drawnMs] = [false, Number.NEGATIVE_INFINITY];
    const draw = () => {
      if (isDrawing || performance.now() - drawnMs < BETWEEN_FRAMES_MS) return;
      [isDrawing, drawnMs] = [true, performance.now()];
      const drawn = onFrame({ ...this.shot(), curve, every: this.#film.every });
      curve = [];
      void Promise.resolve(drawn).finally(() => {
        isDrawing = false;
      });
    };
    try {
      await this.#keep(0);
      draw();
      while (this.#film.newest!.step < MOST_STEPS) {
        await this.#gate?.opened;
        signal.throwIfAborted();
        const { step, losses } = await this.#advance();
        curve.push({ step, losses });
        draw();
      }
      if (curve.length > 0) await onFrame({ ...this.shot(), curve, every: this.#film.every });
    } finally {
      for (const racer of RACERS) this.#trainers[racer].dispose();
    }
  }

  /** From the frame under way on, until it is called with false. */
  setPaused(paused: boolean): void {
    this.#gate?.open();
    this.#gate = undefined;
    if (!paused) return;
    let open = () => {};
    const opened = new Promise<void>((resolve) => {
      open = resolve;
    });
    this.#gate = { opened, open };
  }

  /** @param look what the frames are drawn with from now on. */
  watch(look: Look): void {
    this.#look = look;
  }

  /** A frame of the film, from its weights. @param number default: the newest. */
  shot(number = Number.POSITIVE_INFINITY): Shot {
    const { number: own, step, losses, weights } = this.#film.at(number)!;
    const { racer, sample } = this.#look;
    const layers = mapped((each) => layerOf(each, this.#task, weights[each], this.#test, sample));
    return {
      ...{ number: own, step, losses },
      outputs: mapped((each) => outputsOf(each, this.#task, weights[each], this.#test)),
      flows: mapped((each) => flowOf(layers[each], weights[each])),
      layer: copied(layers[racer]),
    };
  }

  /** A few steps of each model on the same samples. */
  async #advance(): Promise<Frame> {
    const data = drawSamples(this.#task, this.#settings.delay, BATCH * STEPS_PER_FRAME, this.#random);
    const reports = await ofEach((racer) =>
      this.#trainers[racer].fit(data, { epochs: 1, batchSize: BATCH, shuffle: false, plan: 'sequence' }),
    );
    return this.#keep(
      STEPS_PER_FRAME,
      mapped((racer) => reports[racer].epochs[0]!.loss),
    );
  }

  async #keep(steps: number, losses = mapped(() => Number.NaN)): Promise<Frame> {
    const weights = await ofEach((racer) => this.#trainers[racer].stateDict());
    const { number, step } = this.#film.newest ?? { number: -1, step: 0 };
    const frame = { number: number + 1, step: step + steps, losses, weights };
    this.#film.add(frame);
    return frame;
  }
}

/** What crosses to the page may move there; the film and the test set stay. */
const copied = ({ window, weights: { ih, hh, biasIh, biasHh }, ...layer }: ShownLayer): ShownLayer => ({
  ...layer,
  window: window.slice(),
  weights: { ih: ih.slice(), hh: hh.slice(), biasIh: biasIh.slice(), biasHh: biasHh.slice() },
});

async function ofEach<Value>(of: (racer: Racer) => PromiseLike<Value>): Promise<Record<Racer, Value>> {
  const values = await Promise.all(RACERS.map(of));
  return Object.fromEntries(RACERS.map((racer, k) => [racer, values[k]])) as Record<Racer, Value>;
}

/** The race of a page: one at a time. */
export class RaceTrack {
  #race: Race | undefined;
  #paused = false;

  /** Runs a race to its end, from then on that one's frames are here. Rejects as {@link Race.run}. */
  async run(device: GPUDevice, settings: RaceSettings, look: Look, options: RaceOptions): Promise<void> {
    this.#paused = false;
    const race = await Race.create(device, settings, look);
    race.setPaused(this.#paused);
    this.#race = race;
    await race.run(options);
  }

  setPaused(paused: boolean): void {
    this.#paused = paused;
    this.#race?.setPaused(paused);
  }

  /** A frame of the race. @param look also of those that it sends from now on. @param number default: the newest. */
  shot(look: Look, number?: number): Shot | undefined {
    this.#race?.watch(look);
    return this.#race?.shot(number);
  }
}
