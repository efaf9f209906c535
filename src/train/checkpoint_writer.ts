import { DeviceLostError } from '../errors.ts';
import type { RecoveryOptions } from './controls.ts';

export const CHECKPOINT_EVERY_MS = 10_000;

/** Delivers checkpoints at intervals, never two at once. */
export class CheckpointWriter {
  readonly #take: () => Promise<Uint8Array<ArrayBuffer>>;
  readonly #write: NonNullable<RecoveryOptions['onCheckpoint']>;
  readonly #everyMs: number;
  readonly #failed: AbortController;
  #lastMs = performance.now();
  #underWay: Promise<void> | undefined;

  /** @param failed aborted with the error if one fails. */
  constructor(
    take: () => Promise<Uint8Array<ArrayBuffer>>,
    { onCheckpoint, checkpointEveryMs = CHECKPOINT_EVERY_MS }: RecoveryOptions,
    failed: AbortController,
  ) {
    this.#take = take;
    this.#write = onCheckpoint!;
    this.#everyMs = checkpointEveryMs;
    this.#failed = failed;
  }

  look(): void {
    if (this.#underWay || performance.now() - this.#lastMs < this.#everyMs) return;
    this.#underWay = this.#handOut()
      .catch((error: unknown) => this.#failed.abort(error))
      .finally(() => {
        this.#underWay = undefined;
        this.#lastMs = performance.now();
      });
  }

  /** Waits for the one in progress. */
  async end(): Promise<void> {
    await this.#underWay;
  }

  async #handOut(): Promise<void> {
    let bytes: Uint8Array<ArrayBuffer>;
    try {
      bytes = await this.#take();
    } catch (error) {
      if (error instanceof DeviceLostError) return; // training notices that itself
      throw error;
    }
    await this.#write(bytes);
  }
}
