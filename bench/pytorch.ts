import { spawnSync } from 'node:child_process';
import { MinMaxScaler } from '../src/data.ts';
import type { Contender } from './contender.ts';
import type { Sizes } from './grid.ts';
import { tutorialSeries } from './job.ts';

/** A Python with torch: PYTHON, Debian's, or the first in PATH. */
const PYTHONS = [process.env.PYTHON, '/usr/bin/python3', 'python3'].filter((python) => python !== undefined);

/** @param sizes T, I, H and L; default: the tutorial's. */
function timeSteps(
  python: string,
  device: string,
  steps: number,
  batch: number,
  sizes: readonly number[] = [],
): number | undefined {
  const scaled = new MinMaxScaler().fit(tutorialSeries()).transform(tutorialSeries());
  const input = sizes.length > 0 ? '' : [...scaled].join('\n');
  const args = ['bench/pytorch.py', device, ...[steps, batch, ...sizes].map(String)];
  const { status, stdout, stderr } = spawnSync(python, args, { input, encoding: 'utf8' });
  if (status !== 0) {
    if (!/No module named 'torch'|CUDA|NVIDIA/.test(stderr ?? '')) console.error(stderr);
    return undefined;
  }
  return (JSON.parse(stdout) as { msPerStep: number }).msPerStep;
}

/** PyTorch's training loop on the CPU (one thread, the fastest here) and on a CUDA GPU if there is one. */
export function pytorch(steps: number, batch: number, sizes?: readonly number[]): Contender[] {
  const python = PYTHONS.find((path) => timeSteps(path, 'cpu', 1, batch) !== undefined);
  if (!python) return [];
  const devices = ['cpu', 'cuda'].filter((device) => timeSteps(python, device, 1, batch) !== undefined);
  return devices.map((device) => ({
    name: `PyTorch ${device === 'cpu' ? 'CPU' : 'CUDA'}`,
    device,
    sample: async () => timeSteps(python, device, steps, batch, sizes)!,
  }));
}

/** The same loop at other sizes. */
export const pytorchSizes = ({ N, T, I, H, L }: Sizes, steps: number): Contender[] => pytorch(steps, N, [T, I, H, L]);
