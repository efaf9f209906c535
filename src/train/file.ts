import { DataError } from '../errors.ts';
import { type BytesInput, bytesOf } from '../io/bytes.ts';
import { CHECKSUM } from '../io/checksum.ts';
import { readSafetensors, type StoredTensor, writeSafetensors } from '../io/safetensors.ts';
import type { TensorValue } from '../model/parameters.ts';
import { checkObject } from '../options.ts';
import { badFile, within } from '../placing.ts';
import { shown } from '../shown.ts';

/** Bumped when a reader of the old form could not read the new one. */
const FORMAT = '3';

/** What names in the metadata start with. */
const OWN = 'lstm_webgpu.';

/** Whose files there are, and what reads them: each has a section of its own, in metadata of its name. */
const WRITERS = {
  forecaster: { by: 'a Forecaster', none: "no Forecaster's save() or checkpoint()", reader: 'Forecaster.load()' },
  trainer: { by: 'a Trainer', none: "no Trainer's save() or checkpoint()", reader: 'Trainer.load()' },
  recipe: { by: 'forecast()', none: 'no forecast()', reader: 'forecast(series, { model })' },
} as const;
export type Writer = keyof typeof WRITERS;

/** The only form in which models and trainings are kept. */
export interface TrainedFile {
  /** Weights by PyTorch's names; of several models behind `members.k.`. In a checkpoint also what training keeps beside them. */
  tensors: ReadonlyMap<string, TensorValue>;
  /** The writer's own section: what the models are. Plain JSON. */
  model: object;
  /** Of a checkpoint: settings, position, reports, hashes of the data. Plain JSON. */
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

/** A file as read: its parts by name, which nobody has looked into. */
export interface ReadFile {
  tensors: ReadonlyMap<string, StoredTensor>;
  model: Record<string, unknown>;
  training: Record<string, unknown> | undefined;
}

/**
 * Reads a file that is, to the last byte, as {@link writeTrainedFile} wrote it.
 * @throws DataError for one that is damaged, of another writer or version, or without a checksum. @throws ConfigError for what
 * are no bytes.
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
    throw new DataError(`model file: metadata ${OWN}${writer} is missing; ${advice(writer, text)}`, {
      code: 'file-of-another-kind',
    });
  if (!hasChecksum)
    throw new DataError(
      `model file: its checksum is missing (metadata ${CHECKSUM}): another program wrote it. Train again; or, where what is ` +
        'in it can be trusted, write it anew with writeSafetensors(tensors, metadata).',
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
  if (writer) return `${WRITERS[writer].by} wrote it: ${WRITERS[writer].reader} reads it.`;
  return (
    `${WRITERS[asked].none} wrote it. For weights alone create an LSTM, a GRU, an RNN or a Trainer, and ` +
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
