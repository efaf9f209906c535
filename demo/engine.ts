import type { DeviceFacts } from '../src/gpu/device.ts';
import { connect, type Engine, functionsOf } from '../src/worker/client.ts';
import type { PageFunctions } from './worker.ts';

export const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module', name: 'lstm-webgpu' });

/** Calls what needs no device. */
export const call = functionsOf<PageFunctions>(worker);

/** A device, and what it can do at most; undefined: not measured yet. */
export interface MeasuredDevice extends DeviceFacts {
  ceilingGflops: number | undefined;
}

interface EngineOptions {
  /** Called when there is a device, and again when it is measured. */
  onDevice: (device: MeasuredDevice) => void;
  onLost: (message: string) => void;
}

/** The engine on a device in the worker. */
export class PageEngine {
  readonly #options: EngineOptions;
  #opened: Promise<Engine<PageFunctions>> | undefined;

  constructor(options: EngineOptions) {
    this.#options = options;
  }

  /** The same until its device is lost, then another. @throws DeviceError where there is none. */
  open(): Promise<Engine<PageFunctions>> {
    this.#opened ??= this.#open().catch((error: unknown) => {
      this.#opened = undefined;
      throw error;
    });
    return this.#opened;
  }

  async #open(): Promise<Engine<PageFunctions>> {
    const engine = await connect<PageFunctions>(worker);
    void engine.lost.then(({ message }) => {
      this.#opened = undefined;
      this.#options.onLost(message);
    });
    const { device } = engine;
    this.#options.onDevice({ ...device, ceilingGflops: undefined });
    this.#options.onDevice({ ...device, ceilingGflops: await engine.call('measureCeiling') });
    return engine;
  }
}
