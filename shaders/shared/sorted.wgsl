// Crossing quantiles are read in ascending order. V. Chernozhukov, I. Fernández-Val, A. Galichon, "Quantile and probability
// curves without crossing", Econometrica 78 (2010).
// Needs: output_at

/// The value at index q of the Q outputs from `first` on, sorted: the one with q others below it; ties are in order.
fn sorted_output(first: u32, Q: u32, q: u32) -> f32 {
  for (var i = 0u; i < Q; i++) {
    let value = output_at(first + i);
    var below = 0u;
    for (var k = 0u; k < Q; k++) {
      let other = output_at(first + k);
      if (other < value || (other == value && k < i)) { below++; }
    }
    if (below == q) { return value; }
  }
  return output_at(first + q);  // some are NaN
}
