import { meanStep } from '../src/data/metrics.ts';
import { decimalsOf } from '../src/report/decimals.ts';
import { numberFormats } from '../src/report/format.ts';
import { language } from './language.ts';

/** Numbers in the page's language. */
export const format = numberFormats(language);

/** How values of a series are written, and forecasts of it. @param error a typical one; default: that of "the same as before". */
export const valueFormat = (values: Float64Array, error = meanStep(values, 1) ?? 0): ((value: number) => string) =>
  format.fixed(decimalsOf(values, error));
