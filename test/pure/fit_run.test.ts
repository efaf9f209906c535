import { describe, expect, test } from 'vitest';
import { StateError } from '../../src/errors.ts';
import type { EpochReport, FitReport } from '../../src/train/report.ts';
import { FitRun } from '../../src/train/run.ts';

const report = { epochs: [] } as unknown as FitReport;

/** A training run of three epochs, and the number of epochs requested from it. */
function training({ failsAfter = 4 } = {}) {
  const asked: number[] = [];
  let isEnded = false;
  async function* epochs(): AsyncGenerator<EpochReport, FitReport, undefined> {
    try {
      for (let epoch = 1; epoch <= 3; epoch++) {
        asked.push(epoch);
        await new Promise((resolve) => setTimeout(resolve, 1));
        if (epoch > failsAfter) throw new Error('no more');
        yield { epoch } as EpochReport;
      }
      return report;
    } finally {
      isEnded = true;
    }
  }
  return { run: new FitRun(epochs()), asked, isEnded: () => isEnded };
}

async function seenBy(run: FitRun, until = 4): Promise<number[]> {
  const seen: number[] = [];
  for await (const { epoch } of run) {
    seen.push(epoch);
    if (epoch === until) break;
  }
  return seen;
}

describe('a fit run', () => {
  test('does nothing before it is iterated or awaited', async () => {
    const { asked } = training();
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(asked).toEqual([]);
  });

  test.each([
    ['iterated, then awaited', async (run: FitRun) => [await seenBy(run), await run]],
    ['awaited, then iterated', async (run: FitRun) => [await run, await seenBy(run)].reverse()],
    ['iterated and awaited at once', (run: FitRun) => Promise.all([seenBy(run), run])],
    ['awaited and iterated at once', (run: FitRun) => Promise.all([run, seenBy(run)]).then((both) => both.reverse())],
  ])('%s gives every epoch and the report, and trains once', async (_, use) => {
    const { run, asked } = training();
    expect(await use(run)).toEqual([[1, 2, 3], report]);
    expect(asked).toEqual([1, 2, 3]);
  });

  test('gives two loops the same epochs, and two awaits the same report', async () => {
    const { run, asked } = training();
    expect(await Promise.all([seenBy(run), seenBy(run)])).toEqual([
      [1, 2, 3],
      [1, 2, 3],
    ]);
    expect(await Promise.all([run, run])).toEqual([report, report]);
    expect(asked).toEqual([1, 2, 3]);
  });

  test('whose loop was left is stopped, and has no report', async () => {
    const { run, isEnded } = training();
    expect(await seenBy(run, 2)).toEqual([1, 2]);
    expect(isEnded()).toBe(true);
    await expect(run).rejects.toThrow(StateError);
    await expect(run).rejects.toThrow('this run was left before its end');
  });

  test('whose loop was left while it is awaited also rejects', async () => {
    const { run } = training();
    const awaited = expect(run).rejects.toThrow(StateError);
    expect(await seenBy(run, 1)).toEqual([1]);
    await awaited;
  });

  test('that fails rejects for every consumer', async () => {
    const { run } = training({ failsAfter: 1 });
    const all = await Promise.allSettled([seenBy(run), run, seenBy(run)]);
    expect(all.map((one) => String((one as PromiseRejectedResult).reason))).toEqual(Array(3).fill('Error: no more'));
    await expect(run).rejects.toThrow('no more');
  });
});
