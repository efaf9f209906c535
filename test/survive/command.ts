import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** How a process ended. */
export interface Ended {
  code: number | null;
  stderr: string;
}

/** The results of a campaign. There must be no faults. */
export class Findings {
  readonly counts: Record<string, number> = {};
  readonly faults: string[] = [];

  count(what: string): void {
    this.counts[what] = (this.counts[what] ?? 0) + 1;
  }

  /** Records a fault unless `ok`. */
  check(ok: boolean, fault: string): void {
    if (ok) return;
    this.faults.push(fault);
    console.log(`FAULT ${fault}`);
  }
}

/** A separate folder for the built command. */
export class Place {
  readonly folder = mkdtempSync(join(tmpdir(), 'lstm-webgpu-survive-'));
  readonly #running = new Set<ChildProcess>();

  path(name: string): string {
    return join(this.folder, name);
  }

  has(name: string): boolean {
    return existsSync(this.path(name));
  }

  read(name: string): string {
    return readFileSync(this.path(name), 'utf8');
  }

  bytes(name: string): Buffer {
    return readFileSync(this.path(name));
  }

  sha(name: string): string {
    return createHash('sha256').update(this.bytes(name)).digest('hex').slice(0, 16);
  }

  remove(...names: string[]): void {
    for (const name of names) rmSync(this.path(name), { force: true });
  }

  /** Temporary files left over, here and in subfolders. */
  leftOvers(folder = this.folder): string[] {
    return readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
      entry.isDirectory() ? this.leftOvers(join(folder, entry.name)) : entry.name.endsWith('.tmp') ? [entry.name] : [],
    );
  }

  /** Starts the command. */
  start(args: readonly string[]): { child: ChildProcess; ended: Promise<Ended> } {
    const cli = resolve('dist/node/cli.js');
    const child = spawn(process.execPath, [cli, ...args], { cwd: this.folder, stdio: ['ignore', 'ignore', 'pipe'] });
    this.#running.add(child);
    let stderr = '';
    child.stderr!.on('data', (chunk: Buffer) => {
      stderr += chunk.toString();
    });
    const ended = new Promise<Ended>((done) =>
      child.on('close', (code) => {
        this.#running.delete(child);
        done({ code, stderr });
      }),
    );
    return { child, ended };
  }

  run(args: readonly string[]): Promise<Ended> {
    return this.start(args).ended;
  }

  /** Runs the command and kills it after a delay. @returns whether it was killed before it finished. */
  async killedAfter(ms: number, args: readonly string[]): Promise<Ended & { killed: boolean }> {
    const { child, ended } = this.start(args);
    const timer = setTimeout(() => child.kill('SIGKILL'), ms);
    const result = await ended;
    clearTimeout(timer);
    return { ...result, killed: child.signalCode === 'SIGKILL' };
  }

  dispose(): void {
    for (const child of this.#running) child.kill('SIGKILL');
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A wave with a trend, one value per day. */
export function waveCsv(rows: number, phase = 0): string {
  const line = (_: unknown, k: number) =>
    `${new Date(Date.UTC(2024, 0, 1 + k)).toISOString().slice(0, 10)},${(100 + 10 * Math.sin(k / 5 + phase) + k / 10).toFixed(3)}\n`;
  return `date,close\n${Array.from({ length: rows }, line).join('')}`;
}

/** The numbers of each job of a results file, in the order of their keys. @throws if a line is incomplete. */
export function numbersOf(results: string): string {
  const rows = results
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as { key: string; ok: boolean; metrics?: object });
  return JSON.stringify(rows.map(({ key, ok, metrics }) => [key, ok, metrics]).sort());
}
