import { ConfigError, DeviceError, StateError } from '../errors.ts';
import { Forecaster } from '../forecast/forecaster.ts';
import { deviceFacts, requestDevice } from '../gpu/device.ts';
import { suggestion } from '../suggestion.ts';
import type { FitControls } from '../train/controls.ts';
import type { EpochReport } from '../train/report.ts';
import { FitRun } from '../train/run.ts';
import { buffersOf } from './buffers.ts';
import {
  type CallMessage,
  CLASS,
  CONNECT,
  type Facts,
  type FromWorker,
  type Hello,
  OPTIONS_AT,
  OWN,
  type Step,
  type ToWorker,
  type WorkerContext,
  type WorkerFunctions,
} from './protocol.ts';
import { sendError } from './sent_error.ts';

/** An open call. A run stays open until it ends or is abandoned. */
interface OpenCall {
  target: number;
  stopper: AbortController;
  /** While its run is paused: settles when it may continue. */
  rest?: { over: Promise<void>; end: () => void };
  run?: { fit: FitRun; epochs: AsyncIterator<EpochReport, void> };
}

type Methods = Record<string, (...args: unknown[]) => unknown>;

/** The worker's end of one connection, with its own device and the forecasters on it. */
export class Host {
  readonly #port: MessagePort;
  readonly #functions: WorkerFunctions;
  readonly #forecasters = new Map<number, Forecaster>();
  /** The facts of a forecaster that were sent to the page, as JSON. */
  readonly #sent = new Map<number, string>();
  readonly #calls = new Map<number, OpenCall>();
  readonly #answers = new Map<number, () => void>();
  #device: GPUDevice | undefined;
  #disposed = false;
  #lastCallback = 0;
  #release = (): void => undefined;

  /** @param functions the worker's own. */
  constructor(port: MessagePort, functions: WorkerFunctions) {
    this.#port = port;
    this.#functions = functions;
    port.onmessage = ({ data }: MessageEvent<ToWorker>) => this.#receive(data);
    port.onmessageerror = () => this.#post({ type: 'unreadable' });
  }

  /** Takes the lock that shows the page that this worker is running, then requests a device, if one is wanted. */
  async open({ lock, device: options }: Hello): Promise<void> {
    const released = new Promise<void>((resolve) => {
      this.#release = resolve;
    });
    const locks = navigator.locks as LockManager | undefined; // not everywhere; without locks, the page does not watch
    await new Promise<void>((held) => {
      const hold = () => {
        held();
        return released;
      };
      if (locks) locks.request(lock, hold).catch(() => held());
      else held();
    });
    this.#post({ type: 'alive' });
    this.#reply(CONNECT, CONNECT, async () => {
      if (!options) return undefined;
      const device = await requestDevice(options);
      this.#device = device;
      void device.lost.then(({ reason, message }) => this.#post({ type: 'lost', reason, message }));
      if (this.#disposed) device.destroy();
      return deviceFacts(device);
    });
  }

  #receive(message: ToWorker): void {
    switch (message.type) {
      case 'call':
        this.#reply(message.id, message.id, () => this.#call(message));
        break;
      case 'step':
        this.#reply(message.id, message.call, () => this.#step(message.call, message.step));
        break;
      case 'abort':
        this.#calls.get(message.call)?.stopper.abort();
        break;
      case 'pause':
        setPaused(this.#calls.get(message.call), message.paused);
        break;
      case 'answer':
        this.#answers.get(message.id)?.();
        this.#answers.delete(message.id);
        break;
      case 'dispose':
        this.#dispose();
    }
  }

  /** Sends the result of some work. A call that failed is over; for one that was aborted, the page has the reason. */
  #reply(id: number, callId: number, work: () => Promise<unknown>): void {
    work()
      .then((value) => {
        const target = this.#calls.get(callId)?.target;
        if (target !== undefined) this.#sendFacts(target);
        if (!this.#calls.get(callId)?.run) this.#calls.delete(callId);
        this.#post({ type: 'reply', id, value }, [...buffersOf(value)]);
      })
      .catch((error: unknown) => {
        const signal = this.#calls.get(callId)?.stopper.signal;
        const asked = signal?.aborted && error === signal.reason;
        this.#calls.delete(callId);
        this.#post({ type: 'failed', id, error: asked ? undefined : sendError(error) });
      });
  }

  async #call(message: CallMessage): Promise<unknown> {
    const { id, target, method, aborted, paused } = message;
    const call: OpenCall = { target, stopper: new AbortController() };
    this.#calls.set(id, call);
    if (aborted) call.stopper.abort();
    if (paused) setPaused(call, true);
    const args = this.#argumentsOf(message, call);
    if (target === OWN) return this.#own(method)(this.#context, ...(args as never[]));
    if (target === CLASS) {
      args.push({ ...(args.pop() as object), device: this.#device });
      const made = await (Forecaster as unknown as Methods)[method]!(...args);
      this.#forecasters.set(id, made as Forecaster);
      call.target = id;
      return id;
    }
    const forecaster = this.#forecasters.get(target);
    if (!forecaster)
      throw new StateError(`${method}: this forecaster was disposed; create or load another.`, {
        code: 'disposed',
        details: { method },
      });
    if (method === 'dispose') {
      this.#forecasters.delete(target);
      this.#sent.delete(target);
    }
    if (Object.hasOwn(OPTIONS_AT, method)) {
      const at = OPTIONS_AT[method as keyof typeof OPTIONS_AT];
      args[at] = restingOptions(args[at], call);
    }
    const result = (forecaster as unknown as Methods)[method]!(...args);
    if (!(result instanceof FitRun)) return result;
    call.run = { fit: result, epochs: result[Symbol.asyncIterator]() };
    return undefined; // not the run: a promise that is resolved with it would start it
  }

  /** The first argument of the worker's own functions. */
  get #context(): WorkerContext {
    const device = this.#device;
    return {
      get device() {
        if (device) return device;
        throw new DeviceError('device: this connection has none. Use call() of the engine from connect().');
      },
    };
  }

  #own(name: string): WorkerFunctions[string] {
    const own = Object.hasOwn(this.#functions, name) ? this.#functions[name] : undefined;
    if (own) return own;
    const names = Object.keys(this.#functions);
    throw new ConfigError(
      `call: this worker does not serve ${JSON.stringify(name)}.${suggestion(name, names)} Pass it to serve() in the worker.`,
    );
  }

  /** The arguments with functions and signals in their places. */
  #argumentsOf({ id, args, callbacks, signals }: CallMessage, { target, stopper }: OpenCall): unknown[] {
    const complete = [...args];
    const add = (arg: number, name: string, value: unknown) => {
      complete[arg] = { ...(complete[arg] as object), [name]: value };
    };
    for (const arg of signals) add(arg, 'signal', stopper.signal);
    for (const place of callbacks)
      add(place.arg, place.name, (...given: unknown[]) => {
        const answer = new Promise<void>((resolve, reject) => {
          this.#answers.set(++this.#lastCallback, () =>
            stopper.signal.aborted ? reject(stopper.signal.reason) : resolve(),
          );
        });
        answer.catch(() => undefined); // not every callback is awaited
        this.#sendFacts(target);
        this.#post({ type: 'callback', id: this.#lastCallback, call: id, place, args: given });
        return answer;
      });
    return complete;
  }

  async #step(id: number, step: Step): Promise<unknown> {
    const call = this.#calls.get(id)!;
    const { fit, epochs } = call.run!;
    if (step === 'next') {
      const next = await epochs.next();
      if (!next.done) return next;
    }
    if (step === 'return') await epochs.return?.();
    const report = step === 'return' ? undefined : await fit;
    call.run = undefined;
    return step === 'next' ? { done: true, value: report } : report;
  }

  /** Sends a forecaster's properties to the page, if they have changed. */
  #sendFacts(target: number): void {
    const forecaster = this.#forecasters.get(target);
    if (!forecaster) return;
    const { config, shape, windowLength, seed, ensemble } = forecaster;
    const scalers = forecaster.scalers.map((scaler) => scaler.toJSON());
    const facts: Facts = { config, shape, windowLength, seed, ensemble, scalers };
    const text = JSON.stringify(facts);
    if (this.#sent.get(target) === text) return;
    this.#sent.set(target, text);
    this.#post({ type: 'facts', target, facts });
  }

  #dispose(): void {
    this.#disposed = true;
    for (const { stopper } of this.#calls.values()) stopper.abort();
    for (const forecaster of this.#forecasters.values()) forecaster.dispose();
    this.#device?.destroy();
    this.#release();
    this.#port.close();
  }

  #post(message: FromWorker, transfer: Transferable[] = []): void {
    this.#port.postMessage(message, transfer);
  }
}

function setPaused(call: OpenCall | undefined, paused: boolean): void {
  if (!call) return;
  call.rest?.end();
  delete call.rest;
  if (!paused) return;
  let end = () => {};
  const over = new Promise<void>((resolve) => {
    end = resolve;
  });
  call.rest = { over, end };
}

/** The options of a fit whose slices wait while the call is paused; checked here, so that no slice waits for the page. */
function restingOptions(options: unknown, call: OpenCall): unknown {
  if (options !== undefined && (typeof options !== 'object' || options === null)) return options; // the fit rejects it
  const { beforeSlice } = (options ?? {}) as FitControls;
  const wait = () => (call.rest ? call.rest.over.then(() => beforeSlice?.()) : beforeSlice?.());
  return { ...options, beforeSlice: wait } satisfies FitControls;
}
