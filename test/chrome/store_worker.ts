import { openStore } from '../../src/io/store.ts';

self.addEventListener('message', async ({ data }) => {
  const store = await openStore(data.name, { keepIn: data.keepIn });
  const bytes = await store.read('from the page');
  await store.write('from the worker', Uint8Array.of(...bytes!, 4));
  self.postMessage('written');
});
