import type { EpochReport, FitReport } from '../train/report.ts';
import { FitRun } from '../train/run.ts';
import { isMoving } from './buffers.ts';
import { ABORTED, type Connection } from './connection.ts';
import type { CallbackPlace, CallMessage, Step } from './protocol.ts';

type Callback = (...args: unknown[]) => unknown;

/** A fit in a worker, which can pause between two slices without changing a number. */
export class WorkerRun extends FitRun {
  readonly #setPaused: (paused: boolean) => void;

  /** @internal */
  constructor(call: Call) {
    super(call.epochs(), async () => (await call.step('finish')) as FitReport);
    this.#setPaused = (paused) => call.setPaused(paused);
  }

  /** Pauses training after the slice under way; nothing is lost, and other calls work. */
  pause(): void {
    this.#setPaused(true);
  }

  /** Continues after a pause. */
  resume(): void {
    this.#setPaused(false);
  }
}

/** A call of a method in the worker: its callbacks and its signal live as long as the call. */
export class Call {
  readonly #connection: Connection;
  readonly #what: { target: number; method: CallMessage['method']; args: readonly unknown[] };
  readonly #id: number;
  readonly #stopper = new AbortController();
  readonly #ended = new AbortController();
  #opened: Promise<unknown> | undefined;
  #paused = false;
  /** An error from a callback. */
  #thrown: { error: unknown } | undefined;

  constructor(connection: Connection, target: number, method: CallMessage['method'], args: readonly unknown[]) {
    this.#connection = connection;
    this.#what = { target, method, args };
    this.#id = connection.newId();
  }

  /** The result of a method that does not return a run. */
  async result(): Promise<unknown> {
    const value = await this.#guard(this.#open());
    this.#end();
    if (this.#thrown) throw this.#thrown.error;
    return value;
  }

  /** A method that trains. It is sent to the worker when the run is iterated or awaited. */
  run(): WorkerRun {
    return new WorkerRun(this);
  }

  setPaused(paused: boolean): void {
    if (this.#paused === paused || this.#ended.signal.aborted) return;
    this.#paused = paused;
    if (this.#opened) this.#connection.post({ type: 'pause', call: this.#id, paused });
  }

  /** The worker calls a function of the options. If it throws, the call ends with that error. */
  async callBack({ arg, name }: CallbackPlace, given: unknown[]): Promise<void> {
    try {
      await (this.#what.args[arg] as Record<string, Callback>)[name]!(...given);
    } catch (error) {
      this.#thrown ??= { error };
      this.#stop(error);
    }
  }

  async *epochs(): AsyncGenerator<EpochReport, FitReport, undefined> {
    for (;;) {
      const next = (await this.step('next')) as IteratorResult<EpochReport, FitReport>;
      if (next.done) return next.value;
      let left = true;
      try {
        yield next.value;
        left = false;
      } finally {
        if (left) await this.step('return');
      }
    }
  }

  /** A run that has ended yields nothing more, like a generator. */
  async step(step: Step): Promise<unknown> {
    if (this.#ended.signal.aborted) return undefined;
    this.#opened ??= this.#open();
    await this.#guard(this.#opened);
    const value = await this.#request(step);
    const going = step === 'next' && !(value as IteratorResult<unknown>).done;
    if (this.#thrown && going) await this.#request('return');
    if (this.#thrown || !going) this.#end();
    if (this.#thrown) throw this.#thrown.error; // for example in the last slice, which no abort can stop
    return value;
  }

  #request(step: Step): Promise<unknown> {
    return this.#guard(this.#connection.request({ type: 'step', id: this.#connection.newId(), call: this.#id, step }));
  }

  #open(): Promise<unknown> {
    const callbacks: CallbackPlace[] = [];
    const signals: number[] = [];
    const args = this.#what.args.map((value, arg) => {
      if (!isPlainObject(value)) return sendable(value);
      const options = { ...value };
      const { signal } = options;
      if (signal instanceof AbortSignal) this.#follow(signal);
      for (const [name, option] of Object.entries(options)) {
        if (typeof option === 'function') callbacks.push({ arg, name });
        if (typeof option === 'function' || option instanceof AbortSignal) delete options[name];
        else options[name] = sendable(option);
      }
      // so that a function that throws also stops the call
      if (signal || callbacks.some((place) => place.arg === arg)) signals.push(arg);
      return options;
    });
    const { target, method } = this.#what;
    const { aborted } = this.#stopper.signal;
    const paused = this.#paused;
    this.#connection.calls.set(this.#id, this);
    const message = { id: this.#id, target, method, args, callbacks, signals, aborted, paused };
    return this.#connection.request({ type: 'call', ...message });
  }

  #follow(signal: AbortSignal): void {
    if (signal.aborted) this.#stopper.abort(signal.reason);
    else signal.addEventListener('abort', () => this.#stop(signal.reason), { signal: this.#ended.signal });
  }

  #stop(reason: unknown): void {
    if (this.#ended.signal.aborted || this.#stopper.signal.aborted) return;
    this.#stopper.abort(reason);
    this.#connection.post({ type: 'abort', call: this.#id });
  }

  /** Any failure ends the call; an abort has the reason object of this side. */
  async #guard<T>(request: Promise<T>): Promise<T> {
    try {
      return await request;
    } catch (error) {
      this.#end();
      throw error === ABORTED ? this.#stopper.signal.reason : error;
    }
  }

  #end(): void {
    this.#ended.abort();
    this.#connection.calls.delete(this.#id);
  }
}

const isPlainObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;

/** Maximum depth of arrays within a list of series: in the record of columns of one of them. */
const MAX_DEPTH = 4;

/**
 * Arrays and plain objects as they are now, without proxies. A view of a part of a buffer would be sent with the whole buffer, and a
 * view of shared memory would keep changing, so their values are copied first.
 */
function sendable(value: unknown, depth = MAX_DEPTH): unknown {
  if (ArrayBuffer.isView(value)) return value instanceof DataView ? value : compact(value as Uint8Array<ArrayBuffer>);
  if (depth === 0) return value;
  if (Array.isArray(value)) return Array.from(value, (part) => sendable(part, depth - 1));
  if (!isPlainObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, sendable(part, depth - 1)]));
}

/** @param view of any element type. */
function compact(view: Uint8Array<ArrayBuffer>): unknown {
  const isWhole = view.buffer instanceof ArrayBuffer && view.byteLength === view.buffer.byteLength;
  return isWhole || isMoving(view.buffer) ? view : view.slice();
}
