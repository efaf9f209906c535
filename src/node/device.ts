import { DeviceError } from '../errors.ts';
import { type DeviceOptions, requestDevice as requestAnyDevice, setGpuFinder } from '../gpu/device.ts';
import { setWaiter } from '../gpu/waiting.ts';
import { messageOf } from '../shown.ts';
import { napUntilDone } from './napping.ts';
import { hasGraphicsDriver, useSoftwareVulkan } from './software.ts';

let found: Promise<GPU> | undefined;

/**
 * Dawn's WebGPU, from the npm package `webgpu` (an optional peer), with WebGPU's constants made global. Without a GPU it
 * falls back to SwiftShader when `@sparticuz/chromium` is installed (Linux x64).
 * @throws DeviceError that says what to install.
 */
export function loadGpu(): Promise<GPU> {
  found ??= load();
  found.catch(() => {
    found = undefined;
  });
  return found;
}

async function load(): Promise<GPU> {
  let dawn: typeof import('webgpu');
  try {
    dawn = await import('webgpu');
  } catch (error) {
    throw new DeviceError(`Node has no WebGPU of its own: npm install webgpu (${messageOf(error)})`, {
      code: 'no-webgpu',
      cause: error,
    });
  }
  if (!hasGraphicsDriver()) await useSoftwareVulkan();
  Object.assign(globalThis, dawn.globals);
  setWaiter(napUntilDone);
  return dawn.create([]);
}

setGpuFinder(loadGpu); // also a fit that recovers from a lost device asks for one

/** As `requestDevice` of the browser entry, with Dawn found by itself. @throws DeviceError */
export async function requestNodeDevice(options: DeviceOptions = {}): Promise<GPUDevice> {
  return requestAnyDevice({ ...options, gpu: options.gpu ?? (await loadGpu()) });
}
