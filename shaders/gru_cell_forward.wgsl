// gru_cell_forward: one time step of the recurrence, elementwise.
//   r = sigmoid(a_r + b_ir + b_hr)        z = sigmoid(a_z + b_iz + b_hz)
//   n = tanh(a_n + b_in + r * (q + b_hn))         with q = W_hn h, which the reset gate scales by itself
//   h' = (1 - z) * n + z * h
// Source: torch.nn.GRU (Cho et al. 2014), with a_r and a_z = W_i x_t + W_h h, a_n = W_in x_t and q already in `gates`.
// Shapes: gates [T, N, 4, H] in: a_r a_z a_n q, out: r z n and q + b_hn, kept for gru_cell_backward. b_ih, b_hh [3, H].
//         h: see shared/cell.wgsl; h' is written with =. At t >= lengths[n] gates and h' are zero.
// Grid: one invocation per (n, j), x = ceil(N * H / WG).
// Uses: shared/activations.wgsl
// Uses: shared/cell.wgsl
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
  let H = dims.H;
  if (k >= dims.N * H) { return; }
  let row = k / H;
  let j = k % H;
  let gate = (dims.t * dims.N + row) * 4 * H + j;
  let out = dims.h_after + row * dims.h_stride + j;
  if (dims.t >= lengths[row]) {
    for (var q = 0u; q < 4; q++) { gates[gate + q * H] = 0.0; }
    h[out] = 0.0;
    return;
  }
  let r = sigmoid(gates[gate] + bias_ih[j] + bias_hh[j]);
  let z = sigmoid(gates[gate + H] + bias_ih[H + j] + bias_hh[H + j]);
  let q = gates[gate + 3 * H] + bias_hh[2 * H + j];
  let n = tanh_safe(gates[gate + 2 * H] + bias_ih[2 * H + j] + r * q);
  gates[gate] = r;
  gates[gate + H] = z;
  gates[gate + 2 * H] = n;
  gates[gate + 3 * H] = q;
  h[out] = (1.0 - z) * n + z * h[dims.h_before + row * dims.h_stride + j];
}
