import { DeviceError } from '../errors.ts';
import { check, text } from '../kinds.ts';
import { checkOptions } from '../options.ts';
import { messageOf, shown } from '../shown.ts';

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
  /**
   * Part of an adapter's name, in upper or lower case: which of several GPUs. Looked for among the adapters that WebGPU gives
   * for each power preference; in Node among all that Dawn finds.
   */
  adapter?: string;
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
 * @throws DeviceError when there is no WebGPU, no adapter, none of that name, or a required limit is beyond the adapter's.
 */
export async function requestDevice(options: DeviceOptions = {}): Promise<GPUDevice> {
  checkDeviceOptions(options);
  const gpu = options.gpu ?? (await findGpu());
  if (!gpu)
    throw new DeviceError(
      'requestDevice: no WebGPU here (navigator.gpu is missing). In a browser: use Chrome, Edge 113+, Safari 26+ or ' +
        'Firefox 141+ (on Linux with dom.webgpu.enabled in about:config) on an https:// or localhost page. In Node: npm install ' +
        'webgpu and import from lstm-webgpu/node.',
      { code: 'no-webgpu' },
    );
  const adapter = await findAdapter(gpu, options);
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
  const device = await adapter.requestDevice({
    label: options.label ?? 'lstm-webgpu',
    requiredLimits,
    requiredFeatures,
  });
  origins.set(device, { adapter, options: { ...options, gpu } });
  return device;
}

/** @throws ConfigError for an unknown option, or a name that is none. */
export function checkDeviceOptions(options: DeviceOptions): void {
  const names = { gpu: true, powerPreference: true, adapter: true, requiredLimits: true, label: true } as const;
  checkOptions('requestDevice', options, names);
  if (options.adapter !== undefined) check('requestDevice: adapter', options.adapter, adapterName);
}

/** What `adapter` may be. */
export const adapterName = text('NAME', "part of an adapter's name");

/**
 * How devices came about: another in the place of one that was lost is asked for in the same way. Deno ends the process when a
 * device is asked for its `adapterInfo` after its adapter was collected as garbage: here the adapter lives as long as the device.
 */
const origins = new WeakMap<GPUDevice, { adapter: GPUAdapter; options: DeviceOptions }>();

/** Between them they name every GPU that a browser tells apart. */
export const POWER_PREFERENCES: readonly (GPUPowerPreference | undefined)[] = [
  undefined,
  'high-performance',
  'low-power',
];

/** For a name that none of the adapters has. */
export const noAdapterNamed = (name: string, offered: readonly string[], advice = ''): DeviceError =>
  new DeviceError(
    `requestDevice: there is no adapter whose name contains ${shown(name)}, but ` +
      `${[...new Set(offered)].join(', ') || 'none'}.${advice}`,
    { code: 'no-adapter' },
  );

/** Dawn's binding for Node rejects where a browser gives none. */
function refusal(error: unknown): never {
  throw new DeviceError(`requestDevice: WebGPU gives no adapter: ${messageOf(error)}`, {
    code: 'no-adapter',
    cause: error,
  });
}

async function findAdapter(gpu: GPU, { powerPreference, adapter: name }: DeviceOptions): Promise<GPUAdapter> {
  const preferences = name === undefined || powerPreference !== undefined ? [powerPreference] : POWER_PREFERENCES;
  const found: string[] = [];
  for (const preference of preferences) {
    const adapter = await gpu.requestAdapter({ powerPreference: preference }).catch(refusal);
    if (!adapter) continue;
    const { vendor, architecture, description } = adapter.info;
    if (name === undefined || `${vendor} ${architecture} ${description}`.toLowerCase().includes(name.toLowerCase()))
      return adapter;
    found.push(describeAdapter(adapter.info));
  }
  if (found.length > 0)
    throw noAdapterNamed(name!, found, ' A browser may hide names; powerPreference chooses without one.');
  throw new DeviceError(
    'requestDevice: WebGPU found no adapter. In Chrome: see chrome://gpu, turn on hardware acceleration, or start it with ' +
      '--enable-unsafe-webgpu --use-webgpu-adapter=swiftshader. In Firefox: see about:support. In Node, Deno and Bun without a ' +
      'GPU: npm install @sparticuz/chromium (a software adapter, Linux x64).',
    { code: 'no-adapter' },
  );
}

/** A browser starts its GPU process again within a second or two, and has no adapter until then. */
const PAUSES_MS = [100, 300, 1000, 2000, 3000];

/**
 * Asks for a device as for the one that was lost, with the same options where {@link requestDevice} has made it: tried again for
 * some seconds, until the signal aborts.
 */
export async function requestAnother(lost: GPUDevice, signal: AbortSignal): Promise<GPUDevice> {
  const options = origins.get(lost)?.options;
  for (const pauseMs of PAUSES_MS)
    try {
      return await requestDevice(options);
    } catch (error) {
      if (signal.aborted) throw error;
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  return requestDevice(options);
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
  const software =
    info.isFallbackAdapter || // where a browser hides the name
    /swiftshader|llvmpipe|warp|basic render|software/i.test(
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
