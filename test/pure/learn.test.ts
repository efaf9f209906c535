import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Film } from '../../demo/learn/film.ts';
import { answersOf, testSet } from '../../demo/learn/models.ts';
import { probabilityOf, scoreOf } from '../../demo/learn/score.ts';
import { CLASSES, drawSamples, Random, TASK_NAMES, TASKS, type TaskName, WAVE_STEPS } from '../../demo/learn/tasks.ts';
import { learnEn } from '../../demo/learn/texts.ts';
import { Verdict } from '../../demo/learn/verdict.ts';
import { MersenneTwister } from '../../src/model/init.ts';

const randomOf = (seed: number) => new Random(new MersenneTwister(seed));

/** The answer of a sample, [A], computed from its inputs alone, as a network with memory could. @param x [T][I] */
const ANSWERS: Readonly<Record<TaskName, (x: number[][]) => number[]>> = {
  recall: (x) => [x[0]!.indexOf(1)],
  adding: (x) => [x.reduce((sum, [value, mark]) => sum + value! * mark!, 0)],
  order(x) {
    const [first, second] = x.filter((step) => step[2] === 1 || step[3] === 1).map((step) => step[3]!);
    return [2 * first! + second!];
  },
  wave: (x) => x.slice(-WAVE_STEPS).map(([, place]) => Math.sin(Math.PI * place! * (1 + 2 * ((x[0]![0]! + 1) / 2)))),
};

/** Steps that are irrelevant to the answer: any value of the right kind may be there. */
const isNoise = (task: TaskName, step: number[], at: number): boolean =>
  ({ recall: at > 0, adding: step[1] === 0, order: step[2] === 0 && step[3] === 0, wave: false })[task];

const anyTask = fc.constantFrom(...TASK_NAMES).chain((name) =>
  fc.record({
    name: fc.constant(name),
    delay: fc.integer({ min: TASKS[name].delays.least, max: TASKS[name].delays.most }),
    seed: fc.nat(2 ** 32 - 1),
  }),
);

/** Samples as [S][T][I]. */
function rowsOf({ shape: [S, T, I], data }: { shape: [number, number, number]; data: Float32Array }): number[][][] {
  const at = (s: number, t: number) => [...data.subarray((s * T + t) * I, (s * T + t + 1) * I)];
  return Array.from({ length: S }, (_, s) => Array.from({ length: T }, (__, t) => at(s, t)));
}

describe('the tasks', () => {
  test('have an answer that follows from the inputs, at every delay', () => {
    fc.assert(
      fc.property(anyTask, ({ name, delay, seed }) => {
        const data = drawSamples(TASKS[name], delay, 5, randomOf(seed));
        const answers = answersOf(TASKS[name], data);
        const expected = rowsOf(data.inputs).flatMap(ANSWERS[name]);
        expect(answers).toHaveLength(expected.length);
        for (const [k, answer] of answers.entries()) expect(answer).toBeCloseTo(expected[k]!, 5);
      }),
    );
  });

  test('have an answer that does not depend on the noise in the delay', () => {
    fc.assert(
      fc.property(anyTask, fc.nat(), ({ name, delay, seed }, other) => {
        const [here, there] = [seed, other].map(
          (own) => rowsOf(drawSamples(TASKS[name], delay, 1, randomOf(own)).inputs)[0]!,
        );
        const noise = there!.filter((step, at) => isNoise(name, step, at));
        const mixed = here!.map((step, at) => (isNoise(name, step, at) ? (noise[at % noise.length] ?? step) : step));
        expect(ANSWERS[name](mixed)).toEqual(ANSWERS[name](here!));
      }),
    );
  });

  test('need memory for at least the delay: the input to remember is at least that long before the end', () => {
    fc.assert(
      fc.property(anyTask, ({ name, delay, seed }) => {
        const { inputs } = drawSamples(TASKS[name], delay, 1, randomOf(seed));
        const steps = rowsOf(inputs)[0]!;
        const first = steps.findIndex((step, at) => !isNoise(name, step, at));
        const after = TASKS[name].steps(delay) - TASKS[name].answerSteps - first;
        expect(after).toBeGreaterThanOrEqual(0.8 * delay - 1);
      }),
    );
  });

  test('are the same for the same seed, continue in the stream, and differ for another seed', () => {
    const [one, same, other] = [3, 3, 4].map(randomOf) as [Random, Random, Random];
    const draw = (random: Random) => drawSamples(TASKS.adding, 10, 4, random).inputs.data;
    const first = draw(one);
    expect(draw(same)).toEqual(first);
    expect(draw(one)).not.toEqual(first);
    expect(draw(other)).not.toEqual(first);
  });

  test.each(['recall', 'order'] as const)('%s asks for each class about as often', (name) => {
    const { targets } = drawSamples(TASKS[name], 10, 2000, randomOf(1));
    for (let asked = 0; asked < CLASSES; asked++) {
      const share = targets.data.filter((answer) => answer === asked).length / 2000;
      expect(share).toBeGreaterThan(0.2);
      expect(share).toBeLessThan(0.3);
    }
  });
});

describe('a score', () => {
  test.each(TASK_NAMES)('of %s is 1 for the answers themselves, and 0 for the best guess', (name) => {
    const task = TASKS[name];
    const answers = answersOf(task, testSet({ task: name, delay: task.delays.usual, seed: 0 }));
    const O = task.outputSize;
    const right = Float32Array.from({ length: answers.length * O }, (_, k) =>
      O === 1 ? answers[k]! : answers[Math.floor(k / O)] === k % O ? 3 : 0,
    );
    expect(scoreOf(task, right, answers).skill).toBe(1);
    const A = task.answerSteps;
    const mean = (a: number) =>
      answers.filter((_, k) => k % A === a).reduce((sum, y) => sum + y, 0) / (answers.length / A);
    const guess = right.map((_, k) => (O === 1 ? mean(k % A) : 0));
    const { skill, guess: expected } = scoreOf(task, guess, answers);
    if (O === 1) expect(skill).toBeCloseTo(0, 5);
    else expect(expected).toBe(1 / O);
  });

  test('has probabilities that add up to 1, however large the outputs are', () => {
    const outputs = Float32Array.of(900, 901, -900, 899);
    const sum = [0, 1, 2, 3].reduce((total, k) => total + probabilityOf(outputs, 0, 4, k), 0);
    expect(sum).toBeCloseTo(1, 12);
    expect(probabilityOf(outputs, 0, 4, 1)).toBeGreaterThan(0.6);
  });
});

describe('a film', () => {
  test('keeps evenly spaced frames, including the first and the newest, within its limit', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 40 }), fc.integer({ min: 1, max: 500 }), (most, count) => {
        const film = new Film<{ number: number }>(most);
        for (let number = 0; number < count; number++) film.add({ number });
        const kept = [...new Set(Array.from({ length: count }, (_, number) => film.at(number)!.number))];
        expect(kept.length).toBeLessThanOrEqual(most + 1);
        expect(film.newest!.number).toBe(count - 1);
        const wanted = Array.from({ length: count }, (_, number) => number).filter((n) => n % film.every === 0);
        expect(kept).toEqual([...new Set([...wanted, count - 1])]);
      }),
    );
  });
});

describe('the verdict', () => {
  const race = () => {
    const verdict = new Verdict(learnEn, String);
    return (step: number, RNN: number, GRU: number, LSTM: number, end?: number) => {
      verdict.record(step, { RNN, GRU, LSTM });
      return verdict.text({ own: 40, long: 40 }, step, end !== undefined);
    };
  };

  test('reports which network learned the task, and when', () => {
    const at = race();
    expect(at(4, 0, 0, 0)).toBe('None of the three has learned the task yet.');
    expect(at(80, 0.5, 0, 0.9)).toBe(
      'The LSTM learned it after 80 training steps. The RNN is still learning. The GRU is still no better than a guess.',
    );
    const later = at(100, 0.1, 0.85, 0.95);
    expect(later).toBe(
      'The LSTM learned it after 80 training steps. The GRU learned it after 100 training steps. The RNN is still learning.',
    );
    expect(at(104, 0.12, 0.95, 0.99)).toBe(later); // only better: the same text, which are not read aloud again
    expect(at(200, 0.9, 0.9, 0.9, 200)).toBe(
      'The LSTM learned it after 80 training steps. The GRU learned it after 100 training steps. The RNN learned it after 200 training steps. The race ended after 200 training steps.',
    );
  });

  test('calls the plain RNN broken only when the race is over, and only if it ends no better than a guess', () => {
    const stuck = race();
    expect(stuck(80, 0, 0.9, 0.9)).not.toContain('breaks');
    expect(stuck(200, 0.1, 0.9, 0.9, 200)).toContain('With a delay of 40 time steps, the plain RNN breaks');
    const back = race();
    back(80, 0.3, 0.9, 0.9);
    expect(back(200, 0.1, 0.9, 0.9, 200)).toContain('the plain RNN breaks');
    const slow = race();
    expect(slow(200, 0.3, 0.9, 0.9, 200)).toContain('The RNN did not learn it.');
    const none = race();
    expect(none(200, 0, 0, 0, 200)).toBe(
      'The RNN did not learn it. The GRU did not learn it. The LSTM did not learn it. The race ended after 200 training steps.',
    );
  });

  test('describes an earlier frame as it was, and suggests a longer delay where all have learned', () => {
    const verdict = new Verdict(learnEn, String);
    for (const [step, skill] of [
      [40, 0.1],
      [80, 0.5],
      [120, 0.9],
    ] as const)
      verdict.record(step, { RNN: skill, GRU: skill, LSTM: 0.9 });
    const at = (step: number, own = 8) => verdict.text({ own, long: 25 }, step);
    expect(at(20)).toBe('None of the three has learned the task yet.');
    expect(at(40)).toContain('The RNN is still no better than a guess.');
    expect(at(80)).toContain('The RNN is still learning.');
    expect(at(120)).toContain('All three remember this far back. Try a longer delay, such as 25.');
    expect(at(120, 30)).not.toContain('Try a longer');
  });
});
