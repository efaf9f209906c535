// linear_forward: the head on the last state.
//   y[n, o] = bias[o] + sum_j h[t, n, j] weight[o, j]
// Source: torch.nn.Linear.
// Shapes: h [T+1, N, H] read at row t, weight [O, H], bias [O], y [N, O] =.
// Grid: one invocation per (n, o), x = ceil(N * O / WG).
override WG: u32 = 64;
struct Dims { N: u32, H: u32, O: u32, t: u32 }
@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> h: array<f32>;
@group(0) @binding(2) var<storage, read> weight: array<f32>;
@group(0) @binding(3) var<storage, read> bias: array<f32>;
@group(0) @binding(4) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(WG)
fn linear_forward(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let k = id.y * groups.x * WG + id.x;  // n * O + o
  if (k >= dims.N * dims.O) { return; }
  let o = k % dims.O;
  let row = (dims.t * dims.N + k / dims.O) * dims.H;
  var sum = 0.0;
  for (var j = 0u; j < dims.H; j++) { sum = fma(h[row + j], weight[o * dims.H + j], sum); }
  y[k] = sum + bias[o];
}
