// linear_backward_input: the head's gradient for the state it read.
//   d_out[t, n, j] = sum_o d_y[n, o] weight[o, j]
// Source: torch.nn.Linear, transposed.
// Shapes: d_y [N, O], weight [O, H], d_out [T, N, H] = at row t only; the other rows have no head and stay zero.
// Grid: one invocation per (n, j), x = ceil(N * H / WG).
override WG: u32 = 64;
struct Dims { N: u32, H: u32, O: u32, t: u32 }
@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> d_y: array<f32>;
@group(0) @binding(2) var<storage, read> weight: array<f32>;
@group(0) @binding(3) var<storage, read_write> d_out: array<f32>;

@compute @workgroup_size(WG)
fn linear_backward_input(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let k = id.y * groups.x * WG + id.x;  // n * H + j
  if (k >= dims.N * dims.H) { return; }
  let n = k / dims.H;
  let j = k % dims.H;
  var sum = 0.0;
  for (var o = 0u; o < dims.O; o++) { sum = fma(d_y[n * dims.O + o], weight[o * dims.H + j], sum); }
  d_out[dims.t * dims.N * dims.H + k] = sum;
}
