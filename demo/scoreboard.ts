import { compareScores, scoredOf, verdictOn } from '../src/report/scores.ts';
import { ruleName, verdictText } from '../src/report/verdict_text.ts';
import { fillTable, headRow, tableRow } from './elements.ts';
import { format } from './format.ts';
import { t } from './texts/index.ts';
import type { Forecast } from './training.ts';

/** Fills the table: a row per score, a column for the model and for each guess, the best of a row marked. */
export function fillScores(table: HTMLTableElement, forecast: Forecast | undefined): void {
  const { rules, rows } = compareScores(forecast && scoredOf(forecast));
  const head = headRow([t.errorTestPart, t.model, ...rules.map((rule) => ruleName(t, rule))]);
  const body = rows.map(({ name, unit, values, best }) => {
    const cells = values.map((value) => format.cell(value, unit));
    const row = tableRow(
      [name, ...cells],
      best.map((place) => place + 1),
    );
    row.dataset.testid = `score-${name.toLowerCase()}`;
    return row;
  });
  fillTable(table, head, body);
}

/** One plain sentence: better or worse than the best guess, and by how much. */
export const verdictOf = (forecast: Forecast | undefined): string =>
  forecast ? verdictText(verdictOn(scoredOf(forecast)), t, format) : t.verdictBefore;
