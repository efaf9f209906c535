import type { Task } from './tasks.ts';

/** How well a model answers, and how well a guess does without reading anything. */
export interface Score {
  /** 'right': the share of right answers. 'error': the mean absolute error. */
  kind: 'right' | 'error';
  value: number;
  guess: number;
  /** 0: as good as a guess. 1: without an error. Below 0: worse than a guess. */
  skill: number;
}

/** From this skill on a task counts as learned, and up to that one a model still guesses. */
export const [LEARNED, GUESSING] = [0.8, 0.2];

/**
 * @param outputs [S, A, O] at the steps of the answer. @param answers [S, A]: classes, or numbers.
 * @returns the share of the classes whose output is the largest, and for a guess 1 / O; or the error, and for a guess that of always answering the mean
 *   of the step.
 */
export function scoreOf(task: Task, outputs: Float32Array, answers: Float32Array): Score {
  const { loss, outputSize, answerSteps: A } = task;
  if (loss === 'crossEntropy') {
    const right = answers.reduce((count, answer, k) => count + (classOf(outputs, k, outputSize) === answer ? 1 : 0), 0);
    const [value, guess] = [right / answers.length, 1 / outputSize];
    return { kind: 'right', value, guess, skill: (value - guess) / (1 - guess) };
  }
  const samples = answers.length / A;
  const means = Array.from({ length: A }, (_, a) => mean(samples, (sample) => answers[sample * A + a]!));
  const error = (of: (k: number) => number) => mean(answers.length, (k) => Math.abs(of(k) - answers[k]!));
  const [value, guess] = [error((k) => outputs[k]!), error((k) => means[k % A]!)];
  return { kind: 'error', value, guess, skill: 1 - value / guess };
}

/** The class whose output is the largest. @param row of `size` outputs. */
export function classOf(outputs: Float32Array, row: number, size: number): number {
  const own = outputs.subarray(row * size, (row + 1) * size);
  return own.indexOf(Math.max(...own));
}

/** The probability that a row of outputs gives to a class. */
export function probabilityOf(outputs: Float32Array, row: number, size: number, asked: number): number {
  const own = outputs.subarray(row * size, (row + 1) * size);
  const most = Math.max(...own);
  return Math.exp(own[asked]! - most) / own.reduce((sum, value) => sum + Math.exp(value - most), 0);
}

const mean = (count: number, of: (k: number) => number): number => {
  let sum = 0;
  for (let k = 0; k < count; k++) sum += of(k);
  return sum / count;
};
