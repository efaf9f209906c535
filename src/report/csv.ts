/** What spreadsheets take for the beginning of a formula: ASCII, and the wide forms that Excel takes for the same. */
const FORMULA = /^[=+\-@\p{Cc}\uff1d\uff0b\uff0d\uff20]/u;

/**
 * Rows as CSV text, cells quoted where they must be (RFC 4180). Numbers keep all their digits. A text that a spreadsheet would
 * compute gets an apostrophe before it, as https://owasp.org/www-community/attacks/CSV_Injection has it: names and dates come from
 * files of others.
 */
export function toCsv(header: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const cell = (value: string | number) => {
    const text = typeof value === 'string' && FORMULA.test(value) && !isNumber(value) ? `'${value}` : String(value);
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return [header, ...rows].map((row) => `${row.map(cell).join(',')}\n`).join('');
}

const isNumber = (text: string): boolean => /^[+-]?[\d.]+(e[+-]?\d+)?$/i.test(text);
