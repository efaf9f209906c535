// hold: carries the rows that have ended through one time step: their state forward, its gradient backward.
//   state[to, n, j] = state[source, n, j], or +=, where t >= lengths[n]; other rows are unchanged
// Source: torch.nn.utils.rnn.pack_padded_sequence: a row's final state is that of its own last step.
// Shapes: state: element (n, j) at to + n * stride + j, j < columns; lengths [N].
// Grid: one invocation per (n, j), x = ceil(N * columns / WG).
override WG: u32 = 64;
struct Dims { N: u32, columns: u32, t: u32, source: u32, to: u32, stride: u32, accumulate: u32 }
@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> lengths: array<u32>;
@group(0) @binding(2) var<storage, read_write> state: array<f32>;

@compute @workgroup_size(WG)
fn hold(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let k = id.y * groups.x * WG + id.x;  // n * columns + j
  if (k >= dims.N * dims.columns) { return; }
  let n = k / dims.columns;
  if (dims.t < lengths[n]) { return; }
  let at = n * dims.stride + k % dims.columns;
  let value = state[dims.source + at];
  if (dims.accumulate == 1) { state[dims.to + at] += value; } else { state[dims.to + at] = value; }
}
