// huber_loss: squared for small errors, absolute for large ones.
//   losses[slot] = SCALE * sum_(r,o) l(y - target) / (rows * O)
//   l(e) = e^2 / 2 where |e| <= DELTA, else DELTA * (|e| - DELTA / 2)      l'(e) = clamp(e, -DELTA, DELTA)
// Source: torch.nn.HuberLoss(delta = DELTA) with SCALE = 1 (Huber 1964); torch.nn.SmoothL1Loss(beta = DELTA) with
//   SCALE = 1 / DELTA. Without the division for reduction='sum'.
// Shapes: y, target_rows [R, O], lengths [N], d_y [R, O] =, losses [slots] = at step.slot; Q = 1. See shared/loss.wgsl.
// Grid: one workgroup. Each invocation sums every WG-th element, then a tree over the workgroup, in a fixed order.
// Uses: shared/not_a_number.wgsl
// Uses: shared/step.wgsl
// Uses: shared/sum.wgsl
// Uses: shared/loss.wgsl
// Uses: shared/regression_loss.wgsl
override WG: u32 = 256;  // the maximum, since there is only one workgroup
override DELTA: f32 = 1.0;
override SCALE: f32 = 1.0;
@group(0) @binding(0) var<uniform> dims: Loss;
@group(0) @binding(1) var<storage, read> y: array<f32>;
@group(0) @binding(2) var<storage, read> target_rows: array<f32>;
@group(0) @binding(3) var<storage, read> lengths: array<u32>;
@group(0) @binding(4) var<storage, read_write> d_y: array<f32>;
@group(0) @binding(5) var<storage, read_write> losses: array<f32>;
@group(1) @binding(0) var<uniform> step: Step;

fn element(error: f32, q: u32) -> vec2f {
  let size = abs(error);
  let value = select(DELTA * (size - 0.5 * DELTA), 0.5 * error * error, size <= DELTA);
  let slope = select(clamp(error, -DELTA, DELTA), error, is_nan(error));
  return SCALE * vec2f(value, slope);
}

@compute @workgroup_size(WG)
fn huber_loss(@builtin(local_invocation_index) lane: u32) { regression_loss(lane); }
