/** A file in a common format, and its contents. */
export interface KindOfFile {
  name: string;
  input: string | Uint8Array;
  /** In time order. */
  values: readonly number[];
  /** ISO dates of the first and last rows. */
  span?: readonly [string, string] | undefined;
  /** The lines of its rows, for files whose rows may be in any order. */
  shuffled?: (order: readonly number[]) => string;
}

const DAY_MS = 86_400_000;
const HOUR_MS = DAY_MS / 24;
const START = Date.UTC(2021, 10, 17, 9, 30);
const p = (n: number, width = 2) => String(n).padStart(width, '0');

/** The parts of a date and time, by the letters of a format. */
function parts(ms: number) {
  const d = new Date(ms);
  return {
    Y: d.getUTCFullYear(),
    m: d.getUTCMonth() + 1,
    d: d.getUTCDate(),
    H: d.getUTCHours(),
    M: d.getUTCMinutes(),
    w: d.getUTCDay(),
  };
}

type Form = (t: ReturnType<typeof parts>, ms: number) => string;

const NAMES: Readonly<Record<string, string>> = {
  en: 'January February March April May June July August September October November December',
  pt: 'janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro',
  es: 'enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre',
  fr: 'janvier février mars avril mai juin juillet août septembre octobre novembre décembre',
  de: 'Januar Februar März April Mai Juni Juli August September Oktober November Dezember',
  it: 'gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre',
  nl: 'januari februari maart april mei juni juli augustus september oktober november december',
};
const month = (language: string, m: number, letters = 99) => NAMES[language]!.split(' ')[m - 1]!.slice(0, letters);
const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const half = (H: number) => `${H % 12 || 12}`;
const ap = (H: number) => (H < 12 ? 'AM' : 'PM');

/** Days. */
const DAYS: Readonly<Record<string, Form>> = {
  'yyyy-mm-dd': ({ Y, m, d }) => `${Y}-${p(m)}-${p(d)}`,
  'yyyy/m/d': ({ Y, m, d }) => `${Y}/${m}/${d}`,
  'yyyy.mm.dd': ({ Y, m, d }) => `${Y}.${p(m)}.${p(d)}`,
  'yyyy/dd/mm': ({ Y, m, d }) => `${Y}/${p(d)}/${p(m)}`,
  'dd/mm/yyyy': ({ Y, m, d }) => `${p(d)}/${p(m)}/${Y}`,
  'mm/dd/yyyy': ({ Y, m, d }) => `${p(m)}/${p(d)}/${Y}`,
  'm/d/yy': ({ Y, m, d }) => `${m}/${d}/${p(Y % 100)}`,
  'dd.mm.yyyy': ({ Y, m, d }) => `${p(d)}.${p(m)}.${Y}`,
  'dd.mm.yy': ({ Y, m, d }) => `${p(d)}.${p(m)}.${p(Y % 100)}`,
  'dd-mm-yyyy': ({ Y, m, d }) => `${p(d)}-${p(m)}-${Y}`,
  'dd mm yyyy': ({ Y, m, d }) => `${p(d)} ${p(m)} ${Y}`,
  yyyymmdd: ({ Y, m, d }) => `${Y}${p(m)}${p(d)}`,
  'd-Mon-yy': ({ Y, m, d }) => `${d}-${month('en', m, 3)}-${p(Y % 100)}`,
  'dd-MON-yyyy': ({ Y, m, d }) => `${p(d)}-${month('en', m, 3).toUpperCase()}-${Y}`,
  'Mon dd, yyyy': ({ Y, m, d }) => `${month('en', m, 3)} ${p(d)}, ${Y}`,
  'Month d, yyyy': ({ Y, m, d }) => `${month('en', m)} ${d}, ${Y}`,
  'Mon. d, yyyy': ({ Y, m, d }) => `${month('en', m, 3)}. ${d}, ${Y}`,
  'Www, dd Mon yyyy': ({ Y, m, d, w }) => `${WEEKDAYS[w]}, ${p(d)} ${month('en', m, 3)} ${Y}`,
  'yyyy-Mon-dd': ({ Y, m, d }) => `${Y}-${month('en', m, 3)}-${p(d)}`,
  'd de mês de yyyy': ({ Y, m, d }) => `${d} de ${month('pt', m)} de ${Y}`,
  'd de mes de yyyy': ({ Y, m, d }) => `${d} de ${month('es', m)} de ${Y}`,
  'd mois yyyy': ({ Y, m, d }) => `${d === 1 ? '1er' : d} ${month('fr', m)} ${Y}`,
  'd. Monat yyyy': ({ Y, m, d }) => `${d}. ${month('de', m)} ${Y}`,
  'd mese yyyy': ({ Y, m, d }) => `${d} ${month('it', m)} ${Y}`,
  'd maand yyyy': ({ Y, m, d }) => `${d} ${month('nl', m)} ${Y}`,
  'dd/mmm/yyyy pt': ({ Y, m, d }) => `${p(d)}/${month('pt', m, 3)}/${Y}`,
  yyyy年m月d日: ({ Y, m, d }) => `${Y}年${m}月${d}日`,
  'ordinal dates': ({ Y }, ms) => `${Y}-${p((ms - Date.UTC(Y, 0, 1)) / DAY_MS + 1, 3)}`,
  'week dates': (_, ms) => {
    const thursday = ms + (3 - ((new Date(ms).getUTCDay() + 6) % 7)) * DAY_MS;
    const year = new Date(thursday).getUTCFullYear();
    const week = Math.floor((thursday - Date.UTC(year, 0, 1)) / DAY_MS / 7) + 1;
    return `${year}-W${p(week)}-${new Date(ms).getUTCDay() || 7}`;
  },
  'Excel serials': (_, ms) => String(ms / DAY_MS + 25_569),
};

/** Hours. */
const HOURS: Readonly<Record<string, Form>> = {
  'yyyy-mm-dd hh:mm': ({ Y, m, d, H, M }) => `${Y}-${p(m)}-${p(d)} ${p(H)}:${p(M)}`,
  'yyyy-mm-ddThh:mm:ssZ': ({ Y, m, d, H, M }) => `${Y}-${p(m)}-${p(d)}T${p(H)}:${p(M)}:00Z`,
  'yyyy-mm-ddThh:mm:ss.fffffffff': ({ Y, m, d, H, M }) => `${Y}-${p(m)}-${p(d)}T${p(H)}:${p(M)}:00.000000000`,
  'with +00': ({ Y, m, d, H, M }) => `${Y}-${p(m)}-${p(d)} ${p(H)}:${p(M)}:00+00`,
  'with -03:00': (_, ms) => `${new Date(ms - 3 * HOUR_MS).toISOString().slice(0, 19)}-03:00`,
  'with +0530': (_, ms) => `${new Date(ms + 5.5 * HOUR_MS).toISOString().slice(0, 19)}+0530`,
  'with UTC': ({ Y, m, d, H, M }) => `${Y}-${p(m)}-${p(d)} ${p(H)}:${p(M)}:00 UTC`,
  'dd/mm/yyyy hh:mm': ({ Y, m, d, H, M }) => `${p(d)}/${p(m)}/${Y} ${p(H)}:${p(M)}`,
  'dd.mm.yyyy hh.mm.ss': ({ Y, m, d, H, M }) => `${p(d)}.${p(m)}.${Y} ${p(H)}.${p(M)}.00`,
  'm/d/yyyy h:mm AM': ({ Y, m, d, H, M }) => `${m}/${d}/${Y} ${half(H)}:${p(M)} ${ap(H)}`,
  'm/d/yyyy, h:mm:ss AM': ({ Y, m, d, H, M }) => `${m}/${d}/${Y}, ${half(H)}:${p(M)}:00 ${ap(H)}`,
  'h:mm a.m.': ({ Y, m, d, H, M }) => `${p(d)}/${p(m)}/${Y} ${half(H)}:${p(M)} ${ap(H) === 'AM' ? 'a. m.' : 'p. m.'}`,
  'yyyymmdd hhmmss': ({ Y, m, d, H, M }) => `${Y}${p(m)}${p(d)} ${p(H)}${p(M)}00`,
  yyyymmddThhmmssZ: ({ Y, m, d, H, M }) => `${Y}${p(m)}${p(d)}T${p(H)}${p(M)}00Z`,
  yyyymmddhhmmss: ({ Y, m, d, H, M }) => `${Y}${p(m)}${p(d)}${p(H)}${p(M)}00`,
  'yyyy.mm.dd hh:mm:ss.fff': ({ Y, m, d, H, M }) => `${Y}.${p(m)}.${p(d)} ${p(H)}:${p(M)}:00.000`,
  ctime: ({ Y, m, d, H, M, w }) =>
    `${WEEKDAYS[w]} ${month('en', m, 3)} ${String(d).padStart(2)} ${p(H)}:${p(M)}:00 ${Y}`,
  'RFC 2822': ({ Y, m, d, H, M, w }) => `${WEEKDAYS[w]}, ${p(d)} ${month('en', m, 3)} ${Y} ${p(H)}:${p(M)}:00 +0000`,
  'web log': ({ Y, m, d, H, M }) => `${p(d)}/${month('en', m, 3)}/${Y}:${p(H)}:${p(M)}:00 +0000`,
  'spans of time': ({ Y, m, d, H, M }, ms) => {
    const next = parts(ms + HOUR_MS);
    return `${p(d)}.${p(m)}.${Y} ${p(H)}:${p(M)} - ${p(next.d)}.${p(next.m)}.${next.Y} ${p(next.H)}:${p(next.M)}`;
  },
  'epoch s': (_, ms) => String(ms / 1000),
  'epoch s with a fraction': (_, ms) => `${ms / 1000}.0`,
  'epoch ms': (_, ms) => String(ms),
  'epoch us': (_, ms) => `${ms}000`,
  'epoch ns': (_, ms) => `${ms}000000`,
  'Excel serials with hours': (_, ms) => (ms / DAY_MS + 25_569).toFixed(9),
};

/** Months and longer. */
const MONTHS: Readonly<Record<string, Form>> = {
  'yyyy-mm': ({ Y, m }) => `${Y}-${p(m)}`,
  'mm/yyyy': ({ Y, m }) => `${p(m)}/${Y}`,
  yyyymm: ({ Y, m }) => `${Y}${p(m)}`,
  yyyyMmm: ({ Y, m }) => `${Y}M${p(m)}`,
  'Mon-yy': ({ Y, m }) => `${month('en', m, 3)}-${p(Y % 100)}`,
  'Mon yyyy': ({ Y, m }) => `${month('en', m, 3)} ${Y}`,
  'yyyy Mon': ({ Y, m }) => `${Y} ${month('en', m, 3).toUpperCase()}`,
  'mês/yy': ({ Y, m }) => `${month('pt', m, 3)}/${p(Y % 100)}`,
  'mês de yyyy': ({ Y, m }) => `${month('pt', m)} de ${Y}`,
  'Monat yyyy': ({ Y, m }) => `${month('de', m)} ${Y}`,
  'mois yyyy': ({ Y, m }) => `${month('fr', m)} ${Y}`,
  'mes yyyy': ({ Y, m }) => `${month('es', m)} ${Y}`,
  'mese yyyy': ({ Y, m }) => `${month('it', m)} ${Y}`,
  'maand yyyy': ({ Y, m }) => `${month('nl', m)} ${Y}`,
  yyyy年m月: ({ Y, m }) => `${Y}年${m}月`,
};
const QUARTERS: Readonly<Record<string, Form>> = {
  yyyyQq: ({ Y, m }) => `${Y}Q${(m + 2) / 3}`,
  'yyyy-Qq': ({ Y, m }) => `${Y}-Q${(m + 2) / 3}`,
  'Qq yyyy': ({ Y, m }) => `Q${(m + 2) / 3} ${Y}`,
  'qT yyyy': ({ Y, m }) => `${(m + 2) / 3}T${Y}`,
  'q. Quartal yyyy': ({ Y, m }) => `${(m + 2) / 3}. Quartal ${Y}`,
};

const COUNT = 40;
const values = Array.from({ length: COUNT }, (_, k) => 100 + ((k * 37) % 41) / 4);
const monthsFrom = (step: number) => Array.from({ length: COUNT }, (_, k) => Date.UTC(2012, step * k));
const stepped = (start: number, step: number) => Array.from({ length: COUNT }, (_, k) => start + k * step);
const iso = (ms: number | undefined) => new Date(ms!).toISOString();

/** A column of dates and one of numbers. */
function dated(name: string, form: Form, moments: readonly number[]): KindOfFile[] {
  const heading = 'Date';
  const lines = moments.map((ms, k) => `${form(parts(ms), ms)}\t${values[k]}`);
  const shuffled = (order: readonly number[]) => [`${heading}\tTemperature`, ...order.map((k) => lines[k]!)].join('\n');
  const span = [iso(moments[0]), iso(moments.at(-1))] as const;
  const file = { values, span, shuffled };
  return [
    { ...file, name: `${name}, oldest first`, input: shuffled([...lines.keys()]) },
    { ...file, name: `${name}, newest first`, input: shuffled([...lines.keys()].reverse()) },
  ];
}

const days = stepped(Date.UTC(2021, 10, 17), DAY_MS);
const table = (delimiter: string, header = ['Date', 'Temperature']) =>
  [header, ...days.map((ms, k) => [iso(ms).slice(0, 10), String(values[k])])].map((row) => row.join(delimiter));
const comma = table(',');
const daySpan = [iso(days[0]), iso(days.at(-1))] as const;
const utf16 = (text: string, big: boolean, mark: boolean): Uint8Array => {
  const units = Uint16Array.from(`${mark ? '\ufeff' : ''}${text}`, (char) => char.charCodeAt(0));
  const bytes = new Uint8Array(units.buffer.slice(0));
  return big ? bytes.map((_, k) => bytes[k ^ 1]!) : bytes;
};
const decimalComma = (text: string) => text.replace(/(\d)\.(\d)/g, '$1,$2');
const withColumns = (
  header: string,
  cells: (t: ReturnType<typeof parts>, k: number) => string,
  moments: readonly number[],
) => [header, ...moments.map((ms, k) => cells(parts(ms), k))].join('\n');
const hours = stepped(START, HOUR_MS);
const wholeHours = stepped(Date.UTC(2021, 10, 17, 9), HOUR_MS);
const spanOf = (moments: readonly number[]) => [iso(moments[0]), iso(moments.at(-1))] as const;
const sum = values.reduce((one, other) => one + other, 0);

/** Table layouts of common programs. */
const TABLES: readonly (readonly [string, string | Uint8Array, (readonly [string, string] | null)?])[] = [
  ['a title', ['Monthly energy report', 'Site: North', '', ...comma].join('\n')],
  ['a padded title', ['Monthly energy report,', 'Site: North,', ',', ...comma].join('\n')],
  ['an address', ['https://www.example.com', ...comma].join('\n')],
  ['comments', ['# logger v2', '# station 7, north', ...comma].join('\n')],
  ['a header in a comment', [`# ${comma[0]}`, ...comma.slice(1)].join('\n')],
  ['units', [comma[0], ',°C', ...comma.slice(1)].join('\n')],
  ['a second header', [comma[0], '10d,12n', ...comma.slice(1)].join('\n')],
  ['no header', comma.slice(1).join('\n')],
  ['a total', [...comma, `Total,${sum}`].join('\n')],
  ['totals and a source', [...comma, `Summe,${sum}`, `Average,${sum / COUNT}`, '', 'Source: office'].join('\n')],
  ['a subtotal in between', [...comma.slice(0, 20), 'Subtotal,2000', ...comma.slice(20)].join('\n')],
  ['the header again', [...comma.slice(0, 20), comma[0], ...comma.slice(20)].join('\n')],
  ['a delimiter after the header', [`${comma[0]},`, ...comma.slice(1)].join('\n')],
  ['a delimiter after rows', [comma[0], ...comma.slice(1).map((line) => `${line},`)].join('\n')],
  ['delimiters after all lines', comma.map((line) => `${line},,`).join('\n')],
  ['a blank margin', comma.map((line) => `,${line}`).join('\n')],
  ['quotes', comma.map((line) => line.replace(/[^,]+/g, '"$&"')).join('\r\n')],
  ['a delimiter in a quoted name', table(',', ['Date', '"Temperature; °C"']).join('\n')],
  ['UTF-16 LE', utf16(table('\t').join('\r\n'), false, true)],
  ['UTF-16 BE', utf16(table('\t').join('\r\n'), true, true)],
  ['UTF-16 LE without a mark', utf16(table('\t').join('\r\n'), false, false)],
  ['UTF-16 BE without a mark', utf16(table('\t').join('\r\n'), true, false)],
  ['UTF-8 with a mark', new TextEncoder().encode(`\ufeff${comma.join('\n')}`)],
  ['Windows-1252', Uint8Array.from(table(';', ['Data', 'Pre\u00e7o']).join('\n'), (char) => char.charCodeAt(0))],
  ['decimal commas', decimalComma(table(';').join('\n'))],
  ['percents', comma.map((line, k) => (k ? `${line}%` : line)).join('\n')],
  ['units in cells', comma.map((line, k) => (k ? `${line} kW` : line)).join('\n')],
  ['degrees in cells', comma.map((line, k) => (k ? `${line}°C` : line)).join('\n')],
  ['currencies', comma.map((line, k) => (k ? line.replace(',', ',$') : line)).join('\n')],
  ['an index without a name', comma.map((line, k) => (k ? `${k - 1},${line}` : `,${line}`)).join('\n')],
  ['an index with a shorter header', comma.map((line, k) => (k ? `${k},${line}` : line)).join('\n')],
  ['a name in digits', table(',', ['Date', '0']).join('\n')],
  [
    'an id and a volume',
    comma.map((line, k) => (k ? `${7 * k},${line},${k * k}` : `store id,${line},Volume`)).join('\n'),
  ],
  [
    'years in the header',
    `${['Country', ...stepped(1980, 1)].join(',')}\nBrazil,${values.join(',')}`,
    [iso(Date.UTC(1980)), iso(Date.UTC(1980 + COUNT - 1))],
  ],
  [
    'quarters in the header',
    ['Series', ...monthsFrom(3).map((ms) => QUARTERS['Qq yyyy']!(parts(ms), ms))].join(',') +
      `\nGDP,${values.join(',')}`,
    spanOf(monthsFrom(3)),
  ],
  [
    'date and time',
    withColumns('Date,Time,Load', (t, k) => `${p(t.d)}/${p(t.m)}/${t.Y},${p(t.H)}:${p(t.M)},${values[k]}`, hours),
    spanOf(hours),
  ],
  [
    'date and hour',
    withColumns('Date;Hour;Load', (t, k) => `${t.Y}-${p(t.m)}-${p(t.d)};${t.H};${values[k]}`, wholeHours),
    spanOf(wholeHours),
  ],
  [
    'date and hhmm UTC',
    withColumns(
      'Data;Hora UTC;Chuva',
      (t, k) => `${t.Y}/${p(t.m)}/${p(t.d)};${p(t.H)}00 UTC;${decimalComma(`${values[k]}`)}`,
      wholeHours,
    ),
    spanOf(wholeHours),
  ],
  ['year, month, day', withColumns('year,month,day,sales', (t, k) => `${t.Y},${t.m},${t.d},${values[k]}`, days)],
  [
    'year, month, day, hour',
    withColumns('No,year,month,day,hour,pm', (t, k) => `${k + 1},${t.Y},${t.m},${t.d},${t.H},${values[k]}`, wholeHours),
    spanOf(wholeHours),
  ],
  [
    'year and month',
    withColumns('Ano;Mês;Vendas', (t, k) => `${t.Y};${t.m};${values[k]}`, monthsFrom(1)),
    spanOf(monthsFrom(1)),
  ],
  [
    'year and period',
    withColumns('Series ID,Year,Period,Value', (t, k) => `CU01,${t.Y},M${p(t.m)},${values[k]}`, monthsFrom(1)),
    spanOf(monthsFrom(1)),
  ],
  [
    'year and quarter',
    withColumns('Year,Quarter,Rate', (t, k) => `${t.Y},${(t.m + 2) / 3},${values[k]}`, monthsFrom(3)),
    spanOf(monthsFrom(3)),
  ],
  ['years', withColumns('Year,Rate', (t, k) => `${t.Y},${values[k]}`, monthsFrom(12)), spanOf(monthsFrom(12))],
  [
    'months side by side',
    ['Year,Jan,Feb,Mar,Apr,May,Jun,Jul,Aug,Sep,Oct,Nov,Dec,Annual']
      .concat(
        [0, 1, 2, 3].map((y) => {
          const own = values.slice(12 * y, 12 * y + 12);
          return [2012 + y, ...own, ...Array<string>(12 - own.length).fill(''), 5].join(',');
        }),
      )
      .join('\n'),
    spanOf(monthsFrom(1)),
  ],
  ['JSON split', JSON.stringify({ columns: ['date', 'value'], data: days.map((ms, k) => [iso(ms), values[k]]) })],
  ['JSON numbers', JSON.stringify(values), null],
  ['JSON objects', JSON.stringify(days.map((ms, k) => ({ date: iso(ms), value: values[k] })))],
  ['JSON pairs', JSON.stringify(days.map((ms, k) => [ms, values[k]]))],
  ['JSON lines', days.map((ms, k) => JSON.stringify({ date: iso(ms), value: values[k] })).join('\n')],
  ['JSON columns', JSON.stringify({ date: days.map(iso), value: values })],
  ['JSON by an index', JSON.stringify({ close: Object.fromEntries(days.map((ms, k) => [ms, values[k]])) })],
  [
    'JSON within an answer',
    JSON.stringify({
      status: 'ok',
      data: days.map((ms, k) => ({ t: ms, v: values[k], date: iso(ms) })).map(({ date, v }) => ({ date, v })),
    }),
  ],
];

export const KINDS_OF_FILES: readonly KindOfFile[] = [
  ...Object.entries(DAYS).flatMap(([name, form]) => dated(name, form, days)),
  ...Object.entries(HOURS).flatMap(([name, form]) => dated(name, form, hours)),
  ...Object.entries(MONTHS).flatMap(([name, form]) => dated(name, form, monthsFrom(1))),
  ...Object.entries(QUARTERS).flatMap(([name, form]) => dated(name, form, monthsFrom(3))),
  ...TABLES.map(([name, input, span = daySpan]) => ({ name, input, values, span: span ?? undefined })),
];
