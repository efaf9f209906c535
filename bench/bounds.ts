// Oversized inputs: the outcome, time and peak memory of each.
// npm run build && node tools/run.mjs bench/bounds.ts
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const folder = mkdtempSync(join(tmpdir(), 'lstm-webgpu-bounds-'));
const command = resolve('dist/node/cli.js');
const PEAK = 'peak of memory in KiB:';
const reportPeak = `data:text/javascript,process.on("exit",()=>console.error("${PEAK}",process.resourceUsage().maxRSS))`;

const upTo = (count: number, step = 1) => Array.from({ length: count }, (_, k) => (k + 1) * step);
const grid = {
  hiddenSize: upTo(100),
  windowLength: upTo(100),
  lr: upTo(100, 0.001),
  batchSize: upTo(10),
  epochs: upTo(10),
};
const tiny = { hiddenSize: 4, epochs: 1, batchSize: 32 };
const plans: Readonly<Record<string, unknown>> = {
  grid: { grid },
  sampled: { grid: { ...tiny, lr: upTo(10_000, 1e-6) }, seeds: upTo(10_000), sample: { jobs: 2 } },
  folds: { grid: tiny, folds: { count: 1e9, testRows: 1 } },
  seeds: { grid: tiny, seeds: upTo(1e6) },
  values: { grid: { lr: upTo(1e6) }, sample: { jobs: 2 } },
  layers: { grid: { numLayers: 1e7 } },
  most: { grid: tiny, seeds: upTo(5e5) },
};
for (const [name, plan] of Object.entries(plans)) writeFileSync(join(folder, `${name}.json`), JSON.stringify(plan));
writeFileSync(join(folder, 'nested.json'), '['.repeat(2 ** 23) + ']'.repeat(2 ** 23));
writeFileSync(join(folder, 'twice.json'), `{"grid":{"lr":[${'0.1,'.repeat(3e6)}1],"lr":1}}`);
writeFileSync(
  join(folder, 'wave.csv'),
  `close\n${upTo(300)
    .map((k) => `${Math.sin(k / 5)}\n`)
    .join('')}`,
);
writeFileSync(join(folder, 'large'), '');
truncateSync(join(folder, 'large'), 3 * 2 ** 30);

const TINY = '--hidden 4 --epochs 1 --batch 32';
const inputs: [input: string, command: string][] = [
  ['10^8 configurations', 'sweep grid.json wave.csv'],
  ['2 of 10^8 jobs, trained', 'sweep sampled.json wave.csv'],
  ['10^9 folds', 'sweep folds.json wave.csv'],
  ['10^6 seeds', 'sweep seeds.json wave.csv'],
  ['10^6 values of an option', 'sweep values.json wave.csv'],
  ['10^7 layers in a plan', 'sweep layers.json wave.csv'],
  ['500,000 jobs, the maximum; one is trained', 'sweep most.json wave.csv --shard 0/500000'],
  ['a plan nested 8 million deep', 'sweep nested.json wave.csv'],
  ['a plan of 12 MB with a key twice', 'sweep twice.json wave.csv'],
  ['a plan of 3 GiB', 'sweep large wave.csv'],
  ['an endless plan', 'sweep <(cat /dev/zero) wave.csv'],
  ['an endless series', 'train <(cat /dev/zero)'],
  ['a device', 'train /dev/zero'],
  ['a series of 3 GiB', 'train large'],
  ['a model of 3 GiB', 'predict large wave.csv'],
  ['10^7 layers', 'train wave.csv --layers 10000000'],
  ['100 layers of 65,536 units, the maximum', 'train wave.csv --layers 100 --hidden 65536'],
  ['10^9 units', 'train wave.csv --hidden 1000000000'],
  ['65,536 units, the maximum', 'train wave.csv --hidden 65536'],
  ['10^6 models', 'train wave.csv --ensemble 1000000'],
  ['10^9 windows in a batch', 'train wave.csv --hidden 4 --batch 1000000000'],
  ['a window of 10^9 rows', 'train wave.csv --window 1000000000'],
  ['10^9 steps ahead', 'train wave.csv --horizon 1000000000'],
  ['10^9 folds', 'backtest wave.csv --folds 1000000000'],
  ['a forecast of 10^9 steps', 'predict model.st wave.csv --horizon 1000000000'],
];

interface Result {
  code: number | null;
  seconds: number;
  peakMb: number;
  /** The last line it printed. */
  printed: string;
}

function run(args: string): Promise<Result> {
  const startMs = performance.now();
  const script = `exec "$0" --import '${reportPeak}' "$1" ${args}`;
  const child = spawn('bash', ['-c', script, process.execPath, command], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const limit = setTimeout(() => child.kill('SIGKILL'), 120_000);
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
  return new Promise((done) =>
    child.on('close', (code) => {
      clearTimeout(limit);
      const lines = text.split('\n').filter((line) => line !== '' && !line.includes('--help'));
      const peak = lines.find((line) => line.startsWith(PEAK));
      const printed = lines.findLast((line) => !line.startsWith(PEAK)) ?? '';
      const peakMb = Math.round(Number(peak?.slice(PEAK.length)) / 1024);
      done({ code, seconds: (performance.now() - startMs) / 1000, peakMb, printed });
    }),
  );
}

await run(`train wave.csv ${TINY} --model-out model.st`);
console.log('| input | outcome | s | peak MB | command |\n|---|---|---|---|---|');
for (const [input, args] of inputs) {
  const { code, seconds, peakMb, printed } = await run(args);
  const outcome = code === 0 ? 'done' : `${code}: ${printed.replace(/^lstm-webgpu: /, '').slice(0, 90)}`;
  console.log(`| ${input} | ${outcome} | ${seconds.toFixed(1)} | ${peakMb} | \`${args}\` |`);
}
rmSync(folder, { recursive: true });
