// bias_reduce: the gradient of both bias vectors, which enter the gates as a sum and so have the same gradient.
//   d_bias_ih[j] = d_bias_hh[j] = sum_r d_gates[r, j]
// Source: torch.nn.LSTM's two biases. Rows are summed in order: same seed, same bits, and no float atomics exist.
// Shapes: d_gates [R, G] with R = T * N and G = 4 H, d_bias_ih, d_bias_hh [G] =.
// Grid: one invocation per column, x = ceil(G / WG); neighbours read neighbouring columns.
override WG: u32 = 64;
struct Dims { R: u32, G: u32 }
@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> d_gates: array<f32>;
@group(0) @binding(2) var<storage, read_write> d_bias_ih: array<f32>;
@group(0) @binding(3) var<storage, read_write> d_bias_hh: array<f32>;

@compute @workgroup_size(WG)
fn bias_reduce(@builtin(global_invocation_id) id: vec3u) {
  let j = id.x;
  if (j >= dims.G) { return; }
  var sum = 0.0;
  for (var r = 0u; r < dims.R; r++) { sum += d_gates[r * dims.G + j]; }
  d_bias_ih[j] = sum;
  d_bias_hh[j] = sum;
}
