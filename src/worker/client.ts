// The page's side: no engine, no WGSL.

import { scalerFromJSON } from '../data/scaler.ts';
import { DISPOSE } from '../dispose.ts';
import { ConfigError, WorkerError } from '../errors.ts';
import type { Forecaster } from '../forecast/forecaster.ts';
import type { ForecasterOptions } from '../forecast/options.ts';
import type { DeviceFacts } from '../gpu/device.ts';
import type { BytesInput } from '../io/bytes.ts';
import type { FitRun } from '../train/run.ts';
import { Call, type WorkerRun } from './call.ts';
import { Connection } from './connection.ts';
import {
  CLASS,
  type DeviceLost,
  type Facts,
  type MethodName,
  OPTIONS_AT,
  OWN,
  type StaticName,
  type WorkerContext,
  type WorkerDeviceOptions,
  type WorkerFunctions,
} from './protocol.ts';

export * from '../errors.ts';
export type * from '../index.ts'; // types of reports and options
export type { ByteStore } from '../io/byte_store.ts';
export { openStore, type StoreOptions } from '../io/store.ts';
export { move } from './buffers.ts';
export type { WorkerRun } from './call.ts';
export type { DeviceLost, WorkerContext, WorkerDeviceOptions, WorkerFunctions } from './protocol.ts';

/**
 * Calls a function that the worker passed to `serve`. Arguments are sent like those of a forecaster's methods: arrays and plain objects
 * are copied, functions and a signal in an object of options work.
 */
export type CallFunction<Functions extends WorkerFunctions> = <Name extends keyof Functions & string>(
  name: Name,
  ...args: Functions[Name] extends (context: WorkerContext, ...args: infer Args) => unknown ? Args : never
) => Promise<Awaited<ReturnType<Functions[Name]>>>;

/** The engine in a worker. @typeParam Functions of the worker's own. */
export interface Engine<Functions extends WorkerFunctions = Record<never, never>> {
  /** `Forecaster` as in lstm-webgpu, on the worker's device. */
  readonly Forecaster: {
    /** @see Forecaster.create */
    create(options?: Omit<ForecasterOptions, 'device'>): Promise<WorkerForecaster>;
    /** @see Forecaster.load */
    load(bytes: BytesInput): Promise<WorkerForecaster>;
  };
  readonly device: DeviceFacts;
  /** Resolves when the device is lost, or the worker is gone; `connect` again for another. */
  readonly lost: Promise<DeviceLost>;
  /** Calls a function of the worker's own, on this device. */
  readonly call: CallFunction<Functions>;
  /** Frees the worker's device and all forecasters on it; open calls reject with WorkerError. The worker stays. */
  dispose(): void;
  /** Like {@link dispose}, at the end of the block of a `using` declaration. */
  [DISPOSE](): void;
}

/**
 * Connects to a worker whose script calls `serve`, which then requests a WebGPU device. Every connection to a worker has its own
 * device.
 * @typeParam Functions of the worker's own: `typeof` the argument of `serve` in its script.
 * @param worker created with `{ type: 'module' }`. When the caller terminates it, open calls reject with WorkerError.
 * @throws WorkerError if it does not start. @throws DeviceError as `requestDevice`.
 */
export async function connect<Functions extends WorkerFunctions = Record<never, never>>(
  worker: Worker,
  device: WorkerDeviceOptions = {},
): Promise<Engine<Functions>> {
  const connection = new Connection(worker, device);
  const make = async (method: StaticName, args: unknown[]): Promise<WorkerForecaster> => {
    const target = (await new Call(connection, CLASS, method, args).result()) as number;
    return new WorkerForecaster(connection, target);
  };
  const dispose = () => {
    connection.post({ type: 'dispose' });
    connection.close(new WorkerError('The connection to the worker was ended by dispose().'), 'destroyed');
  };
  return {
    Forecaster: {
      create: (options: Omit<ForecasterOptions, 'device'> = {}) => make('create', [options]),
      load: (bytes: BytesInput) => make('load', [bytes, {}]),
    } satisfies Record<StaticName, unknown>,
    device: await connection.device,
    lost: connection.lost,
    call: callOn(connection),
    dispose,
    [DISPOSE]: dispose,
  };
}

/**
 * Calls functions of a worker's own that need no device, for example to read a large file outside the page's thread. Works without a
 * GPU. Every call rejects with WorkerError if the worker does not start, or is gone.
 * @typeParam Functions of the worker's own: `typeof` the argument of `serve` in its script.
 */
export function functionsOf<Functions extends WorkerFunctions>(worker: Worker): CallFunction<Functions> {
  const connection = new Connection(worker, undefined);
  connection.device.catch(() => undefined); // each call rejects on its own
  return callOn(connection);
}

const callOn = <Functions extends WorkerFunctions>(connection: Connection): CallFunction<Functions> =>
  ((name: string, ...args: unknown[]) => new Call(connection, OWN, name, args).result()) as CallFunction<Functions>;

type Args<M extends MethodName> = Parameters<Forecaster[M]>;
type Result<M extends MethodName> = ReturnType<Forecaster[M]>;

/**
 * A {@link Forecaster} in a worker: the same methods, the same numbers. Arguments are copied (see {@link move}); functions in options
 * are called on this side, and the engine waits for their results where it would without a worker. One that throws ends its call with
 * that error.
 */
export class WorkerForecaster implements Pick<Forecaster, Exclude<keyof Forecaster, 'device'>> {
  readonly #connection: Connection;
  readonly #target: number;

  /** @internal */
  constructor(connection: Connection, target: number) {
    this.#connection = connection;
    this.#target = target;
  }

  get config() {
    return this.#facts.config;
  }

  get shape() {
    return this.#facts.shape;
  }

  get windowLength() {
    return this.#facts.windowLength;
  }

  get seed() {
    return this.#facts.seed;
  }

  get ensemble() {
    return this.#facts.ensemble;
  }

  get scalers() {
    return this.#facts.scalers.map((scaler) => scalerFromJSON(scaler));
  }

  fit(...args: Args<'fit'>) {
    return this.#run('fit', args);
  }

  resume(...args: Args<'resume'>) {
    return this.#run('resume', args);
  }

  refit(...args: Args<'refit'>) {
    return this.#run('refit', args);
  }

  checkpoint() {
    return this.#ask('checkpoint', []);
  }

  evaluate(...args: Args<'evaluate'>) {
    return this.#ask('evaluate', args);
  }

  predict(...args: Args<'predict'>) {
    return this.#ask('predict', args);
  }

  predictMembers(...args: Args<'predictMembers'>) {
    return this.#ask('predictMembers', args);
  }

  predictQuantiles(...args: Args<'predictQuantiles'>) {
    return this.#ask('predictQuantiles', args);
  }

  predictInterval(...args: Args<'predictInterval'>) {
    return this.#ask('predictInterval', args);
  }

  predictEach(...args: Args<'predictEach'>) {
    return this.#ask('predictEach', args);
  }

  stateDict(...args: Args<'stateDict'>) {
    return this.#ask('stateDict', args);
  }

  save(...args: Args<'save'>) {
    return this.#ask('save', args);
  }

  /** Frees everything that this forecaster has on the GPU. The device stays. */
  dispose(): void {
    // if the worker is gone, everything is freed already
    new Call(this.#connection, this.#target, 'dispose', []).result().catch(() => undefined);
  }

  /** Like {@link dispose}, at the end of the block of a `using` declaration. */
  [DISPOSE](): void {
    this.dispose();
  }

  #ask<M extends MethodsThatAnswer>(method: M, args: Args<M>): Result<M> {
    return new Call(this.#connection, this.#target, method, args).result() as Result<M>;
  }

  #run(method: MethodsThatRun, args: Args<MethodsThatRun>): WorkerRun {
    const options = args[OPTIONS_AT[method]] as { recover?: unknown } | undefined;
    if (typeof options?.recover === 'function')
      throw new ConfigError('recover: got a function, but a device cannot be sent to a worker; use recover: true.');
    return new Call(this.#connection, this.#target, method, args).run();
  }

  get #facts(): Facts {
    return this.#connection.facts.get(this.#target)!;
  }
}

type MethodsThatRun = { [M in MethodName]: Result<M> extends FitRun ? M : never }[MethodName];
type MethodsThatAnswer = { [M in MethodName]: Result<M> extends Promise<unknown> ? M : never }[MethodName];
