import { numberFormats } from '../src/report/format.ts';
import { language } from './texts/index.ts';

/** Numbers in the page's language. */
export const format = numberFormats(language);
