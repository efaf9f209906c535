import { ConfigError, WorkerError } from '../errors.ts';
import type { DeviceFacts } from '../gpu/device.ts';
import { messageOf } from '../shown.ts';
import { buffersOf, isMoving } from './buffers.ts';
import {
  type CallbackPlace,
  CONNECT,
  type DeviceLost,
  type Facts,
  type FromWorker,
  GREETING,
  type Hello,
  type ToWorker,
  type WorkerDeviceOptions,
} from './protocol.ts';
import { receiveError } from './sent_error.ts';

interface Waiting {
  resolve: (value: unknown) => void;
  reject: (reason: unknown) => void;
}

/** The error of a request in a call that was aborted. */
export const ABORTED = Symbol('aborted');

/** An open call, whose functions the worker may call. */
interface Callable {
  callBack(place: CallbackPlace, given: unknown[]): Promise<void>;
}

/** Aborted for a worker that is gone: nothing sent to it is answered any more. */
const ends = new WeakMap<Worker, AbortController>();

function endOf(worker: Worker): AbortController {
  const end = ends.get(worker) ?? new AbortController();
  ends.set(worker, end);
  return end;
}

/** A message with a reply. */
type Request = Extract<ToWorker, { type: 'call' | 'step' }>;

/** The page's end: requests and their replies, callbacks, and properties of forecasters. */
export class Connection {
  /** Open calls, by the id of their message. */
  readonly calls = new Map<number, Callable>();
  /** Properties of the worker's forecasters. */
  readonly facts = new Map<number, Facts>();
  /** Resolves when the worker has the requested device. @throws DeviceError, WorkerError. */
  readonly device: Promise<DeviceFacts>;
  /** Resolves when the device is gone, or the worker with it. */
  readonly lost: Promise<DeviceLost>;
  /** The worker's end, for all connections to it: the first one that detects it closes all others. */
  readonly #end: AbortController;
  readonly #port: MessagePort;
  readonly #lock = `${GREETING} ${Math.random()}`;
  readonly #waiting = new Map<number, Waiting>();
  readonly #starting = new AbortController();
  readonly #closing = new AbortController();
  #lose: (lost: DeviceLost) => void = () => undefined;
  #closedBy: WorkerError | undefined;
  #lastId = 0;

  /** @param device undefined if none is requested. */
  constructor(worker: Worker, device: WorkerDeviceOptions | undefined) {
    const { port1, port2 } = new MessageChannel();
    this.#end = endOf(worker);
    this.#port = port1;
    port1.onmessage = ({ data }: MessageEvent<FromWorker>) => this.#receive(data);
    port1.onmessageerror = () => this.close(isUnreadable());
    const description = new Promise((resolve, reject) => this.#waiting.set(CONNECT, { resolve, reject }));
    this.device = description as Promise<DeviceFacts>;
    this.lost = new Promise((resolve) => {
      this.#lose = resolve;
    });
    const onError = (event: Event) => {
      const why = event instanceof ErrorEvent && event.message ? event.message : 'its script could not be loaded';
      this.close(
        new WorkerError(
          `connect: the worker did not start: ${why}. Check its URL, that it was created with { type: 'module' }, and that ` +
            'its script calls serve() of lstm-webgpu/worker.',
        ),
      );
    };
    // after the start, an error need not end the worker; the lock shows whether it did
    worker.addEventListener('error', onError, { signal: this.#starting.signal });
    const hello: Hello = { greeting: GREETING, lock: this.#lock, device };
    worker.postMessage(hello, [port2]);
    const { signal } = this.#end;
    if (signal.aborted) this.close(isGone());
    else signal.addEventListener('abort', () => this.close(isGone()), { signal: this.#closing.signal });
  }

  newId(): number {
    return ++this.#lastId;
  }

  /** @throws the worker's error; ABORTED for the reason of the call's own signal; WorkerError when the worker is gone. */
  request(message: Request): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.#closedBy) throw this.#closedBy;
      this.#waiting.set(message.id, { resolve, reject });
      try {
        this.post(message);
      } catch (error) {
        this.#waiting.delete(message.id);
        const method = message.type === 'call' ? message.method : message.step;
        throw new ConfigError(
          `${method}: an argument cannot be sent to the worker (${messageOf(error)}). Pass plain arrays, typed ` +
            'arrays and plain objects, and await promises first; functions only directly as options.',
          { cause: error },
        );
      }
    });
  }

  post(message: ToWorker): void {
    const transfer = message.type === 'call' ? [...buffersOf(message.args)].filter(isMoving) : [];
    this.#port.postMessage(message, transfer);
  }

  /** Rejects all open requests, and all later ones. */
  close(reason: WorkerError, deviceLost: GPUDeviceLostReason = 'unknown'): void {
    if (this.#closedBy) return;
    this.#closedBy = reason;
    this.#lose({ reason: deviceLost, message: reason.message });
    this.#starting.abort();
    this.#closing.abort();
    for (const { reject } of this.#waiting.values()) reject(reason);
    this.#waiting.clear();
    this.calls.clear();
    this.#port.close();
  }

  #receive(message: FromWorker): void {
    switch (message.type) {
      case 'alive':
        this.#watch();
        break;
      case 'unreadable':
        this.close(isUnreadable());
        break;
      case 'facts':
        this.facts.set(message.target, message.facts);
        break;
      case 'lost':
        this.#lose({ reason: message.reason, message: message.message });
        break;
      case 'reply':
        this.#take(message.id)?.resolve(message.value);
        break;
      case 'failed':
        this.#take(message.id)?.reject(message.error ? receiveError(message.error) : ABORTED);
        break;
      case 'callback':
        void this.#callBack(message);
    }
  }

  async #callBack({ id, call, place, args }: Extract<FromWorker, { type: 'callback' }>): Promise<void> {
    await this.calls.get(call)?.callBack(place, args);
    this.post({ type: 'answer', id });
  }

  #take(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    return waiting;
  }

  /** The worker holds a lock while it runs: when another holder gets it, the worker is gone, for whatever reason. */
  #watch(): void {
    this.#starting.abort();
    const locks = navigator.locks as LockManager | undefined;
    locks?.request(this.#lock, { signal: this.#closing.signal }, () => this.#end.abort()).catch(() => undefined);
  }
}

const isGone = () =>
  new WorkerError(
    'The worker is gone: it was terminated, or it crashed (out of memory?). Start another one and connect.',
  );

const isUnreadable = () =>
  new WorkerError(
    'A message to or from the worker could not be read (out of memory?). Pass less at once, and connect again.',
  );
