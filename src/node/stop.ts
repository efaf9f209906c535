/** Why a command ended early, and the exit code that says so. */
export class Interruption extends Error {
  readonly exitCode: number;
  /** Nobody reads what the command would say of it. */
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

  /** The same, with what became of the work. */
  with(...sentences: readonly string[]): Interruption {
    const { exitCode, isSilent } = this;
    return new Interruption([this.message, ...sentences].join(' '), exitCode, { isSilent, cause: this });
  }
}

/** As shells report a process that a signal ended: 128 and the signal's number. */
const SIGNALS = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;
const SIGPIPE_CODE = 141;

/** What a standard output that cannot be written ends a command with: closed, as `head` does it, or full. */
const unwritten = ({ code, message }: NodeJS.ErrnoException): Interruption =>
  code === 'EPIPE'
    ? new Interruption('Nobody reads the output any more.', SIGPIPE_CODE, { isSilent: true })
    : new Interruption(`The standard output cannot be written: ${message}.`, 1);

/** `npx` and `timeout` hand on a signal that the process got already: what follows at once is the same wish. */
const ECHO_MS = 500;

/**
 * Ctrl-C, SIGTERM, SIGHUP, and a standard output that nobody reads any more (`| head`) or that is full. Each ends the process at
 * once, also in the middle of a computation, unless the command asked for `signal`: then the first one aborts that with an
 * {@link Interruption}, and the second one ends the process.
 */
export class Stop {
  #controller: AbortController | undefined;
  #abortedMs = 0;
  #unwritten: Interruption | undefined;

  /** What was printed last was not written: a command that went on to its end has not done all of its work. */
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
      if (this.#unwritten) return; // every further line fails, too
      this.#unwritten = unwritten(error);
      if (!this.#controller?.signal.aborted) this.#stop(this.#unwritten);
    });
    process.stderr.on('error', () => undefined); // nobody left to tell
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
