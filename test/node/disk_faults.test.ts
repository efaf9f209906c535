import type * as Fs from 'node:fs';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import { OutputError, Outputs } from '../../src/node/output.ts';

/** Calls that a disk may fail, with the error code. */
const CALLS = vi.hoisted(() => ({
  openSync: 'EMFILE',
  writeSync: 'ENOSPC',
  fsyncSync: 'EIO',
  closeSync: 'EDQUOT', // on network folders
  renameSync: 'EACCES',
  fchmodSync: 'EPERM',
  fchownSync: 'EPERM',
  mkdirSync: 'EROFS',
  readdirSync: 'EIO',
  rmSync: 'EBUSY',
  readlinkSync: 'EIO',
}));
type Call = keyof typeof CALLS;

const state = vi.hoisted(() => ({ armed: undefined as { call: string; nth: number } | undefined, calls: 0 }));
let points = 0;

vi.mock('node:fs', async (importOriginal) => {
  const fs = await importOriginal<typeof Fs>();
  const failing = (call: Call) => {
    const real = fs[call] as (...args: unknown[]) => unknown;
    return (...args: unknown[]) => {
      if (state.armed?.call === call && ++state.calls === state.armed.nth)
        throw Object.assign(new Error(`${CALLS[call]}: injected, ${call}`), { code: CALLS[call] });
      return real(...args);
    };
  };
  return { ...fs, ...Object.fromEntries(Object.keys(CALLS).map((call) => [call, failing(call as Call)])) };
});

const folder = mkdtempSync(join(tmpdir(), 'lstm-webgpu-faults-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The n-th call from now on fails; 0: none, calls are only counted. */
function arm(call: Call, nth: number): void {
  state.armed = { call, nth };
  state.calls = 0;
}

const FILES = ['link', 'new', 'far/new'];
const path = (name: string): string => join(folder, name);

/** Writes three files like a command, one of which exists; the n-th call fails. */
async function writeAll(call: Call, nth: number) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  writeFileSync(path('old'), 'OLD');
  symlinkSync('old', path('link'));
  arm(call, nth);
  const outputs = new Outputs(Object.fromEntries(FILES.map((name) => [name, path(name)])), []);
  outputs.prepare();
  for (const name of FILES) await outputs.write(name, () => `NEW ${name}`);
  return outputs;
}

const leftOvers = () => readdirSync(folder, { recursive: true }).filter((name) => String(name).endsWith('.tmp'));

test.each(Object.keys(CALLS) as Call[])(
  'whichever %s fails, files are old or new, and all that is new is said',
  async (call) => {
    await writeAll(call, 0);
    const total = state.calls;
    expect(total).toBeGreaterThan(0);
    for (let nth = 1; nth <= total; nth++) {
      const outputs = await writeAll(call, nth).catch((error: unknown) => error);
      state.armed = undefined;
      const place = `call ${nth} of ${total}`;
      // before any work
      if (!(outputs instanceof Outputs)) expect(outputs, place).toBeInstanceOf(OutputError);
      else {
        for (const name of FILES) {
          const text = existsSync(path(name)) ? readFileSync(path(name), 'utf8') : 'OLD';
          expect(text, `${name}, ${place}`).toBe(outputs.files[name] === null ? 'OLD' : `NEW ${name}`);
        }
        const failed = FILES.filter((name) => outputs.files[name] === null);
        expect(failed.length, place).toBeLessThanOrEqual(1);
        if (failed.length > 0) expect(() => outputs.check(), place).toThrow(OutputError);
      }
      // a later process deletes one that could not be deleted, when its own process has ended
      if (call !== 'rmSync') expect(leftOvers(), place).toEqual([]);
      points++;
    }
  },
);

afterAll(() => console.info(`${points} failed calls of the disk`));
