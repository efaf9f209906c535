import { DataError } from '../errors.ts';
import { type BytesInput, bytesOf } from '../io/bytes.ts';
import { CHECKSUM } from '../io/checksum.ts';
import { readSafetensors, type StoredTensor, writeSafetensors } from '../io/safetensors.ts';
import type { TensorValue } from '../model/parameters.ts';
import { checkObject } from '../options.ts';
import { badFile, within } from '../placing.ts';
import { shown } from '../shown.ts';

/** Increased when old readers cannot read the new format. */
const FORMAT = '3';

/** Prefix of our names in the metadata. */
const OWN = 'lstm_webgpu.';

/** The writers of files, and what loads them: each has its own section, in metadata of its name. */
const WRITERS = {
  forecaster: { by: 'a Forecaster', calls: "a Forecaster's save() or checkpoint()", reader: 'Forecaster.load()' },
  trainer: { by: 'a Trainer', calls: "a Trainer's save() or checkpoint()", reader: 'Trainer.load()' },
  recipe: { by: 'forecast()', calls: 'forecast()', reader: 'forecast(series, { model })' },
} as const;
export type Writer = keyof typeof WRITERS;

/** The only file format of models and trainings. */
export interface TrainedFile {
  /** Weights under PyTorch's names, with the prefix `members.k.` for several models. In a checkpoint also the state of training. */
  tensors: ReadonlyMap<string, TensorValue>;
  /** The writer's own section: what the models are. Plain JSON. */
  model: object;
  /** For a checkpoint: settings, position, reports, hashes of the data. Plain JSON. */
  training?: object | undefined;
}

/** A safetensors file with {@link TrainedFile.model} and {@link TrainedFile.training} as JSON in its metadata. */
export function writeTrainedFile(writer: Writer, { tensors, model, training }: TrainedFile): Uint8Array<ArrayBuffer> {
  return writeSafetensors(tensors, {
    [`${OWN}format`]: FORMAT,
    [OWN + writer]: JSON.stringify(model),
    ...(training && { [`${OWN}training`]: JSON.stringify(training) }),
  });
}

/** A file as read: its parts by name, not validated yet. */
export interface ReadFile {
  tensors: ReadonlyMap<string, StoredTensor>;
  model: Record<string, unknown>;
  training: Record<string, unknown> | undefined;
}

/**
 * Reads a file written by {@link writeTrainedFile}, verifying every byte.
 * @throws DataError for one that is damaged, of another writer or version, or without a checksum. @throws ConfigError if this
 *   is not a byte array.
 */
export function readTrainedFile(writer: Writer, given: BytesInput): ReadFile {
  const bytes = bytesOf(WRITERS[writer].reader.replace('()', ''), given);
  const { tensors, metadata, hasChecksum } = within('model file', () => readSafetensors(bytes));
  const text = (name: string) => (Object.hasOwn(metadata, OWN + name) ? metadata[OWN + name] : undefined);
  const [format, section] = [text('format'), text(writer)];
  if (format !== undefined && format !== FORMAT)
    throw new DataError(
      `model file: format ${shown(format)}, this version reads ${FORMAT}. Train the model again, or use the version that wrote it.`,
      { code: 'file-of-another-version', details: { got: format, expected: FORMAT } },
    );
  if (format === undefined || section === undefined)
    throw new DataError(`model file: no metadata ${OWN}${writer}: ${advice(writer, text)}`, {
      code: 'file-of-another-kind',
    });
  if (!hasChecksum)
    throw new DataError(
      `model file: its checksum is missing (metadata ${CHECKSUM}), so another program wrote it. Train again or, if you trust ` +
        'its contents, rewrite it with writeSafetensors(tensors, metadata).',
      { code: 'file-without-checksum' },
    );
  const training = text('training');
  return {
    tensors,
    model: recordOf(section, writer),
    training: training === undefined ? undefined : recordOf(training, 'training'),
  };
}

function advice(asked: Writer, text: (name: string) => string | undefined): string {
  const writer = (Object.keys(WRITERS) as Writer[]).find((name) => text(name) !== undefined);
  if (writer) return `${WRITERS[writer].by} wrote it; use ${WRITERS[writer].reader}.`;
  return (
    `it was not written by ${WRITERS[asked].calls}. To load weights alone, create an LSTM, GRU, RNN or Trainer and ` +
    'call its loadStateDict(readSafetensors(bytes).tensors).'
  );
}

function recordOf(text: string, name: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    checkObject(name, value);
    return value as Record<string, unknown>;
  } catch (error) {
    throw badFile(`model file: metadata ${OWN}${name}`, error);
  }
}
