import { expect, test } from 'vitest';
import { decimalsOf } from '../../src/report/decimals.ts';

test.each([
  ['whole numbers with a large error have none', [8006, 11363], 284, 0],
  ['counts with a small error have two digits of the error', [0, 1, 0, 2], 0.45, 2],
  ['prices keep those of the data', [2874.56, 2789.8], 87, 2],
  ['temperatures have one more than the data where the error needs it', [15.1, 14.9], 0.66, 2],
  ['exchange rates keep theirs', [1.08345, 1.08], 0.005, 5],
  ['digits of a computation are no decimals of the data', [1000 / 3, 100 / 7], 50, 2],
  ['without an error the data decide', [1.5, 2.25], 0, 2],
  ['at most so that two digits of a tiny error are seen', [1e-9, 2e-9], 1e-10, 11],
])('values are written with the decimals that matter: %s', (_, values, error, decimals) => {
  expect(decimalsOf(values, error)).toBe(decimals);
});
