// Reads a CSV of a million rows and five columns as a series: seconds and peak memory of the process.
// npm run build && node tools/run.mjs bench/reading.ts [rows]
import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const rows = Number(process.argv[2] ?? 1e6);
const RUNS = 3;
const folder = mkdtempSync(join(tmpdir(), 'lstm-webgpu-reading-'));
const file = join(folder, 'minutes.csv');

/** One line per minute, with prices. */
function writeCsv(): void {
  const out = openSync(file, 'w');
  writeSync(out, 'date,open,high,low,close\n');
  for (let first = 0; first < rows; first += 10_000) {
    let text = '';
    for (let k = first; k < Math.min(rows, first + 10_000); k++) {
      const date = new Date(Date.UTC(2000, 0, 1) + 60_000 * k).toISOString().slice(0, 16).replace('T', ' ');
      const price = 100 + 20 * Math.sin(k / 5000) + ((k * 7919) % 101) / 50;
      const around = [price, price + 1, price - 1].map((value) => value.toFixed(4));
      text += `${date},${around.join(',')},${price.toFixed(3)}\n`;
    }
    writeSync(out, text);
  }
  closeSync(out);
}

const READ = `
import { readFileSync } from 'node:fs';
import { readSeries } from ${JSON.stringify(resolve('dist/data.js'))};
const start = performance.now();
const { values } = readSeries(readFileSync(${JSON.stringify(file)}), { column: 'close' });
const seconds = (performance.now() - start) / 1000;
console.log(JSON.stringify({ rows: values.length, seconds, mib: process.resourceUsage().maxRSS / 1024 }));`;

try {
  writeCsv();
  console.log(`${rows} rows of 5 columns, ${(statSync(file).size / 2 ** 20).toFixed(0)} MiB, on ${cpus()[0]!.model}:`);
  const args = ['--input-type=module', '-e', READ];
  const all = Array.from({ length: RUNS }, () => {
    const run = JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' })) as {
      seconds: number;
      mib: number;
    };
    console.log(`  ${run.seconds.toFixed(1)} s, ${run.mib.toFixed(0)} MiB at most`);
    return run;
  });
  const median = (values: number[]) => values.toSorted((a, b) => a - b)[values.length >> 1]!;
  console.log(
    `median ${median(all.map(({ seconds }) => seconds)).toFixed(1)} s, ${median(all.map(({ mib }) => mib)).toFixed(0)} MiB`,
  );
} finally {
  rmSync(folder, { recursive: true });
}
