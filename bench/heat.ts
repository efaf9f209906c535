import { describeDevice } from '../src/gpu/device.ts';
import { record } from '../src/gpu/dispatch.ts';
import type { DeviceScope } from '../src/gpu/guarded_device.ts';
import { timeRound } from '../src/gpu/timing.ts';
import { loadFma } from './ceiling.ts';

/** Queues this many milliseconds of multiply-adds; work submitted next starts at the full clock. */
export type Heat = (ms?: number) => void;

/** Until a card that has idled is at its full clock. */
const FIRST_MS = 700;
/** After a pause of the bench, to compile or to create a model. */
export const AFTER_PAUSE_MS = 200;
const AGAIN_MS = 40;
/** Of a single dispatch, which browsers and drivers must not stop. */
const DISPATCH_MS = 4;
const TIMING = { enoughMs: 8, firstRounds: 64, maxRounds: 2 ** 24 };

/**
 * Keeps a card at its full clock. An idle one runs at a fraction of it (an H200 at 345 of 1,980 MHz) and falls back within
 * milliseconds, so every timed round starts with this. Does nothing on a software adapter.
 */
export async function createHeat(scope: DeviceScope): Promise<Heat> {
  if (describeDevice(scope).software) return () => undefined;
  const fma = await loadFma(scope);
  const roundMs = await timeRound(scope, 'heat', TIMING, (pass, rounds) => record(pass, [fma.dispatch(rounds)]));
  const dispatch = fma.dispatch(Math.max(1, Math.round(DISPATCH_MS / roundMs)));
  const heat = (ms = AGAIN_MS) => {
    const encoder = scope.createCommandEncoder({ label: 'heat' });
    const pass = encoder.beginComputePass({ label: 'heat' });
    for (let k = 0; k < ms / DISPATCH_MS; k++) record(pass, [dispatch]);
    pass.end();
    scope.queue.submit(encoder);
  };
  heat(FIRST_MS);
  return heat;
}
