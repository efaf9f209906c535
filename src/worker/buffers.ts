/** All distinct buffers of typed arrays within a value: in lists, maps and objects. */
export function buffersOf(value: unknown, found = new Set<ArrayBuffer>()): Set<ArrayBuffer> {
  if (typeof value !== 'object' || value === null) return found;
  if (value instanceof ArrayBuffer) return found.add(value);
  if (ArrayBuffer.isView(value)) return buffersOf(value.buffer, found);
  const parts = Array.isArray(value) ? value : value instanceof Map ? value.values() : Object.values(value);
  for (const part of parts) buffersOf(part, found);
  return found;
}

const moving = new WeakSet<ArrayBuffer>();

/**
 * Marks the buffers of a value to be moved, not copied, when it is next passed to the worker: for series too large to be in memory
 * twice. Afterwards its arrays are empty here.
 */
export function move<T>(value: T): T {
  for (const buffer of buffersOf(value)) moving.add(buffer);
  return value;
}

export const isMoving = (buffer: ArrayBuffer): boolean => moving.has(buffer);
