import type { Page } from '@playwright/test';
import { readSafetensors } from '../../src/io/safetensors.ts';

/** The files that the browser stores for the page. */
export interface PageStore {
  /** Of the trainings. */
  keys: string[];
  /** Trainings that cannot be read completely. */
  broken: string[];
  /** Files without a key: empty, or an unfinished copy. */
  strays: string[];
}

const HASH = /^[0-9a-f]{64}$/;

/** Reads every file of the origin's private folder, bypassing the page's code. */
export async function readPageStore(page: Page): Promise<PageStore> {
  const files = await page.evaluate(async () => {
    const found: { name: string; base64: string }[] = [];
    const root = await navigator.storage.getDirectory();
    const stores = await root.getDirectoryHandle('lstm-webgpu').catch(() => undefined);
    if (!stores) return found;
    for await (const store of stores.values())
      for await (const [name, handle] of (store as FileSystemDirectoryHandle).entries()) {
        const file = await (handle as FileSystemFileHandle).getFile().catch(() => undefined);
        const content = await file?.arrayBuffer().catch(() => undefined);
        if (!content) continue; // the page is just deleting or writing it
        const bytes = new Uint8Array(content);
        let text = '';
        for (const byte of bytes) text += String.fromCharCode(byte);
        found.push({ name, base64: btoa(text) });
      }
    return found;
  });
  const store: PageStore = { keys: [], broken: [], strays: [] };
  for (const { name, base64 } of files) {
    const bytes = new Uint8Array(Buffer.from(base64, 'base64'));
    if (!HASH.test(name) || bytes.length === 0) store.strays.push(`${name} of ${bytes.length} bytes`);
    else readFile(bytes, store);
  }
  return store;
}

/** A key in UTF-16 after its length, then the training: the length of its head, the head, the series, the checkpoint. */
function readFile(bytes: Uint8Array<ArrayBuffer>, { keys, broken }: PageStore): void {
  const view = new DataView(bytes.buffer);
  const start = 4 + 2 * view.getUint32(0, true);
  const key = Buffer.from(bytes.subarray(4, start)).toString('utf16le');
  keys.push(key);
  try {
    const end = start + 4 + view.getUint32(start);
    const head = JSON.parse(Buffer.from(bytes.subarray(start + 4, end)).toString()) as { seriesBytes: number };
    readSafetensors(bytes.slice(end + head.seriesBytes)); // checks its checksum
  } catch (error) {
    broken.push(`${key}: ${(error as Error).message}`);
  }
}
