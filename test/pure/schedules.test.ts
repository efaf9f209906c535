import { describe, expect, test } from 'vitest';
import { ConfigError } from '../../src/errors.ts';
import { createSchedule, type ScheduleOptions } from '../../src/train/schedules.ts';
import golden from '../golden/schedules.json';

const cases = golden.cases as { options: ScheduleOptions; rates: number[] }[];

/** Rates as training uses them: one before every epoch, whose loss follows. */
function ratesOf(options: ScheduleOptions, losses = golden.losses): number[] {
  const schedule = createSchedule(options);
  return losses.map((loss, count) => {
    const rate = schedule.lr(golden.base, count);
    schedule.observe?.(loss);
    return rate;
  });
}

describe('schedules', () => {
  test.each(cases.map((row) => [JSON.stringify(row.options), row] as const))(
    "have torch.optim.lr_scheduler's rates: %s",
    (_, { options, rates }) => {
      expect(new Set(rates).size).toBeGreaterThan(1);
      // torch computes each rate from the previous one, which accumulates rounding errors that the closed forms do not have
      for (const [k, rate] of ratesOf(options).entries())
        expect(Math.abs(rate - rates[k]!)).toBeLessThan(1e-10 * rates[0]!);
    },
  );

  test('resume quickly from a state with very many reductions', () => {
    const schedule = createSchedule({ name: 'ReduceLROnPlateau' });
    schedule.restore({ reductions: 1e15 });
    expect(schedule.lr(1, 0)).toBeLessThan(1e-7);
  });

  test('run in sequence: a warm-up, then a cosine that counts from its own start', () => {
    const { lr } = createSchedule({
      name: 'SequentialLR',
      schedules: [
        { name: 'LinearLR', startFactor: 0.5, totalIters: 4 },
        { name: 'CosineAnnealingLR', tMax: 10 },
      ],
      milestones: [4],
    });
    expect([0, 2, 4, 9, 14].map((count) => lr(1, count))).toEqual([0.5, 0.75, 1, expect.closeTo(0.5, 12), 0]);
  });

  test('treat an undefined option as absent', () => {
    const names = ['factor', 'patience', 'threshold', 'thresholdMode', 'cooldown', 'minLr', 'eps'];
    const options = { name: 'ReduceLROnPlateau', ...Object.fromEntries(names.map((name) => [name, undefined])) };
    expect(ratesOf(options as ScheduleOptions)).toEqual(ratesOf({ name: 'ReduceLROnPlateau' }));
  });

  test('count steps on request, and leave the rate unchanged without a schedule', () => {
    expect(createSchedule({ name: 'StepLR', stepSize: 2, per: 'step' }).per).toBe('step');
    const parts = [{ name: 'StepLR', stepSize: 2, per: 'step' } as const];
    expect(createSchedule({ name: 'SequentialLR', schedules: parts, milestones: [], per: 'step' }).per).toBe('step');
    expect(createSchedule().lr(0.3, 1000)).toBe(0.3);
  });

  test('resume from their state, which is plain JSON', () => {
    const options: ScheduleOptions = { name: 'ReduceLROnPlateau', patience: 2, cooldown: 1 };
    const whole = ratesOf(options);
    for (const at of [0, 5, 9, 20]) {
      const [first, second] = [createSchedule(options), createSchedule(options)];
      for (const loss of golden.losses.slice(0, at)) first.observe!(loss);
      second.restore(JSON.parse(JSON.stringify(first.state())));
      const rates = golden.losses.slice(at).map((loss, k) => {
        const rate = second.lr(golden.base, at + k);
        second.observe!(loss);
        return rate;
      });
      expect(rates).toEqual(whole.slice(at));
    }
  });

  test.each([
    [{ name: 'StepLR', stepSize: 0 }, 'schedule.stepSize: got 0'],
    [{ name: 'StepLR', stepSize: 2, gamma: -1 }, 'schedule.gamma: got -1'],
    [{ name: 'CosineAnnealingLR', tMax: 1.5 }, 'schedule.tMax: got 1.5'],
    [{ name: 'LinearLR', startFactor: 0 }, 'schedule.startFactor: got 0'],
    [{ name: 'StepLR', stepSize: 2, per: 'batch' }, 'schedule.per: got "batch"'],
    [{ name: 'OneCycleLR' }, 'schedule.name: got "OneCycleLR"'],
    [{ name: 'ReduceLROnPlateau', factor: 1 }, 'schedule.factor: got 1'],
    [{ name: 'ReduceLROnPlateau', patience: -1 }, 'schedule.patience: got -1'],
    [{ name: 'constructor' }, 'schedule.name: got "constructor"'],
    [{ name: 'SequentialLR', schedules: null, milestones: [] }, 'schedule.schedules: got null'],
    [{ name: 'SequentialLR', schedules: [null], milestones: [] }, 'schedule.schedules[0]: got null'],
    [
      {
        name: 'SequentialLR',
        schedules: [{ name: 'LinearLR' }, { name: 'StepLR', stepSize: 3, per: 'step' }],
        milestones: [4],
      },
      'schedule.schedules[1].per: got "step"',
    ],
    [{ name: 'ReduceLROnPlateau', thresholdMode: 'both' }, 'schedule.thresholdMode: got "both"'],
    [{ name: 'SequentialLR', schedules: [{ name: 'LinearLR' }], milestones: [3] }, 'schedule.milestones: got 1 for 1'],
    [{ name: 'StepLR', stepSize: 2, patience: 3 }, 'schedule (StepLR): unknown key "patience". Known: per, step'],
    [{ name: 'ReduceLROnPlateau', per: 'step' }, 'schedule (ReduceLROnPlateau): unknown key "per"'],
    [
      { name: 'SequentialLR', schedules: [{ name: 'LinearLR' }, { name: 'StepLR', gama: 1 }], milestones: [3] },
      'schedule.schedules[1] (StepLR): unknown key "gama". Known: per, stepSize, gamma.',
    ],
    [
      { name: 'SequentialLR', schedules: [{ name: 'LinearLR' }, { name: 'StepLR' }], milestones: [3] },
      'schedule.schedules[1].stepSize: got undefined',
    ],
    [
      {
        name: 'SequentialLR',
        schedules: [{ name: 'LinearLR' }, { name: 'LinearLR' }, { name: 'LinearLR' }],
        milestones: [5, 3],
      },
      'schedule.milestones: got 5, 3',
    ],
  ])('describe the problem with %j', (options, message) => {
    const create = () => createSchedule(options as ScheduleOptions);
    expect(create).toThrow(ConfigError);
    expect(create).toThrow(message);
  });
});
