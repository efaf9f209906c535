import { type Configuration, canonical } from './plan.ts';
import type { Failed, JobDescription, Trained } from './results.ts';

/** Of a result as much as a summary needs; the rows of a file have no model. */
export type SummaryInput = JobDescription & (Omit<Trained, 'model'> | Failed);

/** A configuration on one series: means over seeds and folds. */
export interface Score {
  configuration: Configuration;
  jobs: number;
  mae: number;
  rmse: number;
  naiveMae: number;
}

/** How the configurations did on one series. */
export interface SeriesSummary {
  series: string;
  /** The configuration with the smallest MAE on the test rows; undefined where all failed. */
  best: Score | undefined;
  failed: number;
  /** Of the first job that failed. */
  reason: string | undefined;
}

/** How one configuration did over all series. */
export interface ConfigurationSummary {
  configuration: Configuration;
  /** Series on which it was trained. */
  series: number;
  /** Series on which it is the best. */
  best: number;
  /** Series on which its MAE is below that of tomorrow = today. */
  beatsNaive: number;
}

/** What came out of a sweep. */
export interface SweepSummary {
  jobs: number;
  failed: number;
  series: SeriesSummary[];
  configurations: ConfigurationSummary[];
  /** Share of the series whose best configuration has a smaller MAE than tomorrow = today; null when all failed. */
  beatsNaive: number | null;
}

/**
 * Compares the configurations of a sweep, series by series. The best is chosen on the rows that score it, so its error is
 * a little flattering; rows that nothing was chosen on would tell the truth.
 */
export function summarize(results: Iterable<SummaryInput>): SweepSummary {
  const bySeries = new Map<string, { scores: Map<string, Score>; failed: number; reason: string | undefined }>();
  const byConfiguration = new Map<string, ConfigurationSummary>();
  let [jobs, failed] = [0, 0];
  for (const result of results) {
    jobs++;
    const of = bySeries.get(result.series) ?? { scores: new Map<string, Score>(), failed: 0, reason: undefined };
    bySeries.set(result.series, of);
    if (!result.ok) {
      failed++;
      of.failed++;
      of.reason ??= result.reason;
      continue;
    }
    const { configuration, metrics } = result;
    const name = canonical(configuration);
    byConfiguration.set(name, byConfiguration.get(name) ?? { configuration, series: 0, best: 0, beatsNaive: 0 });
    of.scores.set(
      name,
      addTo(of.scores.get(name) ?? { configuration, jobs: 0, mae: 0, rmse: 0, naiveMae: 0 }, metrics),
    );
  }
  const series = [...bySeries].map(([id, { scores, failed, reason }]): SeriesSummary => {
    let best: Score | undefined;
    for (const [name, score] of scores) {
      const configuration = byConfiguration.get(name)!;
      configuration.series++;
      if (score.mae < score.naiveMae) configuration.beatsNaive++;
      if (!best || score.mae < best.mae) best = score;
    }
    if (best) byConfiguration.get(canonical(best.configuration))!.best++;
    return { series: id, best, failed, reason };
  });
  const scored = series.flatMap(({ best }) => best ?? []);
  const wins = scored.filter(({ mae, naiveMae }) => mae < naiveMae).length;
  const beatsNaive = scored.length > 0 ? wins / scored.length : null;
  return { jobs, failed, series, configurations: [...byConfiguration.values()], beatsNaive };
}

/** The means with one more job in them. */
function addTo(score: Score, metrics: Trained['metrics']): Score {
  const jobs = score.jobs + 1;
  const mean = (name: 'mae' | 'rmse' | 'naiveMae') => score[name] + (metrics[name] - score[name]) / jobs;
  return { ...score, jobs, mae: mean('mae'), rmse: mean('rmse'), naiveMae: mean('naiveMae') };
}
