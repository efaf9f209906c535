import { DeviceError } from '../errors.ts';
import { check, text } from '../kinds.ts';
import { checkOptions } from '../options.ts';
import { messageOf, shown } from '../shown.ts';

/** Limits that determine the largest model, and which plan runs it. */
const KEY_LIMITS = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxComputeWorkgroupStorageSize',
  'maxComputeInvocationsPerWorkgroup',
] as const satisfies readonly (keyof GPUSupportedLimits)[];

/** Limits to raise if the adapter offers more than WebGPU's defaults; the engine also works with the defaults. */
const WANTED_LIMITS = [...KEY_LIMITS, 'maxComputeWorkgroupSizeX'] as const;

/** Features used when the adapter has them: timestamps for measuring, subgroups for faster reductions. */
const WANTED_FEATURES = ['timestamp-query', 'subgroups'] as const;

/** Options of {@link requestDevice}. */
export interface DeviceOptions {
  /** The WebGPU entry point. Default: `navigator.gpu` in a browser, the package `webgpu` in Node. */
  gpu?: GPU;
  powerPreference?: GPUPowerPreference;
  /**
   * Part of an adapter's name, in any case, to choose among several GPUs: those that WebGPU offers for each power preference;
   * in Node, all that Dawn finds.
   */
  adapter?: string;
  /** Limits the device must have. Throws a DeviceError if the adapter does not offer them. */
  requiredLimits?: Partial<Record<keyof GPUSupportedLimits, number>>;
  label?: string;
}

/** Finds WebGPU's entry point on this host. */
export type GpuFinder = () => Promise<GPU | undefined>;

let findGpu: GpuFinder = async () => (globalThis.navigator as Navigator | undefined)?.gpu;

/** Sets how this host finds WebGPU. Not needed in a browser; src/node sets its own. */
export function setGpuFinder(finder: GpuFinder): void {
  findGpu = finder;
}

/**
 * Requests a WebGPU device with the limits and features the engine can use. It belongs to the caller: call its `destroy()` when
 * done. Any other GPUDevice works, too.
 * @throws DeviceError when there is no WebGPU, no adapter, none with that name, or a required limit exceeds the adapter's.
 */
export async function requestDevice(options: DeviceOptions = {}): Promise<GPUDevice> {
  checkDeviceOptions(options);
  const gpu = options.gpu ?? (await findGpu());
  if (!gpu)
    throw new DeviceError(
      'requestDevice: WebGPU is not available (no navigator.gpu). In a browser: use Chrome, Edge 113+, Safari 26+ or ' +
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
      throw new DeviceError(`requestDevice: requiredLimits.${name} is not a WebGPU limit; check its spelling.`);
    const isMinimum = name.startsWith('min'); // alignments: smaller is better
    if (isMinimum ? wish < offer : wish > offer)
      throw new DeviceError(
        `requestDevice: requiredLimits.${name} is ${wish}, but this adapter (${describeAdapter(adapter.info)}) offers ${offer}. ` +
          'Request less, or use another adapter (powerPreference).',
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

/** @throws ConfigError for an unknown option, or an invalid name. */
export function checkDeviceOptions(options: DeviceOptions): void {
  const names = { gpu: true, powerPreference: true, adapter: true, requiredLimits: true, label: true } as const;
  checkOptions('requestDevice', options, names);
  if (options.adapter !== undefined) check('requestDevice: adapter', options.adapter, adapterName);
}

/** Valid values of `adapter`. */
export const adapterName = text('NAME', "part of an adapter's name");

/**
 * Where devices came from, to request a replacement for a lost one in the same way. Also keeps adapters alive: Deno ends the
 * process when `adapterInfo` of a device is read after its adapter was garbage-collected.
 */
const origins = new WeakMap<GPUDevice, { adapter: GPUAdapter; options: DeviceOptions }>();

/** Together these reach every GPU that a browser distinguishes. */
export const POWER_PREFERENCES: readonly (GPUPowerPreference | undefined)[] = [
  undefined,
  'high-performance',
  'low-power',
];

/** The error for a name that no adapter has. */
export const noAdapterNamed = (name: string, offered: readonly string[], advice = ''): DeviceError =>
  new DeviceError(
    `requestDevice: no adapter matches ${shown(name)}. Available: ` +
      `${[...new Set(offered)].join(', ') || 'none'}.${advice}`,
    { code: 'no-adapter' },
  );

/** Dawn's binding for Node rejects where a browser returns null. */
function refusal(error: unknown): never {
  throw new DeviceError(`requestDevice: WebGPU returned no adapter: ${messageOf(error)}`, {
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
  if (found.length > 0) throw noAdapterNamed(name!, found, ' Browsers may hide names; use powerPreference instead.');
  throw new DeviceError(
    'requestDevice: WebGPU found no adapter. In Chrome: see chrome://gpu, turn on hardware acceleration, or start it with ' +
      '--enable-unsafe-webgpu --use-webgpu-adapter=swiftshader. In Firefox: see about:support. In Node, Deno and Bun without a ' +
      'GPU: npm install @sparticuz/chromium (a software adapter, Linux x64).',
    { code: 'no-adapter' },
  );
}

/** A browser restarts its GPU process within a second or two, and has no adapter until then. */
const PAUSES_MS = [100, 300, 1000, 2000, 3000];

/**
 * Requests a replacement for a lost device, with the same options if {@link requestDevice} made it; retries for some seconds,
 * until the signal aborts.
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

/** A device's description: printed by the command, shown by the page, stored with every measurement. */
export interface DeviceDescription {
  name: string;
  vendor: string;
  architecture: string;
  /** True for an adapter that runs on the CPU (SwiftShader, llvmpipe, WARP): correct, but slow. */
  software: boolean;
}

/** Describes a device. */
export function describeDevice(device: Pick<GPUDevice, 'adapterInfo'>): DeviceDescription {
  const info = device.adapterInfo;
  const name = describeAdapter(info);
  const software =
    info.isFallbackAdapter || // if a browser hides the name
    /swiftshader|llvmpipe|warp|basic render|software/i.test(
      `${name} ${info.vendor} ${info.architecture} ${info.description}`,
    );
  return { name, vendor: info.vendor, architecture: info.architecture, software };
}

/** A device's description, and what the engine can use of it. */
export interface DeviceFacts extends DeviceDescription {
  /** Limits that determine the largest model, and which plan runs it, in bytes or invocations. */
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

/** Finds a card's name outside WebGPU. */
type CardFinder = (info: GPUAdapterInfo) => string | undefined;

let findCard: CardFinder = () => undefined;

/** Sets how this host finds the name of a card that WebGPU does not name. Not possible in a browser; src/node sets its own. */
export function setCardFinder(finder: CardFinder): void {
  findCard = finder;
}

/** As Dawn's Vulkan backend describes an NVIDIA card: "NVIDIA: 580.159.04 580.159.4.0". */
const DRIVER_ONLY = /^\w+: ([\d.]+)[\d. ]*$/;

function describeAdapter(info: GPUAdapterInfo): string {
  const { vendor, architecture, device, description } = info;
  const driver = DRIVER_ONLY.exec(description)?.[1];
  if (description && !driver) return description;
  const card = (driver && findCard(info)) || [vendor, architecture || (driver && device)].filter(Boolean).join(' ');
  return (driver ? `${card}, driver ${driver}` : card) || 'unnamed adapter';
}
