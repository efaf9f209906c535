import { describe, expect, test } from 'vitest';
import { en } from '../../demo/texts/en.ts';
import { pt } from '../../demo/texts/pt.ts';
import { type BaselineName, baselineForecast } from '../../src/data/baselines.ts';
import { forecastMetrics } from '../../src/data/metrics.ts';
import { guessSeason } from '../../src/data/season.ts';
import { bestPlaces, type Rule, rulesOf, verdictOf } from '../../src/data/verdict.ts';
import { verdict } from '../../src/node/scores.ts';
import { numberFormats } from '../../src/report/format.ts';
import { verdictText } from '../../src/report/verdict_text.ts';

const format = { score: String, times: String, percent: (share: number) => `${Math.round(100 * share)}%` };

/** The comparison of a model's error with those of the rules, in the command and on the page. */
function textsOf(mae: number, naive: number, seasonal?: { season: number; mae: number }, ets?: number) {
  const rules: Rule[] = [
    { name: 'naive', season: 1, mae: naive },
    ...(seasonal ? [{ name: 'seasonalNaive', ...seasonal } as const] : []),
    ...(ets === undefined ? [] : [{ name: 'ets', season: seasonal?.season ?? 1, mae: ets } as const]),
  ];
  const baselines = {
    naive: { mae: naive },
    ...(seasonal && { seasonalNaive: { mae: seasonal.mae } }),
    ...(ets !== undefined && { ets: { mae: ets } }),
  };
  const scored = { metrics: { mae }, baselines, season: seasonal?.season };
  const page = verdictOf(mae, rules);
  return {
    outcome: page.outcome,
    command: verdict(scored as never),
    en: verdictText(page, en, format),
    pt: verdictText(page, pt, format),
  };
}

describe('a verdict', () => {
  test.each([
    ['better', 1, 4, undefined],
    ['worse', 5, 4, undefined],
    ['worse', 40, 4, undefined],
    ['draw', 4.01, 4, undefined],
    ['better', 0, 4, undefined],
    ['worse', 2, 4, { season: 7, mae: 1 }],
    ['better', 2, 3, { season: 7, mae: 9 }],
    ['draw', 1, 4, { season: 7, mae: 1 }],
  ] as const)(
    'is the same in the command and on the page: %s for %d compared with %d and %j',
    (outcome, mae, naive, seasonal) => {
      const { command, en: english, pt: portuguese, outcome: found } = textsOf(mae, naive, seasonal);
      expect(found).toBe(outcome);
      const starts = {
        better: ['Better than', 'Melhor que'],
        worse: ['Worse than', 'Pior que'],
        draw: ['As good as', 'Tão bom quanto'],
      };
      const [inEnglish, inPortuguese] = starts[outcome] as [string, string];
      expect(command.startsWith(inEnglish), command).toBe(true);
      expect(english.startsWith(inEnglish), english).toBe(true);
      expect(portuguese.startsWith(inPortuguese), portuguese).toBe(true);
      const bySeason = seasonal !== undefined && seasonal.mae < naive;
      expect(command.split(':')[0]!.includes('seasonal')).toBe(bySeason);
      expect(english.includes('repeating the value of 7 rows earlier')).toBe(bySeason);
      expect(`${command}${english}${portuguese}`).not.toMatch(/NaN|Infinity|null|undefined|e\+/);
    },
  );

  test('next to a rule that is never wrong names it and gives the error of the model', () => {
    expect(textsOf(1.5, 0)).toMatchObject({
      outcome: 'worse',
      command:
        'The test set is constant, so the naive forecast (tomorrow = today) is always right; the average error of the model is 1.500.',
      en: 'The test set is constant, so “Same as the row before” is never wrong there; the average error of the model is 1.5.',
      pt: 'O conjunto de teste não varia, então “Igual à linha anterior” nunca erra ali; o modelo erra 1.5 em média.',
    });
    const repeats = textsOf(1.5, 1.083, { season: 4, mae: 0 });
    expect(repeats.outcome).toBe('worse');
    expect(repeats.command).toBe(
      'The test set repeats every 4 rows, so the seasonal naive forecast (same as 4 rows earlier) is always right; the ' +
        'average error of the model is 1.500. The naive forecast (tomorrow = today) has an average error of 1.083: the model is worse.',
    );
    expect(repeats.en).toBe(
      'The test set repeats itself every 4 rows, so “Same as 4 rows earlier” is never wrong there; the average error of the model is 1.5.',
    );
    expect(repeats.pt).toContain('“Igual a 4 linhas atrás” nunca erra ali');
  });

  test('of a model that is also never wrong is a tie', () => {
    for (const [seasonal, rows] of [
      [undefined, 'is constant'],
      [{ season: 4, mae: 0 }, 'repeats every 4 rows'],
    ] as const) {
      const { outcome, command, en: english } = textsOf(0, seasonal ? 1 : 0, seasonal);
      expect(outcome).toBe('draw');
      expect(command).toContain(rows);
      expect(command).toContain('so is the model');
      expect(english).toContain('and neither is the model.');
    }
  });

  test('of errors that are not numbers is none', () => {
    const { outcome, command, en: english } = textsOf(Infinity, Infinity);
    expect(outcome).toBe('unknown');
    expect(command).toContain('too large to compare');
    expect(english).toContain('too large to compare');
    expect(textsOf(Number.NaN, 1).outcome).toBe('unknown');
  });

  test('names exponential smoothing if that is the best rule', () => {
    const { command, en: english, pt: portuguese } = textsOf(2, 4, { season: 7, mae: 3 }, 1.5);
    expect(command).toMatch(
      /^Worse than exponential smoothing \(ETS\): average error 2.000 vs. 1.500 \(33% larger\)\./,
    );
    expect(command).toContain(
      'The naive forecast (tomorrow = today) has an average error of 4.000: the model is better.',
    );
    expect(command).toContain(
      'The seasonal naive forecast (same as 7 rows earlier) has an average error of 3.000: the model is better.',
    );
    expect(english).toContain('Worse than exponential smoothing: average error 2 vs. 1.5 (33% larger).');
    expect(portuguese).toContain('Pior que a suavização exponencial: erro médio de 2, contra 1.5 (33% maior).');
    expect(textsOf(2, 4, undefined, 3).command).toMatch(/^Better than exponential smoothing \(ETS\)/);
    expect(textsOf(2, 4, undefined, 0).command).toMatch(
      /^On the test set exponential smoothing \(ETS\) is always right; the average error of the model/,
    );
    expect(textsOf(0, 0, undefined, 0).command).toMatch(/^The test set is constant/);
  });

  test('of many times the error gives the factor in plain digits', () => {
    expect(textsOf(500, 4).command).toContain('(130 times as large).');
  });

  test.each([
    ['a saw', [3, 5, 2, 8, 9, 4, 1], 10],
    ['percents by quarter', [0, 0.5, 1, 1.5], 10],
  ])('on a purely seasonal series names the season, not tomorrow = today: %s', (_, season, times) => {
    const values = Array.from({ length: season.length * times }, (_, k) => season[k % season.length]!);
    const first = Math.round(0.8 * values.length);
    const origins = values.slice(first).map((_, k) => first + k - 1);
    const guessed = guessSeason(values.slice(0, first));
    expect(guessed).toBe(season.length);
    const actual = values.slice(first);
    const said = (name: BaselineName) => baselineForecast(name, values, origins, 1, { season: season.length });
    const naive = said('naive');
    const scoreOf = (predicted: ArrayLike<number>) => forecastMetrics({ actual, predicted, naive });
    const baselines = { naive: scoreOf(naive), seasonalNaive: scoreOf(said('seasonalNaive')) };
    expect(baselines.naive.mae).toBeGreaterThan(0.5);
    const metrics = scoreOf(actual.map((value) => value + 0.25));
    const rules = rulesOf(baselines, guessed).map(({ score, ...rule }) => ({ ...rule, mae: score.mae }));
    for (const text of [
      verdict({ metrics, baselines, season: guessed }),
      verdictText(verdictOf(metrics.mae, rules), en, format),
    ]) {
      expect(text).toMatch(new RegExp(`^The test set repeats (itself )?every ${guessed} rows`));
      expect(text).not.toMatch(/tomorrow = today[^:]*(never|is constant)/i);
    }
  });

  test('ignores a season of one row, which is tomorrow = today again, and no season', () => {
    const scores = { naive: 1, seasonalNaive: 2 };
    const naive = { name: 'naive', season: 1, score: 1 };
    expect(rulesOf(scores, 7)).toEqual([naive, { name: 'seasonalNaive', season: 7, score: 2 }]);
    for (const season of [1, 0, undefined]) expect(rulesOf(scores, season)).toEqual([naive]);
    expect(rulesOf({ naive: 1 }, 7)).toHaveLength(1);
  });
});

test('the best of a row of scores is marked, all of equal ones, and none if there is nothing to choose', () => {
  expect(bestPlaces([2, 1, 3])).toEqual([1]);
  expect(bestPlaces([1, 1, 3])).toEqual([0, 1]);
  expect(bestPlaces([null, 1, 3])).toEqual([1]);
  for (const row of [[1, 1], [null, 1], [null, null], []]) expect(bestPlaces(row)).toEqual([]);
});

test.each([
  [0, '0.0 s', '0,0 s'],
  [4.24, '4.2 s', '4,2 s'],
  [9.96, '10 s', '10 s'],
  [42.4, '42 s', '42 s'],
  [59.7, '1 min 00 s', '1 min 00 s'],
  [185, '3 min 05 s', '3 min 05 s'],
  [3599.6, '1 h 00 min', '1 h 00 min'],
  [3720, '1 h 02 min', '1 h 02 min'],
  [Infinity, '–', '–'],
  [Number.NaN, '–', '–'],
])('%d seconds are %s', (seconds, english, portuguese) => {
  expect(numberFormats('en').seconds(seconds)).toBe(english);
  expect(numberFormats('pt-BR').seconds(seconds)).toBe(portuguese);
});
