// rnn_cell_backward: the gradient of rnn_cell_forward, one time step, elementwise.
//   d_a = d_h' * (1 - h'^2), or with relu d_h' where h' > 0, else 0
// Source: chain rule on rnn_cell_forward; relu's slope at 0 is 0, as in torch.
// Shapes: gates [T, N, 1, H] in: h', out: d_a, before the activation; d_h: see shared/cell.wgsl, d_h' is
//         the whole gradient of h'. At t >= lengths[n] they are zero.
// Grid: one invocation per (n, j), x = ceil(N * H / WG).
// Uses: shared/cell.wgsl
// Uses: shared/rnn_backward.wgsl
override WG: u32 = 64;
@group(0) @binding(0) var<uniform> dims: CellBackward;
@group(0) @binding(1) var<storage, read> d_h: array<f32>;
@group(0) @binding(2) var<storage, read> lengths: array<u32>;
@group(0) @binding(3) var<storage, read_write> gates: array<f32>;

@compute @workgroup_size(WG)
fn rnn_cell_backward(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let k = id.y * groups.x * WG + id.x;  // n * H + j
  if (k >= dims.N * dims.H) { return; }
  let n = k / dims.H;
  let j = k % dims.H;
  rnn_backward(dims, n, j, d_h[dims.d_h_after + n * dims.d_h_stride + j]);
}
