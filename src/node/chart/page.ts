// Draws the charts of the page from the JSON inside it. Runs in the browser.
import { ForecastChart } from '../../charts/forecast_chart.ts';
import { LossChart } from '../../charts/loss_chart.ts';
import { english } from '../../report/format.ts';
import type { PageData } from './chart.ts';

const data = JSON.parse(document.getElementById('data')!.textContent) as PageData;
const { charts, epochs, quantilesOf } = data;

const drawn = [...document.querySelectorAll<HTMLElement>('[data-chart]')].map((host, k) => {
  const { actual, dates, dateColumn, column, ...forecast } = charts[k]!;
  const chart = new ForecastChart(
    host,
    {
      ...{ language: 'en', row: 'Row', date: dateColumn, actual: column, predicted: 'Predicted', ahead: 'Forecast' },
      testPart: 'test set',
      rule: (season) => (season === 1 ? 'Naive' : 'Seasonal naive'),
      quantile: (level) => `${level} ${quantilesOf}`,
      interval: (level) => `${level} interval`,
      dense: (rows) => `${rows} rows per pixel; drag to zoom in`,
      describe: (_, predicted) =>
        `Chart of ${column}: ${actual.length} rows, ` +
        (epochs ? `${predicted} of them predicted` : `and ${forecast.future.length} ahead`),
    },
    english,
  );
  chart.show({ values: actual, dates, column });
  chart.predict(forecast);
  return chart;
});

if (epochs) {
  const lossChart = new LossChart(
    document.getElementById('loss')!,
    {
      ...{ epoch: 'Epoch', mean: 'Mean of the epoch', lastBatch: 'Last batch' },
      describe: (count) => `Loss chart: ${count} epochs`,
    },
    english,
  );
  lossChart.start(epochs.length);
  lossChart.setLogarithmic(epochs.every(({ loss, lastLoss }) => loss > 0 && lastLoss > 0));
  for (const [k, losses] of epochs.entries()) lossChart.addEpoch({ epoch: k + 1, ...losses });
}

const buttons = [...document.querySelectorAll<HTMLButtonElement>('[data-part]')];
for (const button of buttons)
  button.addEventListener('click', () => {
    for (const chart of drawn) chart.showPart(button.dataset.part as 'all' | 'test' | 'end');
    for (const other of buttons) other.setAttribute('aria-pressed', String(other === button));
  });
if (!epochs) for (const chart of drawn) chart.showPart('end');
