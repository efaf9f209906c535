import type { BytesInput } from './bytes.ts';

/** Bytes by name, kept between visits. A key is any non-empty string. */
export interface ByteStore {
  /** Undefined if there is no such key. */
  read(key: string): Promise<Uint8Array<ArrayBuffer> | undefined>;
  /**
   * Replaces what was there: a concurrent read returns either all of the old bytes or all of the new ones.
   * @throws DataError if there is no room. @throws ConfigError if `bytes` is not a byte array.
   * @throws DataError when there is no room. @throws ConfigError for what are no bytes.
   */
  write(key: string, bytes: BytesInput): Promise<void>;
  /** A missing key is not an error. */
  delete(key: string): Promise<void>;
  /** In no order. */
  keys(): Promise<string[]>;
}

/** The store of a place. */
export interface PlainStore extends ByteStore {
  write(key: string, bytes: Uint8Array): Promise<void>;
}
