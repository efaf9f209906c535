import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

const EVERY_MS = 50;

/** The clock of the first NVIDIA card over time, from nvidia-smi, where it is installed. */
export class CardClock {
  readonly #samples: { atMs: number; mhz: number }[] = [];
  readonly #child: ChildProcessByStdio<null, Readable, null>;

  constructor() {
    const query = ['--id=0', '--query-gpu=clocks.sm', '--format=csv,noheader,nounits', `--loop-ms=${EVERY_MS}`];
    this.#child = spawn('nvidia-smi', query, { stdio: ['ignore', 'pipe', 'ignore'] });
    this.#child.on('error', () => undefined); // no NVIDIA card: no samples
    createInterface(this.#child.stdout).on('line', (line) => {
      if (Number(line) > 0) this.#samples.push({ atMs: performance.now(), mhz: Number(line) });
    });
  }

  /** The lowest and the highest clock since a time, in MHz. */
  since(startMs: number): [number, number] | undefined {
    const list = this.#samples.filter(({ atMs }) => atMs >= startMs).map(({ mhz }) => mhz);
    return list.length > 0 ? [Math.min(...list), Math.max(...list)] : undefined;
  }

  stop(): void {
    this.#child.kill();
  }
}
