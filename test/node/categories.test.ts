import { expect, test } from 'vitest';
import { describeGpu } from '../gpu/device.ts';
import { events, lstmWebgpu, QUICK, resultOf, wave, write } from './command.ts';

const skyOf = (k: number) => ['fog', 'rain', 'sun'][k % 3]!;
const lineOf = ({ date, value }: (typeof wave)[number], k: number, sky = skyOf(k)) =>
  `${date},${value},${sky},${k % 5 === 0 ? 'yes' : 'no'}\n`;
const header = 'date,close,sky,promo\n';

describeGpu('columns of text', () => {
  test('are read by a model with a column for each value, and new values are noted', async () => {
    write('shop.csv', header + wave.map((row, k) => lineOf(row, k)).join(''));
    const asked = ['--past', 'sky', '--future', 'promo', '--model-out', 'shop.st', '--checkpoint', 'shop.ckpt'];
    const run = await lstmWebgpu(['train', 'shop.csv', ...QUICK, ...asked, '--json']);
    expect(run.code, run.stderr).toBe(0);

    const ahead = '2024-03-01,,,yes\n';
    write('next.csv', header + wave.map((row, k) => lineOf(row, k, k > 56 ? 'snow' : undefined)).join('') + ahead);
    const next = await lstmWebgpu(['predict', 'shop.st', 'next.csv', '--json']);
    expect(next.code, next.stderr).toBe(0);
    expect(events(next)[1]!.notes).toContainEqual({ code: 'unseen-value', column: 'sky', value: 'snow', rows: 3 });
    expect(next.stderr).toContain('"snow" in 3 rows of "sky" is not a value that the model was trained on');
    expect(resultOf(next).predicted).toHaveLength(1);

    // without fog in the file, the column is 0
    write('clear.csv', header + wave.map((row, k) => lineOf(row, k, k % 2 ? 'rain' : 'sun')).join(''));
    const scored = await lstmWebgpu(['evaluate', 'shop.st', 'clear.csv', '--json']);
    expect(scored.code, scored.stderr).toBe(0);
    const resumed = await lstmWebgpu(['train', 'shop.csv', '--resume', 'shop.ckpt', '--json']);
    expect(resumed.code, resumed.stderr).toBe(0);
  });
});
