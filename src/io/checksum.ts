import { sha256 } from './sha256.ts';

/**
 * The key of a file's checksum in its metadata: SHA-256 of all bytes, with zeros for the digits themselves. The value starts
 * with its own word, so that a checksum is recognized even if its key is damaged.
 */
export const CHECKSUM = 'lstm_webgpu.sha256';
const WORD = 'lstm_webgpu ';
const DIGITS = 64;

/** The placeholder before the checksum is known. */
export const NO_CHECKSUM = WORD + '0'.repeat(DIGITS);

const isChecksum = (text: string): boolean => text.startsWith(WORD) && /^[0-9a-f]{64}$/.test(text.slice(WORD.length));

const encoder = new TextEncoder();

/** The byte offset of the digits in a file. @param header its JSON. @param begin the byte where it starts. */
function placeOf(header: string, begin: number): number | undefined {
  const before = `${JSON.stringify(CHECKSUM)}:"${WORD}`; // inside of a string the quotes would be escaped
  const at = header.indexOf(before);
  return at < 0 ? undefined : begin + encoder.encode(header.slice(0, at + before.length)).length;
}

/** Writes a file's checksum into its header, replacing {@link NO_CHECKSUM}. */
export function addChecksum(bytes: Uint8Array, header: string, begin: number): void {
  bytes.set(encoder.encode(sha256(bytes)), placeOf(header, begin)!);
}

/** Whether a file is unchanged; 'missing': it has no checksum. */
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
