import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** The package as npm would publish it, and its unpacked folder. */
    tarball: string;
    unpacked: string;
  }
}

/** Packs the package once for all of its tests: `npm pack` builds first. */
export default function setup(project: TestProject): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'lstm-webgpu-pack-'));
  const shell = process.platform === 'win32';
  const output = execFileSync('npm', ['pack', '--json', '--pack-destination', folder], { encoding: 'utf8', shell });
  const [{ filename }] = JSON.parse(output.slice(output.indexOf('[\n'))) as [{ filename: string }];
  execFileSync('tar', ['-xzf', filename], { cwd: folder });
  project.provide('tarball', resolve(folder, filename));
  project.provide('unpacked', join(folder, 'package'));
  return () => rmSync(folder, { recursive: true, force: true });
}
