import type { ChildProcess } from 'node:child_process';
import { afterAll } from 'vitest';
import { lstmWebgpu, type Run } from './command.ts';

const started = new Set<ChildProcess>();

afterAll(() => {
  for (const child of started) child.kill('SIGKILL'); // left by a test that failed
});

/** A `worker` process that waits for packs. */
export interface TestWorker {
  child: ChildProcess;
  /** Resolves when it has ended. */
  ended: Promise<Run>;
}

/**
 * Starts a worker; resolves when it is ready.
 * @param onPack called when the worker takes a pack.
 */
export function startWorker(queue: string, onPack?: (child: ChildProcess) => void): Promise<TestWorker> {
  return new Promise((resolve, reject) => {
    let packs = 0;
    const ended = lstmWebgpu(['worker', '--queue', queue, '--json'], {
      started: (child) => started.add(child),
      watch: (child, { stdout }) => {
        if (stdout.includes('"type":"ready"')) resolve({ child, ended });
        const taken = stdout.split('"type":"pack"').length - 1;
        if (taken > packs) onPack?.(child);
        packs = taken;
      },
    });
    ended.then(({ stderr }) => reject(new Error(stderr)), reject);
  });
}

export async function stopWorker({ child, ended }: TestWorker): Promise<Run> {
  child.kill('SIGTERM');
  return ended;
}
