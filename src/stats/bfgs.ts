/** A function with its gradient. @param gradient [n], written. @returns infinity or NaN where it is undefined */
export type Differentiable = (x: Float64Array, gradient: Float64Array) => number;

/** Minimum decrease of a step, relative to the decrease predicted by the slope. */
const ARMIJO = 1e-4;

/** Maximum number of times a step is halved. */
const MAX_HALVINGS = 30;

/**
 * Finds a local minimum of a function with the quasi-Newton method of Broyden, Fletcher, Goldfarb & Shanno (Nocedal & Wright
 * 2006, "Numerical optimization", algorithm 6.1), halving every step until the function decreases.
 * @param start [n], where the function is defined. @param tolerance stop after a step that gains less than this.
 */
export function bfgs(
  f: Differentiable,
  start: Float64Array<ArrayBuffer>,
  { maxSteps, tolerance }: { maxSteps: number; tolerance: number },
): { x: Float64Array<ArrayBuffer>; value: number } {
  const n = start.length;
  let x = start;
  let gradient = new Float64Array(n);
  let value = f(x, gradient);
  const inverse = Array.from({ length: n }, () => new Float64Array(n));
  const reset = (scale: number) => {
    for (const [i, row] of inverse.entries()) row.fill(0)[i] = scale;
  };
  const length = (v: Float64Array) => Math.sqrt(v.reduce((sum, part) => sum + part * part, 0));
  const dot = (a: Float64Array, b: Float64Array) => a.reduce((sum, part, i) => sum + part * b[i]!, 0);
  reset(0.1 / (length(gradient) || 1));
  let isFresh = true;
  for (let step = 0; step < maxSteps; step++) {
    const direction = gradient.map((_, i) => -dot(inverse[i]!, gradient));
    const slope = dot(direction, gradient);
    let rate = 1;
    let next = x;
    let nextValue = Number.POSITIVE_INFINITY;
    const nextGradient = new Float64Array(n);
    for (let k = 0; slope < 0 && k < MAX_HALVINGS; k++, rate /= 2) {
      next = x.map((part, i) => part + rate * direction[i]!);
      nextValue = f(next, nextGradient);
      if (nextValue <= value + ARMIJO * rate * slope) break;
    }
    if (!(nextValue < value)) {
      if (isFresh) break;
      reset(0.1 / (length(gradient) || 1)); // retry with steepest descent
      isFresh = true;
      continue;
    }
    const gain = value - nextValue;
    const moved = next.map((part, i) => part - x[i]!);
    const turned = nextGradient.map((part, i) => part - gradient[i]!);
    const curvature = dot(moved, turned);
    if (curvature > 1e-12 * length(moved) * length(turned)) {
      if (isFresh) reset(curvature / dot(turned, turned));
      update(inverse, moved, turned, curvature);
    }
    isFresh = false;
    [x, value, gradient] = [next, nextValue, nextGradient];
    if (gain < tolerance) break;
  }
  return { x, value };
}

/** H' = (I - s y' / c) H (I - y s' / c) + s s' / c with c = s' y: equation 6.17. */
function update(inverse: Float64Array[], s: Float64Array, y: Float64Array, c: number): void {
  const hy = inverse.map((row) => row.reduce((sum, part, i) => sum + part * y[i]!, 0));
  const yhy = hy.reduce((sum, part, i) => sum + part * y[i]!, 0);
  for (const [i, row] of inverse.entries())
    for (let j = 0; j < row.length; j++)
      row[j]! += ((1 + yhy / c) * s[i]! * s[j]! - hy[i]! * s[j]! - s[i]! * hy[j]!) / c;
}
