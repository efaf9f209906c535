import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, inject } from 'vitest';
import { inPlaceWhenWhole } from '../../src/node/cache.ts';

/** The result of a run of the command. */
export interface Run {
  /** As in shells: 128 plus the number of the signal that ended it. */
  code: number | null;
  stdout: string;
  stderr: string;
}

/** A folder of the test file's own; removed at the end. */
export const folder = mkdtempSync(join(tmpdir(), 'lstm-webgpu-command-'));
export const inFolder = (name: string): string => join(folder, name);

const dist = join(inject('buildFolder'), 'dist');
export const built = (name: string): string => join(dist, name);

beforeAll(async () => {
  symlinkSync(resolve('node_modules'), inFolder('node_modules'), 'junction'); // for scripts
  if (existsSync(dist)) return;
  // the package's own build
  const lib = { entry: { 'node/stop': 'src/node/stop.ts' } };
  const { build } = await import('vite');
  await inPlaceWhenWhole(dist, async (outDir) => {
    await build({ mode: 'library', logLevel: 'error', build: { outDir, emptyOutDir: false, lib } });
  });
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface RunOptions {
  stdin?: string;
  env?: NodeJS.ProcessEnv;
  /** Called with each piece of output, to stop a run. */
  watch?: (child: ChildProcess, run: Run) => void;
  /** Called once, before any output. */
  started?: (child: ChildProcess) => void;
}

/** Runs a script in the folder, like a shell. */
export function runNode(args: readonly string[], { stdin, env = {}, watch, started }: RunOptions = {}): Promise<Run> {
  // the command must find its adapter by itself, and it is npx that may have started the tests
  const { VK_ICD_FILENAMES: _, npm_command: __, ...inherited } = process.env;
  const child = spawn(process.execPath, args, { cwd: folder, env: { ...inherited, ...env } });
  started?.(child);
  const run: Run = { code: null, stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name].on('data', (chunk: Buffer) => {
      run[name] += chunk.toString();
      watch?.(child, run);
    });
  child.stdin.on('error', () => undefined); // a command that fails at once does not read
  if (stdin !== undefined) child.stdin.end(stdin);
  return new Promise((done, fail) => {
    child.on('error', fail);
    child.on('close', (code, signal) => done({ ...run, code: signal ? 128 + constants.signals[signal] : code }));
  });
}

export const lstmWebgpu = (args: readonly string[], options?: RunOptions): Promise<Run> =>
  runNode([built('node/cli.js'), ...args], options);

/** The JSON lines of a run. */
export const events = ({ stdout }: Run): Record<string, unknown>[] =>
  stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

/** The last event: the result, or the error. */
export const resultOf = (run: Run): Record<string, unknown> => events(run).at(-1)!;

/** Writes a file into the folder. @returns its path. */
export function write(name: string, content: string | Uint8Array): string {
  writeFileSync(inFolder(name), content);
  return inFolder(name);
}

export const NUM_ROWS = 60;

/** A wave with one value per day. */
export const wave = Array.from({ length: NUM_ROWS }, (_, k) => ({
  date: new Date(Date.UTC(2024, 0, 1 + k)).toISOString().slice(0, 10),
  value: (100 + 10 * Math.sin(k / 4)).toFixed(3),
}));

export const waveCsv = `date,volume,close\n${wave.map(({ date, value }, k) => `${date},${k},${value}\n`).join('')}`;

/** The defaults of the library. */
export const TUTORIAL = ['--preset', 'tutorial'];

/** A training that compiles quickly: with few units, in one kernel. */
export const QUICK = [...TUTORIAL, '--hidden', '4', '--window', '5', '--batch', '8', '--epochs', '2'];
