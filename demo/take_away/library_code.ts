import { DEFAULT_MISSING } from '../../src/data/missing.ts';
import { FIELDS } from '../settings.ts';
import { hasSide, type RunSettings, type RunSource, singleQuoted } from './run.ts';

/** Longest line written. */
const LINE_WIDTH = 100;

/** A run as a script for Node.js, complete: reads the file, trains, scores, forecasts. Defaults are left out. */
export function libraryCode(settings: RunSettings, source: RunSource): string {
  const { windowLength, cell, hiddenSize, numLayers, seed, ensemble, horizon, ...rest } = settings;
  const { epochs, batchSize, lr, split, shuffle, scalerFit, plan } = rest;
  const model = [
    ...changed({ windowLength, cell, hiddenSize, numLayers, seed, ensemble }),
    ...(hasSide(source) ? sideShape(source, horizon) : []),
  ];
  const taken = takenOf(source);
  const series = hasSide(source) ? '{ target: values, past, future }' : 'values';
  const create = objectOf(['device', ...model], 'const forecaster = await Forecaster.create();');
  const fit = objectOf(
    changed({ epochs, batchSize, lr, split, shuffle, scalerFit, plan }),
    `const run = forecaster.fit(${series}, );`,
  );
  const predict = objectOf(changed({ horizon }));
  return `${readingCode('Forecaster', taken, source)}
const forecaster = await Forecaster.create(${create});
const run = forecaster.fit(${series}${fit && `, ${fit}`});
for await (const { epoch, loss } of run) console.log(\`Epoch \${epoch}: loss \${loss}\`);

const { metrics } = await forecaster.evaluate();
console.log(\`RMSE of the model: \${metrics.rmse}\`);
console.log(\`RMSE of tomorrow = today: \${metrics.naiveRmse}\`);
const predicted = await forecaster.predict(${predict});
console.log(\`Beyond the end: \${predicted.join(', ')}\`);

forecaster.dispose();
device.destroy();
`;
}

/** What is taken of the series that was read. */
const takenOf = (source: RunSource, more = ''): string => `values${more}${hasSide(source) ? ', past, future' : ''}`;

/** Nothing is known of past columns after the last row: a model that reads some has an output for each row ahead. */
const sideShape = ({ past = [] }: RunSource, horizon: number): string[] => [
  ...(past.length > 0 ? changed({ horizon }) : []),
  ...['past: Object.keys(past)', 'future: Object.keys(future)'],
];

/** A forecast without settings as such a script. @param horizon undefined: a season. */
export const forecastCode = (
  source: RunSource,
  { outliers, horizon }: { outliers: 'replace' | 'keep'; horizon: number | undefined },
): string => {
  const taken = takenOf(source, ', moments');
  const ahead = horizon === undefined ? [] : [`horizon: ${horizon}`];
  return `${readingCode('forecast', taken, source)}
const series = { target: ${taken} };
const { predicted, low, high, method } = await forecast(series, ${objectOf(['device', ...ahead, ...changed({ outliers })])});
console.log(\`By \${method}:\`);
for (const [k, value] of predicted.entries()) console.log(\`\${value}, from \${low[k]} to \${high[k]}\`);

device.destroy();
`;
};

/** The first lines of such a script: reads the file, and asks for a device. @param imported,taken names. */
function readingCode(imported: string, taken: string, source: RunSource): string {
  const { fileName, column, rows, missing, gaps, among, past = [], future = [] } = source;
  const reader = among ? 'readManySeries' : hasSide(source) ? 'readFrame' : 'readSeries';
  const one = among ? `.get(${singleQuoted(among.id)})` : '';
  const read = objectOf(
    [...changed({ id: among?.idColumn, column, rows, missing, gaps }), ...listed({ past, future })],
    `const { ${taken} } = ${reader}(text, )${one};`,
  );
  const names = [imported, reader, 'requestDevice'].join(', ');
  return `// A run of the lstm-webgpu page again, in Node.js: npm install lstm-webgpu webgpu, then start this file with node.
// In a browser: no first import, and const text = await (await fetch(address)).text();
import { readFileSync } from 'node:fs';
import { ${names} } from 'lstm-webgpu';

const text = readFileSync(${singleQuoted(fileName)}, 'utf8');
const { ${taken} } = ${reader}(text, ${read})${one};

const device = await requestDevice();`;
}

/** Options that are not the library's defaults, as `name: value`. */
function changed(options: Readonly<Record<string, string | number | boolean | undefined>>): string[] {
  const defaults: Readonly<Record<string, { usual: unknown }>> = {
    ...FIELDS,
    ...{ missing: { usual: DEFAULT_MISSING }, outliers: { usual: 'replace' } },
  };
  return Object.entries(options)
    .filter(([name, value]) => value !== defaults[name]?.usual)
    .map(([name, value]) => `${name}: ${typeof value === 'string' ? singleQuoted(value) : value}`);
}

/** Lists of names, those that are not empty. */
const listed = (lists: Readonly<Record<string, readonly string[]>>): string[] =>
  Object.entries(lists)
    .filter(([, names]) => names.length > 0)
    .map(([name, names]) => `${name}: [${names.map(singleQuoted).join(', ')}]`);

/** An object literal; nothing where it has no entries. @param around what else stands in its line. */
function objectOf(entries: readonly string[], around = ''): string {
  if (entries.length === 0) return '';
  const line = `{ ${entries.join(', ')} }`;
  if (around.length + line.length <= LINE_WIDTH) return line;
  return `{\n${entries.map((entry) => `  ${entry},\n`).join('')}}`;
}
