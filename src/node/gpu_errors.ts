import { DeviceError } from '../errors.ts';

/** Aborts when a device that it watches reports an error of its own, such as a lack of memory, that no call returns. */
export class GpuErrors {
  readonly #controller = new AbortController();

  /** The signal of a single device. */
  static of(device: GPUDevice): AbortSignal {
    const errors = new GpuErrors();
    errors.watch(device);
    return errors.signal;
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  watch(device: GPUDevice): void {
    device.addEventListener('uncapturederror', (event) => {
      const { message } = (event as GPUUncapturedErrorEvent).error;
      const why = `The GPU reports an error, so the numbers cannot be trusted: ${message.trim()}`;
      this.#controller.abort(new DeviceError(why));
    });
  }
}
