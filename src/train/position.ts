import type { StateBytes } from '../engine/state.ts';
import { DeviceLostError } from '../errors.ts';
import type { ModelEpoch } from './report.ts';
import type { ScheduleState } from './schedules.ts';

/** Where a training is: with the state on the device, all that its next step depends on. Plain JSON. */
export interface Position {
  /** Epoch under way, from 1. */
  epoch: number;
  /** Optimizer steps of it that are done. */
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
  /** Of its last whole epoch; null before the first. */
  report: ModelEpoch | null;
}

/** What early stopping remembers of a model. */
export interface StoppingState {
  /** Smallest validation loss so far, and its epoch; null before the first. */
  best: { loss: number; epoch: number } | null;
  /** Epochs since then. */
  badEpochs: number;
  /** It trains no more. */
  stopped: boolean;
}

/** A training at a moment between two steps: from it training goes on as if it had never stopped, bit for bit. */
export interface Snapshot {
  position: Position;
  state: StateBytes;
  /** Weights of each model's best epoch, its part of the arena; undefined where there is none yet. */
  best: readonly (ArrayBuffer | undefined)[];
}

/** Hands snapshots of a running training to those who ask for them. */
export class Snapshots {
  /** A snapshot of every slice, for the case that the device is lost. */
  readonly everySlice: boolean;
  /** The newest one that was taken. */
  latest: Snapshot | undefined;
  #waiting: { resolve: (snapshot: Snapshot) => void; reject: (error: unknown) => void }[] = [];
  #takeNow: (() => Promise<Snapshot>) | undefined;

  constructor(everySlice = false) {
    this.everySlice = everySlice;
  }

  /** Whether the next slice is to bring one. */
  get isWanted(): boolean {
    return this.everySlice || this.#waiting.length > 0;
  }

  /** A snapshot: at once where training rests, else with the slice under way. */
  take(): Promise<Snapshot> {
    if (this.#takeNow) return this.#orLatest(this.#takeNow());
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  deliver(snapshot: Snapshot): void {
    this.latest = snapshot;
    for (const { resolve } of this.#waiting.splice(0)) resolve(snapshot);
  }

  /** The same state at a later place: an epoch was closed. What a lost device takes along is then not closed again. */
  advance(place: Omit<Snapshot, 'state'>): void {
    if (this.everySlice && this.latest) this.latest = { ...place, state: this.latest.state };
  }

  /** Training rests: until {@link go}, snapshots are taken by `takeNow`. Those who wait get one. */
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

  /** Training failed. Those who wait are told so; where it goes on without a device that was lost, they wait for its next slice. */
  fail(error: unknown): void {
    if (!(this.everySlice && error instanceof DeviceLostError)) this.rest(() => Promise.reject(error));
  }

  /** A device that is lost has left the newest snapshot here. */
  async #orLatest(taken: Promise<Snapshot>): Promise<Snapshot> {
    try {
      return await taken;
    } catch (error) {
      if (this.everySlice && this.latest && error instanceof DeviceLostError) return this.latest;
      throw error;
    }
  }
}
