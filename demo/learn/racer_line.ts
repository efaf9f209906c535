import type uPlot from 'uplot';
import { legendValue } from '../../src/charts/chart.ts';
import { format } from '../format.ts';
import type { Racer } from './models.ts';
import type { LearnTexts } from './texts.ts';

const DASHES: Readonly<Record<Racer, number[]>> = { RNN: [2, 3], GRU: [7, 4], LSTM: [] };

/** A network's line in a chart: in its color of the page's style, and in dashes of its own. */
export function racerLine(host: HTMLElement, texts: LearnTexts, racer: Racer): uPlot.Series {
  const stroke = getComputedStyle(host).getPropertyValue(`--${racer.toLowerCase()}`).trim();
  const value = legendValue(format.score);
  return { label: texts.racers[racer], value, stroke, width: 2, dash: DASHES[racer], points: { show: false } };
}
