// lstm_cell_backward: the gradient of lstm_cell_forward, one time step, elementwise.
//   d_h   = d_out[t] + d_h_next           d_o = d_h * tanh(c[t+1]) * o (1 - o)
//   d_c  += d_h * o * (1 - tanh(c[t+1])^2)
//   d_i   = d_c * g * i (1 - i)           d_f = d_c * c[t] * f (1 - f)        d_g = d_c * i * (1 - g^2)
//   d_c   = d_c * f                       (what step t - 1 receives)
// Source: chain rule on lstm_cell_forward; Hochreiter & Schmidhuber 1997 with forget gates (Gers et al. 2000).
// Shapes: gates [T, N, 4, H] (i f g o), c [T+1, N, H], d_out [T, N, H] gradient of h[t+1] from above,
//         d_h [N, H] gradient of h[t+1] from step t + 1, d_c [N, H] of c[t+1] in, of c[t] out; both count as zero at
//         t = T - 1, whatever they hold. d_gates [T, N, 4, H] =, before the activations.
// Grid: one invocation per (n, j), x = ceil(N * H / WG).
// Uses: shared/activations.wgsl
override WG: u32 = 64;
struct Dims { N: u32, T: u32, H: u32, t: u32 }
@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> gates: array<f32>;
@group(0) @binding(2) var<storage, read> c: array<f32>;
@group(0) @binding(3) var<storage, read> d_out: array<f32>;
@group(0) @binding(4) var<storage, read> d_h: array<f32>;
@group(0) @binding(5) var<storage, read_write> d_c: array<f32>;
@group(0) @binding(6) var<storage, read_write> d_gates: array<f32>;

@compute @workgroup_size(WG)
fn lstm_cell_backward(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let k = id.y * groups.x * WG + id.x;  // n * H + j
  let H = dims.H;
  if (k >= dims.N * H) { return; }
  let gate = (dims.t * dims.N + k / H) * 4 * H + k % H;
  let i = gates[gate];
  let f = gates[gate + H];
  let g = gates[gate + 2 * H];
  let o = gates[gate + 3 * H];
  let state = dims.t * dims.N * H + k;
  let tanh_c = tanh_safe(c[state + dims.N * H]);
  var dh = d_out[state];
  var dc = 0.0;
  if (dims.t + 1 < dims.T) {
    dh += d_h[k];
    dc = d_c[k];
  }
  dc += dh * o * (1.0 - tanh_c * tanh_c);
  d_gates[gate] = dc * g * i * (1.0 - i);
  d_gates[gate + H] = dc * c[state] * f * (1.0 - f);
  d_gates[gate + 2 * H] = dc * i * (1.0 - g * g);
  d_gates[gate + 3 * H] = dh * tanh_c * o * (1.0 - o);
  d_c[k] = dc * f;
}
