import type { ForecastChart } from '../../src/charts/forecast_chart.ts';
import { datesAndAhead } from '../../src/data/ahead.ts';
import { predictionsCsv } from '../../src/report/predictions.ts';
import type { PageSeries, SeriesRequest } from '../series_file.ts';
import type { TrainSettings } from '../settings.ts';
import { t } from '../texts/index.ts';
import type { Forecast } from '../training.ts';
import { codeBox } from './code_box.ts';
import { chartButtons, download, downloadButton } from './download.ts';
import { libraryCode } from './library_code.ts';
import { pytorchCode } from './pytorch_code.ts';
import { sourceOf } from './run.ts';

/** A training that has something to download. */
export interface TakenRun {
  settings: TrainSettings;
  series: PageSeries;
  forecast: Forecast;
}

interface PanelOptions {
  /** The model's file; undefined: there is no model. */
  model: () => Promise<Uint8Array<ArrayBuffer> | undefined>;
  /** Called with what went wrong with it; undefined: there is none any more. */
  fail: (error: unknown) => void;
  chart: ForecastChart;
  /** The name under which a series' file is to be saved. */
  fileName: (request: SeriesRequest) => string;
}

/** What leaves the page, by the visitor's own hand: files, and the run as code. */
export class TakeAwayPanel {
  readonly #fileName: PanelOptions['fileName'];
  readonly #fail: PanelOptions['fail'];
  readonly #buttons: HTMLButtonElement[];
  readonly #library: HTMLElement;
  readonly #pytorch: HTMLElement;
  #run: TakenRun | undefined;
  #request: SeriesRequest | undefined;

  constructor(host: HTMLElement, { model, fail, chart, fileName }: PanelOptions) {
    this.#fileName = fileName;
    this.#fail = fail;
    const title = document.createElement('h2');
    title.textContent = t.takeTitle;
    const buttons = document.createElement('div');
    buttons.className = 'buttons';
    this.#buttons = [
      downloadButton(t.takeModel, () => void this.#saveModel(model()), 'take-model'),
      downloadButton(t.takePredictions, () => this.#savePredictions(), 'take-predictions'),
      ...chartButtons('chart', chart, () => this.#run?.series.column ?? '', fail),
    ];
    const saveSeries = () => this.#request && download(fileName(this.#request), this.#request.file, 'text/csv');
    buttons.append(...this.#buttons, downloadButton(t.takeSeries, saveSeries, 'take-series'));
    const [library, pytorch] = [codeBox(t.takeLibrary, 'library-code'), codeBox(t.takePytorch, 'pytorch-code')];
    this.#library = library.text;
    this.#pytorch = pytorch.text;
    host.replaceChildren(title, buttons, library.host, pytorch.host);
    this.show(undefined);
  }

  /** Code is there for any settings; files only after a training. */
  show(run: TakenRun | undefined): void {
    this.#run = run;
    for (const button of this.#buttons) button.disabled = !run;
  }

  /** Writes the code of a run that may not have happened yet. */
  describe(settings: TrainSettings, request: SeriesRequest, series: PageSeries): void {
    this.#request = request;
    const source = sourceOf(request, series, this.#fileName(request));
    this.#library.textContent = libraryCode(settings, source);
    this.#pytorch.textContent = pytorchCode(settings, source);
  }

  async #saveModel(model: ReturnType<PanelOptions['model']>): Promise<void> {
    try {
      const bytes = await model;
      if (bytes) download('model.safetensors', bytes, 'application/octet-stream');
      else this.#fail(undefined);
    } catch (error) {
      this.#fail(error);
    }
  }

  #savePredictions(): void {
    if (!this.#run) return;
    const { series, forecast } = this.#run;
    const dates = datesAndAhead(series, forecast.future.length);
    download('predictions.csv', predictionsCsv([{ evaluation: forecast, dates }], forecast.future), 'text/csv');
  }
}
