/** The decimal separator; the other one may group thousands. */
export type DecimalMark = '.' | ',';

/** Longer cells are treated as text: no number in a table is longer, and this bounds the cost of the expressions below. */
const MAX_CELL = 64;

const MISSING = new Set(
  [
    '',
    'nan',
    'null',
    'none',
    'nil',
    'undefined',
    'n/a',
    'na',
    '#n/a',
    '<na>',
    '-',
    '--',
    '–',
    '—',
    '.',
    '..',
    '?',
  ].concat([
    'inf',
    '+inf',
    '-inf',
    'infinity',
    '+infinity',
    '-infinity',
    'n.a.',
    'n.d.',
    '#ref!',
    '#div/0!',
    '#value!',
  ]),
);

/** Known codes, not any letters: `12 Jan` is not an amount, and `M$ 12` may be millions. */
const CURRENCY = '(?:(?:US|AU|CA|NZ|HK|SG|NT|MX|CN|JP|[ACRSZ])?\\p{Sc}|USD|EUR|GBP|BRL|JPY|CNY|CHF|CAD|AUD|INR|MXN)';

/** Sign, currency, sign, digits with marks, exponent, magnitude or `%`, currency, sign. */
const AFFIXES = new RegExp(
  `^([+-])?\\s?(?:${CURRENCY})?\\s?([+-])?([\\d.,' ]*\\d[.,]?)([eE][+-]?\\d{1,3})?\\s?([kKMBT]|[mM]n|[bB]n|M(?:io|rd)\\.?|%)?(?:\\s?${CURRENCY})?(-)?$`,
  'u',
);

/** `1234.5`, `.5`; `1,234.5`, `1 234.5`, `1'234.5`; `12,34,567.8` (India). A group never starts with 0, so 0.123 is not 123. */
const BODY: Record<DecimalMark, { plain: RegExp; grouped: RegExp; indian: RegExp | null }> = {
  '.': {
    plain: /^(?:\d+\.?\d*|\.\d+)$/,
    grouped: /^[1-9]\d{0,2}([,' ])\d{3}(?:\1\d{3})*(?:\.\d*)?$/,
    indian: /^[1-9]\d?(?:,\d{2})+,\d{3}(?:\.\d*)?$/,
  },
  ',': {
    plain: /^(?:\d+,?\d*|,\d+)$/,
    grouped: /^[1-9]\d{0,2}([.' ])\d{3}(?:\1\d{3})*(?:,\d*)?$/,
    indian: null,
  },
};

/** The most common format, on a fast path; the lookahead excludes `1.234`. */
const PLAIN_POINT = /^-?(?!\d{1,3}\.\d{3}$)\d+\.\d+$/;
const PLAIN_INTEGER = /^-?\d+$/;
/** `1.234`: a fraction or, with a decimal comma, a group of thousands, which never starts with 0. */
const POINT_OR_GROUP = /^-?\d{1,3}\.\d{3}$/;

const EXPONENT: Readonly<Record<string, string>> = {
  K: 'e3',
  M: 'e6',
  MN: 'e6',
  MIO: 'e6',
  B: 'e9',
  BN: 'e9',
  MRD: 'e9',
  T: 'e12',
};

/** Whether a cell marks a missing value: empty, `NaN`, `null`, `N/A`, `-`, `.`, `Infinity` and their like. */
export function isMissing(cell: string): boolean {
  return cell.length <= MAX_CELL && MISSING.has(cell.trim().toLowerCase());
}

/**
 * The number in a cell, or NaN. Currency signs and codes are dropped, K, M, B and T multiply by 1e3, 1e6, 1e9 and 1e12,
 * and a percent stays as printed: `R$ 1.234,5` is 1234.5, `931.8M` is 931800000, `-0.5%` is -0.5.
 */
export function readNumber(cell: string, decimal: DecimalMark): number {
  if (cell.length > MAX_CELL) return NaN;
  if (PLAIN_INTEGER.test(cell)) return Number(cell);
  if (PLAIN_POINT.test(cell)) return decimal === '.' ? Number(cell) : NaN;
  if (POINT_OR_GROUP.test(cell))
    return decimal === '.' ? Number(cell) : /^-?0/.test(cell) ? NaN : Number(cell.replace('.', ''));
  let text = cell.trim().replace(/[\u00a0\u2007\u2009\u202f]/g, ' ');
  text = text.replace(/[\u2212\u2013]/, '-').replace(/\u2019/g, "'");
  const accounting = /^([^\d\s(]*)\((.+)\)$/.exec(text); // (12.5) and $(12.5) are -12.5 to an accountant
  const match = AFFIXES.exec(accounting ? accounting[1]! + accounting[2]! : text);
  if (!match) return NaN;
  const [, before, after, body, exponent, magnitude = '', behind] = match;
  const signs = [before, after, behind, accounting && '-'].filter(Boolean);
  if (signs.length > 1) return NaN;
  const scale = EXPONENT[magnitude.toUpperCase().replace('.', '')] ?? '';
  if (exponent && scale) return NaN;
  const { plain, grouped, indian } = BODY[decimal];
  let digits = body!;
  if (!plain.test(digits)) {
    if (exponent || !(grouped.test(digits) || indian?.test(digits))) return NaN;
    digits = digits.replace(decimal === '.' ? /[,' ]/g : /[.' ]/g, '');
  }
  // Joined as text, not multiplied, so that 931.8M is exactly 931800000.
  const value = Number(digits.replace(',', '.') + (exponent ?? scale));
  if (!Number.isFinite(value)) return NaN;
  return signs[0] === '-' ? -value : value;
}

/** Evidence in a column's cells about their decimal mark. */
export interface MarkEvidence {
  /** Cells that are not missing. */
  present: number;
  /** Cells that are a number in at least one of the two readings. */
  numbers: number;
  /** Cells that are a number with a decimal point only, such as `0.5` or `1,234.5`. */
  point: number;
  /** Cells that are a number with a decimal comma only, such as `0,5` or `1.234,5`. */
  comma: number;
  /** A cell that is a different number in each reading, such as `1.234`. */
  ambiguous: string | undefined;
}

export function markEvidence(cells: readonly string[]): MarkEvidence {
  const evidence: MarkEvidence = { present: 0, numbers: 0, point: 0, comma: 0, ambiguous: undefined };
  for (const cell of cells) {
    if (isMissing(cell)) continue;
    evidence.present++;
    const withPoint = readNumber(cell, '.');
    const withComma = readNumber(cell, ',');
    const isPoint = !Number.isNaN(withPoint);
    const isComma = !Number.isNaN(withComma);
    if (!isPoint && !isComma) continue;
    evidence.numbers++;
    if (!isComma) evidence.point++;
    else if (!isPoint) evidence.comma++;
    else if (withPoint !== withComma) evidence.ambiguous ??= cell;
  }
  return evidence;
}

/** The mark with more evidence; undefined for none or a tie. */
export function markOf({ point, comma }: Pick<MarkEvidence, 'point' | 'comma'>): DecimalMark | undefined {
  if (point === comma) return undefined;
  return point > comma ? '.' : ',';
}

/** A unit after a number: `100 kW`, `10°C`. */
const UNIT = /\d\s?([\p{L}°µ][\p{L}\d°µ/²³·]*)\s*$/u;

/** The cells without the unit at the end of all of them (except missing ones); undefined if there is none. */
export function withoutUnit(cells: readonly string[]): string[] | undefined {
  const unit = UNIT.exec(cells.find((cell) => !isMissing(cell)) ?? '')?.[1];
  if (unit === undefined || /^(?:utc|gmt|z|[ap]m)$/i.test(unit)) return undefined; // 0900 UTC is a time of day
  const bare = (cell: string) =>
    isMissing(cell) ? cell : UNIT.exec(cell)?.[1] === unit ? cell.trim().slice(0, -unit.length) : undefined;
  const all: string[] = [];
  for (const cell of cells) {
    const text = bare(cell);
    if (text === undefined) return undefined;
    all.push(text);
  }
  return all;
}
