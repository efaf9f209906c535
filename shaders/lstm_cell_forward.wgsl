// lstm_cell_forward: one time step of the recurrence, elementwise.
//   a = gates[t] + b_ih + b_hh            i = sigmoid(a_i)   f = sigmoid(a_f)   g = tanh(a_g)   o = sigmoid(a_o)
//   c[t+1] = f * c[t] + i * g             h[t+1] = o * tanh(c[t+1])
// Source: torch.nn.LSTM, with W_ih x_t + W_hh h[t] already in `gates`.
// Shapes: gates [T, N, 4, H] in: a without biases, out: i f g o, kept for lstm_cell_backward. b_ih, b_hh [4, H].
//         c, h [T+1, N, H], row t is the state before step t, so row 0 is (h_0, c_0). Row t + 1 is written with =.
// Grid: one invocation per (n, j), x = ceil(N * H / WG).
// Uses: shared/activations.wgsl
override WG: u32 = 64;
struct Dims { N: u32, H: u32, t: u32 }
@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> bias_ih: array<f32>;
@group(0) @binding(2) var<storage, read> bias_hh: array<f32>;
@group(0) @binding(3) var<storage, read_write> gates: array<f32>;
@group(0) @binding(4) var<storage, read_write> c: array<f32>;
@group(0) @binding(5) var<storage, read_write> h: array<f32>;

@compute @workgroup_size(WG)
fn lstm_cell_forward(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let k = id.y * groups.x * WG + id.x;  // n * H + j
  let H = dims.H;
  if (k >= dims.N * H) { return; }
  let j = k % H;
  let gate = (dims.t * dims.N + k / H) * 4 * H + j;
  let i = sigmoid(gates[gate] + bias_ih[j] + bias_hh[j]);
  let f = sigmoid(gates[gate + H] + bias_ih[H + j] + bias_hh[H + j]);
  let g = tanh_safe(gates[gate + 2 * H] + bias_ih[2 * H + j] + bias_hh[2 * H + j]);
  let o = sigmoid(gates[gate + 3 * H] + bias_ih[3 * H + j] + bias_hh[3 * H + j]);
  gates[gate] = i;
  gates[gate + H] = f;
  gates[gate + 2 * H] = g;
  gates[gate + 3 * H] = o;
  let state = dims.t * dims.N * H + k;
  let next = state + dims.N * H;
  let c_next = f * c[state] + i * g;
  c[next] = c_next;
  h[next] = o * tanh_safe(c_next);
}
