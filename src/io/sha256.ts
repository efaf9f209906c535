const WORD = 2 ** 32;

/** The first 32 fractional bits of a power of each prime. */
function primeBits(count: number, power: number): Int32Array {
  const bits = new Int32Array(count);
  for (let found = 0, number = 2; found < count; number++) {
    let isPrime = true;
    for (let factor = 2; factor * factor <= number; factor++) if (number % factor === 0) isPrime = false;
    if (isPrime) bits[found++] = (number ** power % 1) * WORD;
  }
  return bits;
}

const BLOCK_BYTES = 64;
const LENGTH_BYTES = 8;

/**
 * SHA-256 of concatenated parts, in hex. Used for files, which are read synchronously: crypto.subtle only has promises, and is
 * missing on pages without https.
 * @see FIPS 180-4
 */
export function sha256(...parts: readonly Uint8Array[]): string {
  const state = primeBits(8, 1 / 2);
  const keys = primeBits(64, 1 / 3);
  const words = new Int32Array(64);
  const total = parts.reduce((sum, { length }) => sum + length, 0);
  const rest = new Uint8Array(BLOCK_BYTES);
  let filled = 0;
  for (const part of parts) {
    let at = 0;
    if (filled > 0) {
      at = Math.min(BLOCK_BYTES - filled, part.length);
      rest.set(part.subarray(0, at), filled);
      filled += at;
      if (filled < BLOCK_BYTES) continue;
      addBlock(state, keys, words, rest, 0);
    }
    for (; at + BLOCK_BYTES <= part.length; at += BLOCK_BYTES) addBlock(state, keys, words, part, at);
    rest.set(part.subarray(at));
    filled = part.length - at;
  }
  const end = new Uint8Array(filled + 1 + LENGTH_BYTES > BLOCK_BYTES ? 2 * BLOCK_BYTES : BLOCK_BYTES);
  end.set(rest.subarray(0, filled));
  end[filled] = 0x80;
  new DataView(end.buffer).setBigUint64(end.length - LENGTH_BYTES, 8n * BigInt(total));
  for (let at = 0; at < end.length; at += BLOCK_BYTES) addBlock(state, keys, words, end, at);
  return Array.from(state, (word) => (word >>> 0).toString(16).padStart(8, '0')).join('');
}

const rotate = (word: number, by: number): number => (word >>> by) | (word << (32 - by));

function addBlock(state: Int32Array, keys: Int32Array, w: Int32Array, bytes: Uint8Array, at: number): void {
  for (let t = 0; t < 16; t++) {
    const k = at + 4 * t;
    w[t] = (bytes[k]! << 24) | (bytes[k + 1]! << 16) | (bytes[k + 2]! << 8) | bytes[k + 3]!;
  }
  for (let t = 16; t < 64; t++) {
    const early = w[t - 15]!;
    const late = w[t - 2]!;
    const s0 = rotate(early, 7) ^ rotate(early, 18) ^ (early >>> 3);
    const s1 = rotate(late, 17) ^ rotate(late, 19) ^ (late >>> 10);
    w[t] = w[t - 16]! + s0 + w[t - 7]! + s1;
  }
  let a = state[0]!;
  let b = state[1]!;
  let c = state[2]!;
  let d = state[3]!;
  let e = state[4]!;
  let f = state[5]!;
  let g = state[6]!;
  let h = state[7]!;
  for (let t = 0; t < 64; t++) {
    const s1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25);
    const t1 = (h + s1 + ((e & f) ^ (~e & g)) + keys[t]! + w[t]!) | 0;
    const s0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22);
    const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + t1) | 0;
    d = c;
    c = b;
    b = a;
    a = (t1 + t2) | 0;
  }
  state[0]! += a;
  state[1]! += b;
  state[2]! += c;
  state[3]! += d;
  state[4]! += e;
  state[5]! += f;
  state[6]! += g;
  state[7]! += h;
}
