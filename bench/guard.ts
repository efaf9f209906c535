// node tools/run.mjs bench/guard.ts: the cost of error scopes around every command: with and without them, in turn in one process.
import { GuardedDevice } from '../src/gpu/guarded_device.ts';
import * as library from '../src/node/index.ts';
import type { Contender } from './contender.ts';
import { compareInPlans, stepsPerSecond } from './plans.ts';

const device = await library.requestDevice();
const { name } = library.describeDevice(device);
const guarded = GuardedDevice.prototype.run;
const unguarded: typeof guarded = (_, command) => command();

/** Its model is also created and freed with or without scopes. */
function contender(fit: library.FitOptions, hasScopes: boolean): Contender {
  const sample = async () => {
    GuardedDevice.prototype.run = hasScopes ? guarded : unguarded;
    const rate = await stepsPerSecond(library, device, fit);
    GuardedDevice.prototype.run = guarded;
    return rate;
  };
  return {
    name: hasScopes ? 'with scopes' : 'without',
    device: name,
    prepare: async () => void (await sample()),
    sample,
  };
}

await compareInPlans('Error scopes', 'without', (fit) => [false, true].map((hasScopes) => contender(fit, hasScopes)));
device.destroy();
process.exit(0); // Dawn keeps the process alive
