import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { describeDevice } from '../../src/gpu/device.ts';
import { describeGpu, testDevice } from '../gpu/device.ts';

describeGpu('a model that does not fit the memory', () => {
  test('fails every call that trains it, with its name and the size of the allocation', (context) => {
    if (!describeDevice(testDevice()).software) context.skip('only memory of a software adapter can be limited');
    if (process.platform !== 'linux') context.skip('prlimit is of Linux');
    const child = ['tools/run.mjs', 'test/node/out_of_memory_child.ts'];
    const output = execFileSync(process.execPath, child, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    const { outcomes, uncaptured } = JSON.parse(output.trim().split('\n').at(-1)!);
    for (const [name, kind] of Object.entries({
      fit: 'CommandError',
      trainPack: 'CommandError',
      backtest: 'CommandError',
      sweep: 'FailedJob', // smaller models may fit
    }))
      expect(outcomes[name], name).toMatch(
        new RegExp(`^${kind} out-of-memory: Out of GPU memory.*buffer '\\w+' of [\\d.]+ MiB`, 's'),
      );
    expect(uncaptured).toBe(0);
  });
});
