import { ForecastChart } from '../../src/charts/forecast_chart.ts';
import { datesAhead, momentsAhead } from '../../src/data/ahead.ts';
import type { ForecastResult } from '../../src/index.ts';
import { aheadLines, forecastsCsv, type PlainForecast, plainResult } from '../../src/report/forecasts.ts';
import { methodText } from '../../src/report/method_text.ts';
import { forecastWords } from '../chart_words.ts';
import { button, capitalized, element, fillTable, headRow, tableRow } from '../elements.ts';
import { format } from '../format.ts';
import { linkButton } from '../link/link_button.ts';
import { PartButtons } from '../part_buttons.ts';
import type { PageSeries } from '../series_file.ts';
import { codeBox } from '../take_away/code_box.ts';
import { chartButtons, download } from '../take_away/download.ts';
import { t } from '../texts/index.ts';
import type { Outliers } from './outliers.ts';
import type { ForecastTexts } from './texts.ts';
import { ValueTable } from './value_table.ts';

interface ForecastPanelOptions {
  texts: ForecastTexts;
  /** Called with what went wrong with a picture. */
  fail: (error: unknown) => void;
  /** The address of what is shown. */
  link: () => Promise<string>;
  outliers: Outliers;
}

/** As the worker has it: each outlier with what replaces it. */
interface PageForecast extends ForecastResult {
  replacements: readonly number[];
}

/** The series; after a forecast the rows ahead and their band, what they are from, and how good each method was. */
export class ForecastPanel {
  readonly #texts: ForecastTexts;
  readonly #chart: ForecastChart;
  readonly #parts: PartButtons;
  readonly #result = element('div', 'forecast-result');
  readonly #sentence = element('p', 'verdict');
  readonly #note = element('p', 'note');
  readonly #outliers: Outliers;
  readonly #values: ValueTable;
  readonly #methods = document.createElement('table');
  readonly #methodPart = element('div', 'methods');
  readonly #code: ReturnType<typeof codeBox>;
  #series: PageSeries | undefined;
  #shown: (PlainForecast & Pick<ForecastResult, 'model'>) | undefined;

  /** @param host an empty section, which is filled. */
  constructor(host: HTMLElement, { texts, fail, link, outliers }: ForecastPanelOptions) {
    this.#texts = texts;
    this.#outliers = outliers;
    this.#code = codeBox(texts.code, 'forecast-code');
    const title = element('h2', '', texts.title);
    title.id = 'ahead-title';
    title.prepend(element('span', 'number', '3'), ' ');
    const chartHost = element('div', 'chart');
    chartHost.dataset.testid = 'ahead-chart';
    this.#chart = new ForecastChart(chartHost, this.#chartWords(), format);
    this.#parts = new PartButtons(this.#chart, ['end', 'all']);
    const head = element('div', 'panel-head');
    head.append(title, this.#parts.host);
    this.#sentence.dataset.testid = 'forecast-sentence';
    this.#methods.className = 'scores';
    this.#methods.dataset.testid = 'forecast-methods';
    this.#methodPart.append(element('h3', '', texts.methodsTitle), this.#methods);
    this.#values = new ValueTable(texts);
    const files = element('div', 'buttons');
    files.append(
      button(texts.save, () => this.#save('forecast.csv', 'text/csv'), 'take-forecast'),
      ...chartButtons('forecast', this.#chart, () => this.#series?.column ?? '', fail),
      linkButton(link),
      button(texts.saveModel, () => this.#save('forecast.safetensors', 'application/octet-stream'), 'take-recipe'),
    );
    const words = element('div', 'forecast-words');
    words.append(this.#sentence, this.#note, outliers.note, files, this.#code.host);
    this.#result.dataset.testid = 'ahead';
    this.#result.append(words, this.#values.host, this.#methodPart);
    host.replaceChildren(head, chartHost, this.#result);
    this.clear();
  }

  /** A series that is not forecast yet. */
  show(series: PageSeries): void {
    this.#series = series;
    this.#chart.show(series);
    this.clear();
  }

  /** The forecast of the series that is shown. @param code the run as code. */
  showResult(series: PageSeries, result: PageForecast, code: string): void {
    const { predicted, scores, season, model } = result;
    const shown = plainResult(result, datesAhead(series, predicted.length));
    this.#shown = { ...shown, model };
    this.#sentence.textContent = methodText(result, this.#texts, format);
    const futureMoments = momentsAhead(series, predicted.length);
    this.#chart.predict({ ...aheadLines(shown, series.values.length), season, futureMoments });
    this.#parts.setRun(true);
    this.#parts.show('end');
    const { dates } = shown;
    const span = dates ? t.span(dates[0]!, dates.at(-1)!) : '';
    this.#note.textContent = this.#texts.rowsAhead(format.count(predicted.length), span, format.level(result.level));
    const rowOf = (row: number) => series.dates?.[row] ?? t.rowNumber(format.count(row + 1));
    this.#outliers.show(
      result.outliers.map((row, k) => ({ row: rowOf(row), from: series.values[row]!, to: result.replacements[k]! })),
    );
    this.#values.show(shown, series.values.length);
    this.#fillMethods(scores);
    this.#code.text.textContent = code;
    this.#result.hidden = false;
  }

  clear(): void {
    this.#result.hidden = true;
    this.#shown = undefined;
    this.#chart.predict(undefined);
    this.#parts.setRun(false);
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
      ...{ ...forecastWords, ahead: predicted },
      bound: (side: 'low' | 'high', level: string) => bound[side](level),
      describe: (series: { column: string; values: ArrayLike<number> } | undefined) =>
        series
          ? chartOf(series.column, format.count(series.values.length), format.count(this.#shown?.predicted.length ?? 0))
          : t.chartEmpty,
    };
  }

  #save(name: string, type: string): void {
    if (this.#shown) download(name, type === 'text/csv' ? forecastsCsv([this.#shown]) : this.#shown.model, type);
  }
}
