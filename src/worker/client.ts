// The page's side: no engine, no WGSL.
import { scalerFromJSON } from '../data/scaler.ts';
import { ConfigError, WorkerError } from '../errors.ts';
import type { Forecaster } from '../forecast/forecaster.ts';
import type { ForecasterOptions } from '../forecast/options.ts';
import type { DeviceDescription } from '../gpu/device.ts';
import type { BytesInput } from '../io/bytes.ts';
import type { FitRun } from '../train/run.ts';
import { Call } from './call.ts';
import { Connection } from './connection.ts';
import { CLASS, type Facts, type MethodName, type StaticName, type WorkerDeviceOptions } from './protocol.ts';

export * from '../errors.ts';
export type * from '../index.ts'; // for a page that speaks of reports and options
export type { ByteStore } from '../io/byte_store.ts';
export { openStore, type StoreOptions } from '../io/store.ts';
export { move } from './buffers.ts';
export type { WorkerDeviceOptions } from './protocol.ts';

/** The engine in a worker. */
export interface Engine {
  /** `Forecaster` as in lstm-webgpu, but for the device, which is the worker's. */
  readonly Forecaster: {
    /** @see Forecaster.create */
    create(options?: Omit<ForecasterOptions, 'device'>): Promise<WorkerForecaster>;
    /** @see Forecaster.load */
    load(bytes: BytesInput): Promise<WorkerForecaster>;
  };
  readonly device: DeviceDescription;
  /** Frees the worker's device and all forecasters on it; what is open rejects with WorkerError. The worker stays. */
  destroy(): void;
}

/**
 * Connects to a worker whose script calls `serve`, which then requests a WebGPU device of its own. Every connection to a
 * worker has its own device.
 * @param worker made with `{ type: 'module' }`; the caller's to terminate: then everything open rejects with WorkerError.
 * @throws WorkerError when it does not start. @throws DeviceError as `requestDevice` does.
 */
export async function connect(worker: Worker, device: WorkerDeviceOptions = {}): Promise<Engine> {
  const connection = new Connection(worker, device);
  const make = async (method: StaticName, args: unknown[]): Promise<WorkerForecaster> => {
    const target = (await new Call(connection, CLASS, method, args).result()) as number;
    return new WorkerForecaster(connection, target);
  };
  return {
    Forecaster: {
      create: (options: Omit<ForecasterOptions, 'device'> = {}) => make('create', [options]),
      load: (bytes: BytesInput) => make('load', [bytes, {}]),
    } satisfies Record<StaticName, unknown>,
    device: await connection.device,
    destroy() {
      connection.post({ type: 'destroy' });
      connection.close(new WorkerError('The connection to the worker was ended by destroy().'));
    },
  };
}

type Args<M extends MethodName> = Parameters<Forecaster[M]>;
type Result<M extends MethodName> = ReturnType<Forecaster[M]>;

/**
 * A {@link Forecaster} that lives in a worker: the same methods, the same numbers. What is passed in is copied (see
 * {@link move}); functions in options are called on this side, and where the engine waits for what they return, it waits
 * there, too. One that throws ends its call with that error.
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

  stateDict(...args: Args<'stateDict'>) {
    return this.#ask('stateDict', args);
  }

  save() {
    return this.#ask('save', []);
  }

  /** Frees everything this forecaster holds on the GPU. The device stays. */
  destroy(): void {
    // a worker that is gone has freed everything already
    new Call(this.#connection, this.#target, 'destroy', []).result().catch(() => undefined);
  }

  #ask<M extends MethodsThatAnswer>(method: M, args: Args<M>): Result<M> {
    return new Call(this.#connection, this.#target, method, args).result() as Result<M>;
  }

  #run(method: MethodsThatRun, args: Args<MethodsThatRun>): FitRun {
    if (typeof args[1]?.recover === 'function')
      throw new ConfigError('recover: got a function, but no device can cross to a worker; use recover: true.');
    return new Call(this.#connection, this.#target, method, args).run();
  }

  get #facts(): Facts {
    return this.#connection.facts.get(this.#target)!;
  }
}

type MethodsThatRun = { [M in MethodName]: Result<M> extends FitRun ? M : never }[MethodName];
type MethodsThatAnswer = { [M in MethodName]: Result<M> extends Promise<unknown> ? M : never }[MethodName];
