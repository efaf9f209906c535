import { ConfigError, DeviceError } from '../errors.ts';
import {
  adapterName,
  checkDeviceOptions,
  type DeviceOptions,
  noAdapterNamed,
  requestDevice as requestAnyDevice,
  setCardFinder,
  setGpuFinder,
} from '../gpu/device.ts';
import { setWaiter } from '../gpu/waiting.ts';
import { messageOf } from '../shown.ts';
import { flag } from './flags.ts';
import { napUntilDone } from './napping.ts';
import { nvidiaCard } from './nvidia.ts';
import { hasGraphicsDriver, useSoftwareVulkan } from './software.ts';

/** Flag of every command that runs on a device. */
export const adapterFlag = flag(
  adapterName,
  'GPU to run on: part of its name, as `devices` lists it (default: the first)',
);

/** Existing instances, by Dawn's flags. */
const found = new Map<string, Promise<GPU>>();

/**
 * The host's own WebGPU where there is one (Deno); else Dawn's, from the npm package `webgpu` (an optional peer), with WebGPU's
 * constants made global. Without a GPU it falls back to SwiftShader when `@sparticuz/chromium` is installed (Linux x64).
 * @param dawnFlags as `key=value`: `backend=vulkan`, `adapter=NAME`, `enable-dawn-features=a,b`, `disable-dawn-features=a,b`.
 * @see https://www.npmjs.com/package/webgpu
 * @throws DeviceError with what to install, or with Dawn's reason to reject a flag. @throws ConfigError for flags where WebGPU
 * is not Dawn's.
 */
export function loadGpu(...dawnFlags: readonly string[]): Promise<GPU> {
  const key = JSON.stringify(dawnFlags);
  const known = found.get(key);
  if (known) return known;
  const gpu = load(dawnFlags);
  found.set(key, gpu);
  gpu.catch(() => found.delete(key));
  return gpu;
}

async function load(dawnFlags: readonly string[]): Promise<GPU> {
  const own = ownGpu();
  if (own && dawnFlags.length > 0)
    throw new ConfigError(
      `loadGpu: got ${dawnFlags.join(' ')}, but this host has its own WebGPU, which takes no flags.`,
    );
  if (!hasGraphicsDriver()) await useSoftwareVulkan();
  if (own) return own;
  const dawn = await importDawn();
  Object.assign(globalThis, dawn.globals);
  setWaiter(napUntilDone);
  try {
    return dawn.create([...dawnFlags]);
  } catch (error) {
    throw new DeviceError(`loadGpu: Dawn rejected ${dawnFlags.join(' ')} (${messageOf(error)})`, { cause: error });
  }
}

const ownGpu = () => (globalThis.navigator as Navigator | undefined)?.gpu;

async function importDawn(): Promise<typeof import('webgpu')> {
  try {
    return await import('webgpu');
  } catch (error) {
    throw new DeviceError(`Node.js has no WebGPU of its own: npm install webgpu (${messageOf(error)})`, {
      code: 'no-webgpu',
      cause: error,
    });
  }
}

setCardFinder(({ vendor }) => (/nvidia/i.test(vendor) ? nvidiaCard() : undefined));
setGpuFinder(loadGpu); // a fit that recovers from a lost device also requests one

/** Like `requestDevice` of the browser entry, but loads Dawn. @throws DeviceError */
export async function requestNodeDevice(options: DeviceOptions = {}): Promise<GPUDevice> {
  checkDeviceOptions(options);
  const { adapter, ...others } = options;
  if (adapter === undefined || options.gpu || ownGpu()) return requestAnyDevice(options);
  const names = await adapterNames();
  const name = names.find((one) => one.toLowerCase().includes(adapter.toLowerCase()));
  if (name === undefined) throw noAdapterNamed(adapter, names);
  return requestAnyDevice({ ...others, gpu: await loadGpu(`adapter=${name}`) });
}

/** The names of all adapters that Dawn finds: its error for an unknown adapter lists them. Empty where WebGPU is not Dawn's. */
export async function adapterNames(): Promise<string[]> {
  if (ownGpu()) return [];
  const gpu = await loadGpu('adapter=?');
  const listed = await gpu.requestAdapter().then(() => '', messageOf);
  return [...new Set(Array.from(listed.matchAll(/name: '(.*)'/g), ([, name]) => name!))];
}
