import { expect, test } from 'vitest';
import { describeGpu } from '../gpu/device.ts';
import { events, lstmWebgpu, QUICK, write } from './command.ts';

const SEASON = [3, 5, 2, 8, 9, 4, 1];

describeGpu('a purely seasonal series', () => {
  test('is not called constant: the seasonal rule is always right, and named first', async () => {
    write('saw.csv', ['date,rate', ...Array.from({ length: 70 }, (_, k) => `${k + 1},${SEASON[k % 7]}`)].join('\n'));
    const result = events(await lstmWebgpu(['train', 'saw.csv', ...QUICK, '--json'])).at(-1)!;
    expect(result.season).toBe(7);
    const { naive, seasonalNaive } = result.baselines as Record<string, { mae: number }>;
    expect(seasonalNaive!.mae).toBe(0);
    expect(naive!.mae).toBeGreaterThan(2);
    expect(result.verdict).toMatch(
      /^The test set repeats every 7 rows, so the seasonal naive forecast \(same as 7 rows earlier\) is always right; the average error of the model is [\d.]+\. The naive forecast \(tomorrow = today\) has an average error of [\d.]+: the model is (better|worse|as good)\. Exponential smoothing \(ETS\) has an average error of [\d.e-]+: the model is (better|worse)\.$/,
    );
  });
});
