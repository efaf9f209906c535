import { expect, test } from 'vitest';
import { answersOf, RACERS, type RaceSettings, testSet } from '../../demo/learn/models.ts';
import { type Live, Race, type Shot } from '../../demo/learn/race.ts';
import { GUESSING, LEARNED, scoreOf } from '../../demo/learn/score.ts';
import { TASK_NAMES, TASKS } from '../../demo/learn/tasks.ts';
import { allEpochs } from '../gpu/cases.ts';
import { describeGpu, testDevice } from '../gpu/device.ts';

const LOOK = { racer: 'LSTM', sample: 2 } as const;

/** Runs a race until its last frame is the one that is wanted. */
async function race(
  settings: RaceSettings,
  isLast: (live: Live) => boolean,
): Promise<{ race: Race; curve: Live['curve'] }> {
  const made = await Race.create(testDevice(), settings, LOOK);
  const curve: Live['curve'] = [];
  const stopper = new AbortController();
  const run = made.run({
    signal: stopper.signal,
    onFrame(live) {
      curve.push(...live.curve);
      if (isLast(live)) stopper.abort(new Error('enough'));
    },
  });
  await run.catch((error: unknown) => {
    if (error !== stopper.signal.reason) throw error;
  });
  return { race: made, curve };
}

function skillsOf(settings: RaceSettings, { outputs }: Shot) {
  const task = TASKS[settings.task];
  const answers = answersOf(task, testSet(settings));
  return Object.fromEntries(RACERS.map((racer) => [racer, scoreOf(task, outputs[racer], answers).skill]));
}

describeGpu('a race', () => {
  test.each(TASK_NAMES)('%s: the LSTM learns it at the usual delay', async (task) => {
    const settings = { task, delay: TASKS[task].delays.usual, seed: 0 };
    const end = await race(settings, (live) => skillsOf(settings, live).LSTM! >= LEARNED || live.step >= 600);
    expect(skillsOf(settings, end.race.shot()).LSTM).toBeGreaterThanOrEqual(LEARNED);
  });

  /** Up to 1200 steps of three networks each: `npm run parity` runs all of them. */
  const longRaces = allEpochs ? TASK_NAMES : (['recall'] as const);

  test.each(longRaces)(
    '%s: at the long delay the LSTM still learns it, and the plain RNN, whose gradient vanishes, does not',
    async (task) => {
      const settings = { task, delay: TASKS[task].delays.long, seed: 0 };
      const end = await race(settings, (live) => skillsOf(settings, live).LSTM! >= LEARNED || live.step >= 1200);
      const { flows } = end.race.shot();
      expect(flows.RNN[0]).toBeLessThan(flows.LSTM[0]! / 10);
      const { LSTM, RNN } = skillsOf(settings, end.race.shot());
      expect(LSTM).toBeGreaterThanOrEqual(LEARNED);
      expect(RNN).toBeLessThanOrEqual(GUESSING);
    },
  );

  const short = { task: 'order', delay: 6, seed: 5 } as const;

  test('gives the same curve for the same seed, bit for bit, and another for another seed', async () => {
    const [one, same, other] = [short, short, { ...short, seed: 6 }].map((settings) =>
      race(settings, ({ step }) => step >= 24),
    );
    const losses = async (run: typeof one) =>
      (await run!).curve.filter(({ step }) => step <= 24).map((frame) => frame.losses);
    expect(await losses(one)).toHaveLength(6);
    expect(await losses(same)).toEqual(await losses(one));
    expect(await losses(other)).not.toEqual(await losses(one));
  });

  test('shows a frame of its film like a new race that was stopped there, bit for bit', async () => {
    const long = await race(short, ({ step }) => step >= 40);
    const stopped = await race(short, ({ step }) => step >= 16);
    const { number, step } = stopped.race.shot();
    expect(step).toBeLessThan(long.race.shot().step);
    expect(long.race.shot(number)).toEqual(stopped.race.shot());
    expect(long.race.shot(number)).not.toEqual(long.race.shot());
  });

  test('does nothing while it is paused, and continues to the same numbers', async () => {
    const steady = await race(short, ({ step }) => step >= 24);
    const made = await Race.create(testDevice(), short, LOOK);
    const stopper = new AbortController();
    let rested: Promise<[before: number, after: number]> | undefined;
    const rest = async (): Promise<[number, number]> => {
      made.setPaused(true);
      const before = made.shot().step;
      await new Promise((resolve) => setTimeout(resolve, 300));
      const after = made.shot().step;
      made.setPaused(false);
      return [before, after];
    };
    const run = made.run({
      signal: stopper.signal,
      onFrame({ step }) {
        if (step >= 8) rested ??= rest();
        if (step >= 24) stopper.abort();
      },
    });
    await run.catch(() => undefined);
    const [before, after] = (await rested)!;
    expect(after).toBe(before);
    expect(before).toBeLessThan(24);
    expect(made.shot(6)).toEqual(steady.race.shot(6));
  });
});
