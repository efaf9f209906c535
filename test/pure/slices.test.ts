import { describe, expect, test } from 'vitest';
import { SliceSizer } from '../../src/train/slices.ts';

/** Sizes of slices on a device that takes `stepMs` a step. */
function sizes(sizer: SliceSizer, stepMs: number, count: number): number[] {
  return Array.from({ length: count }, () => {
    const steps = sizer.next(1e9);
    sizer.record(steps, steps * stepMs);
    return steps;
  });
}

describe('SliceSizer', () => {
  test('starts small, grows by four at most, and settles where a slice takes the target', () => {
    expect(sizes(new SliceSizer(50, 4096), 0.2, 7)).toEqual([2, 8, 32, 128, 250, 250, 250]);
  });

  test('shrinks at once when steps become slow, to one step at least', () => {
    const sizer = new SliceSizer(50, 4096);
    sizes(sizer, 0.2, 6);
    expect(sizes(sizer, 5, 2)).toEqual([250, 10]);
    expect(sizes(sizer, 500, 3).at(-1)).toBe(1);
  });

  test('keeps to the most steps a plan takes, and to those that are left', () => {
    const sizer = new SliceSizer(50, 16);
    expect(sizes(sizer, 0.01, 4)).toEqual([2, 8, 16, 16]);
    expect(sizer.next(3)).toBe(3);
  });
});
