import { type ByteStore, type EpochReport, openStore, readSafetensors } from '../../src/index.ts';
import type { BundledName } from '../bundled.ts';
import type { SeriesRequest } from '../series_file.ts';
import type { TrainSettings } from '../settings.ts';

/** A training from its first epoch on: what is kept of it beside the checkpoint. */
export interface StartedRun {
  request: SeriesRequest;
  /** Undefined: a file of the visitor's. */
  bundled: BundledName | undefined;
  settings: TrainSettings;
}

/** A training that the browser kept. */
export interface KeptRun extends StartedRun {
  /** Where it goes on, from 1; behind the last one: it is finished. */
  epoch: number;
}

/** A training as the store has it. */
export interface KeptTraining {
  run: KeptRun;
  checkpoint: Uint8Array<ArrayBuffer>;
  /** Of the epochs that are done. */
  reports: EpochReport[];
}

/** Written last, so that whoever finds it finds all. */
const RUN = 'run';

/** Keeps the newest training of the page between visits, in the worker: its series, its settings, and a checkpoint. */
export class TrainingStore {
  #store: Promise<ByteStore> | undefined;
  /** Names what belongs to one training: another tab may keep one of its own. */
  #id = '';
  /** A training that nothing was written of. */
  #started: StartedRun | undefined;

  /** From here on checkpoints are those of this run; the one before stays until the first is written. */
  begin(run: StartedRun): void {
    this.#id = crypto.randomUUID();
    this.#started = run;
  }

  /** @throws DataError where the browser keeps nothing, or has no room. */
  async write(checkpoint: Uint8Array): Promise<void> {
    const store = await this.#open();
    const [id, started] = [this.#id, this.#started];
    if (!started) return store.write(`checkpoint ${id}`, checkpoint);
    this.#started = undefined;
    for (const key of await store.keys()) await store.delete(key);
    const { file, ...request } = started.request;
    await store.write(`series ${id}`, new Uint8Array(await file.arrayBuffer()));
    await store.write(`checkpoint ${id}`, checkpoint);
    await store.write(RUN, new TextEncoder().encode(JSON.stringify({ ...started, id, request })));
  }

  /** The newest training; its checkpoints are written from here on. Undefined: there is none, or not all of it. */
  async read(): Promise<KeptTraining | undefined> {
    const store = await this.#open();
    const text = await store.read(RUN);
    if (!text) return undefined;
    const { id, request, ...run } = JSON.parse(new TextDecoder().decode(text)) as StartedRun & { id: string };
    const [series, checkpoint] = [await store.read(`series ${id}`), await store.read(`checkpoint ${id}`)];
    if (!series || !checkpoint) return undefined;
    this.#id = id;
    this.#started = undefined;
    const { reports, position } = JSON.parse(readSafetensors(checkpoint).metadata['lstm_webgpu.training']!) as {
      reports: EpochReport[];
      position: { epoch: number };
    };
    const file = new Blob([series]);
    return { run: { ...run, request: { ...request, file }, epoch: position.epoch }, checkpoint, reports };
  }

  async forget(): Promise<void> {
    const store = await this.#open();
    for (const key of await store.keys()) await store.delete(key);
  }

  #open(): Promise<ByteStore> {
    this.#store ??= openStore('page');
    return this.#store;
  }
}
