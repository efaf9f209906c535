import { ConfigError, DataError } from '../errors.ts';
import { checkOptions, notAChoice } from '../options.ts';
import { messageOf } from '../shown.ts';
import type { ByteStore, PlainStore } from './byte_store.ts';
import { bytesOf } from './bytes.ts';
import { openDatabase } from './database_store.ts';
import { openFolder } from './folder_store.ts';

/** Options of a store. */
export interface StoreOptions {
  /** The origin's private files, or IndexedDB. Default: files if the browser writes them atomically, otherwise the database. */
  keepIn?: 'files' | 'database';
}

/**
 * Opens a store of this origin, in a page or a worker, for model files and the like. Stores of different names are separate,
 * and so are files and database. Browsers may clear it when the disk is full, unless `navigator.storage.persist()` was granted.
 * @param name any non-empty string.
 * @throws DataError if nothing can be stored, as in some private windows. Its `cause` is the browser's own error, here and in
 *   every method.
 */
export async function openStore(name: string, options: StoreOptions = {}): Promise<ByteStore> {
  checkOptions('openStore', options, { keepIn: true });
  const { keepIn } = options;
  checkString('name', name);
  if (keepIn !== undefined && keepIn !== 'files' && keepIn !== 'database')
    throw notAChoice('openStore: keepIn', keepIn, ['files', 'database']);
  if (!('indexedDB' in globalThis) && !globalThis.navigator?.storage)
    throw new DataError(
      'openStore: this is not a browser. openStore stores bytes for a page (private files or IndexedDB); elsewhere ' +
        "write them to a file: await writeFile('model.safetensors', await forecaster.save()).",
      { code: 'storage-refused', details: { store: name } },
    );
  const open = keepIn === 'files' ? [openFolder] : keepIn === 'database' ? [openDatabase] : [openFolder, openDatabase];
  let refusal: unknown;
  for (const openIn of open)
    try {
      return guarded(name, await openIn(name));
    } catch (error) {
      refusal = error;
    }
  throw new DataError(
    `openStore: this browser has no storage for ${JSON.stringify(name)} (${messageOf(refusal)}). Leave the private window, ` +
      'allow site data for this page, or let the user download the bytes.',
    { code: 'storage-refused', details: { store: name }, cause: refusal },
  );
}

/** The store with its keys checked, and the browser's errors converted to this library's. */
function guarded(name: string, store: PlainStore): ByteStore {
  const guard = async <T>(what: string, work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      const where = `store ${JSON.stringify(name)}: cannot ${what}`;
      if (!(error instanceof DOMException && error.name === 'QuotaExceededError'))
        throw new DataError(`${where} (${messageOf(error)}) Site data may have been cleared: open the store again.`, {
          code: 'storage-failed',
          details: { store: name },
          cause: error,
        });
      const { usage: used = 0, quota = 0 } = await navigator.storage.estimate();
      throw new DataError(
        `${where} (no room: ${used} of the ${quota} bytes of this site are used). Delete keys, or free disk space.`,
        { code: 'storage-full', details: { store: name, used, quota }, cause: error },
      );
    }
  };
  const quoted = (key: string) => JSON.stringify(checkString('key', key));
  return {
    read: async (key) => guard(`read ${quoted(key)}`, () => store.read(key)),
    async write(key, given) {
      const bytes = bytesOf(`store: write(${quoted(key)})`, given);
      return guard(`write ${bytes.byteLength} bytes to ${quoted(key)}`, () => store.write(key, bytes));
    },
    delete: async (key) => guard(`delete ${quoted(key)}`, () => store.delete(key)),
    keys: async () => guard('list its keys', () => store.keys()),
  };
}

function checkString(what: string, value: string): string {
  if (typeof value === 'string' && value !== '') return value;
  throw new ConfigError(`store: got ${JSON.stringify(value)} for a ${what}, expected a non-empty string.`);
}
