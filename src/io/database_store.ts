import { createStore, del, get, keys, set } from 'idb-keyval';
import type { ByteStore } from './store.ts';

/** A store in an IndexedDB database of its own. @throws where there is none, or it cannot be opened. */
export async function openDatabase(name: string): Promise<ByteStore> {
  const database = createStore(`lstm-webgpu ${name}`, 'bytes');
  await keys(database); // opens it
  return {
    read: (key) => get<Uint8Array<ArrayBuffer>>(key, database),
    write: (key, bytes) => set(key, bytes.slice(), database),
    delete: (key) => del(key, database),
    keys: () => keys<string>(database),
  };
}
