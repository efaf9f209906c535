// clip_grad_value: clamps every gradient to a limit.
//   grads[k] = min(max(grads[k], -clip_value), clip_value)
// Source: torch.nn.utils.clip_grad_value_.
// Shapes: grads [P] in place.
// Grid: one invocation per parameter, x = ceil(P / WG), folded into y past 65,535 workgroups.
// Uses: shared/not_a_number.wgsl
override WG: u32 = 64;
struct Dims { P: u32, clip_value: f32 }
@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read_write> grads: array<f32>;

@compute @workgroup_size(WG)
fn clip_grad_value(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let k = id.y * groups.x * WG + id.x;
  if (k >= dims.P) { return; }
  let g = grads[k];
  grads[k] = select(clamp(g, -dims.clip_value, dims.clip_value), g, is_nan(g));
}
