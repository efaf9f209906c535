// rmsprop: one optimizer step over a whole arena.
//   g += weight_decay * w                 v = alpha v + (1 - alpha) g^2
//   u = sqrt(v) + eps, or centered: extra = alpha extra + (1 - alpha) g, u = sqrt(v - extra^2) + eps
//   w = w - lr * g / u, or with momentum: m = momentum * m + g / u, w = w - lr * m
// Source: torch.optim.RMSprop (Hinton's lecture 6e; centered: Graves 2013), in its order of operations.
// Shapes: grads, m, v, extra, weights [P]; all but grads in place, m with momentum and extra with centered only.
// Grid: one invocation per parameter, x = ceil(P / WG), folded into y past 65,535 workgroups.
// Uses: shared/not_a_number.wgsl
// Uses: shared/step.wgsl
override WG: u32 = 64;
struct Dims {
  P: u32, alpha: f32, one_minus_alpha: f32, eps: f32, weight_decay: f32, momentum: f32, centered: u32,
}
@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> grads: array<f32>;
@group(0) @binding(2) var<storage, read_write> m: array<f32>;
@group(0) @binding(3) var<storage, read_write> v: array<f32>;
@group(0) @binding(4) var<storage, read_write> extra: array<f32>;
@group(0) @binding(5) var<storage, read_write> weights: array<f32>;
@group(1) @binding(0) var<uniform> step: Step;

@compute @workgroup_size(WG)
fn rmsprop(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let k = id.y * groups.x * WG + id.x;
  if (k >= dims.P) { return; }
  let w = weights[k];
  let g = grads[k] + dims.weight_decay * w;
  let square = dims.alpha * v[k] + dims.one_minus_alpha * g * g;
  v[k] = square;
  var spread = square;
  if (dims.centered == 1) {
    let average = dims.alpha * extra[k] + dims.one_minus_alpha * g;
    extra[k] = average;
    spread = max_or_nan(square - average * average, 0.0);  // rounding can make it negative
  }
  var change = g / (sqrt(spread) + dims.eps);
  if (dims.momentum > 0.0) {
    change += dims.momentum * m[k];
    m[k] = change;
  }
  weights[k] = w - step.lr * change;
}
