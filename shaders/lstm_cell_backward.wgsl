// lstm_cell_backward: the gradient of lstm_cell_forward, one time step, elementwise.
//   d_o   = d_h' * tanh(c') * o (1 - o)   d_c' += d_h' * o * (1 - tanh(c')^2)
//   d_i   = d_c' * g * i (1 - i)          d_f = d_c' * c * f (1 - f)          d_g = d_c' * i * (1 - g^2)
//   d_c   = d_c' * f                      (for the previous step)
// Source: chain rule on lstm_cell_forward; Hochreiter & Schmidhuber 1997 with forget gates (Gers et al. 2000).
// Shapes: gates [T, N, 4, H] in: i f g o, out: their gradients before the activations; c and d_h: see shared/cell.wgsl, d_h'
//         is the whole gradient of h'; d_c [N, ...] in: of c', out: of c, treated as zero if the step is `fresh`.
//         At t >= lengths[n] the gradients of gates are zero, and d_c is unchanged.
// Grid: one invocation per (n, j), x = ceil(N * H / WG).
// Uses: shared/activations.wgsl
// Uses: shared/cell.wgsl
// Uses: shared/lstm_backward.wgsl
override WG: u32 = 64;
@group(0) @binding(0) var<uniform> dims: CellBackward;
@group(0) @binding(1) var<storage, read> c: array<f32>;
@group(0) @binding(2) var<storage, read> d_h: array<f32>;
@group(0) @binding(3) var<storage, read> lengths: array<u32>;
@group(0) @binding(4) var<storage, read_write> d_c: array<f32>;
@group(0) @binding(5) var<storage, read_write> gates: array<f32>;

@compute @workgroup_size(WG)
fn lstm_cell_backward(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let k = id.y * groups.x * WG + id.x;  // n * H + j
  if (k >= dims.N * dims.H) { return; }
  let n = k / dims.H;
  let j = k % dims.H;
  lstm_backward(dims, n, j, d_h[dims.d_h_after + n * dims.d_h_stride + j]);
}
