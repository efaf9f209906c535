import { readFileSync } from 'node:fs';
import { parseCsv, readSeries } from '../../src/data/csv.ts';
import { forecastMetrics } from '../../src/data/metrics.ts';

/** A series to forecast. */
export interface YardstickSeries {
  name: string;
  /** Rows of a season; 1: none. */
  season: number;
  /** Rows to forecast. */
  horizon: number;
  /** [rows], oldest first. */
  values: Float64Array;
  /** [rows], as in the file. */
  dates: readonly string[];
  /** [rows], ms since 1970. */
  moments: Float64Array;
}

/** What is known at an origin: the rows of a series up to it, and the task. */
export type Cut = Readonly<YardstickSeries>;

/** The forecast of a cut, each [horizon]; with 90% intervals if a method has them. */
interface CutForecast {
  predicted: Float64Array;
  low?: Float64Array;
  high?: Float64Array;
}

/** A forecasting method. */
export interface Method {
  name: string;
  /** Takes hours for all series; runs only if it is named. */
  isSlow?: true;
  /**
   * Called once per origin with the cuts of all series, so that one model may learn them together.
   * @param onForecast called after each series that is forecast separately.
   * @returns for each cut the rows after its last one
   */
  forecast(cuts: readonly Cut[], onForecast: (cut: Cut) => void): Promise<readonly CutForecast[]>;
}

/** The score of a method on one series at one origin. */
export interface CutScore {
  series: string;
  origin: number;
  /** Over all rows of the horizon, scaled by the error of the seasonal naive forecast on the known rows. */
  mase: number;
  /** Share of these rows inside their intervals; undefined where there are none. */
  coverage?: number | undefined;
}

/** All scores of a method. */
export interface MethodScores {
  method: string;
  scores: readonly CutScore[];
  /** Running time; undefined for scores computed elsewhere. */
  seconds?: number;
}

/** How many horizons each origin is before the last one. */
export const ORIGINS: readonly number[] = [0, 1, 2];

const FOLDER = 'bench/yardstick';

/** Cells of a CSV by column name. */
function readCells(file: string): (name: string) => readonly string[] {
  const { columns } = parseCsv(readFileSync(file));
  return (name) => columns.find((column) => column.name === name)!.cells;
}

/** @returns all series, in the order of `series.csv`. */
export function readYardstick(): YardstickSeries[] {
  const cells = readCells(`${FOLDER}/series.csv`);
  return cells('name').map((name, k) => {
    const { values, dates, moments } = readSeries(readFileSync(`${FOLDER}/series/${name}.csv`));
    const [season, horizon] = [Number(cells('season')[k]), Number(cells('horizon')[k])];
    return { name, season, horizon, values, dates: dates!, moments: moments! };
  });
}

/** The methods of R, in the order of `r_scores.csv`. */
export function readRScores(): MethodScores[] {
  const cells = readCells(`${FOLDER}/r_scores.csv`);
  const origins = cells('origin');
  return ['naive', 'snaive', 'ets', 'arima', 'theta', 'nnetar'].map((name) => {
    const mases = cells(name);
    const coverage = (k: number) => (name === 'ets' ? Number(cells('ets_coverage')[k]) : undefined);
    const scores = cells('series').map((series, k) => ({
      ...{ series, origin: Number(origins[k]), mase: Number(mases[k]), coverage: coverage(k) },
    }));
    return { method: `R ${name}`, scores };
  });
}

/**
 * Divides a series at an origin. The cut is a copy, so later rows are not reachable through its buffers.
 * @param origin how many horizons it is before the last one.
 * @returns what is known at the origin, and the actual values after it [horizon]
 */
export function cutAt(series: YardstickSeries, origin: number): { cut: Cut; actual: Float64Array } {
  const { values, dates, moments, horizon } = series;
  const known = values.length - horizon * (origin + 1);
  return {
    cut: { ...series, values: values.slice(0, known), dates: dates.slice(0, known), moments: moments.slice(0, known) },
    actual: values.slice(known, known + horizon),
  };
}

/**
 * Mean absolute scaled error (Hyndman & Koehler 2006).
 * @throws Error if the forecast is not [horizon] or not finite, or if the series is constant.
 */
export function maseOf(
  { name, season, values }: Cut,
  actual: Float64Array,
  predicted: Float64Array | undefined,
): number {
  if (predicted?.length !== actual.length || !predicted.every(Number.isFinite))
    throw new Error(`${name}: got the forecast ${predicted}, expected ${actual.length} finite rows.`);
  const naive = actual.map(() => values.at(-1)!);
  const { mase } = forecastMetrics({ actual, predicted, naive, trainActual: values, season });
  if (mase === null) throw new Error(`${name}: the rows before the origin are all equal, expected some that differ.`);
  return mase;
}

/** Share of rows inside intervals. */
const coverageOf = (actual: Float64Array, { low, high }: CutForecast): number | undefined =>
  low && high && actual.filter((value, k) => low[k]! <= value && value <= high[k]!).length / actual.length;

/** Scores a method at all origins, one after the other. */
export async function scoreMethod(
  method: Method,
  all: readonly YardstickSeries[],
  origins: readonly number[],
  onForecast: (cut: Cut) => void = () => undefined,
): Promise<MethodScores> {
  const start = performance.now();
  const scores: CutScore[] = [];
  for (const origin of origins) {
    const cuts = all.map((series) => cutAt(series, origin));
    const forecasts = await method.forecast(
      cuts.map(({ cut }) => cut),
      onForecast,
    );
    for (const [k, { cut, actual }] of cuts.entries())
      scores.push({
        ...{ series: cut.name, origin, mase: maseOf(cut, actual, forecasts[k]?.predicted) },
        coverage: coverageOf(actual, forecasts[k]!),
      });
  }
  return { method: method.name, scores, seconds: (performance.now() - start) / 1000 };
}

/** Each score divided by another method's at the same cut. @throws Error if the other one has none. */
export function ratios(scores: readonly CutScore[], others: readonly CutScore[]): number[] {
  const keyOf = ({ series, origin }: CutScore) => `${series} at origin ${origin}`;
  const byCut = new Map(others.map((score) => [keyOf(score), score.mase]));
  return scores.map((score) => {
    const other = byCut.get(keyOf(score));
    if (other === undefined) throw new Error(`${keyOf(score)}: there is no score to compare it with.`);
    return score.mase / other;
  });
}

/** Less sensitive to single series than the mean. @param values above 0, at least one. */
export const geometricMean = (values: readonly number[]): number =>
  Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);

/** Scores are rounded when written, so a tie may be this far from one. */
const TIE = 1e-6;

/** Above this ratio a method counts as worse than the seasonal naive forecast. */
const WORSE = 1.05;

const COLUMNS = ['method', 'x naive', 'x ETS', '< naive', '< ETS', 'worse', 'series', 'inside', 'seconds'];

/**
 * Compares methods at the same cuts: a header, then one line each; all cells but the first are right-aligned.
 * @param all includes `R snaive` and `R ets`, which every method is compared with.
 */
export function tableOf(all: readonly MethodScores[]): string {
  const [naive, ets] = ['R snaive', 'R ets'].map((name) => all.find(({ method }) => method === name)!.scores);
  const lines = [COLUMNS, ...all.map((each) => cellsOf(each, naive!, ets!))];
  const widths = COLUMNS.map((_, k) => Math.max(...lines.map((line) => line[k]!.length)));
  return lines
    .map((line) => line.map((cell, k) => (k === 0 ? cell.padEnd(widths[k]!) : cell.padStart(widths[k]!))).join('  '))
    .join('\n');
}

/** In the order of {@link COLUMNS}. */
function cellsOf({ method, scores, seconds }: MethodScores, naive: readonly CutScore[], ets: readonly CutScore[]) {
  const [toNaive, toEts] = [ratios(scores, naive), ratios(scores, ets)];
  const share = (all: readonly number[]) =>
    `${Math.round((100 * all.filter((ratio) => ratio < 1 - TIE).length) / all.length)}%`;
  const covered = scores.flatMap(({ coverage }) => coverage ?? []);
  return [
    method,
    geometricMean(toNaive).toFixed(3),
    geometricMean(toEts).toFixed(3),
    share(toNaive),
    share(toEts),
    String(toNaive.filter((ratio) => ratio > WORSE).length),
    String(numSeriesWorse(scores, toNaive)),
    covered.length === 0 ? '' : `${Math.round((100 * covered.reduce((sum, one) => sum + one, 0)) / covered.length)}%`,
    seconds === undefined ? '' : seconds.toFixed(1),
  ];
}

/** Number of series whose geometric mean over the origins is worse. */
function numSeriesWorse(scores: readonly CutScore[], toNaive: readonly number[]): number {
  const names = [...new Set(scores.map(({ series }) => series))];
  return names.filter((name) => geometricMean(toNaive.filter((_, k) => scores[k]!.series === name)) > WORSE).length;
}
