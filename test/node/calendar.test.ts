import { expect, test } from 'vitest';
import { describeGpu } from '../gpu/device.ts';
import { events, lstmWebgpu, resultOf, TUTORIAL, write } from './command.ts';

const DAY = 86_400_000;
/** Ten weeks whose Sundays stand out, with dates in an unusual format. */
const rows = Array.from({ length: 70 }, (_, k) => {
  const date = new Date(Date.UTC(2024, 0, 1) + k * DAY);
  const [year, month, day] = date.toISOString().slice(0, 10).split('-');
  return `${day}.${month}.${year},${10 + (k % 5) / 10 + (date.getUTCDay() === 0 ? 50 : 0)}\n`;
});
const TRAINED = [...TUTORIAL, '--hidden', '6', '--window', '3', '--batch', '8', '--epochs', '40', '--lr', '0.03'];

describeGpu('--calendar auto', () => {
  test('makes columns from the dates, which the model reads, also in future rows', async () => {
    write('sundays.csv', `date,visits\n${rows.join('')}`);
    const run = await lstmWebgpu([
      'train',
      'sundays.csv',
      ...TRAINED,
      '--calendar',
      'auto',
      '--model-out',
      'c.st',
      '--json',
    ]);
    expect(run.code, run.stderr).toBe(0);
    const blind = await lstmWebgpu(['train', 'sundays.csv', ...TRAINED, '--json']);
    // three rows do not determine the next weekday: only the calendar does
    expect(resultOf(run).rmse).toBeLessThan(0.5 * (resultOf(blind).rmse as number));
    const next = await lstmWebgpu(['predict', 'c.st', 'sundays.csv', '--horizon', '14', '--json']);
    const { predicted, dates } = resultOf(next) as { predicted: number[]; dates: string[] };
    expect(dates.slice(0, 2)).toEqual(['11.03.2024', '12.03.2024']);
    const highest = predicted.indexOf(Math.max(...predicted));
    expect(['17.03.2024', '24.03.2024']).toContain(dates[highest]);
    expect(events(next).map(({ type }) => type)).toEqual(['device', 'data', 'result']);
    const scored = await lstmWebgpu(['evaluate', 'c.st', 'sundays.csv', '--test-rows', '13', '--json']);
    expect(resultOf(scored).rmse).toBeCloseTo(resultOf(run).rmse as number, 3);
  });

  test('reports what is missing, and incompatible flags', async () => {
    write('bare.csv', `visits\n${rows.map((row) => row.split(',')[1]).join('')}`);
    const bare = await lstmWebgpu(['train', 'bare.csv', ...TRAINED, '--calendar', 'auto']);
    expect(bare.stderr).toContain('calendar: the file has no column of dates. Leave the calendar out, or add one.');
    expect(bare.code).toBe(1);
    write(
      'anytime.csv',
      `date,visits\n${['2024-01-01', '2024-01-02', '2024-01-09', '2024-03-02', '2024-07-01'].map((date, k) => `${date},${k}\n`).join('')}`,
    );
    const anytime = await lstmWebgpu(['train', 'anytime.csv', ...TRAINED, '--calendar', 'auto']);
    expect(anytime.stderr).toContain('calendar: the dates in "date" are irregular.');
    const shaped = await lstmWebgpu(['train', 'sundays.csv', '--from', 'c.st', '--calendar', 'auto']);
    expect(shaped.stderr).toContain('--calendar: the model in c.st has this setting already.');
    expect(shaped.code).toBe(2);
  });
});
