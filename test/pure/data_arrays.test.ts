import { describe, expect, test } from 'vitest';
import type { NumericArray } from '../../src/arrays.ts';
import {
  applyTransform,
  baselineForecast,
  conformalRadius,
  DataError,
  type ForecastData,
  forecastMetrics,
  guessSeason,
  invertTransform,
  MinMaxScaler,
  memberMean,
  memberQuantiles,
  naiveForecast,
  RobustScaler,
  StandardScaler,
  scalerFromJSON,
} from '../../src/data.ts';
import { writeSafetensors } from '../../src/io/safetensors.ts';
import { listJobs } from '../../src/sweep/jobs.ts';
import { ARRAY_KINDS, BAD_VALUES } from '../arrays.ts';

const numbers = [3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8];
const places = [4, 5, 6, 7];

interface Call {
  name: string;
  given?: readonly number[];
  /** The start of a message about the second value. */
  start: string;
  /** NaN and infinity are also allowed. */
  anyNumber?: true;
  run(values: NumericArray): unknown;
}

const scalers = [new MinMaxScaler(), new StandardScaler(), new RobustScaler()];
const scored: ForecastData = { actual: numbers, predicted: numbers, naive: numbers };
const metricsOf = (change: Partial<ForecastData>) => forecastMetrics({ ...scored, ...change });
const bounds = { low: numbers, high: numbers };

const CALLS: readonly Call[] = [
  ...scalers.flatMap((scaler): Call[] => {
    const name = scaler.constructor.name;
    const fitted = () => scalerFromJSON(scaler.fit(numbers).toJSON());
    return [
      { name: `${name}.fit`, start: `${name}.fit: row 2`, run: (values) => scaler.fit(values).toJSON() },
      { name: `${name}.transform`, start: `${name}.transform: row 2`, run: (values) => fitted().transform(values) },
      {
        name: `${name}.inverseTransform`,
        start: `${name}.inverseTransform: row 2`,
        anyNumber: true,
        run: (values) => fitted().inverseTransform(values),
      },
    ];
  }),
  ...(['none', 'difference', 'logReturn'] as const).flatMap((transform): Call[] => [
    {
      name: `applyTransform ${transform}`,
      start: `${transform}: row 2`,
      run: (values) => applyTransform(transform, values),
    },
    {
      name: `invertTransform ${transform}`,
      start: 'invertTransform: row 2',
      anyNumber: true,
      run: (values) => invertTransform(transform, values, 2),
    },
  ]),
  { name: 'guessSeason', start: 'guessSeason: row 2', run: (values) => guessSeason(values) },
  { name: 'conformalRadius', start: 'conformalRadius: row 2', run: (values) => conformalRadius(values, 0.5) },
  ...(['actual', 'predicted', 'naive', 'trainActual'] as const).map(
    (name): Call => ({
      name: `forecastMetrics ${name}`,
      start: `forecastMetrics: ${name}[1]`,
      run: (values) => metricsOf({ [name]: values }),
    }),
  ),
  ...(['low', 'high'] as const).map(
    (name): Call => ({
      name: `forecastMetrics ${name}`,
      start: `forecastMetrics: ${name}[1]`,
      run: (values) => metricsOf({ interval: { ...bounds, [name]: values } }),
    }),
  ),
  ...(['naive', 'drift', 'movingAverage', 'seasonalNaive'] as const).flatMap((rule): Call[] => [
    {
      name: `baselineForecast ${rule}`,
      start: 'baselineForecast: row 2',
      anyNumber: true,
      run: (values) => baselineForecast(rule, values, places, 2, { season: 3, window: 2 }),
    },
    {
      name: `baselineForecast ${rule}, origins`,
      given: places,
      start: 'baselineForecast: origins: row 2',
      anyNumber: true, // and no rows: tested with the rules
      run: (values) => baselineForecast(rule, numbers, values, 2, { season: 3, window: 2 }),
    },
  ]),
  { name: 'naiveForecast', start: 'naiveForecast: row 2', anyNumber: true, run: (v) => naiveForecast(v, places, 2) },
  {
    name: 'naiveForecast, starts',
    given: places,
    start: 'naiveForecast: starts: row 2',
    anyNumber: true,
    run: (values) => naiveForecast(numbers, values, 2),
  },
  { name: 'memberMean', start: 'members[1]: row 2', anyNumber: true, run: (values) => memberMean([numbers, values]) },
  {
    name: 'memberQuantiles',
    start: 'members[0]: row 2',
    anyNumber: true,
    run: (values) => memberQuantiles([values, numbers], [0.1, 0.9]),
  },
  {
    name: 'writeSafetensors',
    start: 'safetensors: w: row 2',
    anyNumber: true,
    run: (data) => writeSafetensors(new Map([['w', { shape: [3, 4], data }]])),
  },
  {
    name: 'listJobs',
    start: 'series: row 2',
    anyNumber: true, // and a job that will fail
    async run(values) {
      const [job] = await listJobs([{ id: 'a', values }]);
      if (job!.series.problem !== undefined) throw new DataError(job!.series.problem);
      return { key: job!.key, values: [...job!.series.values] };
    },
  },
];

describe.each(CALLS)('$name', ({ given = numbers, start, anyNumber, run }) => {
  const act = async (values: NumericArray) => run(values);

  test('gives the same result for the same numbers in every kind of array', async () => {
    const expected = await act(given);
    for (const { name, of } of ARRAY_KINDS) expect(await act(of(given)), name).toEqual(expected);
  });

  test('rejects non-numbers and gives their row', async () => {
    for (const { value, text } of BAD_VALUES) {
      const refused = act(given.with(1, value as number));
      await expect(refused).rejects.toThrow(DataError);
      await expect(refused).rejects.toThrow(start);
      await expect(refused).rejects.toThrow(`is ${text}, expected a`);
    }
  });

  if (!anyNumber)
    test('rejects NaN and infinity and gives their row', async () => {
      for (const value of [Number.NaN, Infinity, -Infinity])
        for (const values of [given.with(1, value), Float64Array.from(given).with(1, value)]) {
          await expect(act(values)).rejects.toThrow(start);
          await expect(act(values)).rejects.toThrow(`is ${value}, expected a`);
        }
    });

  test('leaves the array unchanged', async () => {
    const values = [...given];
    const typed = Float64Array.from(given);
    await act(values);
    await act(typed);
    expect(values).toEqual(given);
    expect([...typed]).toEqual(given);
  });
});

test('members of different lengths are rejected, and so are none', () => {
  expect(() => memberMean([[1, 2], [1]])).toThrow('members[1]: got 1 rows, expected 2, like the first one.');
  for (const of of [memberMean, (members: number[][]) => memberQuantiles(members, [0.5])])
    expect(() => of([])).toThrow('members: got [], expected at least one array of numbers.');
});

test.each([null, '0.5', [0.5], Number.NaN, 2])('memberQuantiles rejects the level %j', (level) => {
  expect(() => memberQuantiles([[1, 2]], [0.1, level as number])).toThrow('quantiles: got ');
});

test('levels may be in any kind of array, and must be in one', () => {
  const expected = memberQuantiles(
    [
      [1, 2],
      [3, 4],
    ],
    [0.25],
  );
  expect(
    memberQuantiles(
      [
        [1, 2],
        [3, 4],
      ],
      Float64Array.of(0.25),
    ),
  ).toEqual(expected);
  for (const levels of [0.5, null, '0.5'])
    expect(() => memberQuantiles([[1, 2]], levels as never)).toThrow(/^quantiles: got .*, expected numbers in a plain/);
});

test('a tensor beyond the range of float32 is not written', () => {
  expect(() => writeSafetensors(new Map([['w', { shape: [1], data: [1e300] }]]))).toThrow(
    'safetensors: w: row 1 of the 1 values is 1e+300, expected a number that float32 can represent.',
  );
  expect(() => writeSafetensors({ w: { shape: [1], data: [1] } } as never)).toThrow('expected a Map');
});

test('a series of a sweep that holds a non-number has a different key from any series of numbers', async () => {
  const keyOf = async (values: NumericArray) => (await listJobs([{ id: 'a', values }]))[0]!.key;
  const keys = await Promise.all(
    [
      [1, 0, 2],
      [1, null as never, 2],
      [1, Number.NaN, 2],
      [1, '0' as never, 2],
    ].map(keyOf),
  );
  expect(new Set(keys).size).toBe(4);
});
