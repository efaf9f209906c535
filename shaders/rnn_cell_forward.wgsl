// rnn_cell_forward: one time step of the recurrence, elementwise.
//   h' = tanh(a + b_ih + b_hh), or relu
// Source: torch.nn.RNN (Elman 1990), with a = W_ih x_t + W_hh h already in `gates`.
// Shapes: gates [T, N, 1, H] in: a, out: h', kept for rnn_cell_backward. b_ih, b_hh [H]. h: see shared/cell.wgsl; h' is
//         written with =. At t >= lengths[n] both are zero.
// Grid: one invocation per (n, j), x = ceil(N * H / WG).
// Uses: shared/activations.wgsl
// Uses: shared/cell.wgsl
// Uses: shared/not_a_number.wgsl
// Uses: shared/rnn_forward.wgsl
override WG: u32 = 64;
@group(0) @binding(0) var<uniform> dims: Cell;
@group(0) @binding(1) var<storage, read> bias_ih: array<f32>;
@group(0) @binding(2) var<storage, read> bias_hh: array<f32>;
@group(0) @binding(3) var<storage, read> lengths: array<u32>;
@group(0) @binding(4) var<storage, read_write> gates: array<f32>;
@group(0) @binding(5) var<storage, read_write> h: array<f32>;

@compute @workgroup_size(WG)
fn rnn_cell_forward(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let k = id.y * groups.x * WG + id.x;  // n * H + j
  if (k < dims.N * dims.H) { rnn_forward(dims, k / dims.H, k % dims.H, 0.0); }
}

fn bias_ih_at(k: u32) -> f32 { return bias_ih[k]; }
fn bias_hh_at(k: u32) -> f32 { return bias_hh[k]; }
fn put_h(at: u32, value: f32) { h[at] = value; }
