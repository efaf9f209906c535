// sgd: one optimizer step over a whole arena.
//   g += weight_decay * w
//   m = momentum * m + (1 - dampening) * g, in the first step m = g      g = m, or with nesterov g + momentum * m
//   w = w - lr * g
// Source: torch.optim.SGD (Sutskever et al. 2013), in its order of operations.
// Shapes: grads, m, weights [P]; m and weights in place, m with momentum only.
// Grid: one invocation per parameter, x = ceil(P / WG), folded into y past 65,535 workgroups.
// Uses: shared/step.wgsl
override WG: u32 = 64;
struct Dims { P: u32, momentum: f32, one_minus_dampening: f32, weight_decay: f32, nesterov: u32 }
@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> grads: array<f32>;
@group(0) @binding(2) var<storage, read_write> m: array<f32>;
@group(0) @binding(3) var<storage, read_write> weights: array<f32>;
@group(1) @binding(0) var<uniform> step: Step;

@compute @workgroup_size(WG)
fn sgd(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let k = id.y * groups.x * WG + id.x;
  if (k >= dims.P) { return; }
  let w = weights[k];
  var g = grads[k] + dims.weight_decay * w;
  if (dims.momentum > 0.0) {
    var kept = g;
    if (step.number > 0) { kept = dims.momentum * m[k] + dims.one_minus_dampening * g; }
    m[k] = kept;
    if (dims.nesterov == 1) { g += dims.momentum * kept; } else { g = kept; }
  }
  weights[k] = w - step.lr * g;
}
