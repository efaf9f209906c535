import type { ErrorDetails } from '../../src/errors.ts';
import { en } from './en.ts';
import { type ErrorWords, listed, mebibytes } from './error_words.ts';

/** What the form calls an argument of the library. */
const FIELDS: Readonly<Record<string, string>> = {
  ...en.settings,
  ...{ rows: en.lastRows, column: en.column, missing: en.missingValues, series: en.seriesTitle },
};

/** What a field of the form should have; `got` is NaN where it is empty. */
const enter = ({ argument, got }: { argument: string; got: string }, what: string): string =>
  `${FIELDS[argument] ?? argument}: enter ${what}${got === 'NaN' ? '' : `, not ${got}`}.`;

const rowsOf = (n: number): string => `${n} ${n === 1 ? 'row' : 'rows'}`;

function range({ above, atLeast, below, atMost }: ErrorDetails['out-of-range']): string {
  const bounds = [
    above !== undefined && `greater than ${above}`,
    atLeast !== undefined && `of at least ${atLeast}`,
    below !== undefined && `less than ${below}`,
    atMost !== undefined && `at most ${atMost}`,
  ];
  return `a number ${bounds.filter(Boolean).join(' and ')}`;
}

const OTHER_FILES: Readonly<Record<Exclude<ErrorDetails['csv-not-text']['is'], 'page'>, string>> = {
  archive: 'a zip file or an Excel workbook',
  workbook: 'an old Excel workbook',
  gzip: 'a gzip file',
  parquet: 'a Parquet file',
  arrow: 'an Arrow or Feather file',
  pdf: 'a PDF',
  json: 'JSON without a table',
  model: 'a trained model',
  'other encoding': 'a file in another encoding',
};

/** Errors in English, by code: in the page's own terms, where the library's messages have those of its API. */
export const ENGLISH: ErrorWords = {
  'not-whole-number': (details) => {
    const { min, max } = details;
    return enter(details, `a whole number ${max === undefined ? `of at least ${min}` : `from ${min} to ${max}`}`);
  },
  'out-of-range': (details) => enter(details, range(details)),
  'not-a-choice': (details) => enter(details, `one of ${details.choices.join(', ')}`),
  'nothing-to-train-on': () =>
    `No window is left to train on. Use more rows, a larger “${en.settings.split}” or a smaller “${en.settings.windowLength}”.`,
  disposed: () => 'The model is no longer there. Train again.',
  'csv-empty': () => 'The file is empty; it should have a header and rows with numbers.',
  'csv-no-rows': () => 'The file has a header but no rows below it.',
  'csv-not-text': ({ is }) =>
    is === 'page'
      ? 'This is a web page or XML, not a CSV. Is the file’s address right?'
      : `This is ${OTHER_FILES[is]}, not a table as text. Save the table as CSV first.`,
  'csv-open-quote': ({ row }) =>
    `Row ${row}: a quotation mark is not closed where the cell ends. Within a cell, write it twice ("").`,
  'csv-row-length': ({ row, got, expected, delimiter }) =>
    `Row ${row} has ${got} ${got === 1 ? 'cell' : 'cells'}, but should have ${expected}, as the first row does, separated by “${delimiter}”. Is a separator ` +
    'missing, or is there one too many? Numbers with a decimal comma need quotation marks, or ; between cells.',
  'csv-no-numbers': ({ columns }) =>
    `No column has numbers. Columns: ${listed(columns)}. Is the file’s separator right?`,
  'csv-no-column': ({ got, columns }) => `Column “${got}” is not in the file, which has ${listed(columns)}.`,
  'csv-not-numbers': ({ column, kind }) => `Column “${column}” has ${kind === 'date' ? 'dates' : 'text'}, not numbers.`,
  'csv-which-column': ({ columns }) =>
    `More than one column could be the series: ${listed(columns)}. Choose one in “${en.column}”.`,
  'csv-no-whole-row': ({ columns }) => `No row has a number in ${columns.map((name) => `“${name}”`).join(' and ')}.`,
  'csv-many-series': ({ column, series }) =>
    `Column “${column}” names ${series} series, but only one is read. Leave one in the file.`,
  'csv-bad-date': ({ row, column, got }) =>
    `Row ${row}, column “${column}”: “${got}” is not a date, or cannot be one in this place. Fix the cell or choose “${en.leaveOut}” ` +
    `in “${en.missingValues}”.`,
  'csv-hole': ({ row, column, got, decimal }) => {
    const what = got.trim() === '' ? 'the cell is empty' : `the cell has “${got}”`;
    const mark = decimal === ',' ? ' with a decimal comma' : '';
    return (
      `Row ${row}, column “${column}”: ${what}, but should have a number${mark}. Fix the cell or choose “${en.leaveOut}” or ` +
      `“${en.fillIn}” in “${en.missingValues}”.`
    );
  },
  'bad-value': ({ argument, index, got }) =>
    `${FIELDS[argument] ?? argument}: value ${index + 1} is ${got}, not a usable number.`,
  'too-short': ({ rows, needed }) =>
    `The series has ${rowsOf(rows)}, but with this window it needs at least ${needed}. Use more rows or a smaller ` +
    `“${en.settings.windowLength}”.`,
  'future-too-short': ({ column, rows, needed }) =>
    `“${column}” is not known as far ahead as is forecast: the file needs ${rowsOf(needed - rows)} more at its end, with “${column}” ` +
    `filled in and the series empty. Or choose “${en.sideColumns.choices.past}” for it, or fewer “${en.settings.horizon}”.`,
  'csv-many-values': ({ column, values, most }) =>
    `Column “${column}” has ${values} different texts, but at most ${most} can be read. Choose “${en.sideColumns.choices.ignore}” for it.`,
  constant: ({ value }) =>
    `All values are ${value}: there is nothing to learn from a constant series. Choose another column, or more rows.`,
  'file-damaged': () => 'The model file is damaged or incomplete.',
  'file-of-another-kind': () => 'This file is not a model of this library.',
  'file-without-checksum': () =>
    'The model file has no checksum: it was written by an older version, or by another program.',
  'file-of-another-version': () => 'The model file was written by another version of this library. Train again.',
  'other-series': () => 'The series is not the one that the training began with, so it cannot be resumed.',
  'storage-refused': () => 'The browser stores nothing for this page. Leave private browsing, or allow site data.',
  'storage-full': ({ used, quota }) =>
    `There is no room: ${mebibytes(used)} of ${mebibytes(quota)} of this site are in use. Free space on the disk.`,
  'storage-failed': () =>
    'The browser could not read or write what it stores for this page; its site data may have been deleted.',
  device: () =>
    'The GPU could not be used. Reload the page; if it happens again, update the browser and the graphics driver.',
  shader: () => 'The GPU rejected one of this page’s programs. Update the browser and the graphics driver.',
  'plan-unfit': ({ plan }) =>
    `${en.settings.plan}: “${plan}” cannot run this model. Choose “auto”, “sequence” or “timestep”.`,
  'no-webgpu': () =>
    'There is no WebGPU here. Use Chrome or Edge 113, Safari 26, Firefox 141 (on Linux with dom.webgpu.enabled in about:config) or ' +
    'newer, on an https:// page or localhost.',
  'no-adapter': () =>
    'WebGPU found no adapter. In Chrome, see chrome://gpu and turn on graphics acceleration, or start it with ' +
    '--enable-unsafe-webgpu --use-webgpu-adapter=swiftshader.',
  'too-large': ({ bytes, limit }) =>
    `The model needs ${mebibytes(bytes)} in one buffer, but this GPU allows ${mebibytes(limit)}. Lower “${en.settings.batchSize}”, ` +
    `“${en.settings.windowLength}” or “${en.settings.hiddenSize}”.`,
  'loops-cut-short': ({ rounds }) =>
    `This GPU’s driver ends loops after ${rounds} rounds, so results would be wrong. Update the graphics driver.`,
  'command-refused': () => 'The GPU refused a command. Try again; if it happens again, update the graphics driver.',
  'out-of-memory': () =>
    `The GPU is out of memory. Lower “${en.settings.batchSize}”, “${en.settings.windowLength}”, “${en.settings.ensemble}” or ` +
    `“${en.settings.hiddenSize}”.`,
  'device-lost': () => 'The GPU was lost. Try again to ask for another.',
  'training-not-finite': ({ epoch, step }) =>
    `Epoch ${epoch}, step ${step}: the loss is no longer a finite number. The last good weights were kept. Lower “${en.settings.lr}”, ` +
    'or look for outliers in the series.',
};
