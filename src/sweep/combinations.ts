/** An option and the values to try, in the order of the grid. */
export type Axis = readonly [name: string, values: readonly unknown[]];

/** The combinations of several grids, one grid after the other, by index: each is created on request. */
export class Combinations<Combination extends object> implements Iterable<Combination> {
  readonly length: number;
  readonly #grids: readonly (readonly Axis[])[];

  constructor(grids: readonly (readonly Axis[])[]) {
    this.#grids = grids;
    this.length = grids.reduce((sum, axes) => sum + sizeOf(axes), 0);
  }

  /** @param place from 0; the last option of a grid changes fastest. */
  at(place: number): Combination {
    let rest = place;
    for (const axes of this.#grids) {
      const size = sizeOf(axes);
      if (rest < size) return combination(axes, rest) as Combination;
      rest -= size;
    }
    throw new RangeError(`combination ${place} of ${this.length}`);
  }

  *[Symbol.iterator](): Generator<Combination, void, undefined> {
    for (let place = 0; place < this.length; place++) yield this.at(place);
  }
}

/** The number of combinations of one grid; approximate beyond exact integers. */
const sizeOf = (axes: readonly Axis[]): number => axes.reduce((size, [, values]) => size * values.length, 1);

function combination(axes: readonly Axis[], place: number): object {
  let rest = place;
  const entries: [string, unknown][] = [];
  for (const [name, values] of axes.toReversed()) {
    entries.push([name, values[rest % values.length]]);
    rest = Math.floor(rest / values.length);
  }
  return Object.fromEntries(entries.reverse());
}
