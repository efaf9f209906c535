import type { ChildProcess } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import { parseModelFile } from '../../src/forecast/model_file.ts';
import { readSafetensors } from '../../src/io/safetensors.ts';
import { describeGpu } from '../gpu/device.ts';
import { bitsOf } from '../gpu/expect.ts';
import { events, inFolder, lstmWebgpu, type Run, TUTORIAL, waveCsv, write } from './command.ts';

/** A training of some seconds whose next step depends on everything: moments, dropout, order, early stopping. */
const SHAPE = [
  ...TUTORIAL,
  '--plan',
  'timestep',
  '--hidden',
  '4',
  '--layers',
  '2',
  '--dropout',
  '0.2',
  '--window',
  '5',
  '--batch',
  '8',
];
const COURSE = ['--epochs', '40', '--shuffle', '--validation', '0.2', '--patience', '30', '--lr', '0.01'];
const TRAIN = ['train', 'wave.csv', '--slice-ms', '1', ...SHAPE, ...COURSE];
const every = ['--checkpoint-every', '0'];

/** Kills a run `afterMs` after it has printed an epoch and written a checkpoint. */
function killAfter(checkpoint: string, afterMs: number) {
  let waiting = false;
  return (child: ChildProcess, { stdout }: Run) => {
    if (waiting || !stdout.includes('Epoch [') || !existsSync(inFolder(checkpoint))) return;
    waiting = true;
    setTimeout(() => child.kill('SIGKILL'), afterMs);
  };
}

function weightsOf(model: string): Map<string, Uint32Array> {
  const { tensors } = readSafetensors(readFileSync(inFolder(model)));
  return new Map(Array.from(tensors, ([name, { data }]) => [name, bitsOf(data)]));
}

/** Reads a complete checkpoint, like --resume. @throws if it is torn. */
function positionOf(checkpoint: string): { epoch: number; step: number } {
  const { position } = parseModelFile(readFileSync(inFolder(checkpoint))).training!;
  return { epoch: position.epoch, step: position.step };
}

describeGpu('a training that was killed', () => {
  let straight: Run;
  beforeAll(async () => {
    write('wave.csv', waveCsv);
    straight = await lstmWebgpu([...TRAIN, '--model-out', 'straight.safetensors', '--json']);
    expect(straight.code, straight.stderr).toBe(0);
  });

  test('resumes from its checkpoint with bit-identical results', async () => {
    const watch = killAfter('once.ckpt', 30);
    const killed = await lstmWebgpu([...TRAIN, '--checkpoint', 'once.ckpt', ...every], { watch });
    expect(killed.code).toBe(137);
    const { epoch } = positionOf('once.ckpt');
    expect(epoch).toBeLessThan(40);
    const resumed = await lstmWebgpu([
      'train',
      'wave.csv',
      '--resume',
      'once.ckpt',
      '--model-out',
      'once.st',
      '--json',
    ]);
    expect(resumed.code, resumed.stderr).toBe(0);
    expect(weightsOf('once.st')).toEqual(weightsOf('straight.safetensors'));
    const losses = (run: Run) =>
      events(run).flatMap(({ type, epoch, loss }) => (type === 'epoch' ? [[epoch, loss]] : []));
    expect(losses(resumed)).toEqual(losses(straight).slice(epoch - 1));
    const { rmse, epochs } = events(straight).at(-1)!;
    expect(events(resumed).at(-1)).toMatchObject({ rmse, epochs, files: { model: 'once.st', checkpoint: null } });
  });

  test('repeatedly, at any moment, ends bit-identical, and its checkpoint is never torn', async () => {
    const kept = ['--checkpoint', 'often.ckpt', ...every];
    let args = [...TRAIN, ...kept];
    for (let kill = 0; kill < 3; kill++) {
      const { code } = await lstmWebgpu(args, { watch: killAfter('often.ckpt', 150 * Math.random()) });
      positionOf('often.ckpt');
      args = ['train', 'wave.csv', '--resume', 'often.ckpt', ...kept, '--model-out', 'often.st'];
      if (code === 0) break; // a fast device has finished
    }
    const last = await lstmWebgpu(args);
    expect(last.code, last.stderr).toBe(0);
    expect(last.stdout).toContain('Wrote often.st, often.ckpt.');
    expect(weightsOf('often.st')).toEqual(weightsOf('straight.safetensors'));
    const ended = await lstmWebgpu(['train', 'wave.csv', '--resume', 'often.ckpt', '--json']); // no steps are left
    expect(events(ended).at(-1)).toMatchObject({ rmse: events(straight).at(-1)!.rmse, steps: 0 });
    const bare = await lstmWebgpu(['predict', 'often.ckpt', 'wave.csv', '--interval', '0.9']);
    expect(bare.stderr).toContain('--interval: a checkpoint has nothing to measure intervals on; give the model that');
    const { stdout } = await lstmWebgpu(['train', 'wave.csv', '--resume', 'often.ckpt']);
    expect(stdout).not.toContain('steps/s');
    expect(stdout).toMatch(/\nThe training in often\.ckpt was already finished: no steps were left\.\n$/);
  });

  test('by Ctrl-C writes a checkpoint of that moment, and names the flag to resume', async () => {
    let isKilled = false; // a second signal stops at once
    const watch = (child: ChildProcess, { stdout }: Run) => {
      if (!isKilled && stdout.includes('Epoch [2/')) isKilled = child.kill('SIGINT');
    };
    const stopped = await lstmWebgpu([...TRAIN, '--checkpoint', 'stopped.ckpt'], { watch });
    expect(stopped.code).toBe(130);
    expect(stopped.stderr).toContain(
      'Stopped by SIGINT. Continue with --resume stopped.ckpt, and --checkpoint stopped.ckpt to write further checkpoints.\n',
    );
    expect(positionOf('stopped.ckpt').epoch).toBeGreaterThan(1);
    await lstmWebgpu(['train', 'wave.csv', ...SHAPE, '--epochs', '1', '--checkpoint', 'plain.ckpt']);
    const refusals: [args: string[], code: number, message: RegExp][] = [
      [
        ['--resume', 'stopped.ckpt', '--lr', '0.001'],
        2,
        /--lr: a resumed training keeps the settings of its checkpoint, stopped\.ckpt/,
      ],
      [
        ['--resume', 'stopped.ckpt', '--past', 'volume'],
        2,
        /--past: a resumed training keeps the settings of its checkpoint, stopped\.ckpt/,
      ],
      [['--resume', 'stopped.ckpt', '--column', 'volume'], 1, /wave\.csv: its 60 rows of "volume" are not the values/],
      [['--resume', 'stopped.ckpt', '--rows', '59'], 1, /its 59 rows of "close" are not the values that stopped\.ckpt/],
      [
        ['--resume', 'stopped.ckpt', '--model-out', 'stopped.ckpt'],
        2,
        /--model-out: stopped\.ckpt is also the input file/,
      ],
      [
        ['--resume', 'plain.ckpt', '--interval', '0.9'],
        2,
        /--interval: .* the training in plain\.ckpt has none\. Leave/,
      ],
      [['--resume', 'stopped.ckpt', '--interval', '0.99'], 2, /--interval: .* are too few .*0\.99\. Use a lower level/],
      [['--resume', 'straight.safetensors'], 1, /straight\.safetensors: this is a model, not a checkpoint/],
      [['--resume', 'wave.csv'], 1, /wave\.csv: expected a model, but this is text/],
      [['--resume', 'none.ckpt'], 1, /none\.ckpt: there is no such file/],
    ];
    await Promise.all(
      refusals.map(async ([args, code, message]) => {
        const run = await lstmWebgpu(['train', 'wave.csv', ...args]);
        expect(run.stderr).toMatch(message);
        expect(run).toMatchObject({ code, stdout: '' });
      }),
    );
  });
});
