import roundsShader from '../../shaders/rounds.wgsl';
import { DeviceError } from '../errors.ts';
import { compile } from './compile.ts';
import { DispatchBuilder, record } from './dispatch.ts';
import { during, GuardedDevice } from './guarded_device.ts';
import { readRegions } from './readback.ts';
import { readShader } from './shader.ts';
import { createTensor, writeTensor } from './tensor.ts';

/** Rounds of each loop: more than a 16-bit counter can hold. */
const ROUNDS = 100_000;

const checked = new WeakMap<GPUDevice, Promise<void>>();

/**
 * Checks, once per device, that it runs loops to their end. A driver that ends loops early reports nothing, so every kernel
 * with a longer loop would compute wrong numbers.
 * @throws DeviceError if it ended a loop early.
 */
export function checkRounds(device: GuardedDevice): Promise<void> {
  const known = checked.get(device.raw);
  if (known) return known;
  const check = count(new GuardedDevice(device.raw)).then(hold); // on its own guard, so that other rejected commands do not affect it
  checked.set(device.raw, check);
  check.catch(() => checked.delete(device.raw)); // the cause may be temporary, such as a lost device
  return check;
}

/** The number of rounds and the result of each loop. */
async function count(device: GuardedDevice): Promise<Uint32Array> {
  const shader = readShader(roundsShader);
  const kernel = await compile(device, shader, () => [1], shader.overrides);
  return during(device, async (scope) => {
    const counts = createTensor(scope, 'counts', [6]);
    writeTensor(scope, counts, Uint32Array.of(ROUNDS, ROUNDS, 0, 0, 0, 0));
    const dispatch = new DispatchBuilder(scope, 'rounds').dispatch(kernel, {}, { counts });
    const [read] = await readRegions(scope, [counts], (encoder) => {
      const pass = encoder.beginComputePass({ label: 'rounds' });
      record(pass, [dispatch]);
      pass.end();
    });
    return new Uint32Array(read!.buffer).subarray(2);
  });
}

function hold(counts: Uint32Array): void {
  let expected = 0;
  for (let round = 0; round < ROUNDS; round++) expected = (Math.imul(1664525, expected) + 1013904223) >>> 0;
  for (let at = 0; at < counts.length; at += 2) {
    const [rounds, sum] = [counts[at]!, counts[at + 1]!];
    if (rounds === ROUNDS && sum === expected) continue;
    throw new DeviceError(
      `The device ended a loop of ${ROUNDS} rounds after ${rounds}, so its results cannot be trusted. Update its driver ` +
        '(llvmpipe: Mesa 23 or newer), or use another adapter; SwiftShader passes this check (npm install @sparticuz/chromium).',
      { code: 'loops-cut-short', details: { expected: ROUNDS, rounds } },
    );
  }
}
