// npm run yardstick: forecasts of real series compared with R's; see README.md in this folder.
//   npm run yardstick -- [--series co2,Nile] [--origins 0,1] [--methods ets,theta] [--out scores.csv]
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { toCsv } from '../../src/report/csv.ts';
import { METHODS } from './methods.ts';
import { type MethodScores, ORIGINS, readRScores, readYardstick, scoreMethod, tableOf } from './yardstick.ts';

const { values: flags } = parseArgs({
  options: {
    series: { type: 'string' },
    origins: { type: 'string' },
    methods: { type: 'string' },
    out: { type: 'string' },
  },
});

/** The items of a list that a flag names, or all. */
function chosen<Item>(flag: string, given: string | undefined, all: readonly Item[], nameOf: (item: Item) => string) {
  const names = given?.split(',') ?? all.map(nameOf);
  return names.map((name) => {
    const item = all.find((each) => nameOf(each) === name);
    if (item === undefined) throw new Error(`${flag}: got ${name}, expected some of ${all.map(nameOf).join(', ')}.`);
    return item;
  });
}

const series = chosen('--series', flags.series, readYardstick(), ({ name }) => name);
const origins = chosen('--origins', flags.origins, ORIGINS, String);
const named = chosen('--methods', flags.methods, METHODS, ({ name }) => name);
const methods = flags.methods === undefined ? named.filter(({ isSlow }) => !isSlow) : named;

const results: MethodScores[] = readRScores();
for (const method of methods) {
  console.error(`${method.name} ...`);
  results.push(await scoreMethod(method, series, origins, ({ name }) => console.error(`  ${name}`)));
}

const names = new Set(series.map(({ name }) => name));
/** All methods at some origins, for the selected series. */
const at = (some: readonly number[]): MethodScores[] =>
  results.map((result) => ({
    ...result,
    scores: result.scores.filter((score) => names.has(score.series) && some.includes(score.origin)),
  }));

console.log(`# Yardstick, ${new Date().toISOString().slice(0, 10)}: ${series.length} series`);
console.log("x: geometric mean of MASE divided by that of R's snaive or ets; <: share of forecasts that beat it;");
console.log(
  'worse: forecasts with over 1.05 times the error of snaive; series: those with over 1.05 times in the geometric mean;',
);
console.log('inside: rows within 90% intervals; seconds: at all selected origins.');
for (const origin of origins) console.log(`\n## Origin ${origin}\n\n${tableOf(at([origin]))}`);
if (origins.length > 1) console.log(`\n## Origins ${origins.join(', ')}\n\n${tableOf(at(origins))}`);

if (flags.out !== undefined) {
  const rows = at(origins).flatMap(({ method, scores }) =>
    scores.map(({ series: name, origin, mase, coverage }) => [name, origin, method, mase, coverage ?? ''] as const),
  );
  writeFileSync(flags.out, toCsv(['series', 'origin', 'method', 'mase', 'coverage'], rows));
}
process.exit(0); // Dawn keeps the process alive
