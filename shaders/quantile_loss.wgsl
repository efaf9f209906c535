// quantile_loss: the pinball loss, whose minimum is at the quantiles of the target.
//   losses[slot] = sum_(r,o,q) l_q(target - y) / (rows * O * Q)            l_q(e) = max(q e, (q - 1) e)
// Source: Koenker & Bassett 1978, "Regression quantiles"; without the division for reduction='sum'.
// Shapes: y [R, O, Q], target_rows [R, O], quantiles [Q], lengths [N], d_y [R, O, Q] =, losses [slots] = at step.slot.
//         See shared/loss.wgsl.
// Grid: one workgroup. Each invocation sums every WG-th element, then a tree over the workgroup, in a fixed order.
// Uses: shared/not_a_number.wgsl
// Uses: shared/step.wgsl
// Uses: shared/sum.wgsl
// Uses: shared/loss.wgsl
// Uses: shared/regression_loss.wgsl
override WG: u32 = 256;  // the maximum, since there is only one workgroup
@group(0) @binding(0) var<uniform> dims: Loss;
@group(0) @binding(1) var<storage, read> y: array<f32>;
@group(0) @binding(2) var<storage, read> target_rows: array<f32>;
@group(0) @binding(3) var<storage, read> lengths: array<u32>;
@group(0) @binding(4) var<storage, read> quantiles: array<f32>;
@group(0) @binding(5) var<storage, read_write> d_y: array<f32>;
@group(0) @binding(6) var<storage, read_write> losses: array<f32>;
@group(1) @binding(0) var<uniform> step: Step;

fn element(error: f32, q: u32) -> vec2f {
  let slope = select(-quantiles[q], 1.0 - quantiles[q], error > 0.0);  // y above the target: 1 - q
  return vec2f(slope * error, select(slope, error, is_nan(error)));
}

@compute @workgroup_size(WG)
fn quantile_loss(@builtin(local_invocation_index) lane: u32) { regression_loss(lane); }
