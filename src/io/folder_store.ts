import type { PlainStore } from './byte_store.ts';

/** Its folder in the origin private file system. */
const FOLDER = 'lstm-webgpu';

/**
 * A store with one file per key. File names are restricted, and not case-sensitive on some disks, so each file is named by its
 * key's hash, and starts with the key itself.
 * @throws if there is no private file system, or files cannot be written atomically.
 */
export async function openFolder(name: string): Promise<PlainStore> {
  if (!('createWritable' in FileSystemFileHandle.prototype))
    throw new Error('this browser cannot write files atomically');
  const root = await navigator.storage.getDirectory();
  const stores = await root.getDirectoryHandle(FOLDER, { create: true });
  const folderName = await hashOf(name);
  const folder = await stores.getDirectoryHandle(folderName, { create: true });
  // browsers fail to read a file that is being replaced, and to delete one that is being written
  const locked = <T>(fileName: string, mode: LockMode, work: () => Promise<T>): Promise<T> =>
    navigator.locks.request(`${FOLDER}/${folderName}/${fileName}`, { mode }, work) as Promise<T>;
  return {
    async read(key) {
      const fileName = await hashOf(key);
      return locked(fileName, 'shared', async () => {
        const file = await fileOf(folder, fileName);
        return file && new Uint8Array(await (await parse(file)).bytes.arrayBuffer());
      });
    },
    async write(key, bytes) {
      const content = format(key, bytes);
      const fileName = await hashOf(key);
      await locked(fileName, 'exclusive', async () => {
        const handle = await folder.getFileHandle(fileName, { create: true });
        const writable = await handle.createWritable(); // a copy, which replaces the file when it is closed
        try {
          await writable.write(content);
          await writable.close();
        } catch (error) {
          await writable.abort().catch(() => undefined);
          throw error;
        }
      });
    },
    async delete(key) {
      const fileName = await hashOf(key);
      await locked(fileName, 'exclusive', () => unlessMissing(folder.removeEntry(fileName)));
    },
    async keys() {
      const keys: string[] = [];
      // skips copies left behind by a crash
      for await (const fileName of folder.keys())
        if (HASH.test(fileName))
          await locked(fileName, 'shared', async () => {
            const file = await fileOf(folder, fileName);
            if (file) keys.push((await parse(file)).key);
          });
      return keys;
    },
  };
}

const HASH = /^[0-9a-f]{64}$/;

/** UTF-16, because strings may contain lone surrogates, which UTF-8 cannot encode. */
const unitsOf = (text: string): Uint16Array<ArrayBuffer> =>
  Uint16Array.from({ length: text.length }, (_, k) => text.charCodeAt(k));

async function hashOf(text: string): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', unitsOf(text)));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** A new file is empty until its first write, and counts as missing until then. */
async function fileOf(folder: FileSystemDirectoryHandle, fileName: string): Promise<File | undefined> {
  const handle = await unlessMissing(folder.getFileHandle(fileName));
  const file = handle && (await unlessMissing(handle.getFile()));
  return file && file.size > 0 ? file : undefined;
}

async function unlessMissing<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof DOMException && error.name === 'NotFoundError') return undefined;
    throw error;
  }
}

/** The length of the key in UTF-16 units, the key, the bytes. */
function format(key: string, bytes: Uint8Array): Blob {
  return new Blob([Uint32Array.of(key.length), unitsOf(key), bytes.slice()]);
}

async function parse(file: File): Promise<{ key: string; bytes: Blob }> {
  const [length] = new Uint32Array(await file.slice(0, 4).arrayBuffer());
  const end = 4 + 2 * length!;
  const units = new Uint16Array(await file.slice(4, end).arrayBuffer());
  return { key: Array.from(units, (unit) => String.fromCharCode(unit)).join(''), bytes: file.slice(end) };
}
