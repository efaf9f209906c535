import { toCsv } from '../../src/report/csv.ts';
import type { BundledName } from '../bundled.ts';
import type { PageSeries, SeriesRequest } from '../series_file.ts';
import { pack, unpack } from './packed.ts';

/** How a file is read, as far as it differs from the reader's defaults. */
export type Reading = Partial<Pick<SeriesRequest, 'column' | 'rows' | 'missing' | 'gaps'>>;

/** The series of a link. */
export type LinkedSeries =
  | { kind: 'bundled'; bundled: BundledName; reading: Reading }
  /** A small one, in the link itself. */
  | { kind: 'own'; name: string; csv: string }
  /** A larger one, which the link can only name. */
  | { kind: 'file'; name: string; rows: number };

/** What a link calls how a file is read. */
const READING = { column: 'column', rows: 'last', missing: 'missing', gaps: 'gaps' } as const;
const POLICIES: readonly string[] = ['drop', 'interpolate', 'previous'];

/**
 * What a link says of the series that is shown: all of it where that is short enough.
 * @param usualRows the last rows of a bundled series that are read where the link says nothing of them.
 */
export async function seriesToLink(
  series: PageSeries,
  request: SeriesRequest,
  bundled: BundledName | undefined,
  usualRows: number | undefined,
): Promise<[string, string][]> {
  if (bundled) return [['series', bundled], ...readingToLink(request, usualRows)];
  const { dates, dateColumn, values, column } = series;
  const header = [...(dates ? [dateColumn ?? 'Date'] : []), column];
  const rows = Array.from(values, (value, k) => [...(dates ? [dates[k]!] : []), value]);
  const data = await pack(toCsv(header, rows));
  if (data !== undefined)
    return [
      ['name', request.name],
      ['data', data],
    ];
  return [
    ['file', request.name],
    ['file-rows', String(values.length)],
  ];
}

/** The series of a link; undefined: it names none. @throws Error for one that is damaged. */
export async function seriesFromLink(hash: string): Promise<LinkedSeries | undefined> {
  const link = new URLSearchParams(hash.replace(/^#/, ''));
  const [data, file, bundled] = [link.get('data'), link.get('file'), link.get('series')];
  if (data !== null) return { kind: 'own', name: link.get('name') ?? '', csv: await unpack(data) };
  if (file !== null) return { kind: 'file', name: file, rows: Number(link.get('file-rows')) };
  if (bundled === null) return undefined;
  if (bundled === 'sp500' || bundled === 'births') return { kind: 'bundled', bundled, reading: readingFromLink(link) };
  throw new Error(`series=${bundled}`);
}

function readingToLink(
  { column, rows, missing, gaps }: SeriesRequest,
  usualRows: number | undefined,
): [string, string][] {
  const said = {
    column,
    rows: rows === usualRows ? undefined : (rows ?? 'all'),
    missing: missing === 'error' ? undefined : missing,
    gaps,
  };
  return Object.entries(said).flatMap(([name, value]): [string, string][] =>
    value === undefined ? [] : [[READING[name as keyof Reading], String(value)]],
  );
}

function readingFromLink(link: URLSearchParams): Reading {
  const [column, rows, missing, gaps] = Object.values(READING).map((name) => link.get(name) ?? '');
  const isWhole = (text: string | undefined) => /^\d{1,7}$/.test(text!);
  return {
    ...(isWhole(column) && { column: Number(column) }),
    ...(rows === 'all' ? { rows: undefined } : isWhole(rows) && { rows: Number(rows) }),
    ...(POLICIES.includes(missing!) && { missing: missing as SeriesRequest['missing'] }),
    ...(POLICIES.slice(1).includes(gaps!) && { gaps: gaps as SeriesRequest['gaps'] }),
  };
}
