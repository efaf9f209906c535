import { baselineForecast } from '../../src/data/baselines.ts';
import { requestDevice } from '../../src/node/index.ts';
import { type ForecastOptions, forecast } from '../../src/recipe/forecast.ts';
import { fitEts } from '../../src/stats/ets.ts';
import { fitSmoothing, fitStlEts } from '../../src/stats/stl_ets.ts';
import { fitTheta } from '../../src/stats/theta.ts';
import type { Cut, Method } from './yardstick.ts';

/** A method that handles each series separately. */
const eachAlone = (name: string, forecast: (cut: Cut) => Float64Array): Method => ({
  name,
  forecast: async (cuts) => cuts.map((cut) => ({ predicted: forecast(cut) })),
});

/** `forecast` with only the horizon and the options given here. */
const unaided = (name: string, more: Pick<ForecastOptions, 'auto'> = {}): Omit<Method, 'isSlow'> => ({
  name,
  async forecast(cuts, onForecast) {
    const device = await requestDevice();
    const forecasts = [];
    for (const cut of cuts) {
      const { values, moments, horizon } = cut;
      forecasts.push(await forecast({ target: values, moments }, { device, horizon, ...more }));
      onForecast(cut);
    }
    device.destroy();
    return forecasts;
  },
});

/** The methods compared with R, in the order of the table. */
export const METHODS: readonly Method[] = [
  eachAlone('seasonal naive', ({ values, season, horizon }) =>
    Float64Array.from(
      { length: horizon },
      (_, k) => baselineForecast('seasonalNaive', values, [values.length - 1], k + 1, { season })[0]!,
    ),
  ),
  eachAlone('ets', ({ values, season, horizon }) => fitSmoothing(values, season).forecast(horizon)),
  eachAlone('stl + ets', ({ values, season, horizon }) =>
    (season > 1 ? fitStlEts(values, season) : fitEts(values)).forecast(horizon),
  ),
  eachAlone('theta', ({ values, season, horizon }) => fitTheta(values, season).forecast(horizon)),
  unaided('forecast'),
  { ...unaided('forecast --auto', { auto: true }), isSlow: true },
];
