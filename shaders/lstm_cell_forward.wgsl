// lstm_cell_forward: one time step of the recurrence, elementwise.
//   a = gates[t] + b_ih + b_hh            i = sigmoid(a_i)   f = sigmoid(a_f)   g = tanh(a_g)   o = sigmoid(a_o)
//   c' = f * c + i * g                    h' = o * tanh(c')
// Source: torch.nn.LSTM, with W_ih x_t + W_hh h already in `gates`.
// Shapes: gates [T, N, 4, H] in: a without biases, out: i f g o, kept for lstm_cell_backward. b_ih, b_hh [4, H].
//         c, h: see shared/cell.wgsl; c' and h' are written with =, h' before any projection. At t >= lengths[n] the gates
//         are zero, c' = c, h' = 0.
// Grid: one invocation per (n, j), x = ceil(N * H / WG).
// Uses: shared/activations.wgsl
// Uses: shared/cell.wgsl
override WG: u32 = 64;
@group(0) @binding(0) var<uniform> dims: Cell;
@group(0) @binding(1) var<storage, read> bias_ih: array<f32>;
@group(0) @binding(2) var<storage, read> bias_hh: array<f32>;
@group(0) @binding(3) var<storage, read> lengths: array<u32>;
@group(0) @binding(4) var<storage, read_write> gates: array<f32>;
@group(0) @binding(5) var<storage, read_write> c: array<f32>;
@group(0) @binding(6) var<storage, read_write> h: array<f32>;

@compute @workgroup_size(WG)
fn lstm_cell_forward(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let k = id.y * groups.x * WG + id.x;  // n * H + j
  let H = dims.H;
  if (k >= dims.N * H) { return; }
  let n = k / H;
  let j = k % H;
  let gate = (dims.t * dims.N + n) * 4 * H + j;
  let before = dims.c_before + n * dims.c_stride + j;
  let after = dims.c_after + n * dims.c_stride + j;
  let out = dims.h_after + n * dims.h_stride + j;
  if (dims.t >= lengths[n]) {
    for (var q = 0u; q < 4; q++) { gates[gate + q * H] = 0.0; }
    c[after] = c[before];
    h[out] = 0.0;
    return;
  }
  let i = sigmoid(gates[gate] + bias_ih[j] + bias_hh[j]);
  let f = sigmoid(gates[gate + H] + bias_ih[H + j] + bias_hh[H + j]);
  let g = tanh_safe(gates[gate + 2 * H] + bias_ih[2 * H + j] + bias_hh[2 * H + j]);
  let o = sigmoid(gates[gate + 3 * H] + bias_ih[3 * H + j] + bias_hh[3 * H + j]);
  gates[gate] = i;
  gates[gate + H] = f;
  gates[gate + 2 * H] = g;
  gates[gate + 3 * H] = o;
  let c_after = f * c[before] + i * g;
  c[after] = c_after;
  h[out] = o * tanh_safe(c_after);
}
