import { DataError } from '../errors.ts';
import { placed } from '../placing.ts';
import { type BytesInput, bytesOf } from './bytes.ts';
import { CHECKSUM } from './checksum.ts';
import { readSafetensors, type SafetensorsFile } from './safetensors.ts';

/** Kinds of files that this library writes. */
interface OwnKind {
  /** What messages call it. */
  name: string;
  /** In the metadata of every one. */
  key: string;
  /** Which method writes it. */
  writer: string;
  /** What reads it. */
  reader: string;
}

export const MODEL_FILE: OwnKind = {
  name: 'model file',
  key: 'lstm_webgpu.format',
  writer: "a Forecaster's save() or checkpoint()",
  reader: 'Forecaster.load',
};
export const TRAINER_CHECKPOINT: OwnKind = {
  name: 'checkpoint',
  key: 'lstm_webgpu.trainer',
  writer: "a Trainer's checkpoint()",
  reader: 'Trainer.load',
};

/**
 * Reads a file of a kind, every byte of it as it was written.
 * @throws DataError for one that is damaged, of another kind, or without a checksum. @throws ConfigError for what are no bytes.
 */
export function readOwnFile({ name, key, writer, reader }: OwnKind, given: BytesInput): SafetensorsFile {
  const bytes = bytesOf(reader, given);
  let file: SafetensorsFile;
  try {
    file = readSafetensors(bytes);
  } catch (error) {
    throw placed(error, name);
  }
  const has = (metadataKey: string): boolean => Object.hasOwn(file.metadata, metadataKey);
  if (!has(key)) {
    const other = [MODEL_FILE, TRAINER_CHECKPOINT].find((kind) => has(kind.key));
    throw new DataError(
      `${name}: metadata ${key} is missing; it was not written by ${writer}. ` +
        (other
          ? `${other.writer} wrote it: ${other.reader}() reads it.`.replace(/^a/, 'A')
          : 'For weights alone create an LSTM, a GRU, an RNN or a Trainer, and call its ' +
            'loadStateDict(readSafetensors(bytes).tensors).'),
      { code: 'file-of-another-kind' },
    );
  }
  if (!file.hasChecksum)
    throw new DataError(
      `${name}: its checksum is missing (metadata ${CHECKSUM}): an earlier version wrote it, or another program. Train again; ` +
        'or, where what is in it can be trusted, write it anew with writeSafetensors(tensors, metadata).',
      { code: 'file-without-checksum' },
    );
  return file;
}
