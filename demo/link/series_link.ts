import { datesAhead } from '../../src/data/ahead.ts';
import { toCsv } from '../../src/report/csv.ts';
import type { BundledName } from '../bundled.ts';
import type { PageSeries, SeriesRequest } from '../series_file.ts';
import type { SideNames } from '../side_columns.ts';
import { pack, unpack } from './packed.ts';

/** How a file is read, as far as it differs from the reader's defaults. */
export type Reading = Partial<Pick<SeriesRequest, 'column' | 'rows' | 'missing' | 'gaps' | 'past' | 'future' | 'of'>>;

/** The series of a link. */
export type LinkedSeries =
  | { kind: 'bundled'; bundled: BundledName; reading: Reading }
  /** A small one, in the link itself. */
  | { kind: 'own'; name: string; csv: string; reading: Reading }
  /** A larger one, which the link can only name. */
  | { kind: 'file'; name: string; rows: number; reading: Reading };

/** What a link calls how a file is read. */
const READING = { column: 'column', rows: 'last', missing: 'missing', gaps: 'gaps' } as const;
const ID_COLUMN = 'id-column';
const POLICIES: readonly string[] = ['drop', 'interpolate', 'previous'];

/**
 * The entries of a link for the series that is shown: all of its values where they are short enough.
 * @param usualRows the last rows of a bundled series that are read unless the link has a number of rows.
 */
export async function seriesToLink(
  series: PageSeries,
  request: SeriesRequest,
  bundled: BundledName | undefined,
  usualRows: number | undefined,
): Promise<[string, string][]> {
  if (bundled) return [['series', bundled], ...readingToLink(request, usualRows)];
  const csv = ownCsv(series);
  const data = csv && (await pack(csv));
  if (data !== undefined) return [['name', request.name], ['data', data], ...sideToLink(series)];
  return [['file', request.name], ['file-rows', String(series.values.length)], ...readingToLink(request, undefined)];
}

/** A series with the other columns of its rows; undefined where the dates of future rows are unknown. */
function ownCsv(series: PageSeries): string | undefined {
  const { dates, dateColumn, values, column, past, future } = series;
  const side = Object.entries({ ...past, ...future });
  const length = Math.max(values.length, ...side.map(([, own]) => own.length));
  const days = dates && [...dates, ...(datesAhead(series, length - values.length) ?? [])];
  if (days && days.length < length) return undefined;
  const header = [...(days ? [dateColumn ?? 'Date'] : []), column, ...side.map(([name]) => name)];
  const rows = Array.from({ length }, (_, k) => [
    ...[...(days ? [days[k]!] : []), values[k] ?? ''],
    ...side.map(([, own]) => own[k] ?? ''),
  ]);
  return toCsv(header, rows);
}

/** The columns of a series in a link, with the series' own, because there are several. */
function sideToLink({ dates, past, future }: PageSeries): [string, string][] {
  const side = namesToLink({ past: Object.keys(past), future: Object.keys(future) });
  return side.length > 0 ? [[READING.column, dates ? '1' : '0'], ...side] : [];
}

const namesToLink = ({ past = [], future = [] }: Partial<SideNames>): [string, string][] => [
  ...past.map((name): [string, string] => ['past', name]),
  ...future.map((name): [string, string] => ['future', name]),
];

/** The series of a link; undefined: it names none. @throws Error for one that is damaged. */
export async function seriesFromLink(hash: string): Promise<LinkedSeries | undefined> {
  const link = new URLSearchParams(hash.replace(/^#/, ''));
  const [data, file, bundled] = [link.get('data'), link.get('file'), link.get('series')];
  if (data !== null) {
    const name = link.get('name') ?? '';
    return { kind: 'own', name, csv: await unpack(data), reading: readingFromLink(link) };
  }
  const reading = readingFromLink(link);
  if (file !== null) return { kind: 'file', name: file, rows: Number(link.get('file-rows')), reading };
  if (bundled === null) return undefined;
  if (bundled === 'sp500' || bundled === 'births') return { kind: 'bundled', bundled, reading };
  throw new Error(`series=${bundled}`);
}

function readingToLink(
  { column, rows, missing, gaps, of, ...side }: SeriesRequest,
  usualRows: number | undefined,
): [string, string][] {
  const said = {
    column,
    rows: rows === usualRows ? undefined : (rows ?? 'all'),
    missing: missing === 'error' ? undefined : missing,
    gaps,
  };
  const entries = Object.entries(said).flatMap(([name, value]): [string, string][] =>
    value === undefined ? [] : [[READING[name as keyof typeof READING], String(value)]],
  );
  const series: [string, string][] = of
    ? [[ID_COLUMN, of.idColumn], ...(of.id === undefined ? [] : [['id', of.id] as [string, string]])]
    : [];
  return [...entries, ...series, ...namesToLink(side)];
}

function readingFromLink(link: URLSearchParams): Reading {
  const [column, rows, missing, gaps] = Object.values(READING).map((name) => link.get(name) ?? '');
  const idColumn = link.get(ID_COLUMN);
  const isWhole = (text: string | undefined) => /^\d{1,7}$/.test(text!);
  return {
    ...(isWhole(column) && { column: Number(column) }),
    ...(rows === 'all' ? { rows: undefined } : isWhole(rows) && { rows: Number(rows) }),
    ...(POLICIES.includes(missing!) && { missing: missing as SeriesRequest['missing'] }),
    ...(POLICIES.slice(1).includes(gaps!) && { gaps: gaps as SeriesRequest['gaps'] }),
    ...(idColumn !== null && { of: { idColumn, id: link.get('id') ?? undefined } }),
    ...(link.has('past') && { past: link.getAll('past') }),
    ...(link.has('future') && { future: link.getAll('future') }),
  };
}
