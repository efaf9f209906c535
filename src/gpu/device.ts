import { DeviceError } from '../errors.ts';
import { checkOptions } from '../options.ts';

/** Limits that decide how large a model may be, and which plan runs it. */
const KEY_LIMITS = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxComputeWorkgroupStorageSize',
  'maxComputeInvocationsPerWorkgroup',
] as const satisfies readonly (keyof GPUSupportedLimits)[];

/** Limits worth raising when the adapter has more than WebGPU's default; the engine works with the defaults too. */
const WANTED_LIMITS = [...KEY_LIMITS, 'maxComputeWorkgroupSizeX'] as const;

/** Features used when the adapter has them: timestamps for measuring, subgroups for faster reductions. */
const WANTED_FEATURES = ['timestamp-query', 'subgroups'] as const;

/** What {@link requestDevice} asks for. */
export interface DeviceOptions {
  /** The WebGPU entry point. Default: this host's, in a browser `navigator.gpu`, in Node that of the package `webgpu`. */
  gpu?: GPU;
  powerPreference?: GPUPowerPreference;
  /** Limits the device must have. Beyond what the adapter offers: a DeviceError that names limit, offer and wish. */
  requiredLimits?: Partial<Record<keyof GPUSupportedLimits, number>>;
  label?: string;
}

/** Finds WebGPU's entry point on this host. */
export type GpuFinder = () => Promise<GPU | undefined>;

let findGpu: GpuFinder = async () => (globalThis.navigator as Navigator | undefined)?.gpu;

/** Where this host keeps WebGPU. A browser needs nothing; src/node sets its own. */
export function setGpuFinder(finder: GpuFinder): void {
  findGpu = finder;
}

/**
 * Asks for a WebGPU device with the limits and features the engine can use. The device is the caller's: call its
 * `destroy()` when done. Nothing here needs it to come from this function; any GPUDevice will do.
 * @throws DeviceError when there is no WebGPU, no adapter, or a required limit is beyond the adapter's.
 */
export async function requestDevice(options: DeviceOptions = {}): Promise<GPUDevice> {
  checkOptions('requestDevice', options, { gpu: true, powerPreference: true, requiredLimits: true, label: true });
  const gpu = options.gpu ?? (await findGpu());
  if (!gpu)
    throw new DeviceError(
      'requestDevice: no WebGPU here (navigator.gpu is missing). In a browser: use Chrome, Edge 113+, Safari 26+ or ' +
        'Firefox 141+ on an https:// or localhost page. In Node: npm install webgpu and import from lstm-webgpu/node.',
      { code: 'no-webgpu' },
    );
  const adapter = await gpu.requestAdapter({ powerPreference: options.powerPreference });
  if (!adapter)
    throw new DeviceError(
      'requestDevice: WebGPU found no adapter. In Chrome: see chrome://gpu, turn on hardware acceleration, or start it with ' +
        '--enable-unsafe-webgpu --use-webgpu-adapter=swiftshader. In Node without a GPU: npm install @sparticuz/chromium ' +
        '(a software adapter, Linux x64).',
      { code: 'no-adapter' },
    );
  const requiredLimits: Record<string, number> = {};
  for (const name of WANTED_LIMITS) requiredLimits[name] = adapter.limits[name];
  for (const [name, wish] of Object.entries(options.requiredLimits ?? {})) {
    const offer = adapter.limits[name as keyof GPUSupportedLimits] as number | undefined;
    if (offer === undefined)
      throw new DeviceError(`requestDevice: requiredLimits.${name} is not a limit WebGPU knows; check its spelling.`);
    const isMinimum = name.startsWith('min'); // alignments: smaller is better
    if (isMinimum ? wish < offer : wish > offer)
      throw new DeviceError(
        `requestDevice: requiredLimits.${name} is ${wish}, but this adapter (${describeAdapter(adapter.info)}) offers ${offer}. ` +
          'Ask for less, or use another adapter (powerPreference).',
        { code: 'beyond-limit', details: { limit: name, asked: wish, offered: offer } },
      );
    requiredLimits[name] = wish;
  }
  const requiredFeatures = WANTED_FEATURES.filter((name) => adapter.features.has(name));
  return adapter.requestDevice({ label: options.label ?? 'lstm-webgpu', requiredLimits, requiredFeatures });
}

/** A browser starts its GPU process again within a second or two, and has no adapter until then. */
const PAUSES_MS = [100, 300, 1000, 2000, 3000];

/** As {@link requestDevice}, in place of a device that was lost: tried again for some seconds, until the signal aborts. */
export async function requestAnother(signal: AbortSignal): Promise<GPUDevice> {
  for (const pauseMs of PAUSES_MS)
    try {
      return await requestDevice();
    } catch (error) {
      if (signal.aborted) throw error;
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  return requestDevice();
}

/** What a device is, for people: printed by the command, shown by the page, stored beside every measurement. */
export interface DeviceDescription {
  name: string;
  vendor: string;
  architecture: string;
  /** True for an adapter that runs on the CPU (SwiftShader, llvmpipe, WARP): right, but not fast. */
  software: boolean;
}

/** Says what a device is. */
export function describeDevice(device: Pick<GPUDevice, 'adapterInfo'>): DeviceDescription {
  const info = device.adapterInfo;
  const name = describeAdapter(info);
  const software = /swiftshader|llvmpipe|warp|basic render|software/i.test(
    `${name} ${info.vendor} ${info.architecture} ${info.description}`,
  );
  return { name, vendor: info.vendor, architecture: info.architecture, software };
}

/** What a device is, and what the engine can use of it. */
export interface DeviceFacts extends DeviceDescription {
  /** Those that decide how large a model may be, and which plan runs it: bytes, and invocations. */
  limits: Pick<GPUSupportedLimits, (typeof KEY_LIMITS)[number]>;
  /** Sorted. */
  features: string[];
}

/** The device's description with its limits and features. */
export function deviceFacts(device: Pick<GPUDevice, 'adapterInfo' | 'limits' | 'features'>): DeviceFacts {
  const limits = Object.fromEntries(KEY_LIMITS.map((name) => [name, device.limits[name]])) as DeviceFacts['limits'];
  const features = WANTED_FEATURES.filter((name) => device.features.has(name)).sort();
  return { ...describeDevice(device), limits, features };
}

function describeAdapter(info: GPUAdapterInfo): string {
  return info.description || [info.vendor, info.architecture].filter(Boolean).join(' ') || 'unnamed adapter';
}
