import type { StateBytes } from '../engine/state.ts';
import { DeviceLostError } from '../errors.ts';
import type { ModelEpoch } from './report.ts';
import type { ScheduleState } from './schedules.ts';

/** Where a training is. Together with the state on the device, everything its next step depends on. Plain JSON. */
export interface Position {
  /** Current epoch, from 1. */
  epoch: number;
  /** Completed optimizer steps in it. */
  step: number;
  models: ModelPosition[];
}

export interface ModelPosition {
  /** Optimizer steps taken before this epoch. */
  stepsTaken: number;
  /** Sum over the samples seen in this epoch, and the last batch's loss; null before the first. */
  lossSum: number;
  lastLoss: number | null;
  schedule: ScheduleState;
  stopping: StoppingState;
  /** Of its last full epoch; null before the first. */
  report: ModelEpoch | null;
}

/** The state of early stopping, for one model. */
export interface StoppingState {
  /** Smallest validation loss so far, and its epoch; null before the first. */
  best: { loss: number; epoch: number } | null;
  /** Epochs since then. */
  badEpochs: number;
  /** It has stopped training. */
  stopped: boolean;
}

/** A training between two steps; resuming from it is bit-identical to never having stopped. */
export interface Snapshot {
  position: Position;
  state: StateBytes;
  /** Weights of each model's best epoch, its part of the arena; undefined if there is none yet. */
  best: readonly (ArrayBuffer | undefined)[];
}

/** Provides snapshots of a running training. */
export class Snapshots {
  /** Take a snapshot of every slice, in case the device is lost. */
  readonly everySlice: boolean;
  /** The latest one. */
  latest: Snapshot | undefined;
  #waiting: { resolve: (snapshot: Snapshot) => void; reject: (error: unknown) => void }[] = [];
  #takeNow: (() => Promise<Snapshot>) | undefined;

  constructor(everySlice = false) {
    this.everySlice = everySlice;
  }

  /** Whether the next slice should include one. */
  get isWanted(): boolean {
    return this.everySlice || this.#waiting.length > 0;
  }

  /** Takes a snapshot: at once if training is paused, otherwise with the current slice. */
  take(): Promise<Snapshot> {
    if (this.#takeNow) return this.#orLatest(this.#takeNow());
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  deliver(snapshot: Snapshot): void {
    this.latest = snapshot;
    for (const { resolve } of this.#waiting.splice(0)) resolve(snapshot);
  }

  /**
   * Moves the latest snapshot to a later position, when an epoch is closed. After a lost device, the epoch is then not closed
   * twice.
   */
  advance(place: Omit<Snapshot, 'state'>): void {
    if (this.everySlice && this.latest) this.latest = { ...place, state: this.latest.state };
  }

  /** Training is paused: until {@link go}, snapshots are taken by `takeNow`. Pending requests get one. */
  rest(takeNow: () => Promise<Snapshot>): void {
    this.#takeNow = takeNow;
    const waiting = this.#waiting.splice(0);
    if (waiting.length === 0) return;
    this.#orLatest(takeNow()).then(
      (snapshot) => {
        for (const { resolve } of waiting) resolve(snapshot);
      },
      (error: unknown) => {
        for (const { reject } of waiting) reject(error);
      },
    );
  }

  go(): void {
    this.#takeNow = undefined;
  }

  /** Training failed. Pending requests reject; but if training will recover from a lost device, they wait for its next slice. */
  fail(error: unknown): void {
    if (!(this.everySlice && error instanceof DeviceLostError)) this.rest(() => Promise.reject(error));
  }

  /** If the device is lost, the latest snapshot stands in for a new one. */
  async #orLatest(taken: Promise<Snapshot>): Promise<Snapshot> {
    try {
      return await taken;
    } catch (error) {
      if (this.everySlice && this.latest && error instanceof DeviceLostError) return this.latest;
      throw error;
    }
  }
}
