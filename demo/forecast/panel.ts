import { ForecastChart } from '../../src/charts/forecast_chart.ts';
import { datesAhead } from '../../src/data/ahead.ts';
import type { ForecastResult } from '../../src/index.ts';
import { aheadLines, forecastsCsv, type PlainForecast, plainResult } from '../../src/report/forecasts.ts';
import { methodText } from '../../src/report/method_text.ts';
import { forecastWords } from '../chart_words.ts';
import { element, fillTable, headRow, tableRow } from '../elements.ts';
import { format } from '../format.ts';
import type { PageSeries } from '../series_file.ts';
import { download } from '../take_away/download.ts';
import { t } from '../texts/index.ts';
import type { ForecastTexts } from './texts.ts';

/** The rows ahead and their band, what they are from, and how good each method was. Hidden while there is no forecast. */
export class ForecastPanel {
  readonly #host: HTMLElement;
  readonly #texts: ForecastTexts;
  readonly #sentence = element('p', 'verdict');
  readonly #chart: ForecastChart;
  readonly #note = element('p', 'note');
  readonly #values = table('epochs', 'forecast-values');
  readonly #methods = table('scores', 'forecast-methods');
  readonly #methodPart = element('div');
  #shown: PlainForecast | undefined;

  /** @param host an empty section, which is filled. */
  constructor(host: HTMLElement, texts: ForecastTexts) {
    this.#host = host;
    this.#texts = texts;
    const title = element('h2', '', texts.title);
    title.id = 'ahead-title';
    host.setAttribute('aria-labelledby', title.id);
    const head = element('div', 'panel-head');
    head.append(title, this.#saveButton());
    this.#sentence.dataset.testid = 'forecast-sentence';
    const chartHost = element('div', 'chart short');
    chartHost.dataset.testid = 'ahead-chart';
    this.#chart = new ForecastChart(chartHost, this.#chartWords(), format);
    const values = element('div', 'scroll');
    values.tabIndex = 0;
    values.setAttribute('role', 'region');
    values.setAttribute('aria-label', texts.values);
    values.append(this.#values);
    this.#methodPart.append(element('h3', '', texts.methodsTitle), this.#methods);
    const tables = element('div', 'forecast-tables');
    tables.append(values, this.#methodPart);
    host.replaceChildren(head, this.#sentence, chartHost, this.#note, tables);
    this.clear();
  }

  show(series: PageSeries, result: ForecastResult): void {
    const { predicted, scores } = result;
    const shown = plainResult(result, datesAhead(series, predicted.length));
    this.#shown = shown;
    this.#sentence.textContent = methodText(result, this.#texts, format);
    this.#chart.show(series);
    this.#chart.predict(aheadLines(shown, series.values.length));
    this.#chart.showPart('end');
    const { dates } = shown;
    const span = dates ? t.span(dates[0]!, dates.at(-1)!) : '';
    this.#note.textContent = this.#texts.rowsAhead(format.count(predicted.length), span, format.level(result.level));
    this.#fillValues(shown);
    this.#fillMethods(scores);
    this.#host.hidden = false;
  }

  clear(): void {
    this.#host.hidden = true;
    this.#shown = undefined;
  }

  #fillValues({ predicted, dates, interval }: PlainForecast): void {
    const { predicted: name, low, high } = this.#texts;
    const rows = predicted.map((value, k) =>
      tableRow([
        dates?.[k] ?? `+${format.count(k + 1)}`,
        ...[value, interval!.low[k]!, interval!.high[k]!].map(format.value),
      ]),
    );
    fillTable(this.#values, headRow([dates ? t.date : t.row, name, low, high]), rows);
  }

  /** Nothing where there are too few rows to score a method. */
  #fillMethods(scores: ForecastResult['scores']): void {
    this.#methodPart.hidden = scores.length === 0;
    const { method, methods, mase } = this.#texts;
    const head = headRow([method, 'MAE', 'MASE']);
    for (const [k, meaning] of [t.meanings.mae, mase].entries()) head.cells[k + 1]!.title = meaning;
    const rows = scores.map((score, k) =>
      tableRow(
        [capitalized(methods[score.method]), format.cell(score.mae), format.cell(score.mase)],
        k === 0 ? [1, 2] : [],
      ),
    );
    fillTable(this.#methods, head, rows);
  }

  #chartWords() {
    const { predicted, bound, chartOf } = this.#texts;
    return {
      ...{ ...forecastWords, ahead: predicted, testPart: predicted },
      bound: (side: 'low' | 'high', level: string) => bound[side](level),
      describe: (series: { column: string; values: ArrayLike<number> } | undefined) =>
        series
          ? chartOf(series.column, format.count(series.values.length), format.count(this.#shown?.predicted.length ?? 0))
          : t.chartEmpty,
    };
  }

  #saveButton(): HTMLElement {
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = this.#texts.save;
    button.dataset.testid = 'take-forecast';
    button.addEventListener('click', () => {
      if (this.#shown) download('forecast.csv', forecastsCsv([this.#shown]), 'text/csv');
    });
    const buttons = element('div', 'buttons small');
    buttons.append(button);
    return buttons;
  }
}

function table(className: string, testId: string): HTMLTableElement {
  const made = document.createElement('table');
  made.className = className;
  made.dataset.testid = testId;
  return made;
}

const capitalized = (text: string): string => text[0]!.toUpperCase() + text.slice(1);
