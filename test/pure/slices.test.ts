import { describe, expect, test } from 'vitest';
import { SliceSizer, SlicesAhead } from '../../src/train/slices.ts';

/** Slice sizes on a device that takes `fixedMs` per slice and `stepMs` per step. */
function sizes(sizer: SliceSizer, stepMs: number, count: number, fixedMs = 0): number[] {
  return Array.from({ length: count }, () => {
    const steps = sizer.next(1e9);
    sizer.record(steps, fixedMs + steps * stepMs);
    return steps;
  });
}

describe('SliceSizer', () => {
  test('starts small, grows by at most four times, and settles when a slice takes the target time', () => {
    expect(sizes(new SliceSizer(50, 4096), 0.2, 7)).toEqual([2, 8, 32, 128, 250, 250, 250]);
  });

  test('shrinks at once when steps become slow, to at least one step', () => {
    const sizer = new SliceSizer(50, 4096);
    sizes(sizer, 0.2, 6);
    expect(sizes(sizer, 5, 2)).toEqual([250, 10]);
    expect(sizes(sizer, 500, 3).at(-1)).toBe(1);
  });

  test('grows where the fixed cost of a slice exceeds the target, until it is a quarter of the time', () => {
    const settled = sizes(new SliceSizer(50, 4096), 0.5, 12, 170).at(-1)!;
    expect(settled).toBe((3 * 170) / 0.5);
  });

  test('lets no slice take more than 20 times the target because of a fixed cost', () => {
    expect(sizes(new SliceSizer(50, 4096), 2, 12, 600).at(-1)).toBe(200);
    expect(sizes(new SliceSizer(50, 4096), 2, 12, 1500).at(-1)).toBe(1);
    expect(sizes(new SliceSizer(0.001, 4096), 0.2, 12, 0.5).at(-1)).toBe(1);
  });

  test('recovers from one slow slice', () => {
    const sizer = new SliceSizer(50, 4096);
    sizes(sizer, 0.2, 6);
    sizer.record(250, 4000);
    expect(sizes(sizer, 0.2, 5).at(-1)).toBe(250);
  });

  test('stays within the maximum of the plan and the remaining steps', () => {
    const sizer = new SliceSizer(50, 16);
    expect(sizes(sizer, 0.01, 4)).toEqual([2, 8, 16, 16]);
    expect(sizer.next(3)).toBe(3);
  });
});

describe('SlicesAhead', () => {
  /** A device that runs slice by slice, and a host that polls every `pollMs`. @returns the device's busy share of the time. */
  function run(ahead: SlicesAhead, sliceMs: number, pollMs: number, slices: number): { used: number; count: number } {
    const doneMs: number[] = [];
    let [nowMs, heard, lastMs, usedMs] = [0, 0, 0, 0];
    while (heard < slices) {
      while (doneMs.length - heard < ahead.count) doneMs.push(Math.max(doneMs.at(-1) ?? 0, nowMs) + sliceMs);
      nowMs += pollMs;
      for (; heard < doneMs.length && doneMs[heard]! <= nowMs; heard++) {
        ahead.record(sliceMs, nowMs - lastMs);
        lastMs = nowMs;
        usedMs += sliceMs;
      }
    }
    return { used: usedMs / nowMs, count: ahead.count };
  }

  test('stays at two if the host is notified at once', () => {
    expect(run(new SlicesAhead(5), 50, 1, 100).count).toBe(2);
  });

  test('grows if the host polls every 100 ms, until the device is hardly ever idle', () => {
    expect(run(new SlicesAhead(2), 20, 100, 100).used).toBeLessThan(0.45);
    const ahead = new SlicesAhead(5);
    run(ahead, 20, 100, 100);
    expect(run(ahead, 20, 100, 100).used).toBeGreaterThan(0.75);
  });

  test('stays at two if slices take longer than that', () => {
    expect(run(new SlicesAhead(5), 150, 100, 100).count).toBe(2);
  });

  test('ignores a host that is briefly busy', () => {
    const ahead = new SlicesAhead(5);
    for (let k = 0; k < 50; k++) ahead.record(50, 60);
    expect(ahead.count).toBe(2);
  });
});
