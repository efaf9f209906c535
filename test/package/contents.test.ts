import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { describe, expect, inject, test } from 'vitest';

const filesIn = (folder: string) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => statSync(join(folder, path)).isFile())
    .map((path) => path.replaceAll('\\', '/'));

/** The parts of `attw --format json` that are used. */
interface AttwReport {
  analysis: { entrypoints: Record<string, { resolutions: Record<'node16-esm' | 'bundler', AttwResolution> }> };
}
interface AttwResolution {
  resolution?: { fileName: string };
  /** Indices into its list of problems. */
  visibleProblems?: number[];
}

/** The output of a tool of node_modules/.bin. @throws Error with its output if it fails. */
function runTool(name: string, ...args: string[]): string {
  const { status, stdout, stderr } = spawnSync('npx', ['--no-install', name, ...args], {
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
    shell: process.platform === 'win32',
  });
  if (status !== 0) throw new Error(`${name} ${args.join(' ')}: exit status ${status}\n${stdout}${stderr}`);
  return stdout;
}

describe('the tarball', () => {
  test('contains the built library with its types, the license and documents, and nothing else', () => {
    const files = filesIn(inject('unpacked'));
    const atTop = files.filter((path) => !path.includes('/'));
    expect(atTop.sort()).toEqual(['CHANGELOG.md', 'LICENSE', 'README.md', 'package.json']);
    const others = files.filter((path) => path.includes('/'));
    expect(others.length).toBeGreaterThan(20);
    for (const path of others) expect(path).toMatch(/^dist\/.+(\.js|\.d\.ts)$/);
    expect(others.filter((path) => /^dist\/(test|bench|demo|tools)\//.test(path))).toEqual([]);
  });

  test('has no findings of publint', async () => {
    const { messages, pkg } = await publint({ pkgDir: inject('unpacked'), strict: true });
    expect(messages.map((message) => formatMessage(message, pkg))).toEqual([]);
  });

  test('has types for every ESM resolution (attw)', () => {
    // as JSON: its tables depend on the terminal
    const found = runTool('attw', inject('tarball'), '--profile', 'esm-only', '--format', 'json');
    const { entrypoints } = (JSON.parse(found) as AttwReport).analysis;
    const { exports } = JSON.parse(readFileSync(join(inject('unpacked'), 'package.json'), 'utf8'));
    expect(Object.keys(entrypoints).sort()).toEqual(Object.keys(exports).sort());
    for (const [entry, { resolutions }] of Object.entries(entrypoints)) {
      for (const kind of ['node16-esm', 'bundler'] as const) {
        const { resolution, visibleProblems } = resolutions[kind];
        expect(resolution?.fileName, `${entry}, ${kind}`).toMatch(/\.d\.ts$|package\.json$/);
        expect(visibleProblems ?? [], `${entry}, ${kind}`).toEqual([]);
      }
    }
  });

  test('has no any in its types', () => {
    const folder = inject('unpacked');
    const types = filesIn(folder).filter((path) => path.endsWith('.d.ts'));
    for (const path of types) {
      const code = readFileSync(join(folder, path), 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '');
      expect(code, path).not.toMatch(/\bany\b/);
    }
  });
});

test('nothing in the repository is unused (knip)', () => {
  expect(runTool('knip')).toBe('');
});

test('every name of the public API is documented, and every link resolves (typedoc)', () => {
  expect(runTool('typedoc', '--emit', 'none', '--logLevel', 'Warn')).toBe('');
});
