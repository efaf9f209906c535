import type uPlot from 'uplot';
import { axis, Chart, type ChartOptions, legendValue, type Palette, sidePadding } from '../src/charts/chart.ts';
import { format } from './format.ts';
import type { PageSeries } from './series_file.ts';
import { t } from './texts/index.ts';
import type { Forecast } from './training.ts';

/** Actual minus predicted over the test part. x is the row, from 0. */
export class ResidualChart extends Chart {
  #series: PageSeries | undefined;
  #forecast: Forecast | undefined;

  show(series: PageSeries | undefined, forecast: Forecast | undefined): void {
    const isSame = series === this.#series;
    this.#series = series;
    this.#forecast = forecast;
    if (isSame) this.changed();
    else this.rebuild(); // its labels have another length
  }

  protected data(): uPlot.AlignedData {
    const { firstRow = 0, predicted = new Float64Array(0) } = this.#forecast ?? {};
    const rows = Float64Array.from(predicted, (_, k) => firstRow + k);
    return [rows, predicted.map((value, k) => this.#series!.values[firstRow + k]! - value)];
  }

  protected describe(): string {
    return t.residualChartOf(this.#forecast?.predicted.length ?? 0);
  }

  protected options(palette: Palette): ChartOptions {
    const nameOf = (row: number) => this.#series?.dates?.[row] ?? format.count(row + 1);
    return {
      scales: { x: { time: false } },
      series: [
        { label: t.date, value: legendValue(nameOf) },
        {
          label: t.residual,
          stroke: palette.model,
          width: 1,
          value: legendValue(format.value),
          points: { show: false },
        },
      ],
      axes: [
        axis(palette, { size: 32, space: 110, values: (_, rows) => rows.map((row) => nameOf(row)) }),
        axis(palette, { size: 58, values: (_, ticks) => ticks.map(format.value) }),
      ],
      cursor: { drag: { x: true, y: false, dist: 6 }, points: { size: 7 } },
      padding: [12, sidePadding(nameOf(this.#series ? this.#series.values.length - 1 : 0).length), 0, 0],
    };
  }
}
