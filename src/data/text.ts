import { DataError } from '../errors.ts';
import { bytesOf } from '../io/bytes.ts';

/** The source of a table: its text, or the bytes of its file. */
export type TableInput = string | ArrayBuffer | ArrayBufferView;

/** How files of other kinds begin; decoding may have replaced bytes that are not text. */
const OTHERS = [
  ['PK\u0003\u0004', 'archive', 'a zip archive or an Excel workbook'],
  ['\ufffd\ufffd\u0011', 'workbook', 'an old Excel workbook'],
  ['ÐÏ\u0011', 'workbook', 'an old Excel workbook'],
  ['\u001f\ufffd', 'gzip', 'a gzip archive'],
  ['\u001f\u008b', 'gzip', 'a gzip archive'],
  ['PAR1', 'parquet', 'a Parquet file'],
  ['ARROW1', 'arrow', 'an Arrow or Feather file'],
  ['FEA1', 'arrow', 'an Arrow or Feather file'],
  ['%PDF-', 'pdf', 'a PDF'],
  ['<!doctype', 'page', 'a web page or XML'],
  ['<html', 'page', 'a web page or XML'],
  ['<?xml', 'page', 'a web page or XML'],
] as const;

const ADVICE = {
  page: 'Check the address of the file.',
  parquet: 'Read its rows with hyparquet and pass them as JSON, or export it as CSV first.',
};

/** In a model file after the low bytes of its header's length: the high ones, and the header. */
const SAFETENSORS = '\0\0\0\0{"';

type OtherKind = (typeof OTHERS)[number][1] | 'json' | 'model' | 'other encoding';

/** For what has no table as text. */
export const notText = (is: OtherKind, what: string, advice = 'Export it as CSV first.') =>
  new DataError(`CSV: got ${what}, expected a table as text. ${advice}`, { code: 'csv-not-text', details: { is } });

/**
 * The text of a table, without a byte order mark. Bytes are decoded as UTF-8, as UTF-16 with or without a byte order mark, or
 * otherwise as Windows-1252, which spreadsheets write.
 * @throws DataError naming the kind of any other file.
 */
export function textOf(input: TableInput): string {
  const bytes = typeof input === 'string' ? undefined : bytesOf('table', input);
  checkKind(bytes ? String.fromCharCode(...bytes.subarray(0, 100)) : (input as string));
  let text = (bytes ? decode(bytes) : (input as string)).replace(/^\ufeff/, '');
  if (bytes) checkKind(text);
  const start = text.slice(0, 1000);
  if (3 * start.split('\0').length <= start.length || !start.includes('\0')) return text;
  // UTF-16 that was decoded as UTF-8 still contains its ASCII characters.
  text = text.replace(/^\ufffd+/, '').replaceAll('\0', '');
  if (text.includes('\ufffd')) throw notText('other encoding', 'UTF-16 that was decoded as UTF-8', 'Pass its bytes.');
  return text;
}

function checkKind(text: string): void {
  const header = text.slice(0, 20).indexOf(SAFETENSORS);
  if (header === 3 || header === 4) throw notText('model', 'a model (safetensors)', 'Give the file with the rows.');
  const head = text.slice(0, 100).trimStart();
  const other = OTHERS.find(([start]) => head.slice(0, start.length).toLowerCase() === start.toLowerCase());
  if (other) throw notText(other[1], other[2], ADVICE[other[1] as keyof typeof ADVICE]);
}

function decode(bytes: Uint8Array<ArrayBuffer>): string {
  const [first, second] = bytes;
  const zeros = (from: number) => bytes.subarray(0, 1000).filter((byte, k) => byte === 0 && k % 2 === from).length;
  const isUtf16 = (from: number, mark: number) => first === mark || 5 * zeros(from) > Math.min(bytes.length, 1000);
  if (bytes.length > 1 && first !== second) {
    if (isUtf16(1, second === 0xfe ? 0xff : -1)) return new TextDecoder('utf-16le').decode(bytes);
    if (isUtf16(0, second === 0xff ? 0xfe : -1)) return new TextDecoder('utf-16be').decode(bytes);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('windows-1252').decode(bytes).replaceAll('\u0080', '€'); // Node.js 20 reads it as Latin-1
  }
}
