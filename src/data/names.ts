/** Letters without their accents. */
export const withoutAccents = (text: string): string => text.normalize('NFD').replace(/[\u0300-\u036f]/g, '');

/** A name normalized for comparison: without case, accents, spaces and punctuation. */
export const plainName = (name: string): string =>
  name
    .normalize('NFD')
    .replace(/[^\p{L}\p{N}]/gu, '')
    .toLowerCase();

/** Columns whose numbers are parts of a date. */
const PARTS = {
  year: /^(?:year|yr|yyyy|ano|anno|annee|jahr|jaar|年)$/,
  month: /^(?:month|mon|mo|mm|mes|mois|monat|mese|maand|月|period)$/,
  quarter: /^(?:quarter|qtr|trimestre|quartal|kwartaal)$/,
  week: /^(?:week|wk|woche|kw|semana|semaine|settimana)$/,
  day: /^(?:day|dy|dd|dia|jour|tag|giorno|dag|日|dayofmonth|dateofmonth)$/,
  dayOfYear: /^(?:doy|dayofyear|yday|jday)$/,
  hour: /^(?:hour|hr|hh|hora|heure|stunde|std|ora|uur|hourending|he|時|时)$/,
  minute: /^(?:minute|min|mi)$/,
  time: /^(?:.*[^a-z])?(?:time|hora|uhrzeit|heure|ora|tijd|clock|hhmm)/,
} as const;

export type DatePart = keyof typeof PARTS;

export const isPart = (name: string, part: DatePart): boolean => PARTS[part].test(plainName(name));

/** Prefix of the names of columns made from dates. */
export const CALENDAR = 'calendar:';

/** Whether a column was made from the dates. */
export const isOfCalendar = (name: string): boolean => name.startsWith(CALENDAR);
