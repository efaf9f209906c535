/**
 * Collects all garbage. In Chrome it needs the flags that vitest.config.ts gives it: without them the heap's size is rounded,
 * and nobody can say when garbage goes.
 * @returns the bytes of the JavaScript heap that are in use then.
 */
export async function usedHeap(): Promise<number> {
  const { collect, used } = typeof window === 'undefined' ? await ofNode() : ofChrome();
  for (let round = 0; round < 3; round++) {
    await new Promise((resolve) => setTimeout(resolve, 5)); // what was freed outside of the heap lets go of its part here
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
  // from a task of its own, where no stack can hold what it might still point to
  return { collect: () => gc({ type: 'major', execution: 'async' }), used: () => memory.usedJSHeapSize };
}
