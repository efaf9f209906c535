import { expect, test } from 'vitest';
import { badLosses } from '../../src/train/non_finite.ts';

test('the first bad loss of each model is found, the earliest step first', () => {
  const [bad, fine] = [Number.NaN, 1];
  const losses = Float32Array.of(fine, fine, fine, fine, fine, Infinity, bad, fine, bad, bad, fine, fine); // 4 steps of 3 models
  expect(badLosses(losses, 10, [99, 99, 99])).toEqual([
    { model: 2, step: 11, loss: Infinity },
    { model: 0, step: 12, loss: Number.NaN },
  ]);
  expect(badLosses(losses, 10, [12, 99, 11])).toEqual([]); // models that no longer have such steps
});
