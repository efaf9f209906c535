import roundsShader from '../../shaders/rounds.wgsl';
import { DeviceError } from '../errors.ts';
import { compile } from './compile.ts';
import { DispatchBuilder, record } from './dispatch.ts';
import { during, GuardedDevice } from './guarded_device.ts';
import { readRegions } from './readback.ts';
import { readShader } from './shader.ts';
import { createTensor, writeTensor } from './tensor.ts';

/** Rounds of each loop: more than the 65,535 of a counter of 16 bits. */
const ROUNDS = 100_000;

const checked = new WeakMap<GPUDevice, Promise<void>>();

/**
 * Has a device count, once. A driver that ends loops early reports nothing: every kernel with a longer loop would leave wrong
 * numbers.
 * @throws DeviceError where it has not counted to the end.
 */
export function checkRounds(device: GuardedDevice): Promise<void> {
  const known = checked.get(device.raw);
  if (known) return known;
  const check = count(new GuardedDevice(device.raw)).then(hold); // what else the caller was refused is not its business
  checked.set(device.raw, check);
  check.catch(() => checked.delete(device.raw)); // it may have been something else, as a lost device
  return check;
}

/** Rounds and what they have computed, of each loop. */
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
      `The device ended a loop of ${ROUNDS} rounds after ${rounds}, so what it computes cannot be trusted. Update its driver ` +
        '(llvmpipe: Mesa 23 or newer), or take another adapter; SwiftShader counts to the end (npm install @sparticuz/chromium).',
      { code: 'loops-cut-short', details: { expected: ROUNDS, rounds } },
    );
  }
}
