// Listens to every device of the tests: an uncaptured WebGPU error fails the test in which it occurs.
import { afterAll, afterEach } from 'vitest';

// Node has the class once Dawn is loaded; without Dawn there are no devices to listen to
if (typeof window === 'undefined') {
  const { loadGpu } = await import('../../src/node/device.ts');
  await loadGpu().catch(() => undefined);
}

const devices = new Set<GPUDevice>();
const errors: string[] = [];
let expected: RegExp | undefined;

if (typeof GPUAdapter !== 'undefined') {
  const { requestDevice } = GPUAdapter.prototype;
  GPUAdapter.prototype.requestDevice = async function (this: GPUAdapter, ...args) {
    const device = await requestDevice.apply(this, args);
    devices.add(device);
    void device.lost.then(() => devices.delete(device));
    device.addEventListener('uncapturederror', (event) =>
      errors.push((event as GPUUncapturedErrorEvent).error.message),
    );
    return device;
  };
}

/** For a test that provokes errors on purpose: they must match, and there must be at least one. */
export function expectGpuErrors(pattern: RegExp): void {
  expected = pattern;
}

async function check(): Promise<void> {
  // a lost device would never answer
  await Promise.all([...devices].map((device) => Promise.race([device.queue.onSubmittedWorkDone(), device.lost])));
  const [found, pattern] = [errors.splice(0), expected];
  expected = undefined;
  const other = found.find((message) => !pattern?.test(message));
  if (other !== undefined) throw new Error(`WebGPU reported ${found.length} uncaptured errors, among them: ${other}`);
  if (pattern && found.length === 0) throw new Error(`WebGPU reported no error, expected one like ${pattern}`);
}

afterEach(check);
afterAll(check);
