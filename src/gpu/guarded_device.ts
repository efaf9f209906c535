import { CommandError, ConfigError } from '../errors.ts';
import { messageOf, shown, shownBytes } from '../shown.ts';
import { untilDone } from './waiting.ts';

/** Innermost last; a scope catches what the scopes inside it do not. */
const FILTERS = ['internal', 'out-of-memory', 'validation'] as const satisfies readonly GPUErrorFilter[];

/**
 * A caller's GPUDevice as one owner (a forecaster, a trainer, a module) uses it. WebGPU reports a refused command to nobody
 * in particular, and everything after it goes on with whatever its buffers hold. So every command runs under error scopes of
 * its own, opened and closed without a pause, which leaves the caller's scopes and handlers alone; and no result is read
 * before {@link settled} has looked at all of them. The engine takes no other device, so that no command can be missed.
 * @see https://www.w3.org/TR/webgpu/#error-scopes
 */
export class GuardedDevice {
  /** The caller's. */
  readonly raw: GPUDevice;
  readonly queue: GuardedQueue;
  readonly #seen: Seen;

  /** @param within the owner's device that this is a part of. @throws ConfigError for what is no device. */
  constructor(device: GPUDevice, within?: GuardedDevice) {
    if (typeof device?.createBuffer !== 'function' || !device.queue || !device.lost)
      throw new ConfigError(`device: got ${shown(device)}, expected a GPUDevice; requestDevice() gives one.`);
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

  /** What `work` gives, that nothing on the device depends on: the compiling of a kernel. @throws the reason of the scope's signal. */
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

  /** Whether a buffer was refused when it was made; known once {@link settled} has thrown. */
  wasRefused(buffer: GPUBuffer): boolean {
    return this.#seen.refused.has(buffer);
  }

  createBindGroup(descriptor: GPUBindGroupDescriptor): GPUBindGroup {
    return this.run(`bind group '${descriptor.label}'`, () => this.raw.createBindGroup(descriptor));
  }

  createQuerySet(descriptor: GPUQuerySetDescriptor): GPUQuerySet {
    return this.run(`query set '${descriptor.label}'`, () => this.raw.createQuerySet(descriptor));
  }

  /** Its errors show when it is submitted. */
  createCommandEncoder(descriptor: GPUCommandEncoderDescriptor): GPUCommandEncoder {
    return attempt(`command encoder '${descriptor.label}'`, () => this.raw.createCommandEncoder(descriptor));
  }

  /**
   * Runs one command.
   * @param what it is, for messages. @param onRefused is called when the device has refused it.
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
   * Waits until the device has accepted every command so far. A refused one fails every call that is under way.
   * @throws CommandError for the first that it refused, until {@link forget}.
   */
  async settled(): Promise<void> {
    const refused = (await untilDone(Promise.all(this.#seen.outcomes))).find((outcome) => outcome !== undefined);
    if (refused) throw refused;
  }

  /** No call is under way that what was refused so far would matter to. */
  forget(): void {
    this.#seen.outcomes = [];
  }
}

/** What an owner knows of its commands. */
interface Seen {
  /** In the order of the commands; undefined: not refused. Commands that are known to be accepted are dropped. */
  outcomes: Promise<CommandError | undefined>[];
  readonly refused: WeakSet<GPUBuffer>;
}

/** A part of an owner's device, for what is freed together. */
export class DeviceScope extends GuardedDevice {
  /** Undefined: they were freed. */
  #made: (GPUBuffer | GPUQuerySet)[] | undefined = [];
  readonly signal: AbortSignal | undefined;
  /** Rejects with the signal's reason. One listener for all that is waited for: there may be many kernels. */
  readonly #aborted: Promise<never>;
  #stopListening = () => {};

  /** @param signal ends what is waited for to make something. Default: that of the scope around it. */
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

  /** Frees what was made through it; what still comes, of work that another's failure has overtaken, is freed at once. */
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

/** Makes something that owns a scope, and disposes of it; maybe a promise of it. Where that fails, all that was made until then is freed. */
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

/** Does something; all that it made is freed when it has ended. */
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

/** What the engine asks of a queue. An encoder reports its errors at its end, so its end is part of the submit. */
interface GuardedQueue {
  /** @param onRefused is called when nothing of it was run. */
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

/** What a command gives. @throws CommandError for what it throws, as where the host has no memory left. */
export function attempt<Result>(what: string, command: () => Result): Result {
  try {
    return command();
  } catch (error) {
    throw refused(what, error);
  }
}

/** For what a command has thrown or rejected with. */
export const refused = (what: string, error: unknown, type: GPUErrorFilter = 'internal'): CommandError =>
  new CommandError(
    `The device refused the ${what}, so nothing after it can be trusted: ${messageOf(error).trim()}`,
    type,
    error,
  );

/** Runs `command` under error scopes. @returns what it gives, and the first error that the device reports of it. */
export function underScopes<Result>(
  device: GPUDevice,
  command: () => Result,
): { result: Result; error: Promise<GPUError | undefined> } {
  for (const filter of FILTERS) device.pushErrorScope(filter);
  const close = () => {
    // a lost device rejects; whoever waits for a result of it is told so there
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
  // not by instanceof: another realm, or a binding without the global
  const kind = error.constructor.name;
  if (kind === 'GPUOutOfMemoryError')
    return new CommandError(
      `Out of GPU memory: the device refused the ${what}. Use a smaller batch, window, hidden size or ensemble; ` +
        `estimateMemory() gives the bytes that a training takes. (${error.message.trim()})`,
      'out-of-memory',
      error,
    );
  return refused(what, error, kind === 'GPUInternalError' ? 'internal' : 'validation');
}
