// npm run bench: the tutorial's job with this library and its peers, in one run on one machine. Medians; nothing here is a test.
//   npm run bench -- [--rounds 5] [--no-peers] [--kernels gpu] [--grid | --products]
//   --grid: other sizes instead of the tutorial's; --products: only products, in every tiling; --kernels: those of the other kind of device
//   npm run bench -- --gpu [--rounds 5] [--no-peers] [--deadline 220]      for a machine with a GPU: see NOTES.md
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { forceFamily } from '../src/engine/family.ts';
import { DeviceScope, GuardedDevice } from '../src/gpu/guarded_device.ts';
import { describeDevice, requestDevice } from '../src/node/index.ts';
import { ceilings, fmaRates } from './ceilings.ts';
import type { ChromeBench } from './chrome.ts';
import { type Contender, measure, type Result } from './contender.ts';
import { dispatchCounts } from './counts.ts';
import { benchGpu } from './gpu/bench.ts';
import { flopsOf, measureGrid, taken, titleOf } from './grid.ts';
import { createHeat } from './heat.ts';
import { stepFlops, tutorialSeries } from './job.ts';
import { ourFirstLoss, ourSteps } from './ours.ts';
import { products, tilings } from './products.ts';
import { pytorch } from './pytorch.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    'no-peers': { type: 'boolean', default: false },
    grid: { type: 'boolean', default: false },
    products: { type: 'boolean', default: false },
    kernels: { type: 'string' },
    gpu: { type: 'boolean', default: false },
    deadline: { type: 'string' },
  },
});
const rounds = Number(values.rounds);
const print = (line: string) => console.error(line);

if (values.gpu) {
  const deadline = values.deadline === undefined ? undefined : Number(values.deadline);
  writeResults(await benchGpu({ rounds, deadline, peers: !values['no-peers'], print }));
  process.exit(0);
}

const device = await requestDevice();
if (values.kernels) forceFamily(new GuardedDevice(device), values.kernels === 'gpu' ? 'gpu' : 'software');
const deviceName = describeDevice(device).name;
const place = { name: 'Node', deviceName, device, freshDevice: () => requestDevice() };
const series = tutorialSeries();
const chrome = values['no-peers'] || values.products ? undefined : await openChrome();

console.log(`# lstm-webgpu, ${new Date().toISOString().slice(0, 10)}`);
console.log(`WebGPU in Node: ${deviceName}. WebGPU in Chrome: ${chrome?.deviceName ?? 'not run'}.`);
console.log(`Machine: ${cpus().length} x ${cpus()[0]?.model.trim()}. Medians of ${rounds}, taken in turn.`);

const heat = await createHeat(new DeviceScope(new GuardedDevice(device)));
const report: Record<string, Result[]> = {};
async function section(title: string, contenders: Contender[]): Promise<Result[]> {
  const results = await measure(contenders, rounds, print);
  report[title] = results;
  console.log(`\n## ${title}\n`);
  return results;
}

const limits = await section('Ceilings of the device', await ceilings(device, deviceName, heat));
for (const { name, median } of limits) console.log(`${name.padEnd(44)} ${median.toPrecision(3)}`);
const { wholeDevice, oneWorkgroup } = fmaRates(limits);

for (const { name, median } of await section('Products of an LSTM', products(device, deviceName, heat)))
  console.log(`${name.padEnd(58)} ${tflops(median).padStart(16)}  ${percent(median / wholeDevice)} of the ceiling`);

if (values.products)
  for (const { name, gflops } of await tilings(device)) console.log(`${name.padEnd(70)} ${tflops(gflops)}`);
else await (values.grid ? grid() : tutorial());

writeResults({ device: describeDevice(device), rounds, report });
await chrome?.close();
device.destroy();
process.exit(0); // Dawn keeps the process alive

/** Playwright is needed only here; a machine with a GPU may not have it. */
async function openChrome(): Promise<ChromeBench> {
  const { ChromeBench } = await import('./chrome.ts');
  return ChromeBench.open();
}

function writeResults(results: object): void {
  mkdirSync('bench/results', { recursive: true });
  const file = `bench/results/${new Date().toISOString().slice(0, 19).replaceAll(':', '')}.json`;
  writeFileSync(file, `${JSON.stringify(results, null, 2)}\n`);
  print(`Written: ${file}`);
}

/** Every row of the grid: milliseconds, share of the ceiling, dispatches and memory. */
async function grid(): Promise<void> {
  for (const { sizes, results } of await measureGrid(place, chrome, rounds, print)) {
    report[titleOf(sizes)] = results;
    console.log(`\n## Milliseconds per optimizer step, ${titleOf(sizes)}\n`);
    const auto = results.find(({ name }) => name.startsWith('ours, auto'))!.median;
    for (const { name, median, device: where } of results) {
      const gflops = flopsOf(sizes) / median / 1e6;
      const own = taken(name);
      const note = own
        ? `${gflops.toPrecision(3)} GFLOP/s, ${percent(gflops / wholeDevice)} of the ceiling, ${own.dispatchesPerStep.toPrecision(3)} dispatches, ` +
          `${(own.peakBytes / 2 ** 20).toFixed(1)} MiB, ${own.plan}`
        : where;
      const short = name.split(', B ')[0]!;
      console.log(`${short.padEnd(22)} ${format(median, 'ms')}  ${format(median / auto, 'x auto')}  ${note}`);
    }
  }
}

async function tutorial(): Promise<void> {
  for (const batchSize of [1, 32]) {
    const short = series.subarray(-300); // the timestep plan is slow: it has many dispatches
    const ours = [
      ourSteps(place, 'resident', { series, batchSize, plan: 'resident' }),
      ourSteps(place, 'timestep', { series: short, batchSize, plan: 'timestep' }),
    ];
    const others = chrome ? [chrome.ours('resident', batchSize), ...chrome.peers(batchSize)] : [];
    const results = await section(`Milliseconds per optimizer step, batch ${batchSize}, T 10, H 32`, [
      ...ours,
      ...others,
      ...pytorch(batchSize === 1 ? 400 : 100, batchSize),
    ]);
    for (const { name, median, device: where } of results) {
      // Peers in Chrome are compared with ours in Chrome, native ones with ours in Node.
      const inChrome = /Chrome|TensorFlow|brain/.test(name);
      const ours = results.find((result) => result.name === `ours, resident, ${inChrome ? 'Chrome' : 'Node'}`)!.median;
      const share = percent(stepFlops(batchSize) / median / 1e6 / oneWorkgroup);
      const note = name.startsWith('ours') ? `  ${share} of one workgroup's multiply-add rate` : '';
      console.log(`${name.padEnd(34)} ${format(median, 'ms')}  ${format(median / ours, 'x ours')}  ${where}${note}`);
    }
  }

  const ENSEMBLE = 8;
  const many = await section(`Milliseconds per step of a model, ${ENSEMBLE} models in one dispatch against one`, [
    ourSteps(place, 'one model', { series, batchSize: 1, plan: 'resident' }),
    ourSteps(place, `${ENSEMBLE} models`, { series, batchSize: 1, plan: 'resident', options: { ensemble: ENSEMBLE } }),
  ]);
  for (const { name, median } of many)
    console.log(`${name.padEnd(34)} ${format(median, 'ms')}  ${format(median / many[0]!.median, 'x one')}`);

  const first = await section('Milliseconds to the first loss, including compilation', [
    ourFirstLoss(place, 'resident', series),
    ourFirstLoss(place, 'timestep', series),
    ...(chrome ? [chrome.ourFirstLoss('resident')] : []),
  ]);
  for (const { name, median } of first) console.log(`${name.padEnd(34)} ${format(median, 'ms')}`);

  console.log('\n## Dispatches and submits per optimizer step, one epoch of the tutorial\n');
  for (const line of await dispatchCounts(device, series)) console.log(line);
}

/** Three significant digits, without an exponent. */
function format(value: number, unit: string): string {
  return `${Number(value.toPrecision(3)).toLocaleString('en').padStart(8)} ${unit}`;
}

function tflops(gflops: number): string {
  return `${(gflops / 1000).toPrecision(3)} TFLOP/s`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(0)} %`;
}
