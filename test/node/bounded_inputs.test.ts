import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { truncateSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { built, folder, inFolder, lstmWebgpu, waveCsv, write } from './command.ts';

describe('a path that is not a file', () => {
  test.each([
    ['/dev/zero', ['train', '/dev/zero']],
    ['/dev/urandom', ['predict', '/dev/urandom', 'wave.csv']],
    ['/dev/null', ['sweep', '/dev/null', 'wave.csv']],
  ])('%s is rejected', async (path, args) => {
    const { code, stderr } = await lstmWebgpu(args);
    expect(stderr).toContain(`${path}: this is a device, expected a file or a pipe; use "-" for the standard input.`);
    expect(code).toBe(1);
  });

  test('a file that is too large is rejected before it is read', async () => {
    write('large', '');
    truncateSync(inFolder('large'), 3 * 2 ** 30); // sparse
    const cases = [
      [['train', 'large'], 'it has 3072.0 MiB, and the limit is 512.0 MiB.'],
      [['predict', 'large', 'wave.csv'], 'it has 3072.0 MiB, and the limit is 2048.0 MiB.'],
      [['sweep', 'large', 'wave.csv'], 'it has 3072.0 MiB, and the limit is 16.0 MiB.'],
    ] as const;
    for (const [args, message] of cases) {
      const { code, stderr } = await lstmWebgpu(args);
      expect(stderr).toContain(`large: ${message}`);
      expect(code).toBe(1);
    }
  });
});

describe('a pipe', () => {
  const bash = (script: string) =>
    spawnSync('bash', ['-c', script, process.execPath, built('node/cli.js')], { cwd: folder, encoding: 'utf8' });

  test('is read to its end, as a plan and as a series', () => {
    write('wave.csv', waveCsv);
    write('plan.json', '{"grid": {"epochs": 0}}');
    const { stderr } = bash('"$0" "$1" sweep <(cat plan.json) wave.csv');
    expect(stderr).toMatch(/^lstm-webgpu: \d+: grid.epochs: got 0, expected/);
    expect(bash('"$0" "$1" train <(sleep 0.3; cat wave.csv) --column none').stderr).toMatch(/none.*close/s);
    expect(bash('cat wave.csv | "$0" "$1" train /dev/stdin --column none').stderr).toMatch(/none.*close/s);
  });

  test('without an end is rejected at the limit', () => {
    const { status, stderr } = bash('"$0" "$1" sweep <(cat /dev/zero) wave.csv');
    expect(stderr).toMatch(/it has more than 16.0 MiB, the limit/);
    expect(status).toBe(1);
    expect(bash('"$0" "$1" sweep - wave.csv < /dev/zero').stderr).toMatch(/standard input: it has more than 16.0 MiB/);
  });

  test('without a writer does not delay a signal', async () => {
    spawnSync('mkfifo', [inFolder('pipe')]);
    for (const args of [
      ['train', 'pipe'],
      ['sweep', 'pipe', 'wave.csv'],
    ]) {
      const child = spawn(process.execPath, [built('node/cli.js'), ...args], { cwd: folder });
      setTimeout(() => child.kill('SIGTERM'), 700);
      expect(await once(child, 'exit')).toEqual([null, 'SIGTERM']);
    }
  });
});
