/** Seconds as people say them: `4.2 s`, `42 s`, `3 min 05 s`, `1 h 02 min`. @param language of the decimal mark. */
export function formatSeconds(seconds: number, language = 'en'): string {
  if (!Number.isFinite(seconds)) return '–';
  const tenths = Math.round(10 * seconds) / 10;
  if (tenths < 10)
    return `${tenths.toLocaleString(language, { minimumFractionDigits: 1, maximumFractionDigits: 1 })} s`;
  const rounded = Math.round(seconds);
  const two = (value: number) => String(value).padStart(2, '0');
  if (rounded < 60) return `${rounded} s`;
  if (rounded < 3600) return `${Math.floor(rounded / 60)} min ${two(rounded % 60)} s`;
  return `${Math.floor(rounded / 3600)} h ${two(Math.floor((rounded % 3600) / 60))} min`;
}
