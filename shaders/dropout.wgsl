// dropout: zeroes a share p of values, and scales up the rest; applied to a gradient, it is its own gradient.
//   y[k] = x[k] / (1 - p) where u_k >= p, else 0; or += with `accumulate`
//   u_k  = the upper 24 bits of word k % 4 of philox((k / 4, step.number, 0, 0), (seed, layer)), as a number in [0, 1)
// Source: torch.nn.Dropout (Srivastava et al. 2014); the random numbers depend only on seed, layer and step.
// Shapes: x, y [count], from x_offset and y_offset on; y = or +=.
// Grid: one invocation per value, x = ceil(count / WG), folded into y past 65,535 workgroups.
// Uses: shared/step.wgsl
// Uses: shared/philox.wgsl
override WG: u32 = 64;
struct Dims { count: u32, x_offset: u32, y_offset: u32, accumulate: u32, seed: u32, layer: u32, p: f32 }
@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;
@group(1) @binding(0) var<uniform> step: Step;

@compute @workgroup_size(WG)
fn dropout(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let k = id.y * groups.x * WG + id.x;
  if (k >= dims.count) { return; }
  let words = philox(vec4u(k / 4, step.number, 0, 0), vec2u(dims.seed, dims.layer));
  let u = f32(words[k % 4] >> 8) / 16777216.0;
  let value = x[dims.x_offset + k] * select(0.0, 1.0 / (1.0 - dims.p), u >= dims.p);  // as in torch, 0 times NaN is NaN
  let at = dims.y_offset + k;
  if (dims.accumulate == 1) { y[at] += value; } else { y[at] = value; }
}
