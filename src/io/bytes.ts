import { ConfigError } from '../errors.ts';
import { shown } from '../shown.ts';

/** The bytes of a file: as returned by `readFile`, `arrayBuffer()` and stores. */
export type BytesInput = ArrayBuffer | ArrayBufferView;

/** What to do instead, by the kind of thing that was passed in. */
const ADVICE: Readonly<Record<string, string>> = {
  Promise: 'await it',
  Response: 'pass await response.arrayBuffer()',
  Blob: 'pass await blob.arrayBuffer()',
  File: 'pass await file.arrayBuffer()',
  String: 'pass the contents of the file, not its name',
  Array: 'pass Uint8Array.from(list)',
};

/**
 * The bytes of a file, without a copy if possible.
 * @param where the argument's name, for messages. @throws ConfigError naming what it got instead, and what to do.
 */
export function bytesOf(where: string, given: unknown): Uint8Array<ArrayBuffer> {
  if (ArrayBuffer.isView(given)) return unshared(given.buffer, given.byteOffset, given.byteLength);
  const kind = kindOf(given);
  if (kind === 'ArrayBuffer' || kind === 'SharedArrayBuffer')
    return unshared(given as ArrayBufferLike, 0, (given as ArrayBufferLike).byteLength);
  const isThenable = typeof (given as PromiseLike<unknown> | null)?.then === 'function';
  const advice = ADVICE[isThenable ? 'Promise' : kind];
  const got = isThenable
    ? 'a Promise'
    : typeof given === 'object' && given !== null
      ? `a value of type ${kind}`
      : shown(given);
  throw new ConfigError(
    `${where}: got ${got}, expected the bytes of a file: a Uint8Array or an ArrayBuffer${advice ? `; ${advice}` : ''}.`,
  );
}

/** The name of its class, also if it comes from another frame or context. */
const kindOf = (value: unknown): string => Object.prototype.toString.call(value).slice('[object '.length, -1);

/** Shared memory is copied, because decoders reject it. */
function unshared(buffer: ArrayBufferLike, offset: number, length: number): Uint8Array<ArrayBuffer> {
  if (length === 0) return new Uint8Array(); // a detached buffer cannot be viewed
  const view = new Uint8Array(buffer, offset, length);
  return kindOf(buffer) === 'SharedArrayBuffer' ? view.slice() : (view as Uint8Array<ArrayBuffer>);
}
