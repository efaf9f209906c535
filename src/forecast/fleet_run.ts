import { DeviceLostError } from '../errors.ts';
import { requestDevice } from '../gpu/device.ts';
import type { Snapshot } from '../train/position.ts';
import { Snapshots } from '../train/position.ts';
import type { FitReport } from '../train/run.ts';
import { eitherSignal } from '../train/signals.ts';
import type { EpochReport, Progress } from '../train/trainer.ts';
import { checkpointFile, hashOf, type UnfinishedTraining } from './checkpoint.ts';
import type { Fleet } from './fleet.ts';
import type { FitOptions } from './options.ts';

export const CHECKPOINT_EVERY_MS = 10_000;

/** What is trained, and where it goes on. */
export interface Training extends Pick<UnfinishedTraining, 'settings' | 'reports'> {
  /** Of each model its series, by their places. */
  seriesOf: readonly (readonly number[])[];
  from?: Snapshot;
}

/** A training of a fleet with what surrounds it: checkpoints at any time, by the clock, and recovery from a lost device. */
export class FleetRun {
  readonly #fleet: Fleet;
  readonly #training: Training;
  readonly #options: FitOptions;
  readonly #seed: number;
  readonly #snapshots: Snapshots;
  /** Of the epochs that are done. */
  readonly #reports: EpochReport[];
  #hashes: Promise<string[]> | undefined;

  constructor(fleet: Fleet, training: Training, options: FitOptions, seed: number) {
    this.#fleet = fleet;
    this.#training = training;
    this.#options = options;
    this.#seed = seed;
    this.#snapshots = new Snapshots(Boolean(options.recover));
    this.#reports = [...training.reports];
  }

  async *epochs(): AsyncGenerator<EpochReport, FitReport, undefined> {
    const { recover, onCheckpoint, onDeviceLost, beforeSlice } = this.#options;
    const writer = onCheckpoint && new CheckpointWriter(() => this.checkpoint(), this.#options);
    const signal = writer ? eitherSignal(writer.signal, this.#options.signal) : this.#options.signal;
    const { settings, seriesOf, from } = this.#training;
    const run = this.#fleet.train({
      ...{ settings, seriesOf, signal, beforeSlice, onDeviceLost, snapshots: this.#snapshots },
      from: from && { snapshot: from, reports: this.#training.reports },
      recover: recover === true ? requestDevice : recover || undefined,
      onProgress: (progress: Progress) => {
        writer?.look();
        this.#options.onProgress?.(progress);
      },
      async atEnd() {
        await writer?.end();
        writer?.signal.throwIfAborted();
      },
    });
    try {
      for (;;) {
        const next = await run.next();
        if (next.done) return next.value;
        this.#reports.length = Math.min(this.#reports.length, next.value.epoch - 1); // a recovery may have gone back
        this.#reports.push(next.value);
        yield next.value;
      }
    } finally {
      await run.return(undefined as never);
      await writer?.end();
    }
  }

  checkpoint(): Promise<Uint8Array<ArrayBuffer>> {
    return this.#fleet.lifetime.during('checkpoint', () => this.#checkpoint());
  }

  async #checkpoint(): Promise<Uint8Array<ArrayBuffer>> {
    const series = this.#fleet.series!;
    this.#hashes ??= Promise.all(series.map(({ frame }) => hashOf(frame)));
    const snapshot = await this.#snapshots.take();
    const { shape, state } = this.#fleet;
    const { settings, seriesOf } = this.#training;
    const scalers = series.map((one) => one.scalers);
    const reports = this.#reports.slice(0, snapshot.position.epoch - 1);
    const training = { settings, hashes: await this.#hashes, reports };
    return checkpointFile({ shape, seed: this.#seed, scalers, seriesOf, residuals: [] }, state, training, snapshot);
  }
}

/** Hands out checkpoints by the clock, never two at once; what goes wrong there ends the training. */
class CheckpointWriter {
  readonly #take: () => Promise<Uint8Array<ArrayBuffer>>;
  readonly #write: NonNullable<FitOptions['onCheckpoint']>;
  readonly #everyMs: number;
  readonly #controller = new AbortController();
  #lastMs = performance.now();
  #underWay: Promise<void> | undefined;

  constructor(
    take: () => Promise<Uint8Array<ArrayBuffer>>,
    { onCheckpoint, checkpointEveryMs = CHECKPOINT_EVERY_MS }: FitOptions,
  ) {
    this.#take = take;
    this.#write = onCheckpoint!;
    this.#everyMs = checkpointEveryMs;
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  look(): void {
    if (this.#underWay || performance.now() - this.#lastMs < this.#everyMs) return;
    this.#underWay = this.#handOut()
      .catch((error: unknown) => this.#controller.abort(error))
      .finally(() => {
        this.#underWay = undefined;
        this.#lastMs = performance.now();
      });
  }

  async end(): Promise<void> {
    await this.#underWay;
  }

  async #handOut(): Promise<void> {
    let bytes: Uint8Array<ArrayBuffer>;
    try {
      bytes = await this.#take();
    } catch (error) {
      if (error instanceof DeviceLostError) return; // training finds that by itself
      throw error;
    }
    await this.#write(bytes);
  }
}
