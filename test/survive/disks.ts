import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { parseModelFile } from '../../src/forecast/model_file.ts';
import { Findings, numbersOf, Place, waveCsv } from './command.ts';

const OUTPUTS = ['m.st', 'p.csv', 'c.html', 'k.ckpt'] as const;
const SMALL = 'small';
const LARGE_KB = 10_000;

/** Disks of random sizes that fill up during training or a sweep; needs root on Linux, to mount them. */
export async function fillDisks(rounds: number): Promise<Findings> {
  const [place, findings] = [new Place(), new Findings()];
  mkdirSync(place.path(SMALL));
  writeFileSync(place.path('s.csv'), waveCsv(120));
  writeFileSync(
    place.path('plan.json'),
    JSON.stringify({ grid: { hiddenSize: [3, 4], epochs: 2, batchSize: 16 }, seeds: [0, 1, 2] }),
  );
  const mount = (kb: number, how = `size=${kb}k`) =>
    execFileSync('mount', ['-t', 'tmpfs', '-o', how, 'tmpfs', place.path(SMALL)]);
  const [m, p, c, k] = OUTPUTS.map((name) => `${SMALL}/${name}`) as [string, string, string, string];
  const outs = [
    '--model-out',
    m,
    '--predictions-out',
    p,
    '--chart-out',
    c,
    '--checkpoint',
    k,
    '--checkpoint-every',
    '0',
  ];
  const train = [
    'train',
    's.csv',
    '--preset',
    'tutorial',
    '--epochs',
    '5',
    '--hidden',
    '16',
    '--batch',
    '16',
    '--seed',
    '0',
    ...outs,
  ];
  const sweep = ['sweep', 'plan.json', 's.csv', '--results-out', `${SMALL}/r.jsonl`, '--pack', '1'];
  mount(LARGE_KB);
  try {
    await place.run(train);
    const whole = new Map(['m.st', 'p.csv'].map((name) => [name, place.sha(`${SMALL}/${name}`)]));
    const mostKb = OUTPUTS.reduce((sum, name) => sum + place.bytes(`${SMALL}/${name}`).length, 0) / 1024;
    await place.run(sweep);
    const results = place.read(`${SMALL}/r.jsonl`);
    for (let round = 0; round < rounds; round++) {
      const isTraining = round % 2 === 0;
      execFileSync('umount', [place.path(SMALL)]);
      mount(Math.ceil((0.05 + Math.random()) * (isTraining ? mostKb : results.length / 1024) + 4));
      const args = isTraining ? train : sweep;
      const { code, stderr } = await place.run(args);
      findings.count(`${args[0]} exit ${code}`);
      findings.check(code === 0 || (code === 1 && /ENOSPC/.test(stderr)), `exit ${code}: ${stderr}`);
      findings.check(place.leftOvers().length === 0, `left over: ${place.leftOvers().join(', ')}`);
      if (isTraining) for (const name of OUTPUTS) isWholeOrMissing(name, code);
      execFileSync('mount', ['-o', `remount,size=${LARGE_KB}k`, place.path(SMALL)]);
      const again = await place.run(args);
      findings.check(again.code === 0, `with room again: exit ${again.code}: ${again.stderr}`);
      if (!isTraining)
        findings.check(numbersOf(place.read(`${SMALL}/r.jsonl`)) === numbersOf(results), 'other results');
    }
    return findings;

    function isWholeOrMissing(name: string, code: number | null): void {
      const path = `${SMALL}/${name}`;
      if (!place.has(path)) {
        findings.check(code === 1, `${name} is missing, and the exit code is ${code}`);
        return;
      }
      findings.count(`${name} written`);
      if (name === 'c.html') findings.check(place.read(path).trimEnd().endsWith('</html>'), 'half a chart');
      else if (name === 'k.ckpt')
        parseModelFile(place.bytes(path)); // complete; its bytes differ, as it contains the time of each epoch
      else findings.check(place.sha(path) === whole.get(name), `another ${name}`);
    }
  } finally {
    execFileSync('umount', [place.path(SMALL)]);
    place.dispose();
  }
}
