// bias_reduce: the gradient of a bias vector: the sum over time and batch of the gates it is added to.
//   d_bias[to + g] = sum_r d_gates[r, first + g], and the same in d_twin, if an input's and a state's bias are added in the same sum
// Source: torch.nn.LSTM's biases. Rows are summed in a fixed order, for reproducible results; WGSL has no float atomics.
// Shapes: d_gates [R, row] with R = T * N, d_bias = from `to` on, g < G; d_twin likewise, or untouched (twin 0).
// Grid: one invocation per column, x = ceil(G / WG); neighbors read adjacent columns.
// Uses: shared/sum.wgsl
override WG: u32 = 64;
struct Dims { R: u32, row: u32, first: u32, G: u32, to: u32, twin: u32 }
@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> d_gates: array<f32>;
@group(0) @binding(2) var<storage, read_write> d_bias: array<f32>;
@group(0) @binding(3) var<storage, read_write> d_twin: array<f32>;

@compute @workgroup_size(WG)
fn bias_reduce(@builtin(global_invocation_id) id: vec3u) {
  let g = id.x;
  if (g >= dims.G) { return; }
  var sum = Sum();
  for (var r = 0u; r < dims.R; r++) { add_term(&sum, d_gates[r * dims.row + dims.first + g]); }
  let total = total_of(sum);
  d_bias[dims.to + g] = total;
  if (dims.twin == 1) { d_twin[dims.to + g] = total; }
}
