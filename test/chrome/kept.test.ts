import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { StartedRun } from '../../demo/kept/training_store.ts';
import { TUTORIAL } from '../../demo/settings.ts';
import { Forecaster } from '../../src/forecast/forecaster.ts';
import type { ByteStore } from '../../src/io/byte_store.ts';
import { openStore } from '../../src/io/store.ts';
import { functionsOf } from '../../src/worker/client.ts';
import { describeGpu, testDevice } from '../gpu/device.ts';
import type { Tab } from './kept_worker.ts';

const CSV = 'Date,Close\n1,2\n';
const runOf = (name: string): StartedRun => ({
  request: { name, file: new Blob([CSV]), column: 1, missing: 'error', rows: undefined },
  bundled: undefined,
  settings: TUTORIAL,
});

const workers = new Set<Worker>();
function openTab() {
  const worker = new Worker(new URL('./kept_worker.ts', import.meta.url), { type: 'module' });
  workers.add(worker);
  return { call: functionsOf<Tab>(worker), close: () => worker.terminate() };
}
const closeAll = () => {
  for (const worker of workers) worker.terminate();
  workers.clear();
};

describeGpu('trainings kept by the page', () => {
  let checkpoint: Uint8Array<ArrayBuffer>;
  let store: ByteStore;

  beforeAll(async () => {
    const forecaster = await Forecaster.create({ device: testDevice(), hiddenSize: 2, windowLength: 3 });
    const series = Float64Array.from({ length: 20 }, (_, t) => Math.sin(t));
    await forecaster.fit(series, { epochs: 2 });
    checkpoint = await forecaster.checkpoint();
    forecaster.dispose();
  });
  beforeEach(async () => {
    store = await openStore('page');
    for (const key of await store.keys()) await store.delete(key); // clearing the site's data would separate tabs from their locks
  });
  afterEach(closeAll);

  /** @returns its id. */
  async function keep(tab: ReturnType<typeof openTab>, name: string): Promise<string> {
    await tab.call('begin', runOf(name));
    return tab.call('write', checkpoint);
  }

  test('belong to an open tab, and are offered once it is gone', async () => {
    const [one, other] = [openTab(), openTab()];
    const id = await keep(one, 'one.csv');
    const mine = await keep(other, 'other.csv');
    expect((await other.call('list', undefined)).map((run) => run.id)).toEqual([mine]);
    expect(await other.call('take', id)).toBeUndefined();
    await other.call('forget', id);
    expect((await store.keys()).sort()).toEqual([id, mine].sort());
    one.close();
    await expect.poll(async () => (await other.call('list', undefined)).length).toBe(2);
    const taken = await other.call('take', id);
    expect(taken!.checkpoint).toEqual(checkpoint);
    expect(await taken!.run.request.file.text()).toBe(CSV);
    expect(taken!.run).toMatchObject({ ...{ id, settings: TUTORIAL }, request: { name: 'one.csv', column: 1 } });
    expect(taken!.reports.length).toBe(taken!.run.epoch - 1);
  });

  test('are replaced by the next one of their tab when that is written, not before', async () => {
    const tab = openTab();
    const first = await keep(tab, 'first.csv');
    await tab.call('begin', runOf('second.csv'));
    expect(await store.keys()).toEqual([first]);
    const second = await tab.call('write', checkpoint);
    expect(second).not.toBe(first);
    expect(await store.keys()).toEqual([second]);
    await tab.call('write', checkpoint);
    expect(await store.keys()).toEqual([second]);
  });

  test('stay with their tab across a reload, ahead of newer ones', async () => {
    const tab = openTab();
    const own = await keep(tab, 'own.csv');
    await store.write(`${Date.now() + 1} of a tab that is gone`, (await store.read(own))!);
    tab.close();
    const reloaded = openTab(); // while the previous page may still be unloading
    expect((await reloaded.call('list', own)).map(({ id }) => id)).toEqual([own, expect.stringMatching(/gone$/)]);
    expect((await openTab().call('list', own)).map(({ id }) => id)).toEqual([expect.stringMatching(/gone$/)]);
  });

  test('from closed tabs are limited to the newest three, once another is kept', async () => {
    const tab = openTab();
    const bytes = (await store.read(await keep(tab, 'left.csv')))!;
    const left = [1, 2, 3, 4, 5].map((k) => `${Date.now() + k} of a tab that is gone`);
    for (const id of left) await store.write(id, bytes);
    expect((await tab.call('list', undefined)).map(({ id }) => id).slice(0, 5)).toEqual(left.toReversed());
    const own = await keep(tab, 'own.csv');
    expect((await store.keys()).sort()).toEqual([own, ...left.slice(2)].sort());
  });

  test('that are damaged or of another version are removed', async () => {
    const tab = openTab();
    const id = await keep(tab, 'good.csv');
    const bytes = (await store.read(id))!;
    const headEnd = 4 + new DataView(bytes.buffer).getUint32(0);
    const head = new TextDecoder().decode(bytes.subarray(4, headEnd));
    const withHead = (text: string) => {
      const encoded = new TextEncoder().encode(text);
      const length = new Uint8Array(4);
      new DataView(length.buffer).setUint32(0, encoded.length);
      return Uint8Array.of(...length, ...encoded, ...bytes.subarray(headEnd));
    };
    const flipped = bytes.slice();
    flipped[bytes.length - 3]! ^= 0x40;
    const damaged = {
      ...{ empty: new Uint8Array(1), cut: bytes.slice(0, bytes.length / 2), short: bytes.slice(0, 20), flipped },
      ...{ long: Uint8Array.of(255, 255, 255, 255, ...bytes), text: withHead('{'), nothing: withHead('null') },
      ...{ settings: withHead(head.replace('"hiddenSize":32', '"hiddenSize":"<b>"')) },
      ...{ huge: withHead(head.replace('"epochs":20', '"epochs":1e99')), run: withHead('{"settings":{}}') },
    };
    for (const [name, content] of Object.entries(damaged)) await store.write(name, content);
    expect((await tab.call('list', undefined)).map((run) => run.id)).toEqual([id]);
    expect(await store.keys()).toEqual([id]);
  });
});
