/** Methods of statistics that read nothing but the series. */
export type ClassicalMethod = 'ets' | 'theta' | 'seasonalNaive' | 'naive' | 'drift' | 'movingAverage';

/**
 * What a series can be forecast with: the trained model, methods of statistics ('stlEts' on what the model learns, too), or the
 * mean of the model and exponential smoothing.
 */
export type ForecastMethod = 'model' | 'modelAndEts' | 'stlEts' | ClassicalMethod;

/** The compiler asks for every one. */
const ALL: Readonly<Record<ForecastMethod, true>> = {
  ...{ model: true, modelAndEts: true, ets: true, stlEts: true, theta: true },
  ...{ seasonalNaive: true, naive: true, drift: true, movingAverage: true },
};
export const METHOD_NAMES = Object.keys(ALL) as ForecastMethod[];
