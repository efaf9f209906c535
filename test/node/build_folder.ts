import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** For the command, which the first test file that runs it builds for all; next to the packages that it imports. */
    buildFolder: string;
  }
}

export default function setup(project: TestProject): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'lstm-webgpu-build-'));
  symlinkSync(resolve('node_modules'), join(folder, 'node_modules'), 'junction');
  project.provide('buildFolder', folder);
  return () => rmSync(folder, { recursive: true, force: true });
}
