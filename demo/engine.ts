import type { DeviceFacts } from '../src/gpu/device.ts';
import { type CallFunction, connect, type Engine, functionsOf } from '../src/worker/client.ts';
import type { PageFunctions } from './worker.ts';
import workerScript from './worker.ts?worker&url';

/** A device, and what it can do at most; undefined: not measured yet. */
export interface MeasuredDevice extends DeviceFacts {
  ceilingGflops: number | undefined;
}

interface EngineOptions {
  /** Called when there is a device, and again when it is measured. */
  onDevice: (device: MeasuredDevice) => void;
  /** Called when the device is gone, and the worker is still there. */
  onLost: () => void;
  /** Called when the worker is gone, however that came about. @param wasThere false: it could not be started. */
  onWorkerGone: (wasThere: boolean, thrown: string) => void;
}

interface PageWorker {
  worker: Worker;
  call: CallFunction<PageFunctions>;
}

/** A browser starts its GPU process again within a second or two, and has no adapter until then. */
const PAUSES_MS = [0, 500, 1500, 3000];

/** The worker, and the engine on a device in it. What is gone is replaced when it is asked for next. */
export class PageEngine {
  readonly #options: EngineOptions;
  #started: PageWorker | undefined;
  #opened: Promise<Engine<PageFunctions>> | undefined;
  #measured: Promise<void> | undefined;

  constructor(options: EngineOptions) {
    this.#options = options;
  }

  /** Calls what needs no device. @throws WorkerError where the worker is gone before it has answered. */
  readonly call: CallFunction<PageFunctions> = (name, ...args) => this.#worker.call(name, ...args);

  /** The same until its device is lost, then another; measured, which takes a moment. @throws DeviceError where there is none. */
  async open(): Promise<Engine<PageFunctions>> {
    const engine = await this.connect();
    this.#measured ??= this.#measure(engine);
    await this.#measured;
    return engine;
  }

  /** As {@link open}, but not measured yet. */
  connect(): Promise<Engine<PageFunctions>> {
    this.#opened ??= this.#open().catch((error: unknown) => {
      this.#opened = undefined;
      throw error;
    });
    return this.#opened;
  }

  /** As {@link open}, after a loss: asks again for some seconds. */
  async reopen(): Promise<Engine<PageFunctions>> {
    for (const pauseMs of PAUSES_MS) {
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
      const engine = await this.open().catch(() => undefined);
      if (engine) return engine;
    }
    return this.open();
  }

  async #open(): Promise<Engine<PageFunctions>> {
    const { worker } = this.#worker;
    const engine = await connect<PageFunctions>(worker);
    void engine.lost.then(() => {
      this.#opened = undefined;
      this.#measured = undefined;
      if (this.#started?.worker === worker) this.#options.onLost();
    });
    this.#options.onDevice({ ...engine.device, ceilingGflops: undefined });
    return engine;
  }

  async #measure(engine: Engine<PageFunctions>): Promise<void> {
    this.#options.onDevice({ ...engine.device, ceilingGflops: await engine.call('measureCeiling') });
  }

  get #worker(): PageWorker {
    this.#started ??= this.#start();
    return this.#started;
  }

  #start(): PageWorker {
    const worker = new Worker(SCRIPT, { type: 'module', name: 'lstm-webgpu' });
    const call = functionsOf<PageFunctions>(worker);
    let thrown = '';
    let isThere = false;
    const onStart = () => {
      isThere = true;
    };
    worker.addEventListener('error', (event) => {
      event.preventDefault();
      thrown = event.message;
      worker.terminate(); // an uncaught error: its state can no longer be trusted
    });
    call('live', { onStart }).catch(() => {
      this.#started = undefined;
      this.#opened = undefined;
      this.#measured = undefined;
      this.#options.onWorkerGone(isThere, thrown);
    });
    return { worker, call };
  }
}

/**
 * A worker from the server has the policy of its own response headers, of which a file server sends none; one from a blob is under
 * the Content-Security-Policy of the page.
 */
const SCRIPT = URL.createObjectURL(
  new Blob([`import ${JSON.stringify(new URL(workerScript, location.href).href)};`], { type: 'text/javascript' }),
);
