import fc from 'fast-check';

/** A file format that users give to the library. */
export interface FileKind<Held> {
  name: string;
  /** Valid files and their contents. */
  files: fc.Arbitrary<{ bytes: Uint8Array; held: Held }>;
  /** @throws if a valid file does not read back exactly. */
  reads(bytes: Uint8Array, held: Held): void;
  /** Damage typical of this format. */
  edits: fc.Arbitrary<Edit>;
  /** Reads a damaged file. @throws an LstmError, or an error that describes a result that is not in the file. */
  holds(bytes: Uint8Array): void;
}

export type Edit = (bytes: Uint8Array) => Uint8Array;

const share = () => fc.double({ min: 0, max: 1, noNaN: true });
const placeOf = (bytes: Uint8Array, share: number): number => Math.floor(share * bytes.length);

const splice = (bytes: Uint8Array, from: number, to: number, between: Uint8Array): Uint8Array => {
  const joined = new Uint8Array(from + between.length + bytes.length - to);
  joined.set(bytes.subarray(0, from));
  joined.set(between, from);
  joined.set(bytes.subarray(to), from + between.length);
  return joined;
};

/** Damage to any file: a flipped byte, truncation, a piece lost, duplicated or inserted. */
const anyEdit: fc.Arbitrary<Edit> = fc.oneof(
  fc.tuple(share(), fc.integer({ min: 1, max: 255 })).map(
    ([at, bits]): Edit =>
      (bytes) => {
        const flipped = bytes.slice();
        if (flipped.length > 0) flipped[Math.min(placeOf(bytes, at), bytes.length - 1)]! ^= bits;
        return flipped;
      },
  ),
  share().map(
    (at): Edit =>
      (bytes) =>
        bytes.slice(0, placeOf(bytes, at)),
  ),
  fc.tuple(share(), fc.nat(20)).map(
    ([at, count]): Edit =>
      (bytes) => {
        const from = placeOf(bytes, at);
        return splice(bytes, from, Math.min(from + count, bytes.length), new Uint8Array());
      },
  ),
  fc.tuple(share(), share(), fc.nat(40)).map(
    ([at, from, count]): Edit =>
      (bytes) => {
        const first = placeOf(bytes, from);
        return splice(bytes, placeOf(bytes, at), placeOf(bytes, at), bytes.slice(first, first + count));
      },
  ),
  fc.tuple(share(), fc.uint8Array({ minLength: 1, maxLength: 8 })).map(
    ([at, put]): Edit =>
      (bytes) => {
        return splice(bytes, placeOf(bytes, at), placeOf(bytes, at), put);
      },
  ),
);

/** Files with one or a few edits. */
export const damaged = (
  files: fc.Arbitrary<{ bytes: Uint8Array }>,
  edits: fc.Arbitrary<Edit>,
): fc.Arbitrary<Uint8Array> =>
  fc
    .tuple(files, fc.array(fc.oneof({ weight: 2, arbitrary: edits }, anyEdit), { minLength: 1, maxLength: 3 }))
    .map(([{ bytes }, list]) => list.reduce((file, edit) => edit(file), bytes));

/** Inserts a text somewhere. */
export const putIn = (texts: readonly string[]): fc.Arbitrary<Edit> =>
  fc.tuple(share(), fc.constantFrom(...texts)).map(([at, text]) => (bytes) => {
    return splice(bytes, placeOf(bytes, at), placeOf(bytes, at), new TextEncoder().encode(text));
  });
