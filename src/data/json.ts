import { notText } from './text.ts';

type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

const isObject = (value: unknown): value is { [name: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const cell = (value: Json | undefined): string =>
  value === null || value === undefined ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value);

/**
 * The table in JSON text, as rows of cells: a list of numbers, lists or objects; an object of columns; an object that contains
 * one of these; or one object per line. Undefined for text that is not JSON.
 * @throws DataError for JSON without a table, or cut off.
 */
export function jsonRows(text: string): string[][] | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined;
  const json = parse(text) ?? parse(`[${text.trim().replace(/\n+/g, ',')}]`);
  const rows = rowsOf(json);
  if (rows) return rows;
  if (json !== undefined) throw notText('json', 'JSON without a table', FORMS);
  if (BEGINNING.test(text)) throw notText('json', 'JSON that cannot be parsed', 'Is the file complete?');
  return undefined;
}

/** JSON that a syntax error hides; a CSV may begin with a bracket, but not with two of these. */
const BEGINNING = /^\s*(?:\{\s*"|\[\s*[[{])/;

const FORMS = 'Expected a list of objects, such as [{ "date": "2024-01-01", "sales": 3 }], or an object of lists.';

function parse(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

function rowsOf(table: Json | undefined): string[][] | undefined {
  if (Array.isArray(table)) {
    if (table.length > 0 && table.every(isObject)) {
      const names = [...new Set(table.flatMap((row) => Object.keys(row)))];
      return [names, ...table.map((row) => names.map((name) => cell(row[name])))];
    }
    if (table.length > 0 && table.every(Array.isArray)) return (table as Json[][]).map((row) => row.map(cell));
    return table.length > 0 ? [['value'], ...table.map((value) => [cell(value)])] : undefined;
  }
  if (!isObject(table)) return undefined;
  const { columns: names, data } = table; // pandas: split
  if (Array.isArray(names) && Array.isArray(data)) return [names.map(cell), ...(rowsOf(data) ?? [])];
  const columns = Object.entries(table).filter(([, column]) => typeof column === 'object' && column !== null);
  const lengths = new Set(columns.map(([, column]) => Object.keys(column as object).length));
  const isColumn = (column: Json) =>
    Object.values(column as object).every((value) => typeof value !== 'object' || value === null);
  if (columns.length > 0 && lengths.size === 1 && columns.every(([, column]) => isColumn(column))) {
    const [[, first]] = columns as [[string, Json]];
    const keys = Object.keys(first as object);
    const ownNames = columns.map(([name]) => name);
    const rows = keys.map((key) => columns.map(([, column]) => cell((column as { [key: string]: Json })[key])));
    if (Array.isArray(first)) return [ownNames, ...rows];
    return [['', ...ownNames], ...rows.map((row, k) => [keys[k]!, ...row])]; // pandas: its index is the key
  }
  const tables = columns.map(([, value]) => rowsOf(value)).filter((rows) => rows !== undefined);
  return tables.length === 1 ? tables[0] : undefined;
}
