import { sha256 } from './sha256.ts';

/**
 * Where a file's metadata has its checksum: SHA-256 of all its bytes, with zeros for the digits themselves. The value begins
 * with a word of its own, so that a checksum is found as such where the key was damaged.
 */
export const CHECKSUM = 'lstm_webgpu.sha256';
const WORD = 'lstm_webgpu ';
const DIGITS = 64;

/** What stands there before the checksum is known. */
export const NO_CHECKSUM = WORD + '0'.repeat(DIGITS);

const isChecksum = (text: string): boolean => text.startsWith(WORD) && /^[0-9a-f]{64}$/.test(text.slice(WORD.length));

const encoder = new TextEncoder();

/** The byte after the first in a file that the digits stand at. @param header its JSON, which begins at a byte. */
function placeOf(header: string, begin: number): number | undefined {
  const before = `${JSON.stringify(CHECKSUM)}:"${WORD}`; // within a text the quotes would be escaped
  const at = header.indexOf(before);
  return at < 0 ? undefined : begin + encoder.encode(header.slice(0, at + before.length)).length;
}

/** Puts a file's checksum into its header, where {@link NO_CHECKSUM} stands. */
export function addChecksum(bytes: Uint8Array, header: string, begin: number): void {
  bytes.set(encoder.encode(sha256(bytes)), placeOf(header, begin)!);
}

/** Whether a file is as it was written; 'missing': it has no checksum. */
export function checkChecksum(
  bytes: Uint8Array,
  header: string,
  begin: number,
  metadata: Readonly<Record<string, string>>,
): 'right' | 'wrong' | 'missing' {
  const text = Object.hasOwn(metadata, CHECKSUM) ? metadata[CHECKSUM]! : undefined;
  if (text === undefined) return Object.values(metadata).some(isChecksum) ? 'wrong' : 'missing';
  const place = placeOf(header, begin);
  if (!isChecksum(text) || place === undefined) return 'wrong';
  const zeros = encoder.encode('0'.repeat(DIGITS));
  const found = sha256(bytes.subarray(0, place), zeros, bytes.subarray(place + DIGITS));
  return WORD + found === text ? 'right' : 'wrong';
}
