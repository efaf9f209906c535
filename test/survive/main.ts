// Kills the built command and the page at random moments; too slow for npm test. Exit code 1: something was lost, half-written
// or left over.
//   npm run survive -- kills [100]        SIGKILL of train, of sweep, and of sweep, workers and Redis together
//   npm run survive -- disks [100]        full disks (Linux, as root)
//   npm run survive -- page [100] [20]    reloads and GPU crashes of the page during training
//   npm run survive -- faults             each device call fails once, for every kind of training
import { spawnSync } from 'node:child_process';
import type { Findings } from './command.ts';
import { fillDisks } from './disks.ts';
import { killQueues, killSweeps, killTrainings } from './kills.ts';

const [what, ...rounds] = process.argv.slice(2);
const [first = 100, second = 20] = rounds.map(Number);

async function report(name: string, campaign: Promise<Findings>): Promise<void> {
  const startMs = performance.now();
  const { counts, faults } = await campaign;
  console.log(
    name,
    JSON.stringify({ ...counts, faults: faults.length }),
    `${Math.round((performance.now() - startMs) / 1000)} s`,
  );
  if (faults.length > 0) process.exitCode = 1;
}

if (what === 'kills') {
  await report('train', killTrainings(Math.ceil(first / 3)));
  await report('sweep', killSweeps(Math.ceil(first / 3)));
  await report('queue', killQueues(Math.ceil(first / 3)));
} else if (what === 'disks') await report('disks', fillDisks(first));
else if (what === 'page') {
  const { survivePage } = await import('./page_main.ts');
  await survivePage(first, second);
} else if (what === 'faults') {
  const args = ['--no-install', 'vitest', 'run', '--project', 'node', 'test/gpu/injected_faults.test.ts'];
  process.exitCode =
    spawnSync('npx', args, { stdio: 'inherit', env: { ...process.env, LSTM_FAULTS: 'all' } }).status ?? 1;
} else throw new Error('npm run survive -- kills, disks, page or faults');
