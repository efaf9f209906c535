import { liveBuffers } from './live_buffers.ts';

/** A way in which a device command fails. */
export interface Fault {
  /** The owner of the method. */
  of: 'device' | 'queue' | 'buffer';
  method: string;
  /** Replaces the call. */
  fail: (call: (...args: never[]) => unknown, args: readonly unknown[]) => unknown;
}

const injected = () => new RangeError('injected');
const throws = (): never => {
  throw injected();
};
const rejects = () => Promise.reject(new DOMException('injected', 'OperationError'));

/** More than any device supports. */
const TOO_LARGE = 2 ** 45;

const create = (method: string): Fault => ({ of: 'device', method, fail: throws });

export const FAULTS: Readonly<Record<string, Fault>> = {
  'createBuffer throws': create('createBuffer'),
  'createBuffer is refused': {
    of: 'device',
    method: 'createBuffer',
    fail: (call, [descriptor]) => call({ ...(descriptor as object), size: TOO_LARGE } as never),
  },
  'createBindGroup throws': create('createBindGroup'),
  'createQuerySet throws': create('createQuerySet'),
  'createShaderModule throws': create('createShaderModule'),
  'createComputePipelineAsync throws': create('createComputePipelineAsync'),
  'createComputePipelineAsync rejects': { of: 'device', method: 'createComputePipelineAsync', fail: rejects },
  'createCommandEncoder throws': create('createCommandEncoder'),
  'submit throws': { of: 'queue', method: 'submit', fail: throws },
  'submit is refused': {
    of: 'device',
    method: 'createCommandEncoder',
    fail(call, args) {
      const encoder = call(...(args as never[])) as GPUCommandEncoder;
      encoder.pushDebugGroup('never popped'); // which its end refuses
      return encoder;
    },
  },
  'writeBuffer throws': { of: 'queue', method: 'writeBuffer', fail: throws },
  'writeBuffer is refused': {
    of: 'queue',
    method: 'writeBuffer',
    fail: (call, [buffer, , ...data]) => call(...([buffer, TOO_LARGE, ...data] as never[])),
  },
  'mapAsync throws': { of: 'buffer', method: 'mapAsync', fail: throws },
  'mapAsync rejects': { of: 'buffer', method: 'mapAsync', fail: rejects },
  'getMappedRange throws': { of: 'buffer', method: 'getMappedRange', fail: throws },
};

type Methods = Record<string, (...args: unknown[]) => unknown>;

/** A device whose n-th call of a method can be made to fail, and that counts its buffers. */
export class FaultyDevice {
  /** Calls of the fault's method. */
  calls = 0;
  /** Buffers that were not destroyed. */
  readonly alive: ReadonlySet<GPUBuffer>;
  readonly #device: GPUDevice;
  #fault: Fault | undefined;
  #nth = 0;

  constructor(device: GPUDevice) {
    this.#device = device;
    const methods = new Set(Object.values(FAULTS).map(({ of, method }) => `${of} ${method}`));
    for (const name of methods) {
      const [of, method] = name.split(' ') as [Fault['of'], string];
      if (of === 'device') this.#watch(device, of, method);
      if (of === 'queue') this.#watch(device.queue, of, method);
    }
    this.alive = liveBuffers(device, (buffer) => {
      for (const method of ['mapAsync', 'getMappedRange']) this.#watch(buffer, 'buffer', method);
    });
  }

  /** From now on, the n-th call of the fault's method fails; 0: none, calls are only counted. */
  arm(fault: Fault | undefined, nth: number): void {
    this.#fault = fault;
    this.#nth = nth;
    this.calls = 0;
  }

  /** Restores the device. */
  release(): void {
    for (const { method, of } of Object.values(FAULTS))
      if (of !== 'buffer') Reflect.deleteProperty(of === 'device' ? this.#device : this.#device.queue, method);
  }

  #watch(owner: object, of: Fault['of'], method: string): void {
    const methods = owner as Methods;
    const call = methods[method]!.bind(owner);
    methods[method] = (...args) => {
      const fault = this.#fault;
      if (fault?.of !== of || fault.method !== method) return call(...args);
      this.calls++;
      return this.calls === this.#nth ? fault.fail(call, args) : call(...args);
    };
  }
}
