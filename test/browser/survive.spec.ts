import { expect, test } from '@playwright/test';
import { survive } from '../survive/page.ts';

test('loses nothing that is kept when it is reloaded, or the GPU crashes, while it trains', async ({ baseURL }) => {
  const { faults, ...counts } = await survive({ url: baseURL!, reloads: 3, crashes: 1, withinMs: 1500 });
  expect(faults).toEqual([]);
  expect(counts).toEqual({ reloads: 3, crashes: 1, lost: 0, halfWritten: 0, orphans: 0, stuck: 0 });
});
