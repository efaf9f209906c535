import { spawnSync } from 'node:child_process';
import { MinMaxScaler } from '../src/index.ts';
import type { Contender } from './contender.ts';
import { tutorialSeries } from './job.ts';

/** A Python that has torch: PYTHON, Debian's own, or the first in PATH. */
const PYTHONS = [process.env.PYTHON, '/usr/bin/python3', 'python3'].filter((python) => python !== undefined);

function timeSteps(python: string, device: string, steps: number, batch: number): number | undefined {
  const input = [...new MinMaxScaler().fit(tutorialSeries()).transform(tutorialSeries())].join('\n');
  const { status, stdout, stderr } = spawnSync(python, ['bench/pytorch.py', device, String(steps), String(batch)], {
    input,
    encoding: 'utf8',
  });
  if (status !== 0) {
    if (!/No module named 'torch'|CUDA|NVIDIA/.test(stderr ?? '')) console.error(stderr);
    return undefined;
  }
  return (JSON.parse(stdout) as { msPerStep: number }).msPerStep;
}

/** PyTorch's own loop on the CPU (one thread, its fastest here) and, where there is one, on a CUDA GPU. */
export function pytorch(steps: number, batch: number): Contender[] {
  const python = PYTHONS.find((path) => timeSteps(path, 'cpu', 1, batch) !== undefined);
  if (!python) return [];
  const devices = ['cpu', 'cuda'].filter((device) => timeSteps(python, device, 1, batch) !== undefined);
  return devices.map((device) => ({
    name: `PyTorch ${device === 'cpu' ? 'CPU' : 'CUDA'}`,
    device,
    sample: async () => timeSteps(python, device, steps, batch)!,
  }));
}
