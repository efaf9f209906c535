import { cpus } from 'node:os';
import { forceFamily } from '../../src/engine/family.ts';
import type { Timing } from '../../src/engine/tuning.ts';
import { describeDevice } from '../../src/gpu/device.ts';
import { DeviceScope, GuardedDevice } from '../../src/gpu/guarded_device.ts';
import { untilDone } from '../../src/gpu/waiting.ts';
import type { PlanName } from '../../src/index.ts';
import { loadGpu, requestDevice } from '../../src/node/index.ts';
import { ceilings, fmaRates } from '../ceilings.ts';
import { measure, median, type Result } from '../contender.ts';
import { fitAt, flopsOf } from '../grid.ts';
import { AFTER_PAUSE_MS, createHeat } from '../heat.ts';
import { products, productsOf } from '../products.ts';
import { CardClock } from './card_clock.ts';
import { type PeerRun, runPeer } from './peers.ts';
import { type CompiledPipeline, PipelineLog } from './pipelines.ts';
import { type PlanBench, type PlanTime, plansOf, timePlan } from './plan_time.ts';
import { dryRow, ROWS, type Row } from './rows.ts';
import {
  agree,
  type Cells,
  digits,
  heading,
  lineOf,
  type Missing,
  type PeerUs,
  stepUs,
  timesFastest,
  timesPeer,
} from './table.ts';

/** Seconds in which everything has been timed or skipped. */
const DEADLINE = { gpu: 220, dryRun: 150 };
/** Parts of it that peers get. */
const PEERS = { pytorch: 0.25, jax: 0.15 };
const DRY_ROUNDS = 1;

/** An epoch of a fit takes about this long. */
const EPOCH_MS = 300;
/** Values that a fit on separate sequences reads, and this host computes. */
const MOST_INPUTS = 2 ** 23;

export interface GpuBenchOptions {
  rounds: number;
  /** Seconds. */
  deadline: number | undefined;
  peers: boolean;
  /** Called with lines about progress. */
  print: (line: string) => void;
}

/** Runs of fit() after a first one, whose kernels were compiled by the plan's timing. */
interface FitTime {
  plan: string;
  /** Of each epoch, by the host's clock. */
  stepUs: number[];
  /** Of each run, from the call to the report. */
  runMs: number[];
  firstMs: number;
}

interface RowResult {
  title: string;
  auto: PlanName;
  plans: Partial<Record<PlanName, PlanTime | Missing>>;
  /** What `auto` measures after `autotune`, fastest first. */
  measured: readonly Timing[];
  fit?: FitTime;
  peers: PeerUs;
}

/** Every row of a training step, in every plan and beside its peers; prints one table, and returns all samples. */
export async function benchGpu({ rounds: asked, deadline: given, peers, print }: GpuBenchOptions): Promise<object> {
  const startMs = performance.now();
  const gpu = await loadGpu('disable-dawn-features=timestamp_quantization'); // else multiples of 65.5 us on an NVIDIA card
  const device = await requestDevice({ gpu, powerPreference: 'high-performance' });
  if (!device.features.has('timestamp-query'))
    throw new Error('bench: this device has no timestamps, and without them host and device cannot be separated.');
  const scope = new DeviceScope(new GuardedDevice(device));
  const description = describeDevice(device);
  const dryRun = description.software;
  if (dryRun) forceFamily(scope, 'gpu');
  const rounds = dryRun ? Math.min(asked, DRY_ROUNDS) : asked;
  const deadline = given ?? (dryRun ? DEADLINE.dryRun : DEADLINE.gpu);
  const secondsLeft = () => deadline - (performance.now() - startMs) / 1000;
  const rows = dryRun ? ROWS.map(dryRow) : ROWS;

  console.log(`# lstm-webgpu on a GPU, ${new Date().toISOString().slice(0, 10)}: ${description.name}`);
  console.log(
    `Machine: ${cpus().length} x ${cpus()[0]?.model.trim()}, Node ${process.versions.node}. Rounds: ${rounds}.`,
  );
  if (dryRun)
    console.log('DRY RUN, SIZES REDUCED, kernels for GPUs on a software adapter: times mean nothing for a GPU.');

  const clock = new CardClock();
  const heat = await createHeat(scope);
  const bench: PlanBench = { device: scope, heat, pipelines: new PipelineLog(device) };

  const limits = await measure(await ceilings(device, description.name, heat), rounds, print);
  const { wholeDevice } = fmaRates(limits);
  console.log('\n## Ceilings of the device\n');
  for (const { name, median: middle, samples } of limits)
    console.log(`${name.padEnd(50)} ${digits(middle).padStart(8)}  (${digits(bestOf(name, samples))})`);
  const mhz = clock.since(startMs);
  if (mhz) console.log(`${'clock of the card, MHz, idle to busy'.padEnd(50)} ${mhz.join(' to ')}`);

  const absent: PeerRun = { found: undefined, times: [] };
  const stepRows = rows.map(({ sizes, models }) => ({ ...sizes, models }));
  const single = rows.filter(({ models }) => models === 1);
  print('PyTorch');
  const torchRows = [...single.map(({ sizes }) => sizes), ...productsOf(scope).map(({ dims }) => dims)];
  const torch = peers
    ? await runPeer(['bench/pytorch.py', 'cuda', 'rows'], torchRows, PEERS.pytorch * deadline)
    : absent;
  print('JAX');
  const jax = peers ? await runPeer(['bench/jax_scan.py', 'gpu'], stepRows, PEERS.jax * deadline) : absent;

  console.log(`\nPyTorch: ${shownPeer(torch)}. JAX: ${shownPeer(jax)}. TF32 is off in both.`);
  console.log('\n## Products of all time steps\n');
  const productResults = await measure(products(device, description.name, heat), rounds, print);
  for (const [k, { name, dims }] of productsOf(scope).entries()) {
    const { median: middle, samples } = productResults[k]!;
    const torchUs = peerUs(torch, single.length + k, 'product');
    const rate =
      typeof torchUs === 'number' ? `${digits((2 * dims.M * dims.N * dims.K) / torchUs / 1e6)} TFLOP/s` : torchUs;
    console.log(
      `${name.padEnd(34)} best ${digits(Math.max(...samples) / 1000)}, median ${digits(middle / 1000)} TFLOP/s, ` +
        `${percent(middle / wholeDevice)} of FMA; PyTorch ${rate}`,
    );
  }

  console.log('\n## Optimizer steps\n');
  for (const line of heading()) console.log(line);
  const results: RowResult[] = [];
  for (const [k, row] of rows.entries()) {
    const at = single.indexOf(row);
    const result = await timeRow(row, {
      eager: at < 0 ? '-' : peerUs(torch, at, 'eager'),
      graph: at < 0 ? '-' : peerUs(torch, at, 'graph'),
      jax: peerUs(jax, k, 'scan'),
    });
    results.push(result);
  }

  console.log('\n## Pipelines, slowest first\n');
  const pipelines = [...bench.pipelines.all].sort((one, other) => other.ms - one.ms);
  for (const line of pipelines.map(shownPipeline)) console.log(line);
  console.log(
    "\nus of a step of all models, by the device's clock, of heated rounds; fit: by the host's clock, per step of an epoch.",
  );
  console.log(
    '*: what auto takes; tuned: what it takes after autotune. x: our longer one of median us and host us, compared with the fastest plan and with PyTorch.',
  );
  print(`${((performance.now() - startMs) / 1000).toFixed(0)} s in all`);
  clock.stop();
  scope.dispose();
  device.destroy();
  return { device: description, dryRun, rounds, limits, torch, jax, results, products: productResults, pipelines };

  async function timeRow(row: Row, peersUs: PeerUs): Promise<RowResult> {
    const { auto, plans, measured } = await plansOf(bench, row);
    const result: RowResult = { title: row.title, auto, plans: {}, measured, peers: peersUs };
    const seen = new Map<PlanName, [number, number] | undefined>();
    for (const plan of plans) {
      print(`${row.title}, ${plan}`);
      const planStartMs = performance.now();
      result.plans[plan] = secondsLeft() > 0 ? await timePlan(bench, row, plan, rounds).catch(failed) : 'skipped';
      seen.set(plan, clock.since(planStartMs));
    }
    const timed = plans.flatMap((plan) => {
      const time = result.plans[plan];
      return typeof time === 'object' ? [{ plan, time }] : [];
    });
    const all = timed.map(({ time }) => stepUs(time));
    const first = {
      row: row.title,
      eager: digits(peersUs.eager),
      graph: digits(peersUs.graph),
      jax: digits(peersUs.jax),
    };
    for (const [k, plan] of plans.entries()) {
      const time = result.plans[plan]!;
      const cells: Cells = { ...(k === 0 && first), plan: plan === auto ? `${plan}*` : plan };
      if (typeof time === 'string') console.log(lineOf({ ...cells, median: time }));
      else {
        const wrong = timed.some((other) => !agree(time.losses, other.time.losses));
        const teraflops = (row.models * flopsOf(row.sizes)) / median(time.gpuUs) / 1e6;
        const line: Cells = {
          ...cells,
          min: digits(Math.min(...time.gpuUs)),
          median: digits(median(time.gpuUs)),
          host: digits(median(time.hostUs)),
          dispatches: digits(time.dispatchesPerStep),
          tflops: digits(teraflops),
          share: percent((1000 * teraflops) / wholeDevice),
          fastest: digits(timesFastest(stepUs(time), all)),
          graphRatio: digits(timesPeer(stepUs(time), peersUs.graph)),
          mhz: seen.get(plan)?.join('-') ?? '',
          note: `${shownPipelines(time)}${wrong ? '; LOSSES DIFFER BETWEEN PLANS' : ''}`,
        };
        console.log(lineOf(line));
      }
    }
    const [tuned] = measured;
    const tunedTime = timed.find(({ plan }) => plan === tuned?.name.split(',')[0])?.time;
    if (tuned)
      console.log(
        lineOf({
          plan: 'tuned',
          min: digits(tuned.us),
          fastest: digits(tunedTime && timesFastest(stepUs(tunedTime), all)),
          note: `auto takes ${measured.map(({ name, us }) => `${name} ${digits(us)}`).join(', not ')}`,
        }),
      );
    const autoTime = timed.find(({ plan }) => plan === auto)?.time;
    if (autoTime && secondsLeft() > 0) {
      print(`${row.title}, fit`);
      const fitStartMs = performance.now();
      const fit = await timeFit(row, stepUs(autoTime)).catch(failed);
      if (typeof fit === 'object') {
        result.fit = fit;
        console.log(
          lineOf({
            plan: 'fit',
            min: digits(Math.min(...fit.stepUs)),
            median: digits(median(fit.stepUs)),
            graphRatio: digits(timesPeer(median(fit.stepUs), peersUs.graph)),
            mhz: clock.since(fitStartMs)?.join('-') ?? '',
            note: `${fit.plan}, from fit() to the report ${digits(median(fit.runMs))} ms (first ${digits(fit.firstMs)})`,
          }),
        );
      } else console.log(lineOf({ plan: 'fit', median: fit }));
    } else console.log(lineOf({ plan: 'fit', median: 'skipped' }));
    return result;
  }

  /** The fits of a row as `auto` runs them, right after heating. */
  async function timeFit({ sizes, models, fit: { epochs, steps: exactly, runs } }: Row, us: number): Promise<FitTime> {
    const { N, T, I } = sizes;
    const enough = Math.min(Math.ceil((1000 * EPOCH_MS) / us), Math.floor(MOST_INPUTS / (N * T * I)));
    const steps = exactly ?? Math.max(3, enough);
    const ready = async () => {
      heat(AFTER_PAUSE_MS);
      await untilDone(device.queue.onSubmittedWorkDone());
    };
    const runMs: number[] = [];
    let last: Awaited<ReturnType<typeof fitAt>> | undefined;
    for (let run = 0; run <= runs; run++) {
      last = await fitAt(device, { sizes, plan: 'auto', epochs, steps, models, ready });
      runMs.push(1000 * last.seconds);
    }
    const stepUs = last!.epochs.map((epoch) => (1e6 * epoch.seconds) / epoch.steps);
    const [firstMs = 0, ...others] = runMs;
    return { plan: last!.plan, stepUs, runMs: others, firstMs };
  }

  function failed(error: unknown): 'failed' {
    console.error(error);
    return 'failed';
  }
}

/** Of samples, the best one: a rate is better if it is higher, a time if it is lower. */
const bestOf = (name: Result['name'], samples: readonly number[]): number =>
  name.endsWith('us') ? Math.min(...samples) : Math.max(...samples);

function peerUs({ found, times }: PeerRun, row: number, of: 'eager' | 'graph' | 'scan' | 'product'): number | Missing {
  if (!found) return 'not here';
  const own = times[row];
  if (!own) return 'skipped';
  return own[of] ? median(own[of]) : 'failed';
}

const shownPeer = ({ found }: PeerRun): string => (found ? `${found.version} on ${found.device}` : 'not here');

const percent = (share: number): string => `${digits(100 * share)} %`;

const shownPipeline = ({ name, constants, ms }: CompiledPipeline): string =>
  `${ms.toFixed(0).padStart(7)} ms  ${name}  ${Object.entries(constants)
    .map(([constant, value]) => `${constant} ${value}`)
    .join(', ')}`;

/** How many pipelines a plan needs, and the slowest. */
function shownPipelines({ pipelines, createMs }: PlanTime): string {
  const slowest = pipelines.reduce<CompiledPipeline | undefined>((a, b) => (a && a.ms >= b.ms ? a : b), undefined);
  const count = `${pipelines.length} pipeline${pipelines.length === 1 ? '' : 's'}`;
  return `${count}, slowest ${slowest?.name ?? ''} ${digits(slowest?.ms)} ms; created in ${digits(createMs)} ms`;
}
