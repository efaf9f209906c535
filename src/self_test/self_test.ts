import { type KernelFamily, kernelFamily } from '../engine/family.ts';
import { DeviceLostError, LstmError } from '../errors.ts';
import { describeDevice } from '../gpu/device.ts';
import { GuardedDevice } from '../gpu/guarded_device.ts';
import { checkRounds } from '../gpu/rounds.ts';
import { checkOptions } from '../options.ts';
import { messageOf } from '../shown.ts';
import { stoppable } from '../signals.ts';
import { type Check, TOLERANCES } from './check.ts';
import { clipChecks, lossChecks, movingChecks, optimizerChecks, productChecks } from './kernel_checks.ts';
import { garbageChecks, moduleChecks, saturationChecks } from './module_checks.ts';
import { planChecks } from './plan_checks.ts';
import { type SelfTestCheck, type SelfTestReport, selfTestText } from './report.ts';

/** Options of the self-test. */
export interface SelfTestOptions {
  /** Called after every check, in the order in which they end. */
  onCheck?: (check: SelfTestCheck) => void;
  /** Stops the self-test: it rejects with the signal's reason, while the checks under way end. */
  signal?: AbortSignal;
}

/** Concurrent checks: while one waits for its results, the driver compiles kernels of others, which for a GPU takes longer. */
const SIDE_BY_SIDE: Readonly<Record<KernelFamily, number>> = { software: 4, gpu: 16 };

/**
 * Compares the results of a device with PyTorch's numbers: every cell forward and backward, losses, optimizers, clipping, every plan.
 * It takes a few seconds where kernels compile slowly, and leaves nothing on the device.
 * @throws the signal's reason on abort; all other errors are in the report.
 */
export async function selfTest(device: GPUDevice, options: SelfTestOptions = {}): Promise<SelfTestReport> {
  checkOptions('selfTest', options, { onCheck: true, signal: true });
  const { onCheck, signal } = options;
  const startMs = performance.now();
  const guarded = new GuardedDevice(device);
  const waiting = allChecks(guarded);
  const done = new Map<Check, SelfTestCheck>([loops, ...waiting].map((check) => [check, notRun(check)]));
  const isLost = watchLoss(device);
  isLost.catch(() => undefined); // the device may be lost long after the self-test
  const run = async (check: Check) => {
    const result = await runCheck(device, check, isLost);
    done.set(check, result);
    onCheck?.(result);
    return result;
  };
  const work = async () => {
    for (let check = waiting.shift(); check && !signal?.aborted; check = waiting.shift()) await run(check);
  };
  await stoppable(signal, async () => {
    const { code } = await run(loops);
    if (code === 'loops-cut-short') return; // no kernel can be loaded
    await Promise.all(Array.from({ length: SIDE_BY_SIDE[kernelFamily(guarded)] }, work));
  });
  const checks = [...done.values()];
  const ok = checks.every((check) => check.ok);
  const seconds = (performance.now() - startMs) / 1000;
  const report = { ok, checks, device: describeDevice(device), seconds };
  return { ...report, text: selfTestText(report) };
}

const loops: Check = {
  name: 'long loops',
  tolerance: TOLERANCES.copied,
  run: async (device) => checkRounds(device).then(() => ({ rounds: 0 })),
};

/** Those that compile longest come first: all others get ready meanwhile. */
const allChecks = (device: GuardedDevice): Check[] => [
  ...planChecks(device),
  ...movingChecks(),
  ...optimizerChecks(),
  ...clipChecks(),
  ...lossChecks(),
  ...productChecks(device),
  ...moduleChecks(),
  ...garbageChecks(),
  ...saturationChecks(),
];

const notRun = ({ name, tolerance }: Check): SelfTestCheck => ({
  ...{ name, tolerance, ok: false, error: Number.NaN, ms: 0 },
  message: 'did not run',
});

/** Settles, with an error, when the device is lost. */
async function watchLoss(device: GPUDevice): Promise<never> {
  const { reason, message } = await device.lost;
  throw new DeviceLostError(`The GPU device was lost (${reason || 'unknown'}): ${message || 'no details'}.`, reason);
}

async function runCheck(device: GPUDevice, check: Check, isLost: Promise<never>): Promise<SelfTestCheck> {
  const { name, tolerance } = check;
  const startMs = performance.now();
  try {
    await Promise.race([isLost, null]); // no more work for a device that is lost
    const errors = Object.entries(await Promise.race([isLost, check.run(new GuardedDevice(device))]));
    const [what, error] = errors.reduce((worst, other) => (other[1] <= worst[1] ? worst : other));
    const ok = error <= tolerance;
    const ms = performance.now() - startMs;
    if (ok) return { name, ok, error, tolerance, ms };
    const message = `${what} is ${Number.isNaN(error) ? 'not a number' : `off by ${error.toExponential(1)}`}`;
    return { name, ok, error, tolerance, ms, message };
  } catch (error) {
    const message = messageOf(error);
    const code = error instanceof LstmError ? { code: error.code } : {};
    return { name, ok: false, error: Number.NaN, tolerance, ms: performance.now() - startMs, message, ...code };
  }
}
