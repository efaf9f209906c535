/** A place on the canvas, from 0 to 1: from left to right, and from the bottom up. */
export interface Point {
  x: number;
  y: number;
}

/** Values of a series that fills the whole width. */
export const COLUMNS = 200;

/** Fewer are too short to learn from. */
const LEAST_COLUMNS = 60;

/** A curve: one height in each column. A stroke over an older one replaces it. */
export class Drawing {
  /** From 0 to 1, NaN where nothing was drawn; [COLUMNS]. */
  heights = new Float64Array(COLUMNS).fill(Number.NaN);
  #before: Float64Array<ArrayBuffer>[] = [];

  /** A new stroke, which {@link undo} takes back as a whole. */
  begin(): void {
    this.#before.push(this.heights.slice());
  }

  /** A straight line; points outside the canvas count as on its edge. */
  line(from: Point, to: Point): void {
    const [first, last] = [columnOf(from.x), columnOf(to.x)];
    const count = Math.abs(last - first);
    for (let k = 0; k <= count; k++) {
      const share = count === 0 ? 1 : k / count;
      this.heights[first + Math.sign(last - first) * k] = clamp(from.y + share * (to.y - from.y));
    }
  }

  undo(): void {
    this.heights = this.#before.pop() ?? this.heights;
  }

  clear(): void {
    this.begin();
    this.heights.fill(Number.NaN);
  }

  get canUndo(): boolean {
    return this.#before.length > 0;
  }

  /** From the first drawn column to the last, from 0 to 100; holes are straight lines. Undefined: too short. */
  get series(): Float64Array | undefined {
    const drawn = [...this.heights.keys()].filter((k) => !Number.isNaN(this.heights[k]!));
    const [first, last] = [drawn[0] ?? 0, drawn.at(-1) ?? -1];
    if (last - first + 1 < LEAST_COLUMNS) return undefined;
    const filled = this.heights.slice();
    for (const [k, right] of drawn.entries()) {
      const left = drawn[k - 1] ?? right;
      for (let at = left + 1; at < right; at++)
        filled[at] = filled[left]! + ((at - left) / (right - left)) * (filled[right]! - filled[left]!);
    }
    return filled.subarray(first, last + 1).map((height) => Math.round(1000 * height) / 10);
  }
}

const clamp = (share: number): number => Math.max(0, Math.min(1, share));

/** The column at a share of the width. */
const columnOf = (x: number): number => Math.round(clamp(x) * (COLUMNS - 1));
