import type { BaselineName } from '../data/baselines.ts';
import { type Configuration, canonical } from './plan.ts';
import type { FailedJob, JobDescription, TrainedJob } from './results.ts';

/** The part of a result that a summary needs; the rows of a file have no model. */
export type SummaryInput = JobDescription & (Omit<TrainedJob, 'model'> | FailedJob);

type Scored = Extract<SummaryInput, { ok: true }>;

/** A configuration on one series: means over seeds and folds. */
interface Score {
  configuration: Configuration;
  jobs: number;
  mae: number;
  rmse: number;
  naiveMae: number;
  /** MAE of rules without a model on the same rows: those that were scored in each of its jobs, including tomorrow = today. */
  rules: Readonly<Partial<Record<BaselineName, number>>>;
}

/** The configurations on one series. */
interface SeriesSummary {
  series: string;
  /**
   * Of the configurations whose jobs are all done, the one with the smallest ratio of its MAE to that of tomorrow = today on the
   * same rows; undefined if there is none. It is a ratio because windows, horizons and transforms decide which rows are tested, and
   * some are harder than others.
   */
  best: Score | undefined;
  /** The rule without a model with the smallest MAE on the rows of the best configuration; undefined without one. */
  bestRule: { name: BaselineName; mae: number } | undefined;
  failed: number;
  /** Of the first job that failed, otherwise of one that was not done. */
  reason: string | undefined;
}

/** One configuration over all series. */
interface ConfigurationSummary {
  configuration: Configuration;
  /** Series on which it was trained. */
  series: number;
  /** Series on which it is the best. */
  best: number;
  /** Series on which its MAE is below that of tomorrow = today. */
  beatsNaive: number;
}

/** The summary of a sweep. */
export interface SweepSummary {
  jobs: number;
  failed: number;
  series: SeriesSummary[];
  configurations: ConfigurationSummary[];
  /** Share of the series whose best configuration has a smaller MAE than tomorrow = today; null when all failed. */
  beatsNaive: number | null;
  /** Share of the series whose best configuration has a smaller MAE than every rule that was scored; null when all failed. */
  beatsRules: number | null;
}

/** A job without a result, with the reason. */
export type Undone = Pick<JobDescription, 'series' | 'configuration'> & { reason: string };

/** What is counted for a series. */
interface Tally {
  /** By configuration. */
  scores: Map<string, Score>;
  /** Configurations with a job that failed or was not done. */
  incomplete: Set<string>;
  failed: number;
  reason: string | undefined;
}

/**
 * Compares the configurations of a sweep, series by series. The best is chosen on the rows that score it, so its error is slightly
 * too small; only rows that were not used for the choice are unbiased.
 * @param undone jobs that are missing from the results: their configurations cannot be the best of their series.
 */
export function summarize(results: Iterable<SummaryInput>, undone: Iterable<Undone> = []): SweepSummary {
  const bySeries = new Map<string, Tally>();
  const tallyOf = (series: string): Tally => {
    const fresh = { scores: new Map<string, Score>(), incomplete: new Set<string>(), failed: 0, reason: undefined };
    const tally = bySeries.get(series) ?? fresh;
    bySeries.set(series, tally);
    return tally;
  };
  const byConfiguration = new Map<string, ConfigurationSummary>();
  let [jobs, failed] = [0, 0];
  for (const result of results) {
    jobs++;
    const of = tallyOf(result.series);
    const { configuration } = result;
    const name = canonical(configuration);
    if (!result.ok) {
      failed++;
      of.failed++;
      of.reason ??= result.reason;
      of.incomplete.add(name);
      continue;
    }
    byConfiguration.set(name, byConfiguration.get(name) ?? { configuration, series: 0, best: 0, beatsNaive: 0 });
    of.scores.set(name, addTo(of.scores.get(name), result));
  }
  for (const { series, configuration, reason } of undone) {
    const of = tallyOf(series);
    of.reason ??= reason;
    of.incomplete.add(canonical(configuration));
  }
  const series = [...bySeries].map(([id, { scores, incomplete, failed, reason }]): SeriesSummary => {
    let best: Score | undefined;
    for (const [name, score] of scores) {
      const configuration = byConfiguration.get(name)!;
      configuration.series++;
      if (score.mae < score.naiveMae) configuration.beatsNaive++;
      if (!incomplete.has(name) && (!best || isBetter(score, best))) best = score;
    }
    if (best) byConfiguration.get(canonical(best.configuration))!.best++;
    return { series: id, best, bestRule: best && bestRuleOf(best), failed, reason };
  });
  const scored = series.flatMap(({ best, bestRule }) => (best && bestRule ? { ...best, ruleMae: bestRule.mae } : []));
  const share = (wins: (score: (typeof scored)[number]) => boolean) =>
    scored.length > 0 ? scored.filter(wins).length / scored.length : null;
  const beatsNaive = share(({ mae, naiveMae }) => mae < naiveMae);
  const beatsRules = share(({ mae, ruleMae }) => mae < ruleMae);
  return { jobs, failed, series, configurations: [...byConfiguration.values()], beatsNaive, beatsRules };
}

function bestRuleOf({ rules }: Score): SeriesSummary['bestRule'] {
  const [first, ...others] = Object.entries(rules).map(([name, mae]) => ({ name: name as BaselineName, mae }));
  return others.reduce((best, rule) => (rule.mae < best!.mae ? rule : best), first);
}

/** Where tomorrow = today has no error, the errors themselves decide. */
function isBetter(a: Score, b: Score): boolean {
  const ratio = ({ mae, naiveMae }: Score) => (mae === naiveMae ? 1 : mae / naiveMae);
  return ratio(a) < ratio(b) || (ratio(a) === ratio(b) && a.mae < b.mae);
}

/** The means with one more job. */
function addTo(score: Score | undefined, { configuration, metrics, baselines }: Scored): Score {
  const before = score?.jobs ?? 0;
  const mean = (old = 0, value: number) => old + (value - old) / (before + 1);
  const rules: Partial<Record<BaselineName, number>> = {};
  const maes = new Map<BaselineName, number>([['naive', metrics.naiveMae]]);
  for (const [name, { mae }] of Object.entries(baselines)) maes.set(name as BaselineName, mae);
  for (const [name, mae] of maes)
    if (!score || score.rules[name] !== undefined) rules[name] = mean(score?.rules[name], mae);
  return {
    configuration,
    jobs: before + 1,
    mae: mean(score?.mae, metrics.mae),
    rmse: mean(score?.rmse, metrics.rmse),
    naiveMae: mean(score?.naiveMae, metrics.naiveMae),
    rules,
  };
}
