import { DataError, type ForecasterOptions, type OneSeries } from '../src/worker/client.ts';
import type { PageSeries } from './series_file.ts';
import { groupOfOthers } from './settings_form.ts';
import { t } from './texts/index.ts';

/** Other columns that a file may have with their group unfolded. */
const MOST_UNFOLDED = 6;

/** Names of the other columns that a model reads, by whether they are known ahead. */
export interface SideNames {
  /** Known up to the last row of the series. */
  past: readonly string[];
  /** Known also in the rows to forecast. */
  future: readonly string[];
}

/** Values that a model reads of each row. */
export const inputsOf = ({ past, future }: PageSeries): number =>
  1 + Object.keys(past).length + Object.keys(future).length;

/** What a forecaster is trained on: a series alone, or with other columns. */
export const trainedOn = (series: PageSeries): OneSeries => {
  const { values: target, past, future } = series;
  return inputsOf(series) === 1 ? target : { target, past, future };
};

/**
 * The shape of a forecaster that reads these columns. Nothing is known of past columns after the last row, so a model that reads
 * some has an output for each row ahead.
 * @param horizon rows to forecast.
 */
export function shapeOf(series: PageSeries, horizon: number): Pick<ForecasterOptions, 'past' | 'future' | 'horizon'> {
  const [past, future] = [Object.keys(series.past), Object.keys(series.future)];
  if (inputsOf(series) === 1) return {};
  return { past, future, horizon: past.length > 0 ? horizon : 1 };
}

/** The column that is known ahead for the fewest rows after the end, and for how many; undefined: there is none. */
function leastKnown({ values, future }: PageSeries): { column: string; ahead: number } | undefined {
  const all = Object.entries(future).map(([column, { length }]) => ({ column, ahead: length - values.length }));
  return all.toSorted((a, b) => a.ahead - b.ahead)[0];
}

/** Rows after the end in which every column that is known ahead has a value; undefined: there is no such column. */
export const rowsKnownAhead = (series: PageSeries): number | undefined => leastKnown(series)?.ahead;

/** @throws DataError where a column that is known ahead ends before the rows to forecast do. */
export function checkKnownAhead(series: PageSeries, horizon: number): void {
  const least = leastKnown(series);
  if (!least || least.ahead >= horizon) return;
  const { column, ahead } = least;
  const rows = series.values.length;
  throw new DataError(`${column}: ${ahead} rows are known ahead, but ${horizon} are forecast.`, {
    code: 'future-too-short',
    details: { column, rows: rows + ahead, needed: rows + horizon },
  });
}

/** A choice for each other column of the file: to leave it out, or what is known of it. */
export class SideColumns {
  readonly #host: HTMLElement;
  readonly #onChoose: () => void;
  #selects: readonly (readonly [name: string, select: HTMLSelectElement])[] = [];

  /** @param host an empty element of the form. @param onChoose called after each choice. */
  constructor(host: HTMLElement, onChoose: () => void) {
    this.#host = host;
    this.#onChoose = onChoose;
  }

  get chosen(): SideNames {
    const named = (kind: keyof SideNames) =>
      this.#selects.filter(([, { value }]) => value === kind).map(([name]) => name);
    return { past: named('past'), future: named('future') };
  }

  /** @param names of the columns there are. */
  show(names: readonly string[], { past, future }: SideNames): void {
    const isSame = String(names) === String(this.#selects.map(([name]) => name));
    if (!isSame) this.#build(names);
    for (const [name, select] of this.#selects)
      select.value = past.includes(name) ? 'past' : future.includes(name) ? 'future' : '';
  }

  #build(names: readonly string[]): void {
    const { title, help, choices } = t.sideColumns;
    this.#selects = names.map((name, k) => {
      const select = document.createElement('select');
      select.id = `side-${k}`;
      select.append(
        ...Object.entries(choices).map(([value, text]) => new Option(text, value === 'ignore' ? '' : value)),
      );
      select.addEventListener('change', this.#onChoose);
      return [name, select];
    });
    const fields = this.#selects.map(([name, control]) => ({ name, help: '', control }));
    const group = groupOfOthers(title, fields, help);
    group.classList.add('side');
    group.dataset.testid = 'side-columns';
    group.open &&= names.length <= MOST_UNFOLDED;
    this.#host.replaceChildren(...(names.length > 0 ? [group] : []));
  }
}
