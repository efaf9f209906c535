import { describe, expect, test } from 'vitest';
import { mostLetters, outcomeOf, outcomeText, packMessage, readPackMessage } from '../../src/node/sweep/wire.ts';
import { listJobs } from '../../src/sweep/jobs.ts';
import { packJobs } from '../../src/sweep/packs.ts';
import type { Outcome } from '../../src/sweep/results.ts';
import { METRICS, modelOf, trainedAs } from '../outcomes.ts';

const values = Float64Array.from({ length: 30 }, (_, k) => Math.sin(k));
const schedule = { name: 'StepLR', stepSize: 3 } as const;
const grid = { hiddenSize: 4, lr: [0.1, 0.01], epochs: [2, 5], schedule };
const jobs = await listJobs([{ id: 's', values }], { grid, folds: { count: 2, testRows: 5 } });
const job = jobs[0]!;
const text = (changes: object = {}, outcome: Outcome = trainedAs(job)) =>
  JSON.stringify({ ...(JSON.parse(outcomeText(outcome, true)) as object), ...changes });
const failure: Outcome = { ok: false, reason: 'A constant series\nhas nothing to learn.', code: 'constant' };
const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');

describe('an outcome from the queue', () => {
  test('is read as it was written, with or without its model', () => {
    expect(outcomeOf(text(), job, true)).toEqual(trainedAs(job));
    expect(outcomeOf(text(), job, false)).toEqual({ ...trainedAs(job), model: new Uint8Array() });
    expect(outcomeOf(outcomeText(trainedAs(job), false), job, true)).toBeUndefined();
    expect(outcomeOf(outcomeText(failure, true), job, true)).toEqual(failure);
    expect(text().length).toBeLessThan(mostLetters(job.configuration));
  });

  const scores = (changes: object) => text({ metrics: { ...METRICS, ...changes } });
  const flipped = modelOf(job).with(-1, 77);
  const wrong: [name: string, text: string, message: string][] = [
    ['half of it', text().slice(0, 100), 'outcome: expected JSON.'],
    ['null', 'null', 'ok: got undefined, expected true or false.'],
    ['a number', '5', 'ok: got undefined'],
    ['a list', '[1]', 'ok: got undefined'],
    ['only that it is fine', '{"ok":true}', 'metrics: got undefined, expected an object.'],
    ['another spelling of true', text({ ok: 'yes' }), 'ok: got "yes", expected true or false.'],
    ['a failure without a reason', '{"ok":false}', 'reason: got undefined, expected text of at most'],
    ['a reason without an end', text({ reason: 'x'.repeat(1e6) }, failure), 'reason: got "xxx'],
    ['a reason that steers a terminal', text({ reason: '\u001b[2J' }, failure), 'reason: got "\\u001b[2J"'],
    ['an invalid code', text({ code: '<b>' }, failure), 'code: got "<b>"'],
    ['its own key', text({ key: '../../escaped' }), 'outcome: unknown key "key".'],
    ['its own series', text({ series: 'other' }), 'outcome: unknown key "series".'],
    ['its own file', text({ modelFile: '/etc/passwd' }), 'outcome: unknown key "modelFile".'],
    ['a prototype', text().replace('{', '{"__proto__":{"polluted":1},'), 'outcome: unknown key "__proto__".'],
    ['scores that are null', scores({ mae: null }), 'metrics: mae: got null, expected a finite number of at least 0.'],
    ['scores that are text', scores({ rmse: '1' }), 'metrics: rmse: got "1"'],
    ['impossible scores', scores({ naiveMae: -1 }), 'metrics: naiveMae: got -1'],
    ['shares above one', scores({ coverage: 2 }), 'metrics: coverage: got 2, expected a number from 0 to 1.'],
    ['unknown scores', scores({ toString: 1 }), 'metrics: scores: unknown key "toString".'],
    ['an unknown rule', text({ baselines: { best: METRICS } }), 'baselines: unknown key "best".'],
    ['a rule without scores', text({ baselines: { naive: {} } }), 'baselines.naive: mae: got undefined'],
    ['part of an epoch', text({ epochs: 1.5 }), 'epochs: got 1.5, expected a whole number of at least 1.'],
    ['a model that is not base64', text({ model: '####' }), 'model: got other text, expected base64.'],
    ['a model that is a number', text({ model: 5 }), 'model: got number, expected base64.'],
    ['a model that is a script', text({ model: base64(Buffer.from('#!/bin/sh\n')) }), 'model file'],
    ['a model with a bit flipped', text({ model: base64(flipped) }), 'checksum'],
    [
      'the model of another seed',
      text({ model: base64(modelOf({ ...job, seed: 3 })) }),
      'model: its configuration or seed is not that of the job',
    ],
    [
      'a model of another size',
      text({ model: base64(modelOf({ seed: 0, configuration: { hiddenSize: 5 } })) }),
      'model: its configuration or seed is not that of the job.',
    ],
  ];
  test.each(wrong)('is refused: %s', (_, given, message) => {
    expect(() => outcomeOf(given, job, true)).toThrow(message);
  });
});

describe('a pack from the queue', () => {
  const [pack] = packJobs(jobs, 10);
  const message = JSON.parse(JSON.stringify(packMessage(pack!, true))) as Record<string, unknown>;
  const one = (message.jobs as object[])[0]!;

  test('is read as it was written', () => {
    const read = readPackMessage(message);
    expect(read.keys).toEqual(pack!.jobs.map(({ key }) => key));
    expect(read.jobs).toEqual(
      pack!.jobs.map(({ seed, configuration: { lr, epochs }, fold }) => ({
        ...{ series: values, seed, lr, epochs, schedule, fold },
      })),
    );
    expect({ settings: read.settings, models: read.models }).toEqual({ settings: pack!.settings, models: true });
  });

  const wrong: [name: string, message: unknown, expected: string][] = [
    ['null', null, 'pack: got null, expected an object.'],
    ['text', 'x', 'pack: got "x", expected an object.'],
    ['nothing', {}, 'settings: got undefined, expected an object.'],
    ['no jobs', { ...message, jobs: [] }, 'jobs: got none, expected at least one.'],
    ['more than a pack has', { ...message, run: 'rm' }, 'pack: unknown key "run".'],
    ['values that are not base64', { ...message, series: ['###'] }, 'series[0]: got other text'],
    ['truncated values', { ...message, series: ['QUJD'] }, 'series[0]: got 3 bytes, expected float64 values'],
    ['a missing series', { ...message, jobs: [{ ...one, series: 99 }] }, 'jobs[0]: series: got 99, expected'],
    ['a key that is an object', { ...message, jobs: [{ ...one, key: { a: 1 } }] }, 'jobs[0]: key: got {"a":1}'],
    ['a key that is a path', { ...message, jobs: [{ ...one, key: '../../x' }] }, 'jobs[0]: key: got "../../x"'],
    ['a key without an end', { ...message, jobs: [{ ...one, key: 'k'.repeat(1e6) }] }, 'jobs[0]: key: got "kkk'],
    ['a seed below 0', { ...message, jobs: [{ ...one, seed: -1 }] }, 'jobs[0]: seed: got -1'],
    ['a rate that is text', { ...message, jobs: [{ ...one, lr: '1' }] }, 'jobs[0]: lr: got "1"'],
    ['part of an epoch', { ...message, jobs: [{ ...one, epochs: 1.5 }] }, 'jobs[0]: epochs: got 1.5'],
    ['a schedule by name', { ...message, jobs: [{ ...one, schedule: 'StepLR' }] }, 'jobs[0]: schedule: got "StepLR"'],
    ['a fold with more', { ...message, jobs: [{ ...one, fold: { x: 1 } }] }, 'jobs[0]: fold: unknown key "x".'],
  ];
  test.each(wrong)('is refused: %s', (_, given, expected) => {
    expect(() => readPackMessage(given)).toThrow(expected);
  });
});
