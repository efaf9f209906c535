// Draws the charts of the page from the JSON inside it. Runs in the browser.
import { ForecastChart } from '../../charts/forecast_chart.ts';
import { LossChart } from '../../charts/loss_chart.ts';
import { english } from '../../report/format.ts';
import type { ChartData } from './chart.ts';

const data = JSON.parse(document.getElementById('data')!.textContent) as ChartData;
const { actual, dates, dateColumn, column, epochs, quantilesOf, ...forecast } = data;

const forecastChart = new ForecastChart(
  document.getElementById('forecast')!,
  {
    ...{ row: 'Row', date: dateColumn, actual: column, predicted: 'Predicted', ahead: 'Ahead' },
    testPart: epochs ? 'test part' : 'ahead',
    rule: (season) => (season === 1 ? 'Naive' : 'Seasonal naive'),
    quantile: (level) => `${level} ${quantilesOf}`,
    bound: (name, level) => `${level} interval, ${name}`,
    describe: (_, predicted) =>
      `Chart of ${column}: ${actual.length} rows, ` +
      (epochs ? `${predicted} of them predicted` : `and ${forecast.future.length} ahead`),
  },
  english,
);
forecastChart.show({ values: actual, dates, column });
forecastChart.predict(forecast);

if (epochs) {
  const lossChart = new LossChart(
    document.getElementById('loss')!,
    {
      ...{ epoch: 'Epoch', mean: 'Mean', lastBatch: 'Last batch' },
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
    forecastChart.showPart(button.dataset.part as 'all' | 'test' | 'end');
    for (const other of buttons) other.setAttribute('aria-pressed', String(other === button));
  });
if (!epochs) forecastChart.showPart('end');
