import type { PlainStore } from './byte_store.ts';

/** The one object store of a database. */
const BYTES = 'bytes';

/** A store in its own IndexedDB database. @throws if there is none, or it cannot be opened. */
export async function openDatabase(name: string): Promise<PlainStore> {
  /** Reopens the database for every request, because browsers may close it at any time without notice. */
  const use = async <T>(mode: IDBTransactionMode, ask: (bytes: IDBObjectStore) => IDBRequest<T>): Promise<T> => {
    const opening = indexedDB.open(`lstm-webgpu ${name}`);
    opening.onupgradeneeded = () => opening.result.createObjectStore(BYTES);
    const database = await resultOf(opening);
    try {
      const transaction = database.transaction(BYTES, mode);
      const request = ask(transaction.objectStore(BYTES));
      await new Promise<void>((resolve, reject) => {
        transaction.oncomplete = () => resolve();
        transaction.onabort = () => reject(transaction.error);
      });
      return request.result;
    } finally {
      database.close();
    }
  };
  const keys = async () => (await use('readonly', (bytes) => bytes.getAllKeys())) as string[];
  await keys(); // opens it
  return {
    read: (key) => use<Uint8Array<ArrayBuffer> | undefined>('readonly', (bytes) => bytes.get(key)),
    async write(key, value) {
      const copy = value.slice(); // the caller may change its own array
      await use('readwrite', (bytes) => bytes.put(copy, key));
    },
    delete: (key) => use('readwrite', (bytes) => bytes.delete(key)),
    keys,
  };
}

const resultOf = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
