import { afterEach, expect, test, vi } from 'vitest';
import { napUntilDone } from '../../src/node/napping.ts';

afterEach(() => vi.restoreAllMocks());

/** Resolves after some rounds of the event loop. */
async function rounds(count: number): Promise<void> {
  for (let k = 0; k < count; k++) await new Promise((resolve) => setImmediate(resolve));
}

test('consecutive waits share one queue of naps', async () => {
  for (let k = 0; k < 100; k++) await napUntilDone(rounds(1));
  const naps = vi.spyOn(Atomics, 'wait');
  await napUntilDone(rounds(10));
  expect(naps.mock.calls.length).toBeGreaterThan(5);
  expect(naps.mock.calls.length).toBeLessThan(15);
});

test('naps end when nothing waits', async () => {
  await Promise.all([napUntilDone(rounds(3)), napUntilDone(rounds(5))]);
  await rounds(2);
  const naps = vi.spyOn(Atomics, 'wait');
  await rounds(5);
  expect(naps.mock.calls.length).toBe(0);
});
