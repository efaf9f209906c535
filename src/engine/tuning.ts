import { ConfigError } from '../errors.ts';
import { type DeviceFacts, deviceFacts } from '../gpu/device.ts';
import type { GuardedDevice } from '../gpu/guarded_device.ts';
import { anObject, atLeastZero, check, text } from '../kinds.ts';
import { shown } from '../shown.ts';
import { VERSION } from '../version.ts';

/** How fast one of several ways to compute something was. */
export interface Timing {
  /** A kernel and its workgroup, a tile and the parts of its sums, or a plan. */
  name: string;
  /** Microseconds for one product, or for an optimizer step of all models. */
  us: number;
}

/** What was measured on a device: plain data, which can be stored as JSON. By what was timed: the ways to compute it, fastest first. */
export interface Tuning {
  /** Of this library: versions differ in their kernels. */
  version: string;
  /** Where it was measured. */
  device: DeviceFacts;
  /** On a GPU by the sizes of the product; on a software adapter those of one product, for all. */
  products: Readonly<Record<string, readonly Timing[]>>;
  /** By all that the speed of a training depends on. */
  plans: Readonly<Record<string, readonly Timing[]>>;
}

/** Timings of a device so far, by what was timed. */
interface Measured {
  readonly products: Map<string, readonly Timing[]>;
  readonly plans: Map<string, readonly Timing[]>;
}

const ofDevices = new WeakMap<GPUDevice, Measured>();

export function measuredOn({ raw }: GuardedDevice): Measured {
  const measured = ofDevices.get(raw) ?? { products: new Map(), plans: new Map() };
  ofDevices.set(raw, measured);
  return measured;
}

/** A copy of what was measured on a device so far. */
export function tuningOf(device: GuardedDevice): Tuning {
  const { products, plans } = measuredOn(device);
  const copy = (timings: Measured[keyof Measured]) => structuredClone(Object.fromEntries(timings));
  return { version: VERSION, device: deviceFacts(device), products: copy(products), plans: copy(plans) };
}

/** Takes over what was measured earlier, except where this device has timings already. @throws ConfigError if it is not for this device. */
export function takeOver(device: GuardedDevice, tuning: Tuning): void {
  checkTuning(device, tuning);
  const measured = measuredOn(device);
  for (const part of ['products', 'plans'] as const)
    for (const [key, timings] of Object.entries(tuning[part]))
      if (!measured[part].has(key)) measured[part].set(key, structuredClone(timings));
}

/** @throws ConfigError naming the first part that is malformed, or of another device or version. */
function checkTuning(device: GuardedDevice, tuning: Tuning): void {
  const where = 'autotune: tuning';
  const expectSame = (name: string, got: unknown, expected: unknown) => {
    if (JSON.stringify(got) !== JSON.stringify(expected)) throw refused(`${where}.${name}`, got, shown(expected));
  };
  check(where, tuning, anObject);
  expectSame('version', tuning.version, VERSION);
  check(`${where}.device`, tuning.device, anObject);
  const { limits, ...facts } = deviceFacts(device);
  for (const [name, fact] of Object.entries(facts))
    expectSame(`device.${name}`, tuning.device[name as keyof typeof facts], fact);
  check(`${where}.device.limits`, tuning.device.limits, anObject);
  for (const [name, limit] of Object.entries(limits))
    expectSame(`device.limits.${name}`, tuning.device.limits[name as keyof typeof limits], limit);
  for (const part of ['products', 'plans'] as const) {
    check(`${where}.${part}`, tuning[part], anObject);
    for (const [key, timings] of Object.entries(tuning[part])) checkTimings(`${where}.${part}[${shown(key)}]`, timings);
  }
}

function checkTimings(where: string, timings: readonly Timing[]): void {
  if (!Array.isArray(timings) || timings.length === 0) throw refused(where, timings, 'a list of timings');
  for (const [k, timing] of timings.entries()) {
    check(`${where}[${k}]`, timing, anObject);
    check(`${where}[${k}].name`, timing.name, text('NAME'));
    check(`${where}[${k}].us`, timing.us, atLeastZero);
    if (k > 0 && timing.us < timings[k - 1]!.us)
      throw refused(`${where}[${k}].us`, timing.us, `at least ${timings[k - 1]!.us}, since the fastest is the first`);
  }
}

const refused = (where: string, got: unknown, expected: string): ConfigError =>
  new ConfigError(
    `${where}: got ${shown(got)}, expected ${expected}. Leave the tuning out, and this device is measured again.`,
  );

/**
 * Times several ways to compute something, unless that was done earlier.
 * @param known the timings so far, by key. @param ways by name. @param time microseconds of one, if the best one so far takes `bestUs`;
 * undefined if it cannot run.
 * @returns fastest first.
 */
export async function timeWays<Way>(
  known: Map<string, readonly Timing[]>,
  key: string,
  ways: ReadonlyMap<string, Way>,
  time: (way: Way, bestUs: number) => Promise<number | undefined>,
): Promise<readonly Timing[]> {
  const found = (known.get(key) ?? []).filter(({ name }) => ways.has(name)); // a stored one may have any name
  if (found.length > 0) return found;
  const timings: Timing[] = [];
  for (const [name, way] of ways) {
    const us = await time(way, Math.min(...timings.map((timing) => timing.us)));
    if (us !== undefined) timings.push({ name, us });
  }
  timings.sort((one, other) => one.us - other.us);
  if (timings.length > 0) known.set(key, timings);
  return timings;
}
