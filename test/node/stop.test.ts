import { type ChildProcess, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { describeGpu } from '../gpu/device.ts';
import { built, events, inFolder, lstmWebgpu, QUICK, type Run, runNode, waveCsv, write } from './command.ts';

beforeAll(() => {
  write('wave.csv', waveCsv);
});

/** Does something once, when stdout has `text`. */
function when(text: string, act: (child: ChildProcess) => void) {
  let acted = false;
  return (child: ChildProcess, { stdout }: Run) => {
    if (acted || !stdout.includes(text)) return;
    acted = true;
    act(child);
  };
}

const ENDLESS = ['train', 'wave.csv', ...QUICK, '--epochs', '100000'];

describeGpu('stopping a training', () => {
  const stops = [
    ['SIGHUP', 129],
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const;
  test.each(stops)('%s after an epoch exits with %i and leaves a model that predicts', async (signal, exitCode) => {
    const model = `${signal}.safetensors`;
    const watch = when('Epoch [1/', (child) => child.kill(signal));
    const run = await lstmWebgpu([...ENDLESS, '--model-out', model, '--chart-out', 'none.html'], { watch });
    expect(run.stderr).toContain(`\nlstm-webgpu: Stopped by ${signal}. The model trained so far is in ${model}.\n`);
    expect(run.stdout).not.toContain('RMSE');
    expect(run.code).toBe(exitCode);
    expect(existsSync(inFolder('none.html'))).toBe(false);
    const predicted = await lstmWebgpu(['predict', model, 'wave.csv']);
    expect(predicted.code).toBe(0);
    expect(predicted.stdout).toMatch(/^2024-03-01 {2}-?\d+(\.\d+)?\n$/);
  });

  test('with --json, the last line reports the stop', async () => {
    const watch = when('"epoch":1,', (child) => child.kill('SIGINT'));
    const run = await lstmWebgpu([...ENDLESS, '--json'], { watch });
    expect(events(run).at(-1)).toEqual({ type: 'error', message: 'Stopped by SIGINT.' });
    expect(run.code).toBe(130);
  });

  test('a reader that closes the pipe, like head, ends it silently, and the model is kept', async () => {
    const watch = when('Epoch [1/', (child) => child.stdout!.destroy());
    const run = await lstmWebgpu([...ENDLESS, '--model-out', 'head.safetensors'], { watch });
    expect(run.stderr).not.toContain('lstm-webgpu:');
    expect(run.code).toBe(141); // as for SIGPIPE: it did not finish
    expect(existsSync(inFolder('head.safetensors'))).toBe(true);
  });

  test.skipIf(!existsSync('/dev/full'))(
    'a full disk for its output ends it with the reason, and the model is kept',
    () => {
      const run = (...args: string[]) => {
        const script = `exec "${process.execPath}" "${built('node/cli.js')}" ${args.join(' ')} > /dev/full`;
        const { status, stderr } = spawnSync('sh', ['-c', script], { cwd: inFolder('.'), encoding: 'utf8' });
        expect(stderr).not.toMatch(/^\s+at /m); // no stack trace
        return { status, last: stderr.trim().split('\n').at(-1) };
      };
      const full = /^lstm-webgpu: The standard output cannot be written: .*ENOSPC/;
      const model = ['--model-out', 'full.safetensors'];
      for (const [args, kept] of [
        [[...ENDLESS, ...model], 'The model trained so far is in full.safetensors.'],
        [[...ENDLESS, '--json'], 'ENOSPC'],
      ] as const) {
        const { status, last } = run(...args);
        expect(status).toBe(1);
        expect(last).toMatch(full);
        expect(last).toContain(kept);
      }
      for (const args of [['--version'], ['train', '--help'], ['predict', 'full.safetensors', 'wave.csv']]) {
        const { status, last } = run(...args);
        expect(status).toBe(1);
        expect(last).toMatch(full);
      }
    },
  );
});

describe('stopping', () => {
  const script = `import { Stop } from ${JSON.stringify(built('node/stop.js'))};
    const stop = new Stop();
    stop.listen();
    stop.signal.addEventListener('abort', () => console.log('aborted'));
    setInterval(() => undefined, 1000);
    console.log('listening');`;

  test('a second signal ends at once what ignores the first; an echo of the first does not', async () => {
    const sentMs: number[] = [];
    const send = (child: ChildProcess) => {
      sentMs.push(performance.now());
      child.kill('SIGINT');
    };
    const onListening = when('listening', send);
    const onAborted = when('aborted', (child) => {
      send(child); // the echo
      setTimeout(() => send(child), 800);
    });
    const watch = (child: ChildProcess, run: Run) => {
      onListening(child, run);
      onAborted(child, run);
    };
    const run = await runNode(['--input-type=module', '-e', script], { watch });
    expect(run).toEqual({ code: 130, stdout: 'listening\naborted\n', stderr: '' });
    expect(sentMs).toHaveLength(3);
  });

  test('Ctrl-C ends a command at once that waits for its input', async () => {
    const started = (child: ChildProcess) => setTimeout(() => child.kill('SIGINT'), 1500);
    expect(await lstmWebgpu(['train', '-'], { started })).toEqual({ code: 130, stdout: '', stderr: '' });
  });
});
