import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { afterAll, beforeAll, expect } from 'vitest';
import { describeGpu } from '../gpu/device.ts';
import { testWith } from '../skips.ts';
import { events, inFolder, lstmWebgpu, QUICK, waveCsv, write } from './command.ts';

/** A folder on a small disk of its own. */
const SMALL = 'small';
mkdirSync(inFolder(SMALL));
const mounts = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=40k', 'tmpfs', inFolder(SMALL)]).status === 0;
const onSmallDisk = testWith(mounts ? undefined : 'Linux and root, to mount a small disk');
afterAll(() => {
  if (mounts) execFileSync('umount', [inFolder(SMALL)]);
});

beforeAll(() => {
  write('wave.csv', waveCsv);
});

describeGpu('a full disk', () => {
  onSmallDisk('costs one file, but neither the scores nor other files', async () => {
    const outs = ['--model-out', `${SMALL}/m.st`, '--predictions-out', 'p.csv', '--chart-out', 'c.html'];
    const run = await lstmWebgpu(['train', 'wave.csv', ...QUICK, '--hidden', '64', ...outs, '--json']);
    const [result, error] = events(run).slice(-2);
    expect(result).toMatchObject({ type: 'result', files: { model: null, predictions: 'p.csv', chart: 'c.html' } });
    expect(error!.message).toMatch(/^small\/m\.st: cannot be written: ENOSPC/);
    expect(run.code).toBe(1);
    expect(['p.csv', 'c.html'].map((name) => existsSync(inFolder(name)))).toEqual([true, true]);
    expect(readdirSync(inFolder(SMALL))).toEqual([]);
  });

  onSmallDisk('during a checkpoint is reported once, and training continues', async () => {
    const keep = ['--checkpoint', `${SMALL}/k.ckpt`, '--checkpoint-every', '0', '--model-out', 'went_on.st'];
    const run = await lstmWebgpu(['train', 'wave.csv', ...QUICK, '--hidden', '64', ...keep]);
    expect(run.stderr.match(/Checkpoint: small\/k\.ckpt: cannot be written: ENOSPC/g)).toHaveLength(1);
    expect(run.stdout).toContain('Wrote went_on.st.');
    expect(run.code).toBe(1); // the last checkpoint is missing as well
    expect(readdirSync(inFolder(SMALL))).toEqual([]);
  });

  onSmallDisk('at Ctrl-C is reported, and the other file is written', async () => {
    const keep = ['--checkpoint', `${SMALL}/k.ckpt`, '--model-out', 'stopped.st', '--epochs', '100000'];
    let acted = false;
    const run = await lstmWebgpu(['train', 'wave.csv', ...QUICK, '--hidden', '64', ...keep], {
      watch(child, { stdout }) {
        if (!acted && stdout.includes('Epoch [1/')) acted = child.kill('SIGINT');
      },
    });
    expect(run.stderr).toMatch(/Stopped by SIGINT\. small\/k\.ckpt: cannot be written: ENOSPC.*stopped\.st\.\n$/);
    expect(run.code).toBe(130);
  });
});
