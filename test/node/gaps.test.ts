import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { describeGpu } from '../gpu/device.ts';
import { events, inFolder, lstmWebgpu, NUM_ROWS, QUICK, resultOf, wave, write } from './command.ts';

/** Two days are missing, one of them in the test set, and one has no value. */
const [EARLY, EMPTY, LATE] = [10, 20, 55];
const lines = wave.map(({ date, value }, k) => `${date},${k === EMPTY ? '' : value}\n`);
const text = `date,close\n${lines.filter((_, k) => k !== EARLY && k !== LATE).join('')}`;
const SKIP = ['--missing', 'skip', '--gaps', 'skip'];

describeGpu('--gaps', () => {
  test('skip leaves out the windows that touch a missing row', async () => {
    write('gaps.csv', text);
    const outputs = ['--predictions-out', 'gaps.out.csv', '--chart-out', 'gaps.html', '--model-out', 'gaps.st'];
    const kept = ['--checkpoint', 'gaps.ckpt'];
    const run = await lstmWebgpu(['train', 'gaps.csv', ...QUICK, ...SKIP, ...outputs, ...kept, '--json']);
    expect(run.code, run.stderr).toBe(0);
    // 55 windows of 5 rows and the row after them; 6 touch each hole, and 5 the one at the end
    expect(events(run)[1]).toMatchObject({ rows: NUM_ROWS, trainWindows: 32, testWindows: 6 });
    expect(run.stderr).toContain(
      `nserted 2 rows missing according to the dates, the first after ${wave[EARLY - 1]!.date}`,
    );
    const scored = readFileSync(inFolder('gaps.out.csv'), 'utf8').trimEnd().split('\n').slice(1);
    expect(scored.map((line) => line.split(',').slice(0, 3))).toEqual(
      [49, 50, 51, 52, 53, 54].map((row) => [String(row + 1), wave[row]!.date, String(Number(wave[row]!.value))]),
    );

    const resume = ['--resume', 'gaps.ckpt', '--json'];
    expect((await lstmWebgpu(['train', 'gaps.csv', ...SKIP, ...resume])).code).toBe(0);
    const filled = await lstmWebgpu([
      'train',
      'gaps.csv',
      '--missing',
      'interpolate',
      '--gaps',
      'interpolate',
      ...resume,
    ]);
    expect(filled.stderr).toContain('with the same --column, --rows, --missing and --gaps');

    const touching = await lstmWebgpu(['predict', 'gaps.st', 'gaps.csv', ...SKIP]);
    expect(touching.stderr).toContain('predict: row 56 of 60 is missing');
    const fill = ['--missing', 'previous', '--gaps', 'previous', '--json'];
    const next = await lstmWebgpu(['predict', 'gaps.st', 'gaps.csv', ...fill]);
    expect(resultOf(next)).toMatchObject({ dates: ['2024-03-01'], predicted: [expect.any(Number)] });
  });

  test('error rejects them, and without it they are noted', async () => {
    const given = ['train', 'gaps.csv', ...QUICK, '--missing', 'drop'];
    const refused = await lstmWebgpu([...given, '--gaps', 'error']);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain(
      'gaps.csv: CSV: 3 rows are missing according to the dates in "date", the first after 2024-01-10',
    );
    const noted = await lstmWebgpu([...given, '--json']);
    expect(events(noted)[1]).toMatchObject({ rows: NUM_ROWS - 3, note: expect.stringContaining('3 rows are missing') });
    expect(noted.stderr).toContain('which shifts any season. Use --gaps interpolate to fill them.');
  });

  test('skip does not work in a sweep, which trains on every window', async () => {
    const run = await lstmWebgpu([
      'sweep',
      write('plan.json', '{}'),
      'gaps.csv',
      '--results-out',
      'gaps.jsonl',
      '--gaps',
      'skip',
    ]);
    expect(run.stderr).toContain('--gaps: got skip, but a sweep trains on every window.');
    expect(run.code).toBe(2);
  });
});
