// Results as JSON, from a queue or a file. These are not trusted, so every field is checked before use.
import type { BaselineName } from '../data/baselines.ts';
import type { ForecastMetrics } from '../data/metrics.ts';
import { ConfigError, type ErrorCode } from '../errors.ts';
import {
  anObject,
  atLeastZero,
  check,
  integer,
  type Kind,
  number,
  onOff,
  positiveInteger,
  type Row,
  settled,
} from '../kinds.ts';
import { MAX_SEED } from '../model/init.ts';
import { checkObject, checkOptions } from '../options.ts';
import { within } from '../placing.ts';
import { shown } from '../shown.ts';
import type { FailedJob, JobDescription, TrainedJob } from './results.ts';
import type { SummaryInput } from './summary.ts';

/** An outcome without its model. */
export type StoredOutcome = Omit<TrainedJob, 'model'> | FailedJob;

/** Text of limited length, without control characters except line breaks and tabs. @param pattern of the text, with these as spaces. */
function plainText(maxLength: number, pattern = /^[^\p{Cc}]*$/u): Kind<string> {
  const expected = `text of at most ${maxLength} characters, as a sweep writes it`;
  return {
    accepts: (value) =>
      typeof value === 'string' && value.length <= maxLength && pattern.test(value.replace(/[\n\r\t]/g, ' ')),
    refused: (argument, got) => new ConfigError(`${argument}: got ${shown(got)}, expected ${expected}.`),
    read: (text) => text,
  };
}

const orNull = <Value>(kind: Kind<Value>): Kind<Value | null> => ({
  ...kind,
  accepts: (value) => value === null || kind.accepts(value),
});

export const needed = <Value>(kind: Kind<Value>) => ({ kind, required: true }) as const;
const share = number({ atLeast: 0, atMost: 1 });
/** The key of a job: it becomes the name of a file. */
export const jobKey = plainText(64, /^[a-zA-Z0-9]+$/);

const METRICS = {
  mae: needed(atLeastZero),
  rmse: needed(atLeastZero),
  mape: needed(orNull(atLeastZero)),
  smape: needed(number({ atLeast: 0, atMost: 200.001 })), // rounded
  mase: needed(orNull(atLeastZero)),
  relativeMae: needed(orNull(atLeastZero)),
  naiveMae: needed(atLeastZero),
  naiveRmse: needed(atLeastZero),
  r2: needed(orNull(number({ atMost: 1 }))),
  directionalAccuracy: needed(orNull(share)),
  coverage: needed(orNull(share)),
} as const satisfies { readonly [Name in keyof ForecastMetrics]: Row<ForecastMetrics[Name]> };

const RULES: Readonly<Record<BaselineName, true>> = {
  naive: true,
  drift: true,
  movingAverage: true,
  seasonalNaive: true,
};

const TRAINED = {
  ok: needed(onOff),
  metrics: needed(anObject),
  baselines: needed(anObject),
  epochs: needed(positiveInteger),
  loss: needed(atLeastZero),
  device: needed(plainText(1000)),
  seconds: needed(atLeastZero),
  packed: needed(positiveInteger),
} as const satisfies { readonly [Name in keyof Omit<TrainedJob, 'model'>]: Row<unknown> };

/** Most characters of a reason: shader errors quote lines of source. */
const MAX_REASON = 20_000;

const FAILED = {
  ok: needed(onOff),
  reason: needed(plainText(MAX_REASON)),
  code: { kind: plainText(40, /^[a-z-]+$/) },
} as const satisfies { readonly [Name in keyof FailedJob]: Row<unknown> };

const JOB = {
  key: needed(jobKey),
  series: needed(plainText(10_000, /^/)),
  configuration: needed(anObject),
  seed: needed(integer(0, MAX_SEED)),
  fold: needed(orNull(anObject)),
  version: needed(plainText(100)),
} as const satisfies { readonly [Name in keyof JobDescription]: Row<unknown> };

/** Negative `trainRows` occur where a series is too short: such a job fails. */
export const FOLD = {
  trainRows: needed(integer(-Number.MAX_SAFE_INTEGER)),
  testRows: needed(positiveInteger),
} as const;

/** The fields of an object that are in a table, and no others. @throws ConfigError naming the first invalid one. */
export function fields<Rows extends Readonly<Record<string, Row<unknown>>>>(where: string, value: unknown, rows: Rows) {
  check(where, value, anObject);
  checkOptions<object>(where, value as object, rows);
  return settled(rows, value as { readonly [Name in keyof Rows]?: unknown });
}

function readMetrics(where: string, value: unknown): ForecastMetrics {
  return within(where, () => fields('scores', value, METRICS));
}

/** @throws ConfigError naming the first invalid field. */
export function readOutcome(value: unknown): StoredOutcome {
  check('outcome', value, anObject);
  const { ok } = value as { ok?: unknown };
  check('ok', ok, onOff);
  if (!ok) {
    const { reason, code } = fields('outcome', value, FAILED);
    return { ok: false, reason, ...(code !== undefined && { code: code as ErrorCode }) };
  }
  const { metrics, baselines, ...rest } = fields('outcome', value, TRAINED);
  checkOptions<object>('baselines', baselines, RULES);
  const scored = Object.entries(baselines).map(([name, own]) => [name, readMetrics(`baselines.${name}`, own)]);
  return {
    ...{ ok: true, metrics: readMetrics('metrics', metrics), baselines: Object.fromEntries(scored) },
    ...{ epochs: rest.epochs, loss: rest.loss, device: rest.device, seconds: rest.seconds, packed: rest.packed },
  };
}

/** A line of results, without the fields that the file adds. @throws ConfigError as {@link readOutcome}. */
export function readResult(value: unknown): SummaryInput {
  checkObject('result', value);
  const { key, series, configuration, seed, fold, version, ...outcome } = (value ?? {}) as Record<string, unknown>;
  const job = fields('result', { key, series, configuration, seed, fold, version }, JOB);
  const cut = job.fold === null ? null : fields('fold', job.fold, FOLD);
  return { ...job, fold: cut, ...readOutcome(outcome) } as SummaryInput;
}
