// gru_cell_forward: one time step of the recurrence, elementwise.
//   r = sigmoid(a_r + b_ir + b_hr)        z = sigmoid(a_z + b_iz + b_hz)
//   n = tanh(a_n + b_in + r * (q + b_hn))         with q = W_hn h, which the reset gate scales separately
//   h' = h + (1 - z) * (n - h)                    with 1 - z = sigmoid(-a), which keeps its digits where z rounds to 1
// Source: torch.nn.GRU (Cho et al. 2014), with a_r and a_z = W_i x_t + W_h h, a_n = W_in x_t and q already in `gates`.
// Shapes: gates [T, N, 4, H] in: a_r a_z a_n q, out: r, 1 - z, n and q + b_hn, for gru_cell_backward. b_ih, b_hh [3, H].
//         h: see shared/cell.wgsl; h' is written with =. At t >= lengths[n] gates and h' are zero.
// Grid: one invocation per (n, j), x = ceil(N * H / WG).
// Uses: shared/activations.wgsl
// Uses: shared/cell.wgsl
// Uses: shared/gru_forward.wgsl
override WG: u32 = 64;
@group(0) @binding(0) var<uniform> dims: Cell;
@group(0) @binding(1) var<storage, read> bias_ih: array<f32>;
@group(0) @binding(2) var<storage, read> bias_hh: array<f32>;
@group(0) @binding(3) var<storage, read> lengths: array<u32>;
@group(0) @binding(4) var<storage, read_write> gates: array<f32>;
@group(0) @binding(5) var<storage, read_write> h: array<f32>;

@compute @workgroup_size(WG)
fn gru_cell_forward(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let k = id.y * groups.x * WG + id.x;  // n * H + j
  if (k >= dims.N * dims.H) { return; }
  let row = k / dims.H;
  let j = k % dims.H;
  gru_forward(dims, row, j, products_in_gates(dims, row, j));
}

fn bias_ih_at(k: u32) -> f32 { return bias_ih[k]; }
fn bias_hh_at(k: u32) -> f32 { return bias_hh[k]; }
fn put_h(at: u32, value: f32) { h[at] = value; }
