import { type ByteStore, type EpochReport, openStore, readSafetensors } from '../../src/index.ts';
import type { BundledName } from '../bundled.ts';
import type { SeriesRequest } from '../series_file.ts';
import { checkSettings, type TrainSettings } from '../settings.ts';

/** A training from its first epoch on: what is kept of it besides the checkpoint. */
export interface StartedRun {
  request: SeriesRequest;
  /** Undefined: a file of the visitor's. */
  bundled: BundledName | undefined;
  settings: TrainSettings;
}

/** A training that the browser kept. */
export interface KeptRun extends StartedRun {
  id: string;
  /** The epoch at which it resumes, from 1; past the last one, it is finished. */
  epoch: number;
}

/** A training as the store has it. */
export interface KeptTraining {
  run: KeptRun;
  checkpoint: Uint8Array<ArrayBuffer>;
  /** Of the epochs that are done. */
  reports: EpochReport[];
}

/** Trainings kept after their tabs are closed; of more, the oldest are deleted. */
const MAX_LEFT = 3;
/** How long after a reload the page before may still have its training. */
const RELOAD_MS = 1000;

/**
 * Keeps trainings of the page between visits, in the worker: each under a key of its own, in one piece, so that it is there as a
 * whole or not at all. A tab holds a Web Lock on those that are its own, so no other tab touches them while it lives.
 */
export class TrainingStore {
  #store: Promise<ByteStore> | undefined;
  /** Gives up the lock, by the id of the training. */
  readonly #own = new Map<string, () => void>();
  /** What is written next. */
  #current: { id: string; run: StartedRun; series: Uint8Array; isNew: boolean } | undefined;

  /** From here on checkpoints are those of this run; the tab's one before stays until the first is written. */
  async begin(run: StartedRun): Promise<void> {
    const id = `${Date.now()} ${crypto.randomUUID()}`;
    await this.#claim(id, {});
    this.#current = { id, run, series: new Uint8Array(await run.request.file.arrayBuffer()), isNew: true };
  }

  /** @returns the training's id. @throws DataError where the browser keeps nothing, or has no room. */
  async write(checkpoint: Uint8Array): Promise<string> {
    const store = await this.#open();
    const current = this.#current!;
    const { id, run, series } = current;
    await store.write(id, pack(run, series, checkpoint));
    if (current.isNew) await this.#tidy(store, id).catch(() => undefined); // what could not be deleted is so after the next training
    current.isNew = false;
    return id;
  }

  /**
   * Those that no other tab has, the newest first.
   * @param own the id of this tab's before a reload: it comes first.
   */
  async list(own: string | undefined): Promise<KeptRun[]> {
    const store = await this.#open();
    if (own !== undefined) await this.#claim(own, { signal: AbortSignal.timeout(RELOAD_MS) });
    const runs: KeptRun[] = [];
    for (const id of await this.#free(store)) {
      const kept = await readKept(store, id);
      if (kept) runs.push(kept.run);
      else await this.forget(id); // damaged, or of another version of the page
    }
    return runs.sort((a, b) => Number(b.id === own) - Number(a.id === own));
  }

  /** Makes a training this tab's own; its checkpoints are written from here on. Undefined: it is gone, or another tab's. */
  async take(id: string): Promise<KeptTraining | undefined> {
    const store = await this.#open();
    if (!(await this.#claim(id, { ifAvailable: true }))) return undefined;
    const kept = await readKept(store, id);
    if (!kept) return this.#letGo(id);
    const series = new Uint8Array(await kept.run.request.file.arrayBuffer());
    this.#current = { id, run: kept.run, series, isNew: true };
    return kept;
  }

  /** Deletes a training, unless it is another tab's. */
  async forget(id: string): Promise<void> {
    const store = await this.#open();
    if (!(await this.#claim(id, { ifAvailable: true }))) return;
    try {
      await store.delete(id);
    } finally {
      this.#letGo(id);
    }
  }

  /** Deletes the tab's trainings before this one, and the oldest of those without a tab. */
  async #tidy(store: ByteStore, id: string): Promise<void> {
    for (const other of this.#own.keys()) if (other !== id) await this.forget(other);
    for (const old of (await this.#free(store)).filter((other) => other !== id).slice(MAX_LEFT)) await this.forget(old);
  }

  /** Those that no other tab has, the newest first. */
  async #free(store: ByteStore): Promise<string[]> {
    const ids = await store.keys();
    const { held = [] } = await navigator.locks.query();
    const taken = new Set(held.map(({ name }) => name));
    const free = ids.filter((id) => this.#own.has(id) || !taken.has(lockOf(id)));
    return free.sort().reverse(); // an id begins with the time
  }

  /** @returns whether it is this tab's. */
  async #claim(id: string, options: LockOptions): Promise<boolean> {
    if (this.#own.has(id)) return true;
    return new Promise((resolve) => {
      const hold = (lock: Lock | null) => {
        resolve(lock !== null);
        return lock && new Promise<void>((release) => this.#own.set(id, release));
      };
      navigator.locks.request(lockOf(id), options, hold).catch(() => resolve(false));
    });
  }

  #letGo(id: string): undefined {
    this.#own.get(id)?.();
    this.#own.delete(id);
  }

  #open(): Promise<ByteStore> {
    this.#store ??= openStore('page');
    return this.#store;
  }
}

const lockOf = (id: string): string => `lstm-webgpu page ${id}`;

/** The length of what describes it, that as JSON, the file of its series, the checkpoint. */
function pack({ request, bundled, settings }: StartedRun, series: Uint8Array, checkpoint: Uint8Array): Uint8Array {
  const { file: _, ...asked } = request;
  const head = { request: asked, bundled, settings, seriesBytes: series.length };
  const text = new TextEncoder().encode(JSON.stringify(head));
  const bytes = new Uint8Array(4 + text.length + series.length + checkpoint.length);
  new DataView(bytes.buffer).setUint32(0, text.length);
  for (const [part, at] of [
    [text, 4],
    [series, 4 + text.length],
    [checkpoint, 4 + text.length + series.length],
  ] as const)
    bytes.set(part, at);
  return bytes;
}

/** Undefined: there is none, or it cannot be read. */
async function readKept(store: ByteStore, id: string): Promise<KeptTraining | undefined> {
  const bytes = await store.read(id);
  try {
    return bytes && unpack(id, bytes);
  } catch {
    return undefined;
  }
}

/** @throws for what {@link pack} has not written. */
function unpack(id: string, bytes: Uint8Array<ArrayBuffer>): KeptTraining {
  const start = 4 + new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
  const head = JSON.parse(new TextDecoder().decode(bytes.subarray(4, start)));
  const { request, bundled, seriesBytes } = head as StartedRun & { seriesBytes: number };
  const settings = checkSettings(head.settings);
  const checkpoint = bytes.slice(start + seriesBytes);
  const { reports, position } = JSON.parse(readSafetensors(checkpoint).metadata['lstm_webgpu.training']!) as {
    reports: EpochReport[];
    position: { epoch: number };
  };
  const file = new Blob([bytes.subarray(start, start + seriesBytes)]);
  return { run: { id, request: { ...request, file }, bundled, settings, epoch: position.epoch }, checkpoint, reports };
}
