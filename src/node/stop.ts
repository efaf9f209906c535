/** Why a command ended early, with its exit code. */
export class Interruption extends Error {
  readonly exitCode: number;
  /** Nothing is printed: the output has no reader. */
  readonly isSilent: boolean;

  constructor(
    message: string,
    exitCode: number,
    { isSilent = false, cause }: { isSilent?: boolean; cause?: unknown } = {},
  ) {
    super(message, { cause });
    this.exitCode = exitCode;
    this.isSilent = isSilent;
  }

  /** The same, with the state of the work. */
  with(...sentences: readonly string[]): Interruption {
    const { exitCode, isSilent } = this;
    return new Interruption([this.message, ...sentences].join(' '), exitCode, { isSilent, cause: this });
  }
}

/** Exit codes of shells for a process that a signal ended: 128 plus the signal's number. */
const SIGNALS = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;
const SIGPIPE_CODE = 141;

/** For a standard output that cannot be written: closed, as by `head`, or on a full disk. */
const unwritten = ({ code, message }: NodeJS.ErrnoException): Interruption =>
  code === 'EPIPE'
    ? new Interruption('The output has no reader any more.', SIGPIPE_CODE, { isSilent: true })
    : new Interruption(`The standard output cannot be written: ${message}.`, 1);

/** `npx` and `timeout` forward a signal that the process has received already: a second one within this time is the same. */
const ECHO_MS = 500;

/**
 * Ctrl-C, SIGTERM, SIGHUP, and a standard output that is closed (`| head`) or full. Each ends the process at once, also in the
 * middle of a computation, unless the command uses `signal`: then the first one aborts it with an {@link Interruption}, and the
 * second one ends the process.
 */
export class Stop {
  #controller: AbortController | undefined;
  #abortedMs = 0;
  #unwritten: Interruption | undefined;

  /** The last output was not written: even a command that ran to its end has not done all of its work. */
  get unwritten(): Interruption | undefined {
    return this.#unwritten;
  }

  get signal(): AbortSignal {
    if (!this.#controller) {
      this.#controller = new AbortController();
      for (const [name, exitCode] of Object.entries(SIGNALS))
        process.on(name, () => this.#stop(new Interruption(`Stopped by ${name}.`, exitCode)));
    }
    return this.#controller.signal;
  }

  listen(): void {
    process.stdout.on('error', (error: NodeJS.ErrnoException) => {
      if (this.#unwritten) return; // every further line fails as well
      this.#unwritten = unwritten(error);
      if (!this.#controller?.signal.aborted) this.#stop(this.#unwritten);
    });
    process.stderr.on('error', () => undefined); // nowhere left to report
  }

  #stop(why: Interruption): void {
    const nowMs = performance.now();
    if (this.#controller?.signal.aborted && nowMs - this.#abortedMs < ECHO_MS) return;
    if (!this.#controller || this.#controller.signal.aborted) {
      if (why === this.#unwritten && !why.isSilent) process.stderr.write(`lstm-webgpu: ${why.message}\n`);
      process.exit(why.exitCode);
    }
    this.#abortedMs = nowMs;
    this.#controller.abort(why);
  }
}
