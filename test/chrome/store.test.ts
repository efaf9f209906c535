import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cdp } from 'vitest/browser';
import { ConfigError, DataError } from '../../src/errors.ts';
import type { ByteStore } from '../../src/io/byte_store.ts';
import { openStore } from '../../src/io/store.ts';

const ODD_KEYS = [
  'model.safetensors',
  'a',
  'A',
  '.',
  '..',
  '../a',
  'a/b\\c:d*e?f"g<h>i|j',
  'CON',
  ' ',
  '\0',
  'ação 模型 🧠',
  'a\u0301',
  '\u00e1',
  '\ud800',
  '__proto__',
  'x'.repeat(5000),
];

const bytesOf = (length: number, seed: number) => Uint8Array.from({ length }, (_, k) => (k * 31 + seed) % 251);
/** Incompressible bytes. */
function randomBytes(length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  for (let k = 0; k < length; k += 65536) crypto.getRandomValues(bytes.subarray(k, k + 65536));
  return bytes;
}

const digest = async (bytes: Uint8Array<ArrayBuffer>) =>
  String(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)));

const wholeStore = async (store: ByteStore) =>
  new Map(await Promise.all((await store.keys()).map(async (key) => [key, await store.read(key)] as const)));

/** Clears earlier data, like the browser's "clear site data". */
const clear = () => cdp().send('Storage.clearDataForOrigin', { origin: location.origin, storageTypes: 'all' });

describe.each(['files', 'database'] as const)('a store in %s', (keepIn) => {
  let store: ByteStore;
  beforeAll(async () => {
    await clear();
    store = await openStore('test', { keepIn });
  });
  afterAll(clear);

  test('returns what was written, under any key, and lists the keys', async () => {
    for (const [k, key] of ODD_KEYS.entries()) await store.write(key, bytesOf(k, k));
    const again = await openStore('test', { keepIn });
    expect((await again.keys()).sort()).toEqual(ODD_KEYS.toSorted());
    for (const [k, key] of ODD_KEYS.entries()) expect(await again.read(key), key).toEqual(bytesOf(k, k));
    expect(await store.read('no such key')).toBeUndefined();
  });

  test('accepts bytes from any buffer or view, and nothing else', async () => {
    const bytes = bytesOf(24, 3);
    for (const given of [bytes.buffer, new Float64Array(bytes.buffer), new DataView(bytes.buffer)]) {
      await store.write('any', given);
      expect(await store.read('any')).toEqual(bytes);
    }
    await store.write('any', new DataView(bytes.buffer, 2, 3));
    expect(await store.read('any')).toEqual(bytes.subarray(2, 5));
    for (const given of ['text', Promise.resolve(bytes), new Response(bytes), undefined])
      await expect(store.write('any', given as never)).rejects.toThrow(/store: write\("any"\): got /);
    await store.delete('any');
  });

  test('deletes one key, and ignores a missing one', async () => {
    const before = await store.keys();
    await store.write('passing', bytesOf(3, 1));
    await store.delete('passing');
    await store.delete('passing');
    expect(await store.read('passing')).toBeUndefined();
    expect((await store.keys()).sort()).toEqual(before.sort());
  });

  test('stores 20 MB, and only its own part of a view, as of the call', async () => {
    const large = randomBytes(20_000_000);
    const sum = await digest(large);
    const part = large.subarray(7, 12);
    const expected = part.slice();
    const written = [store.write('large', large), store.write('part', part)];
    large.fill(0);
    await Promise.all(written);
    expect(await store.read('part')).toEqual(expected);
    expect(await digest((await store.read('large'))!)).toEqual(sum);
    await store.delete('large');
  });

  test('gives readers the complete old or new bytes', async () => {
    const [old, young] = [randomBytes(2_000_000), randomBytes(3_000_000)];
    const whole = [await digest(old), await digest(young)];
    await store.write('atomic', old);
    let writing = true;
    const written = store.write('atomic', young).finally(() => {
      writing = false;
    });
    while (writing) expect(whole).toContain(await digest((await store.read('atomic'))!));
    await written;
    expect(await digest((await store.read('atomic'))!)).toBe(whole[1]);
  });

  test('runs concurrent requests in order', async () => {
    const writes = [1, 2, 3].map((k) => store.write('at once', bytesOf(300_000, k)));
    await Promise.all([...writes, store.read('at once'), store.delete('at once'), store.keys()]);
    expect(await store.read('at once')).toBeUndefined();
  });

  test('is separate from stores of other names and of the other kind', async () => {
    await store.write('mine', bytesOf(4, 1));
    const others = [
      await openStore('TEST', { keepIn }),
      await openStore('test/mine', { keepIn }),
      await openStore('test', { keepIn: keepIn === 'files' ? 'database' : 'files' }),
    ];
    for (const [k, other] of others.entries()) await other.write('mine', bytesOf(4, 100 + k));
    expect(await store.read('mine')).toEqual(bytesOf(4, 1));
    for (const [k, other] of others.entries())
      expect(await wholeStore(other)).toEqual(new Map([['mine', bytesOf(4, 100 + k)]]));
    for (const other of others) await other.delete('mine');
  });

  test('is the same in a worker', async () => {
    await store.write('from the page', bytesOf(3, 9));
    const worker = new Worker(new URL('./store_worker.ts', import.meta.url), { type: 'module' });
    const done = new Promise((resolve, reject) => {
      worker.onmessage = resolve;
      worker.onerror = reject;
    });
    worker.postMessage({ name: 'test', keepIn });
    await done;
    expect(await store.read('from the worker')).toEqual(Uint8Array.of(...bytesOf(3, 9), 4));
    worker.terminate();
  });

  test('reports that there is no room, what to do, and keeps its contents', async () => {
    await clear();
    const origin = location.origin;
    await cdp().send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 1_000_000 });
    const full = await openStore('full', { keepIn });
    try {
      await full.write('kept', bytesOf(10, 2));
      const failing = full.write('kept', randomBytes(5_000_000));
      await expect(failing).rejects.toThrow(DataError);
      await expect(failing).rejects.toThrow(/cannot write 5000000 bytes to "kept" \(no room: .* Delete keys/);
      await expect(failing).rejects.toMatchObject({ code: 'storage-full', cause: { name: 'QuotaExceededError' } });
      await expect(full.write('too much', randomBytes(5_000_000))).rejects.toThrow('no room');
    } finally {
      await cdp().send('Storage.overrideQuotaForOrigin', { origin });
    }
    expect(await wholeStore(full)).toEqual(new Map([['kept', bytesOf(10, 2)]]));
  });

  test('rejects an empty key', async () => {
    await expect(store.write('', bytesOf(1, 1))).rejects.toThrow(ConfigError);
    await expect(store.read('')).rejects.toThrow('got "" for a key, expected a non-empty string');
  });
});

test('a store in files reports that its folder is gone', async () => {
  const store = await openStore('cleared', { keepIn: 'files' });
  await clear();
  const failing = store.write('key', bytesOf(5, 5));
  await expect(failing).rejects.toThrow(/Site data may have been cleared: open the store again/);
  await expect(failing).rejects.toMatchObject({ code: 'storage-failed', details: { store: 'cleared' } });
  await (await openStore('cleared', { keepIn: 'files' })).write('key', bytesOf(5, 5));
});

test('uses files by default where available', async () => {
  await (await openStore('default')).write('key', bytesOf(5, 5));
  expect(await (await openStore('default', { keepIn: 'files' })).keys()).toEqual(['key']);
  await clear();
});
