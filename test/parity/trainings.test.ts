import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sampleOrder } from '../../src/data/windows.ts';
import { kernelFamily } from '../../src/engine/family.ts';
import { readSafetensors, writeSafetensors } from '../../src/io/safetensors.ts';
import { modelConfig } from '../../src/model/config.ts';
import { initialWeights } from '../../src/model/init.ts';
import type { TensorValue } from '../../src/model/parameters.ts';
import { guardedTestDevice, testDevice } from '../gpu/device.ts';
import {
  type Expected,
  expectAsPyTorch,
  type Samples,
  samplesOf,
  trainHere,
  type WholeTraining,
  waysOf,
} from '../gpu/whole_training.ts';
import { Draws, describeLive, runPython, seed } from './live.ts';
import { randomTraining } from './random_training.ts';

/** Some more are drawn, to replace those that rounding decides. */
const NUM_CASES = 200;
const NUM_DRAWN = 240;
console.log(`SEED=${seed} repeats these ${NUM_DRAWN} training runs`);

const draws = new Draws(seed);
const cases = Array.from({ length: NUM_DRAWN }, () => randomTraining(draws));
const folder = mkdtempSync(join(tmpdir(), 'lstm-webgpu-trainings-'));
const fileOf = (k: number, ending: string) => join(folder, `${String(k).padStart(3, '0')}${ending}.safetensors`);

/** A case without its numbers. */
function titleOf({ samples, series, fit, ...options }: WholeTraining): string {
  const shapes = { rows: series?.length, inputs: samples?.inputs.shape, lengths: samples?.lengths };
  const { chunkSamples, validation } = fit ?? {};
  return JSON.stringify({ ...options, ...shapes, chunkSamples, validation: validation?.inputs.shape });
}

/** In the format of trainings.py. */
function tensorsOf({ inputs, targets, lengths }: Samples, prefix = ''): [string, TensorValue][] {
  const [S, T] = inputs.shape as [number, number];
  const steps = { shape: [S], data: Float32Array.from(lengths ?? new Array<number>(S).fill(T)) };
  return [
    [`${prefix}inputs`, inputs],
    [`${prefix}targets`, targets],
    [`${prefix}lengths`, steps],
  ];
}

function write(k: number, training: WholeTraining): void {
  const { model, epochs, shuffle = false, fit, seed: own } = training;
  const samples = samplesOf(training);
  const [S] = samples.inputs.shape as [number];
  const orders = Array.from({ length: epochs }, (_, e) => [...sampleOrder(S, { shuffle, seed: own, epoch: e + 1 })]);
  const weights = [...initialWeights(modelConfig(model), own)].map(
    ([name, value]) => [`weights.${name}`, value] as const,
  );
  const tensors = new Map([
    ...weights,
    ...tensorsOf(samples),
    ...(fit?.validation ? tensorsOf(fit.validation, 'validation.') : []),
    ['orders', { shape: [epochs, S], data: Float32Array.from(orders.flat()) }] as const,
  ]);
  const { samples: _, series: __, fit: ___, ...options } = training;
  writeFileSync(fileOf(k, ''), writeSafetensors(tensors, { case: JSON.stringify(options) }));
}

interface Answer extends Expected {
  /** How far PyTorch's float32 is from its float64, and from its float32 with other roundings. */
  rounding: number;
}

function read(k: number): Answer {
  const { tensors, metadata } = readSafetensors(readFileSync(fileOf(k, '.out')));
  const { validationLosses, ...numbers } = JSON.parse(metadata.numbers!) as Required<Omit<Answer, 'weights'>>;
  const weights = new Map([...tensors].map(([name, { data }]) => [name, data]));
  return { ...numbers, weights, ...(validationLosses.length > 0 && { validationLosses }) };
}

/** Above this, PyTorch's own float32 is not accurate enough to compare with. */
const MAX_ROUNDING = 2e-5;

describeLive('random whole training runs', () => {
  let undecided = 0;

  beforeAll(() => {
    for (const [k, training] of cases.entries()) write(k, training);
    runPython('trainings.py', folder);
  }, 600_000);

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test.for(cases.map((training, k) => [k, titleOf(training), training] as const))(
    'have PyTorch’s losses and weights: %d %s',
    async ([k, , training], { skip }) => {
      const { rounding, ...expected } = read(k);
      if (rounding > MAX_ROUNDING) {
        undecided++;
        skip(`rounding decides: PyTorch's own runs differ by ${rounding}`);
      }
      for (const way of waysOf(training, kernelFamily(guardedTestDevice()))) {
        const trained = await trainHere(testDevice(), training, way);
        expectAsPyTorch(training, expected, trained, { where: `SEED=${seed} ${k}: ${way.door}, ${way.plan}` });
      }
    },
  );

  test(`are at least ${NUM_CASES}, not counting those that rounding decides`, () => {
    expect(NUM_DRAWN - undecided).toBeGreaterThanOrEqual(NUM_CASES);
  });
});
