import { ForecastChart } from '../../src/charts/forecast_chart.ts';
import { datesAhead, momentsAhead } from '../../src/data/ahead.ts';
import type { ForecastResult } from '../../src/index.ts';
import type { ForecastMethod } from '../../src/recipe/method_names.ts';
import { aheadLines, forecastsCsv, type PlainForecast, plainResult } from '../../src/report/forecasts.ts';
import { UNKNOWN } from '../../src/report/format.ts';
import { methodText, repeatsText, spanText } from '../../src/report/method_text.ts';
import { Calendar } from '../calendar.ts';
import { forecastWords } from '../chart_words.ts';
import { capitalized, element, fillTable, headRow, tableRow } from '../elements.ts';
import { format, valueFormat } from '../format.ts';
import { linkButton } from '../link/link_button.ts';
import { PartButtons } from '../part_buttons.ts';
import type { PageSeries } from '../series_file.ts';
import { codeBox } from '../take_away/code_box.ts';
import { chartButtons, download, downloadButton } from '../take_away/download.ts';
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

const MASE_DECIMALS = 2;

/** As the worker has it: each outlier with what replaces it. */
interface PageForecast extends ForecastResult {
  replacements: readonly number[];
}

/** The series; after a forecast the rows ahead and their band, what they are from, and how good each method was. */
export class ForecastPanel {
  readonly #texts: ForecastTexts;
  readonly #chart: ForecastChart;
  readonly #parts: PartButtons;
  readonly #title = element('span');
  readonly #result = element('div', 'forecast-result');
  readonly #sentence = element('p', 'verdict');
  readonly #note = element('p', 'note');
  readonly #outliers: Outliers;
  readonly #values: ValueTable;
  readonly #methods = document.createElement('table');
  readonly #methodNote = element('p', 'note');
  readonly #methodPart = element('div', 'methods');
  readonly #code: ReturnType<typeof codeBox>;
  #series: PageSeries | undefined;
  #shown: (PlainForecast & Pick<ForecastResult, 'model'>) | undefined;
  #value = format.value;

  /** @param host an empty section, which is filled. */
  constructor(host: HTMLElement, { texts, fail, link, outliers }: ForecastPanelOptions) {
    this.#texts = texts;
    this.#outliers = outliers;
    this.#code = codeBox(texts.code, 'forecast-code');
    const title = element('h2');
    title.id = 'ahead-title';
    title.append(element('span', 'number', '3'), ' ', this.#title);
    const chartHost = element('div', 'chart');
    chartHost.dataset.testid = 'ahead-chart';
    this.#chart = new ForecastChart(chartHost, this.#chartWords(), { ...format, value: (value) => this.#value(value) });
    this.#parts = new PartButtons(this.#chart, ['end', 'all']);
    const head = element('div', 'panel-head');
    head.append(title, this.#parts.host);
    this.#sentence.dataset.testid = 'forecast-sentence';
    this.#methods.className = 'scores';
    this.#methods.dataset.testid = 'forecast-methods';
    this.#methodPart.append(element('h3', '', texts.methodsTitle), this.#methods, this.#methodNote);
    this.#values = new ValueTable(texts);
    const files = element('div', 'buttons');
    files.append(
      downloadButton(texts.save, () => this.#save('forecast.csv', 'text/csv'), 'take-forecast'),
      ...chartButtons('forecast', this.#chart, () => this.#series?.column ?? '', fail),
      downloadButton(
        texts.saveModel,
        () => this.#save('forecast.safetensors', 'application/octet-stream'),
        'take-recipe',
      ),
      linkButton(link),
    );
    const [words, taken] = [element('div'), element('div')];
    words.append(this.#sentence, this.#note, outliers.note);
    taken.append(files, this.#code.host);
    this.#result.dataset.testid = 'ahead';
    this.#result.append(words, taken, this.#values.host, this.#methodPart);
    host.replaceChildren(head, chartHost, this.#result);
    this.clear();
  }

  /** A series that is not forecast yet. */
  show(series: PageSeries): void {
    this.#series = series;
    this.#value = valueFormat(series.values);
    this.#chart.show(series);
    this.clear();
  }

  /** The forecast of the series that is shown. @param code the run as code. */
  showResult(series: PageSeries, result: PageForecast, code: string): void {
    const { predicted, scores, season, model, level } = result;
    const { length } = predicted;
    const shown = plainResult(result, datesAhead(series, length));
    const calendar = new Calendar(series);
    const texts = this.#texts;
    this.#shown = { ...shown, model };
    this.#value = valueFormat(series.values, scores[0]?.mae ?? meanRadius(result));
    this.#title.textContent = texts.title;
    this.#sentence.textContent = methodText(result, series, texts, format);
    this.#chart.predict({
      ...aheadLines(shown, series.values.length),
      season,
      futureMoments: momentsAhead(series, length),
    });
    this.#parts.setRun(true);
    this.#parts.show('end');
    const span = spanText(length, calendar.step, texts, format);
    this.#note.textContent = texts.rowsAhead(span, calendar.spanAhead(length), format.level(level));
    this.#outliers.show(
      result.outliers.map((row, k) => ({
        ...{ row: series.moments ? calendar.row(row) : t.rowNumber(calendar.row(row)) },
        ...{ from: this.#value(series.values[row]!), to: this.#value(result.replacements[k]!) },
      })),
    );
    this.#values.show(shown, calendar.ahead(length), series.values.length, this.#value);
    this.#fillMethods(result, calendar);
    this.#code.text.textContent = code;
    this.#result.hidden = false;
  }

  clear(): void {
    this.#title.textContent = this.#texts.titleBefore;
    this.#result.hidden = true;
    this.#shown = undefined;
    this.#chart.predict(undefined);
    this.#parts.setRun(false);
  }

  /** Nothing where there are too few rows to score a method. */
  #fillMethods({ scores, season }: ForecastResult, { step }: Calendar): void {
    this.#methodPart.hidden = scores.length === 0;
    const texts = this.#texts;
    const nameOf = (method: ForecastMethod) => {
      const plain = repeatsText(method, season, step, texts, format);
      return capitalized(plain ? texts.repeats(plain, texts.repeating[method as 'naive']) : texts.methods[method]);
    };
    const mase = format.fixed(MASE_DECIMALS);
    const rows = scores.map((score, k) =>
      tableRow(
        [nameOf(score.method), this.#value(score.mae), score.mase === null ? UNKNOWN : mase(score.mase)],
        k === 0 ? [1, 2] : [],
      ),
    );
    fillTable(this.#methods, headRow([texts.method, 'MAE', 'MASE']), rows);
    this.#methodNote.textContent = texts.methodsNote(spanText(season, step, texts, format));
  }

  #chartWords() {
    const { predicted, chartOf } = this.#texts;
    return {
      ...{ ...forecastWords, ahead: predicted },
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

/** Half the mean width of the intervals. */
const meanRadius = ({ low, high }: ForecastResult): number =>
  high.reduce((sum, value, k) => sum + (value - low[k]!) / 2, 0) / high.length;
