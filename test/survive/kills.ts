import { type ChildProcess, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { parseModelFile } from '../../src/forecast/model_file.ts';
import { TestRedis } from '../node/redis_server.ts';
import { Findings, numbersOf, Place, waveCsv } from './command.ts';

/** The last run may finish. */
const NEVER = 1e9;

const TRAINING = [
  '--preset',
  'tutorial',
  '--epochs',
  '400',
  '--hidden',
  '8',
  '--batch',
  '16',
  '--seed',
  '0',
  '--plan',
  'timestep',
];
const KEEP = ['--checkpoint', 'k.ckpt', '--checkpoint-every', '0', '--model-out', 'm.st', '--predictions-out', 'p.csv'];
const FILES = ['k.ckpt', 'm.st', 'p.csv'];

/** SIGKILLs at random moments of `train`, which resumes from its checkpoint; the final model is always the same. */
export async function killTrainings(kills: number): Promise<Findings> {
  const [place, findings] = [new Place(), new Findings()];
  writeFileSync(place.path('s.csv'), waveCsv(120));
  const fresh = ['train', 's.csv', ...TRAINING, ...KEEP];
  const startMs = performance.now();
  const straight = await place.run(fresh);
  const fullMs = performance.now() - startMs;
  findings.check(straight.code === 0, `an undisturbed training ended with ${straight.code}: ${straight.stderr}`);
  const expected = ['m.st', 'p.csv'].map((name) => place.sha(name)).join();
  place.remove(...FILES);
  for (let [killed, isDone] = [0, false]; killed < kills || !isDone; ) {
    const goesOn = place.has('k.ckpt');
    const args = goesOn ? ['train', 's.csv', '--resume', 'k.ckpt', ...KEEP] : fresh;
    const run = await place.killedAfter(killed < kills ? Math.random() * fullMs : NEVER, args);
    isDone = !run.killed;
    if (run.killed) killed++;
    findings.count(run.killed ? 'killed' : 'finished');
    findings.check(run.killed || run.code === 0, `a training ended with ${run.code}: ${run.stderr}`);
    findings.check(!goesOn || place.has('k.ckpt'), 'a checkpoint is gone');
    for (const name of ['k.ckpt', 'm.st']) if (place.has(name)) isWhole(name);
    if (run.killed) continue;
    findings.check(['m.st', 'p.csv'].map((name) => place.sha(name)).join() === expected, 'another model came of it');
    findings.check(place.leftOvers().length === 0, `left over: ${place.leftOvers().join(', ')}`);
    place.remove(...FILES);
  }
  place.dispose();
  return findings;

  function isWhole(name: string): void {
    try {
      parseModelFile(place.bytes(name));
    } catch (error) {
      findings.check(false, `${name} is half written: ${(error as Error).message}`);
    }
  }
}

const GRID = { grid: { hiddenSize: [3, 4, 5], epochs: 3, batchSize: 16, plan: 'timestep' }, seeds: [0, 1] };

function sweepPlace(): { place: Place; sweep: string[] } {
  const place = new Place();
  writeFileSync(place.path('plan.json'), JSON.stringify(GRID));
  for (const k of [0, 1, 2]) writeFileSync(place.path(`s${k}.csv`), waveCsv(80, k));
  const sweep = [
    'sweep',
    'plan.json',
    's0.csv',
    's1.csv',
    's2.csv',
    '--results-out',
    'r.jsonl',
    '--models-out',
    'models',
  ];
  return { place, sweep: [...sweep, '--pack', '2'] };
}

/** The same for `sweep`, which runs the jobs missing in its results. */
export async function killSweeps(kills: number): Promise<Findings> {
  const findings = new Findings();
  const { place, sweep } = sweepPlace();
  const startMs = performance.now();
  const straight = await place.run(sweep);
  const fullMs = performance.now() - startMs;
  findings.check(straight.code === 0, `an undisturbed sweep ended with ${straight.code}: ${straight.stderr}`);
  const expected = numbersOf(place.read('r.jsonl'));
  place.remove('r.jsonl');
  for (let [killed, isDone] = [0, false]; killed < kills || !isDone; ) {
    const run = await place.killedAfter(killed < kills ? Math.random() * fullMs : NEVER, sweep);
    isDone = !run.killed;
    if (run.killed) killed++;
    findings.count(run.killed ? 'killed' : 'finished');
    if (run.killed) continue;
    findings.check(run.code === 0, `a sweep ended with ${run.code}: ${run.stderr}`);
    findings.check(numbersOf(place.read('r.jsonl')) === expected, 'other results came of it');
    findings.check(place.leftOvers().length === 0, `left over: ${place.leftOvers().join(', ')}`);
    place.remove('r.jsonl');
  }
  place.dispose();
  return findings;
}

/** The same for a sweep through Redis: the coordinator, its two workers and the server are killed in turn and restarted. */
export async function killQueues(kills: number): Promise<Findings> {
  const findings = new Findings();
  if (spawnSync('redis-server', ['--version']).status !== 0) throw new Error('redis-server is missing');
  const { place, sweep } = sweepPlace();
  await place.run(sweep);
  const expected = numbersOf(place.read('r.jsonl'));
  for (let killed = 0; killed < kills; ) {
    place.remove('r.jsonl');
    const redis = await TestRedis.start();
    const worker = (): ChildProcess => place.start(['worker', '--queue', redis.url]).child;
    const workers = [worker(), worker()];
    let coordinator = place.start([...sweep, '--queue', redis.url]);
    let isDone = false;
    while (!isDone) {
      const pause = new Promise<'pause'>((resolve) => setTimeout(resolve, 300 + Math.random() * 2500, 'pause'));
      const end = await Promise.race([pause, coordinator.ended]);
      if (end !== 'pause') {
        findings.check(end.code === 0, `the coordinator ended with ${end.code}: ${end.stderr}`);
        isDone = true;
      } else if (killed < kills) {
        killed++;
        const victim = ['coordinator', 'worker 0', 'worker 1', 'redis'][killed % 4]!;
        findings.count(`killed ${victim}`);
        if (victim === 'redis') {
          await redis.kill();
          await redis.start();
        } else if (victim === 'coordinator') {
          coordinator.child.kill('SIGKILL');
          await coordinator.ended;
          coordinator = place.start([...sweep, '--queue', redis.url]);
        } else {
          const k = Number(victim.slice(-1));
          workers[k]!.kill('SIGKILL');
          workers[k] = worker();
        }
      }
    }
    findings.count('sweeps');
    findings.check(numbersOf(place.read('r.jsonl')) === expected, 'other results came of it');
    for (const child of workers) child.kill('SIGKILL');
    await redis.remove();
  }
  const last = await place.run(sweep);
  findings.check(last.code === 0, `the last sweep ended with ${last.code}`);
  findings.check(place.leftOvers().length === 0, `left over: ${place.leftOvers().join(', ')}`);
  place.dispose();
  return findings;
}
