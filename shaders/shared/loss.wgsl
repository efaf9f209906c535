// Shared by all losses. Row r of y belongs to sample n = r % N at time r / N; a sample beyond step.rows, and a time after a
// sample's end, is padding: no loss, zero gradient.
// Needs: dims.R, dims.N, dims.mean, step, lengths, WG
struct Loss { R: u32, N: u32, O: u32, Q: u32, mean: u32 }
var<workgroup> lane_sums: array<f32, WG>;

fn is_valid(r: u32) -> bool {
  let n = r % dims.N;
  return n < step.rows && r / dims.N < lengths[n];
}

/// The sum over all lanes, in a fixed order.
fn sum_lanes(lane: u32, value: f32) -> f32 {
  lane_sums[lane] = value;
  for (var half = WG / 2; half > 0; half /= 2) {
    workgroupBarrier();  // the halves written by the previous round
    if (lane < half) { lane_sums[lane] += lane_sums[lane + half]; }
  }
  workgroupBarrier();  // all lanes read what the first one wrote ..
  let sum = lane_sums[0];
  workgroupBarrier();  // .. before any lane writes again
  return sum;
}

/// The divisor of a loss: 1, or with `mean` the number of valid rows times their elements.
fn divisor(lane: u32, elements: u32) -> f32 {
  var rows = 0u;
  for (var n = lane; n < step.rows; n += WG) { rows += min(lengths[n], dims.R / dims.N); }
  let all = sum_lanes(lane, f32(rows));
  return select(1.0, all * f32(elements), dims.mean == 1);
}
