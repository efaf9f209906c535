// clip_grad_norm: scales all gradients down if their norm is above a limit.
//   grads[k] = grads[k] * min(1, max_norm / (sqrt(sum_p partials[p]) + 1e-6))
// Source: torch.nn.utils.clip_grad_norm_.
// Shapes: partials [PARTS] from grad_norm, grads [P] in place.
// Grid: one invocation per parameter, x = ceil(P / WG), folded into y past 65,535 workgroups.
// Uses: shared/not_a_number.wgsl
override WG: u32 = 64;
override PARTS: u32 = 64;
struct Dims { P: u32, max_norm: f32 }
@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> partials: array<f32>;
@group(0) @binding(2) var<storage, read_write> grads: array<f32>;

@compute @workgroup_size(WG)
fn clip_grad_norm(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let k = id.y * groups.x * WG + id.x;
  if (k >= dims.P) { return; }
  var squares = 0.0;
  for (var p = 0u; p < PARTS; p++) { squares += partials[p]; }
  let scale = dims.max_norm / (sqrt(squares) + 1e-6);
  grads[k] *= select(min(scale, 1.0), scale, is_nan(scale));  // a NaN norm makes all of them NaN, as in torch
}
