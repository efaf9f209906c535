import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { nvidiaCard } from '../../src/node/nvidia.ts';

test('the name of an NVIDIA card comes from its driver, if all cards are of one kind', () => {
  const folder = mkdtempSync(join(tmpdir(), 'nvidia-'));
  const card = (bus: string, model: string) => {
    mkdirSync(join(folder, bus));
    writeFileSync(join(folder, bus, 'information'), `Model: \t\t ${model}\nIRQ:   \t\t 42\nGPU UUID: \t GPU-1\n`);
  };
  expect(nvidiaCard(folder)).toBeUndefined();
  card('0000:04:00.0', 'NVIDIA H200');
  card('0000:05:00.0', 'NVIDIA H200');
  expect(nvidiaCard(folder)).toBe('NVIDIA H200');
  card('0000:06:00.0', 'NVIDIA L4');
  expect(nvidiaCard(folder)).toBeUndefined();
  expect(nvidiaCard(join(folder, 'missing'))).toBeUndefined();
  rmSync(folder, { recursive: true });
});
