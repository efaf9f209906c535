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
// Uses: shared/lstm_forward.wgsl
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
  if (k < dims.N * dims.H) { lstm_forward(dims, k / dims.H, k % dims.H, vec4f(0.0)); }
}

fn bias_ih_at(k: u32) -> f32 { return bias_ih[k]; }
fn bias_hh_at(k: u32) -> f32 { return bias_hh[k]; }
fn put_h(at: u32, value: f32) { h[at] = value; }
