import { describe, expect, test } from 'vitest';
import { type LossOptions, lossOf } from '../../src/engine/losses.ts';
import { meanLoss } from '../../src/train/validation.ts';
import golden from '../golden/losses.json';
import * as twins from '../reference/index.ts';

/** A loss in PyTorch, from test/golden/optimizers.py: y [T, N, O], where some rows are padding. */
interface LossCase {
  loss: LossOptions;
  N: number;
  T: number;
  O: number;
  rows: number;
  lengths: number[];
  y: number[];
  target: number[];
  value: number;
}

const cases = golden.cases as LossCase[];
const means = cases.filter(({ loss }) => loss.reduction !== 'sum');
const titleOf = ({ loss, N, T, O }: LossCase) => `${loss.name} for N=${N} T=${T} O=${O}`;

/** [T, N, ...] -> [N, T, ...], only the first rows of N. */
function samplesFirst(values: readonly number[], { T, N, rows }: LossCase): number[] {
  const size = values.length / (T * N);
  return Array.from({ length: rows }, (_, n) =>
    Array.from({ length: T }, (__, t) => values.slice((t * N + n) * size, (t * N + n + 1) * size)),
  ).flat(2);
}

const twinOf = ({ name, delta = 1, beta = 1 }: LossOptions) =>
  ({
    mse: twins.mseLoss,
    l1: twins.l1Loss,
    huber: twins.huberLoss(delta, 1),
    smoothL1: twins.huberLoss(beta, 1 / beta),
    quantile: twins.quantileLoss,
    crossEntropy: twins.crossEntropyLoss,
  })[name];

describe('a validation loss', () => {
  test('is tested for every loss', () =>
    expect(new Set(means.map(({ loss }) => loss.name))).toEqual(
      new Set(['mse', 'l1', 'huber', 'smoothL1', 'quantile', 'crossEntropy']),
    ));

  test.each(cases.map((row) => [titleOf(row), row] as const))("is the kernel's, by its twin: %s", (_, row) => {
    const { N, T, O, rows } = row;
    const loss = { ...row.loss, reduction: 'mean' } as const; // a sum is also divided here
    const { dims, quantiles } = lossOf(loss);
    const losses = new Float64Array(1);
    const tensors = {
      y: Float64Array.from(row.y),
      target_rows: Float64Array.from(row.target),
      lengths: Float64Array.from(row.lengths),
      ...{ d_y: new Float64Array(row.y.length), losses },
      ...(quantiles && { quantiles: Float64Array.from(row.loss.quantiles ?? [0.1, 0.5, 0.9]) }),
    };
    const step = { rows, slot: 0 } as Parameters<typeof twins.mseLoss>[2];
    twinOf(loss)(dims({ R: T * N, N, O }), tensors, step);
    const valid = { steps: T, lengths: row.lengths.slice(0, rows) };
    expect(meanLoss(row.loss, samplesFirst(row.y, row), samplesFirst(row.target, row), valid)).toBeCloseTo(
      losses[0]!,
      12,
    );
  });

  test.each(means.map((row) => [titleOf(row), row] as const))("is PyTorch's: %s", (_, row) => {
    const valid = { steps: row.T, lengths: row.lengths.slice(0, row.rows) };
    const got = meanLoss(row.loss, samplesFirst(row.y, row), samplesFirst(row.target, row), valid);
    expect(Math.abs(got - row.value)).toBeLessThanOrEqual(1e-6 * Math.abs(row.value));
  });

  test('counts a sample with a head on its last step once, whatever its length, and never reads padding', () => {
    const valid = (lengths: number[]) => ({ steps: 1, lengths });
    expect(meanLoss({ name: 'mse' }, [1, 2, 3], [0, 0, 0], valid([5, 1, 9]))).toBeCloseTo(14 / 3, 12);
    const y = [1, 2, Number.NaN, Number.NaN];
    expect(meanLoss({ name: 'l1' }, y, [0, 0, Number.NaN, 0], { steps: 4, lengths: [2] })).toBe(1.5);
  });

  test('of classes stays finite with logits of 1e4 on either side', () => {
    expect(meanLoss({ name: 'crossEntropy' }, [1e4, -1e4, 0], [1])).toBe(2e4);
  });
});
