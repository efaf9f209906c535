// Outcomes of library calls on an adapter without enough memory, as one JSON line. Run by out_of_memory.test.ts.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { backtest } from '../../src/forecast/backtest.ts';
import { Forecaster } from '../../src/forecast/forecaster.ts';
import { trainPack } from '../../src/forecast/pack.ts';
import { requestNodeDevice } from '../../src/node/device.ts';
import { sweep } from '../../src/sweep/sweep.ts';

const device = await requestNodeDevice();
let uncaptured = 0;
device.addEventListener('uncapturederror', () => uncaptured++);
/** More address space than this process has now: enough to continue, but not for the activations. */
const ROOM_BYTES = 2 ** 31;
const [, usedKib] = /VmSize:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))!;
execFileSync('prlimit', ['--pid', String(process.pid), `--as=${Number(usedKib) * 1024 + ROOM_BYTES}`]);

const series = Float64Array.from({ length: 3000 }, (_, t) => 100 + 10 * Math.sin(t / 5) + t / 100);
/** Activations of 4 GB. */
const model = { cell: 'GRU', hiddenSize: 256, numLayers: 4, windowLength: 200 } as const;
const fit = { epochs: 1, batchSize: 1024, plan: 'sequence' } as const;

const calls: Record<string, () => Promise<unknown>> = {
  async fit() {
    const forecaster = await Forecaster.create({ device, ...model });
    try {
      return await forecaster.fit(series, fit);
    } finally {
      forecaster.dispose();
    }
  },
  trainPack: () => trainPack(device, { model, fit }, [{ series, seed: 0 }]),
  backtest: () => backtest(series, { device, folds: 2, model, fit }),
  async sweep() {
    const options = { device, series: [{ id: 'a', values: series }], grid: { ...model, ...fit } };
    for await (const result of sweep(options))
      if (!result.ok) throw { name: 'FailedJob', type: result.code, message: result.reason };
  },
};
const outcomes: Record<string, string> = {};
for (const [name, call] of Object.entries(calls))
  outcomes[name] = await call().then(
    () => 'resolved',
    ({ name: kind, type, message }) => `${kind} ${type}: ${message}`,
  );
console.log(JSON.stringify({ outcomes, uncaptured }));
process.exit(0);
