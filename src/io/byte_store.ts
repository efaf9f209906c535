import type { BytesInput } from './bytes.ts';

/** Bytes by name, kept between visits. A key is any string but the empty one. */
export interface ByteStore {
  /** Undefined: there is no such key. */
  read(key: string): Promise<Uint8Array<ArrayBuffer> | undefined>;
  /**
   * Over what was there: whoever reads finds all of the old bytes or all of the new.
   * @throws DataError when there is no room. @throws ConfigError for what are no bytes.
   */
  write(key: string, bytes: BytesInput): Promise<void>;
  /** A key that is not there is no error. */
  delete(key: string): Promise<void>;
  /** In no order. */
  keys(): Promise<string[]>;
}

/** As a place keeps them. */
export interface PlainStore extends ByteStore {
  write(key: string, bytes: Uint8Array): Promise<void>;
}
