import { join } from 'node:path';
import { ConfigError, DataError } from '../../errors.ts';
import { describeDevice } from '../../gpu/device.ts';
import { positiveInteger, text } from '../../kinds.ts';
import { english } from '../../report/format.ts';
import { listJobs, type SweepJob } from '../../sweep/jobs.ts';
import { JOBS_ON_ANY, jobsPerPack, shardOf } from '../../sweep/packs.ts';
import { GRID_OPTIONS, MAX_JOBS } from '../../sweep/plan.ts';
import { describeJob, mayPass } from '../../sweep/results.ts';
import { summarize } from '../../sweep/summary.ts';
import { type FinishedJob, splitReadable, trainJobs } from '../../sweep/sweep.ts';
import type { Command, Printer } from '../command.ts';
import { adapterFlag, requestNodeDevice } from '../device.ts';
import { type FlagValues, flag, grouped, jsonFlag, readArguments, wrap } from '../flags.ts';
import { seriesFlags, seriesOptions } from '../input.ts';
import { Outputs, prepareOutput } from '../output.ts';
import { ProgressBar } from '../progress.ts';
import { Interruption, type Stop } from '../stop.ts';
import { coordinate, type UndoneJob } from './coordinator.ts';
import { expandPattern } from './glob.ts';
import { loadParquetWriter, parquetBytes } from './parquet.ts';
import { readPlan } from './plan_file.ts';
import { PackQueue, queueFlag } from './queue.ts';
import { count, summaryCsv, sweepText } from './report.ts';
import { type ResultRow, ResultsFile } from './results_file.ts';
import { readSweepSeries } from './series_files.ts';
import { shardFlag } from './shard_flag.ts';

const flags = {
  ...grouped('Data', {
    id: flag(text('NAME|INDEX'), 'Column that names the series of each row (default: each file is one series)'),
    ...seriesFlags,
  }),
  ...grouped('Training', {
    pack: flag(positiveInteger, 'Most jobs that train together (default: what suits the device)'),
    shard: shardFlag,
    queue: queueFlag,
  }),
  ...grouped('Output', {
    'results-out': flag(text('FILE'), 'Results as JSON lines; jobs in it are not repeated (default results.jsonl)'),
    'summary-out': flag(
      text('FILE'),
      'Write the best configuration of each series as CSV, with the best rule without a model: of the configurations whose jobs ' +
        'are all done, the one with the smallest MAE / naive MAE',
    ),
    'parquet-out': flag(text('FILE'), 'Also write all results as Parquet (npm install hyparquet-writer)'),
    'models-out': flag(text('FOLDER'), 'Write every trained model there, as KEY.safetensors'),
    json: jsonFlag,
  }),
  ...grouped('Advanced', { adapter: adapterFlag }),
};

type SweepFlags = FlagValues<typeof flags>;

const optionsHelp = (what: string, names: readonly string[]) =>
  `${' '.repeat(10)}${wrap(`${what}: ${names.join(', ')}.`, 110, 10)}`;

const PLAN_HELP = `The plan is a JSON object; every part is optional:
  {
    "grid": { "hiddenSize": [8, 16], "lr": [0.001, 0.01], "epochs": 20, "batchSize": 32 },
    "seeds": [0, 1],
    "folds": { "count": 3, "testRows": 20 },
    "sample": { "jobs": 500, "seed": 0 }
  }
  grid    Each option with a value, or with a list of values to try; or a list of such objects.
${optionsHelp('Model', GRID_OPTIONS.model)}
${optionsHelp('Training', GRID_OPTIONS.fit)}
${optionsHelp('Steps ahead that are scored (default: the horizon)', GRID_OPTIONS.score)}
          Values are those of Forecaster.create and fit, such as "optimizer": { "name": "AdamW", "weightDecay": 0.01 }.
  seeds   Each configuration is trained with each of them. Default: [0].
  folds   Backtest instead of split: the last count * testRows rows are scored in count parts, each by a model trained on
          all rows before it.
  sample  A random sample of this many jobs; the grid may then have more than the ${english.count(MAX_JOBS)} jobs of a sweep.`;

/** Trains every series with every configuration of a plan. */
export const sweepCommand: Command = {
  summary: 'Train many series with many settings, here or on many machines',
  usage: 'sweep <plan.json> <files.csv...> [flags]',
  about:
    'Trains every series with every configuration, seed and fold of a plan, compares each with the naive forecast, and appends\n' +
    'one line per job to a file of results. Jobs of the same shape train together, as many as the device can take. Files may be\n' +
    "patterns ('series/*.csv'). Run again, after Ctrl-C or a crash, it does only the jobs that are missing from the file.\n" +
    'Only one sweep at a time writes a file of results; FILE.lock keeps others out. Lines that were damaged on the disk are moved\n' +
    'to FILE.damaged, and their jobs are done again.\n\n' +
    `${PLAN_HELP}\n\n` +
    'Many machines: give each a shard, join their files (cat results-*.jsonl > results.jsonl), and run the sweep once more\n' +
    'without --shard for the summary. Or use --queue, with a worker for each GPU.\n' +
    'Exit codes: 0 all jobs done, 1 some failed (the others are done), 2 invalid plan or flag.',
  flags,
  examples: [
    "sweep plan.json 'series/*.csv'",
    'sweep plan.json sales.csv --id shop --column revenue --summary-out best.csv',
    "sweep plan.json 'series/*.csv' --shard $JOB_COMPLETION_INDEX/10",
    "sweep plan.json 'series/*.csv' --queue redis://localhost:6379",
  ],
  async run(args, printer, stop) {
    const { values, files, more } = readArguments(flags, ['plan.json', 'files.csv...'], args);
    const { shard, queue } = values;
    if (queue !== undefined && shard) throw new ConfigError('--shard and --queue: give one of the two.');
    const path = values['results-out'] ?? (shard ? `results-${shard.index}-of-${shard.count}.jsonl` : 'results.jsonl');
    const { 'summary-out': summaryOut, 'parquet-out': parquetOut, 'models-out': modelsOut } = values;
    const plan = await readPlan(files['plan.json']);
    const { id } = values;
    const paths = [...new Set([files['files.csv...'], ...more].flatMap((pattern) => expandPattern(pattern)))];
    const outputs = new Outputs({ 'results-out': path, 'summary-out': summaryOut, 'parquet-out': parquetOut }, [
      files['plan.json'],
      ...paths,
    ]);
    const series = await readSweepSeries(paths, { id, ...seriesOptions(values) });
    const all = await listJobs(series, plan);
    const jobs = shard ? shardOf(all, shard.index, shard.count) : all;
    const parquet = parquetOut === undefined ? undefined : await loadParquetWriter();
    outputs.prepare();
    if (modelsOut !== undefined) prepareOutput(join(modelsOut, 'model.safetensors'));

    const results = new ResultsFile(path, modelsOut, (text) => printer.note(text));
    const missingJobs = jobs.filter(({ key }) => !results.rows.has(key));
    const earlier = jobs.length - missingJobs.length;
    printer.event('sweep', { series: series.length, jobs: jobs.length, done: earlier, results: path });
    printer.note(
      `${english.count(series.length)} series: ${count(jobs.length, 'job')}, ` +
        `${earlier > 0 ? `${earlier} of them already done, ` : ''}results in ${path}.`,
    );
    const bare = jobs.filter(({ key }) => isWithoutModel(results.rows.get(key))).length;
    if (modelsOut !== undefined && bare > 0)
      printer.note(
        `--models-out: ${count(bare, 'result')} in ${path} without a model file will not get one; for models of all jobs, give ` +
          'another --results-out.',
      );
    const undone = await runJobs(missingJobs, jobs.length, { values, results, printer, stop });

    const mine = jobs.flatMap(({ key }) => results.rows.get(key) ?? []);
    results.close();
    const summary = summarize(
      mine,
      undone.map(({ job, reason }) => ({ ...describeJob(job), reason })),
    );
    printer.line(sweepText(summary));
    await outputs.write('summary-out', () => summaryCsv(summary));
    if (parquet) await outputs.write('parquet-out', () => parquetBytes(parquet, mine));
    const { jobs: done, failed, beatsNaive, beatsRules, configurations } = summary;
    printer.event('result', { jobs: done, failed, undone: undone.length, beatsNaive, beatsRules, configurations });
    outputs.check();
    complain(
      summary.failed,
      mine.find(({ ok }) => !ok),
      undone,
    );
  },
};

const isWithoutModel = (row: ResultRow | undefined): boolean => row?.ok === true && row.modelFile === undefined;

interface Running {
  values: SweepFlags;
  results: ResultsFile;
  printer: Printer;
  stop: Stop;
}

/** Trains the missing jobs, here or through the queue. @returns those that could not be done. */
async function runJobs(
  jobs: readonly SweepJob[],
  all: number,
  { values, results, printer, stop }: Running,
): Promise<UndoneJob[]> {
  const { signal } = stop;
  const bar = new ProgressBar(process.stderr);
  const { unreadable, readable } = splitReadable(jobs);
  let done = all - jobs.length;
  const undone: UndoneJob[] = [];
  const keep = (finished: FinishedJob[]): void => {
    const lasting = finished.filter(({ job, outcome }) => {
      if (mayPass(outcome)) undone.push({ job, reason: outcome.reason });
      return !mayPass(outcome);
    });
    const fresh = results.append(lasting.map(({ job, outcome }) => ({ ...describeJob(job), ...outcome })));
    done += lasting.length;
    for (const row of fresh) printer.event('job', row);
    bar.show(`${done}/${all}`, done, all, 'jobs');
    if (!process.stderr.isTTY) printer.note(`${english.count(done)} of ${count(all, 'job')} done.`); // there is no bar
  };
  try {
    if (unreadable.length > 0) keep(unreadable);
    if (readable.length > 0) await (values.queue === undefined ? trainHere() : trainThere(values.queue));
    return undone;
  } catch (error) {
    if (!(error instanceof Interruption)) throw error;
    throw error.with(`${done} of ${all} jobs are done and in ${results.path}; the same command resumes from there.`);
  } finally {
    bar.clear();
  }

  async function trainHere(): Promise<void> {
    const device = await requestNodeDevice({ adapter: values.adapter });
    try {
      printer.device(describeDevice(device));
      for await (const finished of trainJobs(device, readable, values.pack ?? jobsPerPack(device), { signal }))
        keep(finished);
    } finally {
      device.destroy();
    }
  }

  async function trainThere(address: string): Promise<void> {
    const note = (text: string) => {
      bar.clear();
      printer.note(text);
    };
    const queue = await PackQueue.open(address, note);
    try {
      const models = values['models-out'] !== undefined;
      const options = { packSize: values.pack ?? JOBS_ON_ANY, models, signal, keep, note };
      undone.push(...(await Promise.race([coordinate(queue, readable, options), rejection(signal)])));
    } finally {
      await queue.close();
    }
  }
}

/** Rejects when the signal aborts, even while the queue does not answer. */
const rejection = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true }));

/** @throws DataError unless every job was trained. */
function complain(failed: number, first: object | undefined, undone: readonly UndoneJob[]): void {
  const parts: string[] = [];
  if (failed > 0) {
    const { series, reason } = first as { series: string; reason: string };
    parts.push(`${count(failed, 'job')} failed; the first, of series ${series}: ${reason}`);
  }
  if (undone.length > 0) {
    const [{ job, reason }] = undone as [UndoneJob];
    parts.push(
      `${count(undone.length, 'job')} not done, run the same command to try again; the first, of series ${job.series.id}: ${reason}`,
    );
  }
  if (parts.length > 0) throw new DataError(parts.join(' '));
}
