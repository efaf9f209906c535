import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';

// The command loads native libraries from a package next to it (SwiftShader). Here other users planted some where it might look.
const isRoot = process.getuid?.() === 0 && process.platform === 'linux' && process.arch === 'x64';
/** The unprivileged user that runs the command. */
const USER = { uid: 65534, gid: 65534 };
/** Another user of the machine. */
const OTHER_UID = 5;

const folder = mkdtempSync(join(tmpdir(), 'lstm-webgpu-planted-'));
const modules = join(folder, 'global/node_modules');
const version = JSON.parse(readFileSync('node_modules/@sparticuz/chromium/package.json', 'utf8')).version as string;
/** Where an earlier version looked, shared by all users. */
const shared = join(tmpdir(), 'lstm-webgpu');

/** A library that creates a file when it is loaded. */
function plantLibrary(path: string, loaded: string): void {
  const source = join(folder, 'planted.c');
  writeFileSync(
    source,
    `#include <stdio.h>\n__attribute__((constructor)) static void run(void) { FILE *f = fopen("${loaded}", "w"); if (f) fclose(f); }\n`,
  );
  mkdirSync(dirname(path), { recursive: true });
  execFileSync('cc', ['-shared', '-fPIC', '-o', path, source]);
}

interface Where {
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  as?: typeof USER;
}

/** Lists the devices, as every command first does. @returns the output. */
function devices({ cwd = folder, env = {}, as }: Where): string {
  const cli = join(modules, 'lstm-webgpu/dist/node/cli.js');
  const own = { PATH: process.env.PATH, WEBGPU_SOFTWARE: '1', ...env };
  try {
    return execFileSync(process.execPath, [cli, 'devices', '--json'], {
      cwd,
      env: own,
      encoding: 'utf8',
      stdio: 'pipe',
      ...as,
    });
  } catch (error) {
    return String((error as { stdout: string }).stdout);
  }
}

beforeAll(() => {
  chmodSync(folder, 0o755);
  cpSync(inject('unpacked'), join(modules, 'lstm-webgpu'), { recursive: true });
  const isOther = (path: string) => /dist\/(?!linux-x64)[a-z0-9]+-[a-z0-9]+$/.test(path);
  cpSync('node_modules/webgpu', join(modules, 'webgpu'), { recursive: true, filter: (path) => !isOther(path) });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

// Machines other than Linux x64 find adapters without these files.
describe.skipIf(process.platform !== 'linux' || process.arch !== 'x64')('a planted library', () => {
  test('in the working directory is not loaded', () => {
    const [data, loaded] = [join(folder, 'downloaded'), join(folder, 'loaded-from-cwd')];
    const planted = join(data, 'node_modules/@sparticuz/chromium');
    mkdirSync(join(planted, 'bin'), { recursive: true });
    writeFileSync(join(planted, 'package.json'), JSON.stringify({ version: 'x' }));
    plantLibrary(join(data, 'node_modules/.cache/chromium-x/libvulkan.so.1'), loaded);
    devices({ cwd: data, env: { HOME: join(folder, 'home') } });
    expect(existsSync(loaded)).toBe(false);
    expect(existsSync(join(folder, 'home/.cache/lstm-webgpu'))).toBe(false); // there was nothing to unpack
  });

  describe.skipIf(!isRoot)('with two users, which needs root', () => {
    const home = join(folder, 'home-of-user');
    const cache = join(home, '.cache/lstm-webgpu');
    beforeAll(() => {
      mkdirSync(join(modules, '@sparticuz/chromium/bin'), { recursive: true });
      for (const name of ['package.json', 'bin/swiftshader.tar.br'])
        cpSync(join('node_modules/@sparticuz/chromium', name), join(modules, '@sparticuz/chromium', name));
      mkdirSync(home);
      execFileSync('chown', ['-R', `${USER.uid}:${USER.gid}`, home]);
      execFileSync('chmod', ['-R', 'a+rX', folder]);
    });

    test('in the shared temporary folder is not loaded by another user, who still finds an adapter', () => {
      const loaded = join(tmpdir(), `loaded-from-shared-${process.pid}`);
      const isMine = !existsSync(shared);
      plantLibrary(join(shared, `chromium-${version}`, 'libvulkan.so.1'), loaded);
      execFileSync('chown', ['-R', String(OTHER_UID), shared]);
      try {
        expect(devices({ as: USER, env: { HOME: home } })).toContain('SwiftShader');
        expect(existsSync(loaded)).toBe(false);
        expect(execFileSync('stat', ['-c', '%u %a', cache], { encoding: 'utf8' }).trim()).toBe(`${USER.uid} 700`);
      } finally {
        if (isMine) rmSync(shared, { recursive: true, force: true });
        rmSync(loaded, { force: true });
      }
    });

    test.each([
      ['another file in its place', (path: string, loaded: string) => plantLibrary(path, loaded)],
      [
        'a link in its place',
        (path: string, loaded: string) => {
          const elsewhere = join(folder, 'elsewhere.so');
          plantLibrary(elsewhere, loaded);
          rmSync(path);
          symlinkSync(elsewhere, path);
        },
      ],
      [
        'a file that others can write',
        (path: string, loaded: string) => {
          plantLibrary(path, loaded);
          chmodSync(path, 0o777);
        },
      ],
    ])('in the cache is not loaded: %s', (_, plant) => {
      const loaded = join(tmpdir(), `loaded-from-cache-${process.pid}`);
      devices({ as: USER, env: { HOME: home } });
      const [unpacked] = execFileSync('ls', [cache], { encoding: 'utf8' }).split('\n');
      const library = join(cache, unpacked!, 'libvulkan.so.1');
      plant(library, loaded);
      expect(devices({ as: USER, env: { HOME: home } })).toContain('SwiftShader');
      expect(existsSync(loaded)).toBe(false);
      expect(readFileSync(library).length).toBeGreaterThan(100_000); // it was unpacked again
    });

    test("in a cache that is not the user's own is not loaded, nor without a home", () => {
      const loaded = join(tmpdir(), `loaded-from-other-${process.pid}`);
      const theirs = join(folder, 'theirs');
      const [unpacked] = execFileSync('ls', [cache], { encoding: 'utf8' }).split('\n');
      plantLibrary(join(theirs, 'lstm-webgpu', unpacked!, 'libvulkan.so.1'), loaded);
      execFileSync('chown', ['-R', String(OTHER_UID), theirs]);
      expect(devices({ as: USER, env: { HOME: home, XDG_CACHE_HOME: theirs } })).toContain('SwiftShader');
      expect(devices({ as: USER, env: { HOME: resolve('/nonexistent') } })).toContain('SwiftShader');
      expect(existsSync(loaded)).toBe(false);
      const left = execFileSync(
        'find',
        [tmpdir(), '-maxdepth', '1', '-user', String(USER.uid), '-name', 'lstm-webgpu-*'],
        { encoding: 'utf8' },
      );
      expect(left).toBe(''); // the folder of a process is deleted at its end
    });
  });
});
