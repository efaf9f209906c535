/**
 * y = intercept + slope (first + k), by least squares.
 * @param first position of the first value; the others follow at intervals of 1.
 */
export function line(values: Float64Array, first: number): { intercept: number; slope: number } {
  const n = values.length;
  const middle = (n - 1) / 2;
  let mean = 0;
  let product = 0;
  let spread = 0;
  for (let k = 0; k < n; k++) {
    mean += values[k]! / n;
    product += (k - middle) * values[k]!;
    spread += (k - middle) ** 2;
  }
  const slope = spread > 0 ? product / spread : 0;
  return { intercept: mean - slope * (middle + first), slope };
}

/**
 * Coefficients of the linear combination of columns that is nearest to values, by Gram-Schmidt.
 * @param columns each [rows]; one that is linearly dependent on previous ones has the coefficient 0. @returns one for each
 *   column
 */
export function leastSquares(columns: readonly Float64Array[], values: Float64Array): Float64Array {
  const dot = (a: Float64Array, b: Float64Array) => a.reduce((sum, value, t) => sum + value * b[t]!, 0);
  const directions: Float64Array[] = [];
  const shares = columns.map((column) => {
    const rest = column.slice();
    const own = directions.map((direction) => {
      const size = dot(direction, direction);
      const share = size > 0 ? dot(direction, rest) / size : 0;
      for (let t = 0; t < rest.length; t++) rest[t]! -= share * direction[t]!;
      return share;
    });
    const isNew = dot(rest, rest) > 1e-20 * dot(column, column);
    directions.push(isNew ? rest : rest.fill(0));
    return own;
  });
  const left = values.slice();
  const coefficients = Float64Array.from(directions, (direction) => {
    const size = dot(direction, direction);
    const share = size > 0 ? dot(direction, left) / size : 0;
    for (let t = 0; t < left.length; t++) left[t]! -= share * direction[t]!;
    return share;
  });
  for (let k = columns.length - 1; k > 0; k--)
    for (let i = 0; i < k; i++) coefficients[i]! -= shares[k]![i]! * coefficients[k]!;
  return coefficients;
}
