// mse_loss: mean squared error of a batch and its gradient.
//   losses[slot] = sum_(n,o) (y - target)^2 / (rows * O)      d_y[n, o] = 2 (y - target) / (rows * O)
// Source: torch.nn.MSELoss(reduction='mean'). Rows n >= step.rows are padding: no loss, zero gradient.
// Shapes: y, target [N, O], d_y [N, O] =, losses [slots] = at step.slot.
// Grid: one workgroup. Each invocation sums every WG-th element, then a tree over the workgroup: one fixed order.
// Uses: shared/step.wgsl
override WG: u32 = 64;
struct Dims { N: u32, O: u32 }
@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> y: array<f32>;
@group(0) @binding(2) var<storage, read> target_rows: array<f32>;
@group(0) @binding(3) var<storage, read_write> d_y: array<f32>;
@group(0) @binding(4) var<storage, read_write> losses: array<f32>;
@group(1) @binding(0) var<uniform> step: Step;
var<workgroup> sums: array<f32, WG>;

@compute @workgroup_size(WG)
fn mse_loss(@builtin(local_invocation_index) lane: u32) {
  let count = f32(step.rows * dims.O);
  var sum = 0.0;
  for (var k = lane; k < dims.N * dims.O; k += WG) {
    let error = select(0.0, y[k] - target_rows[k], k / dims.O < step.rows);
    d_y[k] = 2.0 * error / count;
    sum += error * error;
  }
  sums[lane] = sum;
  for (var half = WG / 2; half > 0; half /= 2) {
    workgroupBarrier();  // the halves written by the previous round
    if (lane < half) { sums[lane] += sums[lane + half]; }
  }
  if (lane == 0) { losses[step.slot] = sums[0] / count; }
}
