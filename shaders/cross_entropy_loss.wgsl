// cross_entropy_loss: the negative log-likelihood of classes under softmax(y), and its gradient.
//   losses[slot] = sum_r (log sum_o exp(y[r, o]) - y[r, class_r]) / rows      d_y[r, o] = (softmax(y[r])[o] - [o = class_r]) / rows
// Source: torch.nn.CrossEntropyLoss on logits; without the division for reduction='sum'. The row's largest logit is subtracted
//   first, so that exp does not overflow.
// Shapes: y [R, O], target_rows [R] class numbers, lengths [N], d_y [R, O] =, losses [slots] = at step.slot; Q = 1. See
//         shared/loss.wgsl.
// Grid: one workgroup. Each invocation takes every WG-th row, then a tree over the workgroup, in a fixed order.
// Uses: shared/step.wgsl
// Uses: shared/sum.wgsl
// Uses: shared/loss.wgsl
override WG: u32 = 256;  // the maximum, since there is only one workgroup
@group(0) @binding(0) var<uniform> dims: Loss;
@group(0) @binding(1) var<storage, read> y: array<f32>;
@group(0) @binding(2) var<storage, read> target_rows: array<f32>;
@group(0) @binding(3) var<storage, read> lengths: array<u32>;
@group(0) @binding(4) var<storage, read_write> d_y: array<f32>;
@group(0) @binding(5) var<storage, read_write> losses: array<f32>;
@group(1) @binding(0) var<uniform> step: Step;

@compute @workgroup_size(WG)
fn cross_entropy_loss(@builtin(local_invocation_index) lane: u32) {
  let O = dims.O;
  let count = divisor(lane, 1);
  var sum = Sum();
  for (var r = lane; r < dims.R; r += WG) {
    let row = r * O;
    if (!is_valid(r)) {
      for (var o = 0u; o < O; o++) { d_y[row + o] = 0.0; }
      continue;
    }
    var largest = y[row];
    for (var o = 1u; o < O; o++) { largest = max(largest, y[row + o]); }
    var total = 0.0;
    for (var o = 0u; o < O; o++) { total += exp(y[row + o] - largest); }
    let class_number = u32(target_rows[r]);
    for (var o = 0u; o < O; o++) {
      let share = exp(y[row + o] - largest) / total;
      d_y[row + o] = (share - select(0.0, 1.0, o == class_number)) / count;
    }
    add_term(&sum, log(total) - (y[row + class_number] - largest));
  }
  let loss = sum_lanes(lane, total_of(sum)) / count;
  if (lane == 0) { losses[step.slot] = loss; }
}
