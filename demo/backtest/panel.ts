import { bestPlaces, rulesOf } from '../../src/data/verdict.ts';
import { verdictOn } from '../../src/report/scores.ts';
import { ruleName, verdictText } from '../../src/report/verdict_text.ts';
import { Calendar } from '../calendar.ts';
import { button, element, fillTable, headRow, tableRow } from '../elements.ts';
import { format } from '../format.ts';
import type { PageSeries } from '../series_file.ts';
import type { TrainSettings } from '../settings.ts';
import { t } from '../texts/index.ts';
import type { PageBacktest } from './backtest.ts';
import type { BacktestTexts } from './texts.ts';

const MOST_FOLDS = 5;
/** The rows that are tested are half of all at most, where the horizon allows for it. */
const MOST_TESTED = 0.5;

/** The rows after the split in equal parts, each of at least as many rows as are forecast. */
export function foldsFor(rows: number, { split, horizon }: Pick<TrainSettings, 'split' | 'horizon'>) {
  const folds = Math.max(2, Math.min(MOST_FOLDS, Math.floor((MOST_TESTED * rows) / horizon)));
  return { folds, testRows: Math.max(horizon, Math.floor(((1 - split) * rows) / folds)) };
}

/** One button, then the errors of each fold and of all, next to those of simple forecasts. */
export class BacktestPanel {
  readonly #texts: BacktestTexts;
  readonly #button: HTMLButtonElement;
  readonly #verdict = element('p', 'verdict');
  readonly #caption = element('p', 'note');
  readonly #table = document.createElement('table');
  readonly #result = element('div', 'scroll');

  /** @param host an empty section, which is filled. */
  constructor(host: HTMLElement, { texts, run }: { texts: BacktestTexts; run: () => void }) {
    this.#texts = texts;
    this.#button = button(texts.run, run, 'backtest-run');
    const title = element('h2', '', texts.title);
    title.id = 'backtest-title';
    host.setAttribute('aria-labelledby', title.id);
    this.#table.className = 'scores';
    this.#table.dataset.testid = 'backtest-scores';
    this.#verdict.dataset.testid = 'backtest-verdict';
    this.#result.append(this.#table);
    host.replaceChildren(
      ...[title, element('p', 'note', texts.note), this.#button, this.#verdict, this.#caption, this.#result],
    );
    this.clear();
  }

  setCanRun(canRun: boolean): void {
    this.#button.disabled = !canRun;
  }

  clear(): void {
    for (const part of [this.#verdict, this.#caption, this.#result]) part.hidden = true;
  }

  show(scored: PageBacktest, series: PageSeries): void {
    const { rows, span, all, caption } = this.#texts;
    const rules = rulesOf(scored.baselines, scored.season);
    const calendar = new Calendar(series);
    const line = (name: string, { metrics, baselines }: Pick<PageBacktest, 'metrics' | 'baselines'>) => {
      const errors = [metrics.mae, ...rules.map((rule) => baselines[rule.name]?.mae ?? null)];
      return tableRow(
        [name, ...errors.map((mae) => format.cell(mae))],
        bestPlaces(errors).map((place) => place + 1),
      );
    };
    fillTable(this.#table, headRow([rows, t.model, ...rules.map((rule) => ruleName(t, rule))]), [
      ...scored.folds.map((fold) => line(span(calendar.row(fold.first), calendar.row(fold.last)), fold)),
      line(all, scored),
    ]);
    this.#verdict.textContent = verdictText(verdictOn(scored), t, format);
    this.#caption.textContent = caption(scored.ahead, format.count(scored.ahead));
    for (const part of [this.#verdict, this.#caption, this.#result]) part.hidden = false;
  }
}
