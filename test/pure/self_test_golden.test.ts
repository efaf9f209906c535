import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { relativeError, sketch, sketchError, worstError } from '../../src/self_test/compare.ts';
import { goldenModule } from '../golden/self_test.ts';

const noise = (count: number, size: number) =>
  Float64Array.from({ length: count }, (_, k) => size * Math.sin((k + 1) ** 2));

test('the shipped golden numbers are those of test/golden, in under 4 KB', () => {
  const shipped = readFileSync('src/self_test/golden.ts', 'utf8');
  const values = (text: string) => [...text.matchAll(/'([\w+/]{8,}=*)'/g)].map(([, packed]) => packed);
  expect(values(shipped).length).toBeGreaterThan(20);
  expect(values(shipped)).toEqual(values(goldenModule()));
  expect(gzipSync(shipped).length).toBeLessThan(4096);
});

test('a sketch detects the size of a difference anywhere, and NaN', () => {
  for (const count of [1, 7, 300])
    for (const size of [1e-4, 1e-2, 1]) {
      const right = noise(count, 3);
      const wrong = right.map((value, k) => value + noise(count + 1, size)[k + 1]!);
      const estimate = sketchError(wrong, sketch(right)) / relativeError(wrong, right);
      expect(estimate, `${count} values, off by ${size}`).toBeGreaterThan(0.1);
      expect(estimate).toBeLessThan(3);
    }
  const right = noise(50, 3);
  for (let k = 0; k < 50; k++)
    expect(sketchError(right.with(k, right[k]! + 0.1), sketch(right))).toBeGreaterThan(0.003);
  expect(sketchError(right, sketch(right))).toBe(0);
  expect(sketchError(right.with(7, Number.NaN), sketch(right))).toBeNaN();
  expect(sketchError(new Float64Array(50), sketch(right))).toBeCloseTo(1, 5);
});

test('an error of a small element counts as much as one of a large element if each is checked', () => {
  expect(worstError(Float32Array.of(1e6, 2), Float32Array.of(1e6, 1))).toBe(1);
  expect(worstError(Float32Array.of(1e6, Number.NaN), Float32Array.of(1e6, 1))).toBeNaN();
});
