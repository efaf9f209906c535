import { CommandError, ConfigError } from '../errors.ts';
import { messageOf, shown, shownBytes } from '../shown.ts';
import { untilDone } from './waiting.ts';

/** Innermost last; a scope catches what the scopes inside of it do not. */
const FILTERS = ['internal', 'out-of-memory', 'validation'] as const satisfies readonly GPUErrorFilter[];

/**
 * A caller's GPUDevice as used by one owner (a forecaster, trainer or module). WebGPU does not return errors of rejected
 * commands to the caller, and later commands use whatever is in their buffers. So every command runs in its own error scopes,
 * opened and closed synchronously, which do not interfere with the caller's scopes and handlers; and no result is read before
 * {@link settled} has checked all of them. The engine accepts no other device, so no command can be missed.
 * @see https://www.w3.org/TR/webgpu/#error-scopes
 */
export class GuardedDevice {
  /** The caller's device. */
  readonly raw: GPUDevice;
  readonly queue: GuardedQueue;
  readonly #seen: Seen;

  /** @param within the owner's device that this is a part of. @throws ConfigError if it is not a GPUDevice. */
  constructor(device: GPUDevice, within?: GuardedDevice) {
    if (typeof device?.createBuffer !== 'function' || !device.queue || !device.lost)
      throw new ConfigError(`device: got ${shown(device)}, expected a GPUDevice, as returned by requestDevice().`);
    this.raw = device;
    this.#seen = within ? within.#seen : { outcomes: [], refused: new WeakSet() };
    const { queue } = device;
    this.queue = {
      submit: (encoder, onRefused) =>
        this.run(`submit of '${encoder.label}'`, () => queue.submit([encoder.finish()]), onRefused),
      writeBuffer: (buffer, offset, data, dataOffset, size) =>
        this.run(`write of ${describeBuffer(buffer)}`, () => queue.writeBuffer(buffer, offset, data, dataOffset, size)),
      onSubmittedWorkDone: () => queue.onSubmittedWorkDone(),
    };
  }

  /**
   * The result of `work` that nothing on the device depends on, such as compiling a kernel.
   * @throws the reason of the scope's signal.
   */
  unlessAborted<Result>(work: Promise<Result>): Promise<Result> {
    return work;
  }

  get limits(): GPUSupportedLimits {
    return this.raw.limits;
  }

  get features(): GPUSupportedFeatures {
    return this.raw.features;
  }

  get adapterInfo(): GPUAdapterInfo {
    return this.raw.adapterInfo;
  }

  get lost(): Promise<GPUDeviceLostInfo> {
    return this.raw.lost;
  }

  createBuffer(descriptor: GPUBufferDescriptor): GPUBuffer {
    const what = `buffer '${descriptor.label}' of ${shownBytes(descriptor.size)}`;
    const buffer: GPUBuffer = this.run(
      what,
      () => this.raw.createBuffer(descriptor),
      () => void this.#seen.refused.add(buffer),
    );
    return buffer;
  }

  /** Whether the creation of a buffer was rejected; known once {@link settled} has thrown. */
  wasRefused(buffer: GPUBuffer): boolean {
    return this.#seen.refused.has(buffer);
  }

  createBindGroup(descriptor: GPUBindGroupDescriptor): GPUBindGroup {
    return this.run(`bind group '${descriptor.label}'`, () => this.raw.createBindGroup(descriptor));
  }

  createQuerySet(descriptor: GPUQuerySetDescriptor): GPUQuerySet {
    return this.run(`query set '${descriptor.label}'`, () => this.raw.createQuerySet(descriptor));
  }

  /** Its errors are reported when it is submitted. */
  createCommandEncoder(descriptor: GPUCommandEncoderDescriptor): GPUCommandEncoder {
    return attempt(`command encoder '${descriptor.label}'`, () => this.raw.createCommandEncoder(descriptor));
  }

  /**
   * Runs one command.
   * @param what it is, for messages. @param onRefused called if the device rejects it.
   */
  run<Result>(what: string, command: () => Result, onRefused?: () => void): Result {
    const { result, error } = underScopes(this.raw, () => attempt(what, command));
    const outcome = error.then((refusal) => {
      if (refusal) onRefused?.();
      return refusal && commandError(what, refusal);
    });
    const seen = this.#seen;
    seen.outcomes.push(outcome);
    void outcome.then((refused) => {
      if (!refused) seen.outcomes = seen.outcomes.filter((other) => other !== outcome);
    });
    return result;
  }

  /**
   * Waits until the device has accepted every command so far. A rejected one fails every call in progress.
   * @throws CommandError for the first rejected one, until {@link forget}.
   */
  async settled(): Promise<void> {
    const refused = (await untilDone(Promise.all(this.#seen.outcomes))).find((outcome) => outcome !== undefined);
    if (refused) throw refused;
  }

  /** Forgets rejected commands, once no call in progress depends on them. */
  forget(): void {
    this.#seen.outcomes = [];
  }
}

/** The outcomes of an owner's commands. */
interface Seen {
  /** In command order; undefined: not rejected. Accepted commands are removed. */
  outcomes: Promise<CommandError | undefined>[];
  readonly refused: WeakSet<GPUBuffer>;
}

/** A part of an owner's device whose buffers are freed together. */
export class DeviceScope extends GuardedDevice {
  /** Undefined once freed. */
  #made: (GPUBuffer | GPUQuerySet)[] | undefined = [];
  readonly signal: AbortSignal | undefined;
  /** Rejects with the signal's reason. A single listener, since there may be many kernels to wait for. */
  readonly #aborted: Promise<never>;
  #stopListening = () => {};

  /** @param signal stops waiting for work in this scope. Default: that of the enclosing scope. */
  constructor(device: GuardedDevice, signal = device instanceof DeviceScope ? device.signal : undefined) {
    super(device.raw, device);
    this.signal = signal;
    this.#aborted = new Promise((_, reject) => {
      const abort = () => reject(signal!.reason as Error);
      if (signal?.aborted) abort();
      signal?.addEventListener('abort', abort);
      this.#stopListening = () => signal?.removeEventListener('abort', abort);
    });
    this.#aborted.catch(() => undefined);
  }

  override unlessAborted<Result>(work: Promise<Result>): Promise<Result> {
    return this.signal ? Promise.race([this.#aborted, work]) : work;
  }

  override createBuffer(descriptor: GPUBufferDescriptor): GPUBuffer {
    return this.#own(super.createBuffer(descriptor));
  }

  override createQuerySet(descriptor: GPUQuerySetDescriptor): GPUQuerySet {
    return this.#own(super.createQuerySet(descriptor));
  }

  /** Frees what was created through it; anything created later, by work still running after another failed, is freed at once. */
  dispose(): void {
    for (const made of this.#made ?? []) made.destroy();
    this.#made = undefined;
    this.#stopListening();
  }

  #own<Made extends GPUBuffer | GPUQuerySet>(made: Made): Made {
    if (this.#made) this.#made.push(made);
    else made.destroy();
    return made;
  }
}

/** Creates something that owns a scope, or a promise of it. If that fails, frees everything created so far. */
export function owning<Owner>(device: GuardedDevice, make: (scope: DeviceScope) => Owner): Owner {
  const scope = new DeviceScope(device);
  const fail = (error: unknown): never => {
    scope.dispose();
    throw error;
  };
  try {
    const owner = make(scope);
    return owner instanceof Promise ? (owner.catch(fail) as Owner) : owner;
  } catch (error) {
    return fail(error);
  }
}

/** Runs some work, and frees everything it created when it has ended. */
export async function during<Result>(
  device: GuardedDevice,
  work: (scope: DeviceScope) => Result | Promise<Result>,
  signal?: AbortSignal,
): Promise<Result> {
  const scope = new DeviceScope(device, signal);
  try {
    return await work(scope);
  } finally {
    scope.dispose();
  }
}

/** The queue operations that the engine uses. An encoder reports its errors when finished, so finishing is part of the submit. */
interface GuardedQueue {
  /** @param onRefused called if none of it was run. */
  submit(encoder: GPUCommandEncoder, onRefused?: () => void): void;
  writeBuffer(
    buffer: GPUBuffer,
    offset: number,
    data: ArrayBufferLike | ArrayBufferView,
    dataOffset?: number,
    size?: number,
  ): void;
  onSubmittedWorkDone(): Promise<undefined>;
}

/** The result of a command. @throws CommandError if it throws, for example when the host is out of memory. */
export function attempt<Result>(what: string, command: () => Result): Result {
  try {
    return command();
  } catch (error) {
    throw refused(what, error);
  }
}

/** The error for a command that threw or rejected. */
export const refused = (what: string, error: unknown, type: GPUErrorFilter = 'internal'): CommandError =>
  new CommandError(
    `The device rejected the ${what}, so later results cannot be trusted: ${messageOf(error).trim()}`,
    type,
    error,
  );

/** Runs `command` under error scopes. @returns its result, and the first error that the device reports for it. */
export function underScopes<Result>(
  device: GPUDevice,
  command: () => Result,
): { result: Result; error: Promise<GPUError | undefined> } {
  for (const filter of FILTERS) device.pushErrorScope(filter);
  const close = () => {
    // a lost device rejects here, and is reported to those who wait for its results
    const closed = FILTERS.map(() => device.popErrorScope().catch(() => null));
    return Promise.all(closed).then((errors) => errors.find((error) => error !== null) ?? undefined);
  };
  try {
    return { result: command(), error: close() };
  } catch (error) {
    void close();
    throw error;
  }
}

const describeBuffer = ({ label, size }: GPUBuffer): string => `buffer '${label}' of ${shownBytes(size)}`;

function commandError(what: string, error: GPUError): CommandError {
  // not by instanceof: the error may be from another realm, or a binding without this global
  const kind = error.constructor.name;
  if (kind === 'GPUOutOfMemoryError')
    return new CommandError(
      `Out of GPU memory: the device rejected the ${what}. Use a smaller batch, window, hidden size or ensemble; ` +
        `estimateMemory() estimates the bytes that training takes. (${error.message.trim()})`,
      'out-of-memory',
      error,
    );
  return refused(what, error, kind === 'GPUInternalError' ? 'internal' : 'validation');
}
