/** Statistical methods that read only the series. */
export type ClassicalMethod = 'ets' | 'theta' | 'seasonalNaive' | 'naive' | 'drift' | 'movingAverage';

/**
 * Methods that can forecast a series: the trained model, statistical methods ('stlEts' on the deseasonalized series of the model), or
 * the mean of the model and exponential smoothing.
 */
export type ForecastMethod = 'model' | 'modelAndEts' | 'stlEts' | ClassicalMethod;

/** Complete, by its type. */
const ALL: Readonly<Record<ForecastMethod, true>> = {
  ...{ model: true, modelAndEts: true, ets: true, stlEts: true, theta: true },
  ...{ seasonalNaive: true, naive: true, drift: true, movingAverage: true },
};
export const METHOD_NAMES = Object.keys(ALL) as ForecastMethod[];
