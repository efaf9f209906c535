// Losses that are a sum over elements: the shader provides `element`, its value and slope for error = y - target.
// Needs: dims.R, dims.O, dims.Q, step, y, target_rows, d_y, losses, WG
// Needs: element, Sum, add_term, total_of, is_valid, divisor, sum_lanes
fn regression_loss(lane: u32) {
  let count = divisor(lane, dims.O * dims.Q);
  var sum = Sum();
  for (var k = lane; k < dims.R * dims.O * dims.Q; k += WG) {
    var both = vec2f(0.0);
    if (is_valid(k / (dims.O * dims.Q))) { both = element(y[k] - target_rows[k / dims.Q], k % dims.Q); }
    d_y[k] = both.y / count;
    add_term(&sum, both.x);
  }
  let loss = sum_lanes(lane, total_of(sum)) / count;
  if (lane == 0) { losses[step.slot] = loss; }
}
