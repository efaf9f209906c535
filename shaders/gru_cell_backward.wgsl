// gru_cell_backward: the gradient of gru_cell_forward, one time step, elementwise.
//   d_n = d_h' * (1 - z) * (1 - n^2)      d_r = d_n * q * r (1 - r)
//   d_z = d_h' * (h - n) * z (1 - z)      d_q = d_n * r
//   d_h += d_h' * z                       (for the previous state; the products of d_r d_z d_q are added to it)
// Source: chain rule on gru_cell_forward.
// Shapes: gates [T, N, 4, H] in: r, 1 - z, n, q, out: d_r d_z d_n d_q, before the activations; h and d_h: see shared/cell.wgsl, d_h'
//         is the whole gradient of h', d_h of the previous state += unless it is unused. At t >= lengths[n] the gradients of
//         gates are zero, and d_h is left to `hold`.
// Grid: one invocation per (n, j), x = ceil(N * H / WG).
// Uses: shared/cell.wgsl
// Uses: shared/gru_backward.wgsl
override WG: u32 = 64;
@group(0) @binding(0) var<uniform> dims: CellBackward;
@group(0) @binding(1) var<storage, read> h: array<f32>;
@group(0) @binding(2) var<storage, read> lengths: array<u32>;
@group(0) @binding(3) var<storage, read_write> d_h: array<f32>;
@group(0) @binding(4) var<storage, read_write> gates: array<f32>;

@compute @workgroup_size(WG)
fn gru_cell_backward(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let k = id.y * groups.x * WG + id.x;  // n * H + j
  if (k >= dims.N * dims.H) { return; }
  let n = k / dims.H;
  let j = k % dims.H;
  gru_backward(dims, n, j, d_h[dims.d_h_after + n * dims.d_h_stride + j]);
}
