// lstm_cell_backward: the gradient of lstm_cell_forward, one time step, elementwise.
//   d_o   = d_h' * tanh(c') * o (1 - o)   d_c' += d_h' * o * (1 - tanh(c')^2)
//   d_i   = d_c' * g * i (1 - i)          d_f = d_c' * c * f (1 - f)          d_g = d_c' * i * (1 - g^2)
//   d_c   = d_c' * f                      (what the step before receives)
// Source: chain rule on lstm_cell_forward; Hochreiter & Schmidhuber 1997 with forget gates (Gers et al. 2000).
// Shapes: gates [T, N, 4, H] (i f g o); c and d_h: see shared/cell.wgsl, d_h' is the whole gradient of h';
//         d_c [N, ...] in: of c', out: of c, zero where the step is `fresh`, whatever it holds;
//         d_gates [T, N, 4, H] =, before the activations. At t >= lengths[n] they are zero, and d_c stays.
// Grid: one invocation per (n, j), x = ceil(N * H / WG).
// Uses: shared/activations.wgsl
// Uses: shared/cell.wgsl
override WG: u32 = 64;
@group(0) @binding(0) var<uniform> dims: CellBackward;
@group(0) @binding(1) var<storage, read> gates: array<f32>;
@group(0) @binding(2) var<storage, read> c: array<f32>;
@group(0) @binding(3) var<storage, read> d_h: array<f32>;
@group(0) @binding(4) var<storage, read> lengths: array<u32>;
@group(0) @binding(5) var<storage, read_write> d_c: array<f32>;
@group(0) @binding(6) var<storage, read_write> d_gates: array<f32>;

@compute @workgroup_size(WG)
fn lstm_cell_backward(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let k = id.y * groups.x * WG + id.x;  // n * H + j
  let H = dims.H;
  if (k >= dims.N * H) { return; }
  let n = k / H;
  let j = k % H;
  let gate = (dims.t * dims.N + n) * 4 * H + j;
  let carried = dims.d_c + n * dims.d_c_stride + j;
  var dc = 0.0;
  if (dims.fresh == 0) { dc = d_c[carried]; }
  if (dims.t >= lengths[n]) {
    for (var q = 0u; q < 4; q++) { d_gates[gate + q * H] = 0.0; }
    d_c[carried] = dc;
    return;
  }
  let i = gates[gate];
  let f = gates[gate + H];
  let g = gates[gate + 2 * H];
  let o = gates[gate + 3 * H];
  let tanh_c = tanh_safe(c[dims.c_after + n * dims.c_stride + j]);
  let dh = d_h[dims.d_h_after + n * dims.d_h_stride + j];
  dc += dh * o * (1.0 - tanh_c * tanh_c);
  d_gates[gate] = dc * g * i * (1.0 - i);
  d_gates[gate + H] = dc * c[dims.c_before + n * dims.c_stride + j] * f * (1.0 - f);
  d_gates[gate + 2 * H] = dc * i * (1.0 - g * g);
  d_gates[gate + 3 * H] = dh * tanh_c * o * (1.0 - o);
  d_c[carried] = dc * f;
}
