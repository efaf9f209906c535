/**
 * Collects all garbage. Chrome needs the flags set in vitest.config.ts: without them the heap's size is rounded, and the time
 * of collections is unpredictable.
 * @returns the bytes of the JavaScript heap in use afterwards.
 */
export async function usedHeap(): Promise<number> {
  const { collect, used } = typeof window === 'undefined' ? await ofNode() : ofChrome();
  for (let round = 0; round < 3; round++) {
    await new Promise((resolve) => setTimeout(resolve, 5)); // lets memory freed outside of the heap release its part here
    await collect();
  }
  return used();
}

async function ofNode() {
  const [{ setFlagsFromString }, { runInNewContext }] = await Promise.all([import('node:v8'), import('node:vm')]);
  setFlagsFromString('--expose-gc');
  return { collect: runInNewContext('gc') as () => void, used: () => process.memoryUsage().heapUsed };
}

function ofChrome() {
  const { gc } = globalThis as { gc?: (how: { type: 'major'; execution: 'async' }) => Promise<void> };
  const { memory } = performance as Performance & { memory?: { usedJSHeapSize: number } };
  if (!gc || !memory) throw new Error('usedHeap: Chrome runs without --js-flags=--expose-gc');
  // in a separate task, so that no stack keeps references
  return { collect: () => gc({ type: 'major', execution: 'async' }), used: () => memory.usedJSHeapSize };
}
