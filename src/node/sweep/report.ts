import type { BaselineName } from '../../data/baselines.ts';
import { toCsv } from '../../report/csv.ts';
import { english, stepsAhead } from '../../report/format.ts';
import { aheadOf, type Configuration } from '../../sweep/plan.ts';
import type { SweepSummary } from '../../sweep/summary.ts';

/** Most series in the report; the file of --summary-out has all. */
const MAX_LISTED = 20;

/** Names of rules without a model. */
const RULES: Readonly<Record<BaselineName, string>> = {
  naive: 'naive',
  drift: 'drift',
  movingAverage: 'moving average',
  seasonalNaive: 'seasonal naive',
};

const percent = (share: number): string => `${(100 * share).toFixed(0)}%`;

/** `lr 0.01, hiddenSize 8`; objects as JSON. */
function configurationText(configuration: Configuration): string {
  const parts = Object.entries(configuration).map(
    ([name, value]) => `${name} ${typeof value === 'object' ? JSON.stringify(value) : String(value)}`,
  );
  return parts.join(', ') || 'defaults';
}

/** A summary as text. */
export function sweepText({ jobs, failed, series, configurations, beatsNaive, beatsRules }: SweepSummary): string {
  const lines = [`${count(jobs, 'job')} of ${series.length} series, ${failed} failed.`];
  if (beatsNaive !== null && beatsRules !== null) {
    const scored = new Set(series.flatMap(({ best }) => Object.keys(best?.rules ?? {})));
    const rules = Object.entries(RULES).flatMap(([name, word]) => (scored.has(name) ? [word] : []));
    lines.push(
      `The best configuration beats the naive forecast (tomorrow = today) on ${percent(beatsNaive)} of the series, and every ` +
        `rule without a model (${rules.join(', ')}) on ${percent(beatsRules)}.`,
    );
    lines.push('', '  series    best   beats naive  configuration');
    for (const { configuration, series: trained, best, beatsNaive: wins } of configurations) {
      const cells = [String(trained).padStart(8), String(best).padStart(8), percent(wins / trained).padStart(14)];
      lines.push(`${cells.join('')}  ${configurationText(configuration)}`);
    }
  }
  if (configurations.length > 0) lines.push('', `Errors ${scoredAhead(configurations)}:`);
  lines.push('', '        MAE     naive MAE  best configuration of each series');
  for (const { series: id, best, reason } of series.slice(0, MAX_LISTED)) {
    const [mae, naive] = [english.cell(best?.mae ?? null), english.cell(best?.naiveMae ?? null)];
    const what = best ? configurationText(best.configuration) : `failed: ${reason}`;
    lines.push(`${mae.padStart(11)}${naive.padStart(14)}  ${id}: ${what}`);
  }
  if (series.length > MAX_LISTED) lines.push(`  and ${series.length - MAX_LISTED} more: --summary-out FILE lists all.`);
  return lines.join('\n');
}

/** The steps ahead that errors are means over, as text. */
function scoredAhead(configurations: SweepSummary['configurations']): string {
  const all = configurations.map(({ configuration }) => aheadOf(configuration));
  const [least, most] = [Math.min(...all), Math.max(...all)];
  return stepsAhead(most, least);
}

/** One row per series, with its best configuration and the best rule without a model. */
export function summaryCsv({ series }: SweepSummary): string {
  const header = [
    'series',
    'ahead',
    'mae',
    'rmse',
    'naive_mae',
    'beats_naive',
    'best_rule',
    'best_rule_mae',
    'beats_rules',
  ];
  const rows = series.map(({ series: id, best, bestRule, failed, reason = '' }) => {
    if (!best || !bestRule) return [id, ...Array<string>(9).fill(''), failed, reason];
    const { mae, rmse, naiveMae, configuration } = best;
    const { name, mae: ruleMae } = bestRule;
    const numbers = [
      aheadOf(configuration),
      mae,
      rmse,
      naiveMae,
      String(mae < naiveMae),
      name,
      ruleMae,
      String(mae < ruleMae),
    ];
    return [id, ...numbers, JSON.stringify(configuration), failed, reason];
  });
  return toCsv([...header, 'configuration', 'failed', 'reason'], rows);
}

export const count = (n: number, noun: string): string => `${english.count(n)} ${noun}${n === 1 ? '' : 's'}`;
