// How long calls take to stop: from the abort of their signal to their rejection, and from SIGTERM to the exit of the command.
// npm run build && node tools/run.mjs bench/stops.ts
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import {
  autotune,
  backtest,
  describeDevice,
  Forecaster,
  requestDevice,
  selfTest,
  sweep,
  Trainer,
} from '../src/node/index.ts';

/** Aborts of each call, at random moments in its first seconds. */
const ROUNDS = 10;
const WITHIN_MS = 1500;

const device = await requestDevice();
const values = Float64Array.from({ length: 5000 }, (_, t) => Math.sin(t / 9) + t / 3000);
const filled = (...shape: number[]) => ({ shape, data: new Float32Array(shape.reduce((a, b) => a * b)).fill(0.3) });
const endless = { epochs: 100_000, batchSize: 32 };

async function fitted(plan: 'resident' | 'sequence' | 'timestep'): Promise<Forecaster> {
  const forecaster = await Forecaster.create({ device, hiddenSize: 32 });
  await forecaster.fit(values, { epochs: 1, batchSize: 256, plan });
  return forecaster;
}

type Call = (signal: AbortSignal) => PromiseLike<unknown>;

const forecaster = await fitted('timestep');
const trainer = await Trainer.create({ device, model: { inputSize: 1, hiddenSize: 32 } });
const wide = await Forecaster.create({ device, hiddenSize: 32, horizon: 1 });
const CALLS: Record<string, Call> = {
  'fit, resident': (signal) => forecaster.fit(values, { ...endless, plan: 'resident', signal }),
  'fit, sequence': (signal) => forecaster.fit(values, { ...endless, plan: 'sequence', signal }),
  'fit, timestep': (signal) => forecaster.fit(values, { ...endless, plan: 'timestep', signal }),
  'fit with validation': (signal) => wide.fit(values, { ...endless, validation: 0.3, signal, from: 'initial' }),
  'Trainer.fit': (signal) =>
    trainer.fit({ inputs: filled(2000, 10, 1), targets: filled(2000, 1) }, { ...endless, signal }),
  'Trainer.predict': (signal) => trainer.predict(filled(40_000, 10, 1), { signal }),
  'evaluate, all rows': (signal) => forecaster.evaluate({ part: 'all', signal }),
  'predict, 10,000 rows': (signal) => forecaster.predict({ horizon: 10_000, signal }),
  backtest: (signal) => backtest(values, { device, fit: endless, signal }),
  async sweep(signal) {
    for await (const _ of sweep({ device, series: [{ id: 'a', values }], grid: { epochs: 100_000 }, signal }));
  },
  selfTest: (signal) => selfTest(device, { signal }),
  autotune: (signal) => autotune(device, { signal }),
};

/** Milliseconds from the abort to the rejection; undefined if it had finished. */
async function stopMs(call: Call): Promise<number | undefined> {
  await device.queue.onSubmittedWorkDone(); // work that aborted calls left behind
  const stopper = new AbortController();
  let abortedMs = 0;
  const timer = setTimeout(() => {
    abortedMs = performance.now();
    stopper.abort(new Error('enough'));
  }, Math.random() * WITHIN_MS);
  try {
    await call(stopper.signal);
    return undefined;
  } catch (error) {
    if (error !== stopper.signal.reason) throw error;
    return performance.now() - abortedMs;
  } finally {
    clearTimeout(timer);
  }
}

const COMMANDS: readonly string[] = [
  'train wave.csv --preset tutorial --epochs 100000 --hidden 64',
  'train wave.csv --preset tutorial --epochs 100000 --hidden 64 --plan timestep',
  'train wave.csv --preset tutorial --epochs 100000 --ensemble 1000 --plan timestep',
  'train wave.csv --preset tutorial --epochs 100000 --ensemble 10000',
  'train wave.csv --preset tutorial --epochs 100000 --layers 100 --hidden 4',
  'backtest wave.csv --epochs 100000',
  'predict model.st wave.csv --horizon 10000',
  'train long.csv --preset tutorial --epochs 1',
];

const folder = mkdtempSync(join(tmpdir(), 'lstm-webgpu-stops-'));

/** Milliseconds from a delayed SIGTERM to the exit of the process; undefined if it exited earlier. */
function endMs(args: string, afterMs: number): Promise<number | undefined> {
  const child = spawn(process.execPath, [resolve('dist/node/cli.js'), ...args.split(' ')], {
    cwd: folder,
    stdio: 'ignore',
  });
  let sentMs: number | undefined;
  const timer = setTimeout(() => {
    sentMs = performance.now();
    child.kill('SIGTERM');
  }, afterMs);
  return new Promise((done) =>
    child.on('close', () => {
      clearTimeout(timer);
      done(sentMs && performance.now() - sentMs);
    }),
  );
}

function row(name: string, ms: readonly number[]): void {
  const sorted = [...ms].sort((a, b) => a - b);
  const [median, most] = [sorted[Math.floor(sorted.length / 2)], sorted.at(-1)];
  console.log(`| ${name} | ${ms.length} | ${median?.toFixed(0) ?? ''} | ${most?.toFixed(0) ?? ''} |`);
}

console.log(`${describeDevice(device).name}\n\n| stopped | times | median ms | most ms |\n|---|---|---|---|`);
for (const [name, call] of Object.entries(CALLS)) {
  const ms: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const stopped = await stopMs(call);
    if (stopped !== undefined) ms.push(stopped);
  }
  row(name, ms);
}
writeFileSync(join(folder, 'model.st'), await forecaster.save());
writeFileSync(join(folder, 'wave.csv'), `close\n${[...values.slice(0, 300)].join('\n')}\n`);
writeFileSync(
  join(folder, 'long.csv'),
  `close\n${Array.from({ length: 3_000_000 }, (_, k) => Math.sin(k / 9)).join('\n')}\n`,
);
for (const args of COMMANDS) {
  const ms: number[] = [];
  for (const afterMs of [1500, 3000, 6000, 10_000]) {
    const ended = await endMs(args, afterMs);
    if (ended !== undefined) ms.push(ended);
  }
  row(`\`${args}\``, ms);
}
rmSync(folder, { recursive: true });
device.destroy();
