/** The start of a formula in spreadsheets: ASCII, and the full-width forms that Excel treats the same. */
const FORMULA = /^[=+\-@\p{Cc}\uff1d\uff0b\uff0d\uff20]/u;

/**
 * Rows as CSV text, with cells quoted where necessary (RFC 4180). Numbers keep all their digits. Text that a spreadsheet would compute
 * gets an apostrophe in front, see https://owasp.org/www-community/attacks/CSV_Injection: names and dates come from untrusted files.
 */
export function toCsv(header: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const cell = (value: string | number) => {
    const text = typeof value === 'string' && FORMULA.test(value) && !isNumber(value) ? `'${value}` : String(value);
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return [header, ...rows].map((row) => `${row.map(cell).join(',')}\n`).join('');
}

const isNumber = (text: string): boolean => /^[+-]?[\d.]+(e[+-]?\d+)?$/i.test(text);
