// mse_loss: mean squared error of a batch and its gradient.
//   losses[slot] = sum_(r,o) (y - target)^2 / (rows * O)      d_y[r, o] = 2 (y - target) / (rows * O)
// Source: torch.nn.MSELoss; without the division for reduction='sum'.
// Shapes: y, target_rows [R, O], lengths [N], d_y [R, O] =, losses [slots] = at step.slot; Q = 1. See shared/loss.wgsl.
// Grid: one workgroup. Each invocation sums every WG-th element, then a tree over the workgroup, in a fixed order.
// Uses: shared/step.wgsl
// Uses: shared/sum.wgsl
// Uses: shared/loss.wgsl
// Uses: shared/regression_loss.wgsl
override WG: u32 = 256;  // the maximum, since there is only one workgroup
@group(0) @binding(0) var<uniform> dims: Loss;
@group(0) @binding(1) var<storage, read> y: array<f32>;
@group(0) @binding(2) var<storage, read> target_rows: array<f32>;
@group(0) @binding(3) var<storage, read> lengths: array<u32>;
@group(0) @binding(4) var<storage, read_write> d_y: array<f32>;
@group(0) @binding(5) var<storage, read_write> losses: array<f32>;
@group(1) @binding(0) var<uniform> step: Step;

fn element(error: f32, q: u32) -> vec2f { return vec2f(error * error, 2.0 * error); }

@compute @workgroup_size(WG)
fn mse_loss(@builtin(local_invocation_index) lane: u32) { regression_loss(lane); }
