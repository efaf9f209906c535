/** Where a search begins and ends. */
export interface SearchOptions {
  /** First step along every coordinate. */
  step: number;
  /** The search ends after this many values of the function, */
  maxEvaluations: number;
  /** or where the values of the simplex differ by no more than this times the first one. */
  tolerance: number;
}

/** The best place found. */
export interface Minimum {
  readonly x: Float64Array;
  readonly value: number;
  readonly evaluations: number;
}

/** Stands for places that a function has no value for. */
const NOWHERE = 1e35;

/**
 * A place where a function is small, without its derivatives, by the simplex of Nelder & Mead (1965) as Nash has it (1990,
 * "Compact numerical methods for computers", algorithm 19): the method of R's `optim`.
 * @param f infinite or NaN where it has no value; at `start` it must have one.
 */
export function nelderMead(
  f: (x: Float64Array) => number,
  start: Float64Array<ArrayBuffer>,
  { step, maxEvaluations, tolerance }: SearchOptions,
): Minimum {
  const n = start.length;
  let evaluations = 0;
  const valueAt = (x: Float64Array) => {
    evaluations++;
    const value = f(x);
    return Number.isFinite(value) ? value : NOWHERE;
  };
  const corners = Array.from({ length: n + 1 }, (_, k) => {
    const corner = start.slice();
    if (k > 0) corner[k - 1]! += step;
    return corner;
  });
  const values = corners.map(valueAt);
  const enough = tolerance * (Math.abs(values[0]!) + tolerance);
  const center = new Float64Array(n);
  /** From the worst corner through the center of the others: 1 reflects it, 2 goes on, -0.5 comes half way. */
  const along = (worst: Float64Array, factor: number) => center.map((mean, i) => mean + factor * (mean - worst[i]!));
  let size = n * step;
  while (true) {
    let best = 0;
    let worst = 0;
    for (let k = 1; k <= n; k++) {
      if (values[k]! < values[best]!) best = k;
      if (values[k]! > values[worst]!) worst = k;
    }
    if (values[worst]! <= values[best]! + enough || evaluations > maxEvaluations)
      return { x: corners[best]!, value: values[best]!, evaluations };
    center.fill(0);
    for (let k = 0; k <= n; k++) if (k !== worst) for (let i = 0; i < n; i++) center[i]! += corners[k]![i]! / n;
    const replace = (corner: Float64Array<ArrayBuffer>, value: number) => {
      corners[worst] = corner;
      values[worst] = value;
    };
    const reflected = along(corners[worst]!, 1);
    const value = valueAt(reflected);
    if (value < values[best]!) {
      const further = along(corners[worst]!, 2);
      const furtherValue = valueAt(further);
      if (furtherValue < value) replace(further, furtherValue);
      else replace(reflected, value);
      continue;
    }
    const isBetter = value < values[worst]!;
    if (isBetter) replace(reflected, value);
    const halfway = along(corners[worst]!, -0.5);
    const halfwayValue = valueAt(halfway);
    if (halfwayValue < values[worst]!) {
      replace(halfway, halfwayValue);
    } else if (!isBetter) {
      // Nothing on the line is better: the whole simplex draws together around its best corner.
      let drawn = 0;
      for (let k = 0; k <= n; k++) {
        if (k === best) continue;
        for (let i = 0; i < n; i++) {
          const away = (corners[k]![i]! - corners[best]![i]!) / 2;
          corners[k]![i] = corners[best]![i]! + away;
          drawn += Math.abs(away);
        }
        values[k] = valueAt(corners[k]!);
      }
      if (drawn >= size) return { x: corners[best]!, value: values[best]!, evaluations };
      size = drawn;
    }
  }
}
