import { withoutAccents } from './names.ts';

/** The order of the numbers in a date without names, as in 03/04/2000 or 2000/04/03. */
export type DateOrder = 'dmy' | 'mdy' | 'ymd' | 'ydm';

export const DAY_MS = 86_400_000;

/** Longer cells are treated as text. */
const MAX_CELL = 64;

/** The first letters of the months, in English, Portuguese, Spanish, French, German, Italian, Dutch and Danish. */
const MONTHS = new Map(
  'jan gen ene|feb fev|mar maa mrt mrz mae|apr abr avr|may mai mag mei maj|jun giu juin|jul lug juil|aug ago aou|sep set|oct out ott okt|nov|dec dez dic des'
    .split('|')
    .flatMap((names, k) => names.split(' ').map((name) => [name, k + 1] as const)),
);

/** Hours ahead of UTC. */
const ZONES: Readonly<Record<string, number>> = Object.fromEntries(
  'z0 utc0 gmt0 wet0 cet1 eet2 bst1 west1 cest2 eest3 msk3 jst9 est-5 edt-4 cst-6 cdt-5 mst-7 mdt-6 pst-8 pdt-7 brt-3'
    .split(' ')
    .map((zone) => [zone.replace(/[-\d]+/, ''), Number(/[-\d]+/.exec(zone))]),
);

/** Words for parts of a year, each as a letter of a shape. */
const PARTS: readonly (readonly [RegExp, string])[] = [
  [/^(?:q|t|qtr|quarter|tri|trim|trimestre|quartal|kwartaal)$/, 'q'],
  [/^(?:w|kw|wk|week|woche|semana|semaine|settimana)$/, 'w'],
  [/^(?:h|s|half|semester|semestre)$/, 'h'],
  [/^m$/, 'm'],
];

/** Filler words in dates; and weekdays, by their first letters in the same languages as months. */
const FILLER = /^(?:de[ls]?|of|the|at|um|uhr|d|st|nd|rd|th|er|o|feira|[º年月日時时分秒])$/;
const WEEKDAY = /^(?:mo|tu|we|th|fr|sa|su|di|mi|do|so|lu|ma|me|je|ju|ve|vi|gi|se|te|qu|wo|vr|za|zo)[a-z]{0,8}$/;

/** The most common format, on a fast path. */
const ISO = /^\s*(\d{4})-(\d\d)-(\d\d)(?:[ T](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d+))?)?(?:Z|\+00:?00)?)?\s*$/;

/** The next most common formats, also on a fast path. */
const SHORT = /^\s*(\d\d?)([-/.])(\d\d?)\2(\d{4}|\d\d)(?: (\d\d):(\d\d)(?::(\d\d))?)?\s*$/;

/** Never dates: numbers, and cells with a symbol that dates do not have. */
const NO_DATE = /^\s*[+-]?\d*[.,]?\d*\s*$|[\p{Sc}%*<>=@#&]/u;

/** Hour, minute, second, fraction, am or pm, hours and minutes ahead of UTC. */
const CLOCK =
  /(?<!\d)(\d{1,2})(?:[:h](\d\d)(?::(\d\d)(?:[.,:](\d{1,9}))?)?(?!\d)|(?=[\s-]*[ap]\.?\s?m\b))(?:[\s-]*([ap])\.?\s?m\b\.?)?(?:\s*(?:utc|gmt)?\s*([+-]\d\d)(?::?(\d\d))?(?![\d./-]))?/;

/** The order of the parts of a date: y year, m month, d day, q quarter, w week, k weekday, h half, j day of year. */
const SHAPES: Readonly<Record<string, string>> = {
  ...{ '4nn': 'ymd', nn4: 'dmy', Mn4: 'dy', nM4: 'dy', nMn: 'dy', '4Mn': 'yd', M4: 'y', '4M': 'y', Mn: 'y' },
  ...{ '4n': 'ym', n4: 'my', '4mn': 'ym', mn4: 'my', '43': 'yj', '4qn': 'yq', qn4: 'qy', nq4: 'qy', '4nq': 'yq' },
  ...{ '4wn': 'yw', wn4: 'wy', '4wnn': 'ywk', '4hn': 'yh', hn4: 'hy', nh4: 'hy', qnn: 'qy', nqn: 'qy' },
};

/** Digits without separators, by their number: 20200103, 20200103093000, 202001, 2020003. */
const DIGITS: Readonly<Record<number, string>> = { 6: '42', 7: '43', 8: '422', 10: '4222', 12: '42222', 14: '422222' };

/** Milliseconds since 1970, or NaN if a part is out of range. */
function utc(year: number, month: number, day: number, hour = 0, minute = 0, second = 0, fraction = ''): number {
  if (!(year > 999 && hours(hour) && minute < 60 && second < 61)) return NaN;
  const ms = Date.UTC(year, month - 1, day);
  const date = new Date(ms);
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return NaN; // 31 February
  return ms + ((hour * 60 + minute) * 60 + second + Number(`0.${fraction || 0}`)) * 1000;
}

const hours = (hour: number): boolean => hour <= 24;

/** As in POSIX: 69 to 99 are 1969 to 1999, 00 to 68 are 2000 to 2068. One digit is not a year. */
function fullYear(digits: string): number {
  const year = Number(digits);
  if (digits.length === 4) return year;
  return digits.length === 2 ? year + (year >= 69 ? 1900 : 2000) : NaN;
}

/** Parts of a number without separators; if the first digits cannot be a year, the last ones are. */
function pieces(digits: string, isFirst: boolean): string[] {
  let lengths = DIGITS[digits.length];
  if (!isFirst && (digits.length === 4 || digits.length === 6)) lengths = '222'.slice(0, digits.length / 2);
  if (digits.length === 8 && !/^(?:1[5-9]|2[01])/.test(digits)) lengths = '224';
  if (!lengths) return [digits];
  let at = 0;
  return Array.from(lengths, (length) => {
    at += Number(length);
    return digits.slice(at - Number(length), at);
  });
}

/**
 * The moment in a cell in ms since 1970 (UTC if it has no zone), or NaN. Weeks begin on their Monday, as in ISO 8601; months,
 * quarters and years on their first day; for a time span, this is its start.
 * @param isBare also reads digits without separators: 20200103.
 */
export function readDate(cell: string, order: DateOrder, isBare = false): number {
  if (cell.length > MAX_CELL) return NaN;
  const iso = order === 'ydm' ? null : ISO.exec(cell);
  if (iso) {
    const [, y, m, d, hour = 0, minute = 0, second = 0, fraction] = iso;
    return utc(Number(y), Number(m), Number(d), Number(hour), Number(minute), Number(second), fraction);
  }
  const short = order.endsWith('y') ? SHORT.exec(cell) : null;
  if (short) {
    const [, one, , other, year, hour = 0, minute = 0, second = 0] = short;
    const [day, month] = order === 'dmy' ? [one, other] : [other, one];
    return utc(fullYear(year!), Number(month), Number(day), Number(hour), Number(minute), Number(second));
  }
  if (!isBare && (NO_DATE.test(cell) || !/\d/.test(cell))) return NaN;
  let text = cell.toLowerCase();
  if (/[\u0080-\u024f]/.test(text)) text = withoutAccents(text);
  text = text.replace(/\[.*?\]|\(.*?\)/g, ' ').replace(/^\s*(\d{4}):(\d\d):(\d\d)(?= )/, '$1-$2-$3');
  text = text.split(/ (?:-|–|to|bis) (?=\d+[-./:])|\/(?=\d{4}-)/)[0]!;
  const clock = CLOCK.exec(text);
  if (clock) text = `${text.slice(0, clock.index)} ${text.slice(clock.index + clock[0].length)}`;

  let shape = '';
  let month = 0;
  let ahead = 0;
  let hasWeekday = false;
  const numbers: string[] = [];
  for (const word of text.match(/\d+|[a-z]+|\P{ASCII}/gu) ?? []) {
    if (word <= '9\uffff') {
      for (const piece of pieces(word, !/4|nnn/.test(shape))) {
        shape += piece.length < 3 ? 'n' : piece.length;
        numbers.push(piece);
      }
      continue;
    }
    const name = MONTHS.get(word.slice(0, 4)) ?? MONTHS.get(word.slice(0, 3));
    const part = PARTS.find(([words]) => words.test(word))?.[1];
    if (name) {
      month = name;
      shape = `${shape.replace('M', '')}M`; // the earlier match was a weekday: mar. 24 mars
    } else if (part && !(shape.length > 2 && part === 'q')) shape += part;
    else if (word in ZONES) ahead = ZONES[word]!;
    else if (WEEKDAY.test(word)) hasWeekday = true;
    else if (!(FILLER.test(word) || word === 't')) return NaN;
  }
  const roles = rolesOf(shape, order, clock !== null);
  if (!roles || (hasWeekday && !/d/.test(roles))) return NaN;
  return momentOf(roles, numbers, month, clock, ahead);
}

/** The role of each number in a shape; numbers after the date are hours, minutes and seconds. */
function rolesOf(shape: string, order: DateOrder, hasClock: boolean): string | undefined {
  if (shape === 'nnn') return order;
  for (let end = shape.length; end > 0; end--) {
    const roles = SHAPES[shape.slice(0, end)];
    if (!roles) continue;
    // Hours can only follow a day.
    if (end < shape.length && (hasClock || !/[djk]/.test(roles) || !/^n{1,3}$/.test(shape.slice(end))))
      return undefined;
    const date = roles === 'ymd' && order === 'ydm' ? order : roles === 'dmy' && order === 'mdy' ? order : roles;
    return date + 'HNS'.slice(0, shape.length - end);
  }
  return undefined;
}

function momentOf(
  roles: string,
  numbers: readonly string[],
  monthOfName: number,
  clock: RegExpExecArray | null,
  zone: number,
): number {
  const of = (role: string) => numbers[roles.indexOf(role)];
  const part = (role: string, other: number) => (roles.includes(role) ? Number(of(role)) : other);
  const year = fullYear(of('y') ?? '');
  const [quarter, half] = [part('q', 1), part('h', 1)];
  if (!(quarter > 0 && quarter < 5 && half > 0 && half < 3)) return NaN;
  const month = monthOfName || part('m', 3 * quarter - 2 + 6 * (half - 1));
  let [hour, minute, second] = [part('H', 0), part('N', 0), part('S', 0)];
  let ahead = zone * 60;
  if (clock) {
    const [, h, m = 0, s = 0, , afternoon, aheadHours, aheadMinutes = 0] = clock;
    [hour, minute, second] = [Number(h), Number(m), Number(s)];
    if (afternoon) hour = hour > 12 ? NaN : (hour % 12) + (afternoon === 'p' ? 12 : 0);
    if (aheadHours) ahead = Number(aheadHours) * 60 + Number(`${aheadHours[0]}${aheadMinutes}`);
  }
  let ms = utc(year, month, part('d', 1), hour, minute, second, clock?.[4]);
  if (roles.includes('w')) {
    const fourth = new Date(Date.UTC(year, 0, 4)); // always in the first week
    const [week, weekday] = [part('w', 1), part('k', 1)];
    ms = week > 0 && week < 54 && weekday > 0 && weekday < 8 ? ms : NaN;
    ms += (3 - ((fourth.getUTCDay() + 6) % 7) + 7 * (week - 1) + weekday - 1) * DAY_MS;
  }
  const dayOfYear = part('j', 1);
  if (!(dayOfYear > 0 && dayOfYear < 367)) return NaN;
  return ms + (dayOfYear - 1) * DAY_MS - ahead * 60_000;
}
