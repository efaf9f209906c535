// For Node, Deno and Bun: prints the results of the job as JSON.
import { readFile } from 'node:fs/promises';
import * as library from '../../dist/node/index.js';
import { job } from './job.js';

const csv = await readFile(new URL('../../node_modules/vega-datasets/data/sp500-2000.csv', import.meta.url), 'utf8');
console.log(JSON.stringify(await job(library, csv)));
process.exit(0); // devices keep some hosts running
