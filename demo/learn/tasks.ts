import type { MersenneTwister } from '../../src/model/init.ts';

export const TASK_NAMES = ['wave', 'recall', 'order', 'adding'] as const;
export type TaskName = (typeof TASK_NAMES)[number];

/** Sequences with their answers, as a Trainer takes them. */
export interface TaskData {
  /** [S, T, I] */
  inputs: { shape: [number, number, number]; data: Float32Array<ArrayBuffer> };
  /** Classes [S]; numbers [S, 1]; of a head on every step [S, T, 1]. */
  targets: { shape: number[]; data: Float32Array<ArrayBuffer> };
}

/** Where a draw writes one sample: its inputs [T, I], and its targets [1], or [T] of a head on every step. */
interface Sample {
  inputs: Float32Array;
  targets: Float32Array;
}

/** A problem whose answer is known and needs memory over a delay. */
export interface Task {
  inputSize: number;
  /** 1, or the classes. */
  outputSize: number;
  /** Names of the classes. */
  classes?: readonly string[];
  head: 'last' | 'every';
  loss: 'mse' | 'crossEntropy';
  /**
   * Bias of an LSTM's forget gates and of a GRU's update gates at the start, where torch draws about 0: the gates are open, so
   * that gradients reach far back from the first step on.
   * Source: Jozefowicz, Zaremba & Sutskever 2015, "An Empirical Exploration of Recurrent Network Architectures", with more than
   * their 1 for delays of tens of steps.
   */
  openBias: number;
  /** Steps that the answer has to be remembered: the fewest and most, the usual, and one that a plain RNN does not learn. */
  delays: { least: number; usual: number; long: number; most: number };
  /** T: what a sequence of this delay takes. */
  steps: (delay: number) => number;
  /** Steps at the end whose targets are the answer; before them the target is 0. */
  answerSteps: number;
  /** Writes one sample into arrays of zeros. */
  draw: (sample: Sample, delay: number, random: Random) => void;
}

/** Draws from one stream of random bits, so that a seed decides all of it. */
export class Random {
  readonly #bits: MersenneTwister;

  constructor(bits: MersenneTwister) {
    this.#bits = bits;
  }

  /** At least 0, below 1. */
  unit(): number {
    return this.#bits.uniform(0, 1);
  }

  /** A whole number: at least 0, below `count`. */
  below(count: number): number {
    return this.#bits.uint32() % count;
  }
}

/** Symbols of 'recall', and classes of 'order'. */
export const CLASSES = 4;
/** Steps over which a wave is drawn. */
export const WAVE_STEPS = 16;
/** Half periods of a wave within its steps: the fewest, and how many more there may be. */
const [FEWEST_HALVES, MORE_HALVES] = [1, 2];

/** There is one answer, at the last step. */
const AT_THE_END: Pick<Task, 'head' | 'steps' | 'answerSteps'> = {
  head: 'last',
  steps: (delay) => delay + 1,
  answerSteps: 1,
};

/**
 * The first symbol, which is marked, is the answer; the unmarked ones that follow, for the length of the delay, are distractors.
 * Source: Hochreiter & Schmidhuber 1997, "Long Short-Term Memory", experiment 2: the first symbol decides the last one.
 */
const recall: Task = {
  inputSize: CLASSES + 1,
  outputSize: CLASSES,
  classes: ['A', 'B', 'C', 'D'],
  ...AT_THE_END,
  loss: 'crossEntropy',
  openBias: 5,
  delays: { least: 2, usual: 8, long: 25, most: 50 },
  draw({ inputs, targets }, delay, random) {
    for (let step = 0; step <= delay; step++) {
      const symbol = random.below(CLASSES);
      inputs[step * (CLASSES + 1) + symbol] = 1;
      if (step === 0) targets[0] = symbol;
    }
    inputs[CLASSES] = 1;
  },
};

/**
 * Two of many numbers are marked: the first one in the first tenth of the sequence, the second one past its middle. The
 * answer is their sum.
 * Source: Hochreiter & Schmidhuber 1997, experiment 4, with numbers from 0 to 1.
 */
const adding: Task = {
  inputSize: 2,
  outputSize: 1,
  ...AT_THE_END,
  loss: 'mse',
  openBias: 3,
  delays: { least: 2, usual: 8, long: 20, most: 50 },
  draw({ inputs, targets }, delay, random) {
    const steps = delay + 1;
    const first = random.below(Math.ceil(steps / 10));
    const second = Math.max(first + 1, Math.floor(steps / 2) + random.below(Math.ceil(steps / 10)));
    for (let step = 0; step < steps; step++) {
      const number = random.unit();
      const isMarked = step === first || step === second;
      inputs[2 * step] = number;
      inputs[2 * step + 1] = isMarked ? 1 : 0;
      if (isMarked) targets[0]! += number;
    }
  },
};

/**
 * Among random symbols a and b are two that count, each an X or a Y: one near the start, one past the middle. The answer is
 * which came when: XX, XY, YX or YY.
 * Source: Hochreiter & Schmidhuber 1997, experiment 6a.
 */
const order: Task = {
  inputSize: 4,
  outputSize: CLASSES,
  classes: ['XX', 'XY', 'YX', 'YY'],
  ...AT_THE_END,
  loss: 'crossEntropy',
  openBias: 3,
  delays: { least: 4, usual: 14, long: 40, most: 80 },
  draw({ inputs, targets }, delay, random) {
    const steps = delay + 1;
    const places = [0.1, 0.5].map((from) => Math.floor(steps * from) + random.below(Math.ceil(steps / 10)));
    for (let step = 0; step < steps; step++) {
      const place = places.indexOf(step);
      const one = random.below(2);
      inputs[4 * step + (place < 0 ? one : 2 + one)] = 1;
      if (place >= 0) targets[0]! += place === 0 ? 2 * one : one;
    }
  },
};

/**
 * How fast a sine is to swing is given as a number at the first step. After the delay comes a ramp, and at each of its steps the
 * answer is the sine there. In the steps between, the answer is 0.
 * Source: the copy task of Graves, Wayne & Danihelka 2014, "Neural Turing Machines", with a number instead of symbols.
 */
const wave: Task = {
  inputSize: 2,
  outputSize: 1,
  head: 'every',
  loss: 'mse',
  openBias: 3,
  delays: { least: 1, usual: 10, long: 30, most: 60 },
  steps: (delay) => delay + WAVE_STEPS,
  answerSteps: WAVE_STEPS,
  draw({ inputs, targets }, delay, random) {
    const pace = random.unit();
    inputs[0] = 2 * pace - 1;
    for (let step = 0; step < WAVE_STEPS; step++) {
      const place = (step + 1) / WAVE_STEPS;
      inputs[2 * (delay + step) + 1] = place;
      targets[delay + step] = Math.sin(Math.PI * place * (FEWEST_HALVES + MORE_HALVES * pace));
    }
  },
};

export const TASKS: Readonly<Record<TaskName, Task>> = { recall, adding, order, wave };

/** @param count S. @param random continues where it is: the next call draws other samples. */
export function drawSamples(
  { inputSize, head, loss, steps, draw }: Task,
  delay: number,
  count: number,
  random: Random,
) {
  const T = steps(delay);
  const perTarget = head === 'every' ? T : 1;
  const inputs = new Float32Array(count * T * inputSize);
  const targets = new Float32Array(count * perTarget);
  for (let sample = 0; sample < count; sample++) {
    const part = (all: Float32Array, size: number) => all.subarray(sample * size, (sample + 1) * size);
    draw({ inputs: part(inputs, T * inputSize), targets: part(targets, perTarget) }, delay, random);
  }
  const shape = [count, ...(head === 'every' ? [T] : []), ...(loss === 'mse' ? [1] : [])];
  return { inputs: { shape: [count, T, inputSize], data: inputs }, targets: { shape, data: targets } } as TaskData;
}
