// gru_cell_backward: the gradient of gru_cell_forward, one time step, elementwise.
//   d_n = d_h' * (1 - z) * (1 - n^2)      d_r = d_n * q * r (1 - r)
//   d_z = d_h' * (h - n) * z (1 - z)      d_q = d_n * r
//   d_h += d_h' * z                       (what the state before receives; the products of d_gates are added to it)
// Source: chain rule on gru_cell_forward.
// Shapes: gates [T, N, 4, H] (r z n q); h and d_h: see shared/cell.wgsl, d_h' is the whole gradient of h', d_h of the state
//         before += unless nobody reads it; d_gates [T, N, 4, H] =: d_r d_z d_n d_q, before the activations. At
//         t >= lengths[n] d_gates are zero, and d_h is left to `hold`.
// Grid: one invocation per (n, j), x = ceil(N * H / WG).
// Uses: shared/cell.wgsl
override WG: u32 = 64;
@group(0) @binding(0) var<uniform> dims: CellBackward;
@group(0) @binding(1) var<storage, read> gates: array<f32>;
@group(0) @binding(2) var<storage, read> h: array<f32>;
@group(0) @binding(3) var<storage, read> lengths: array<u32>;
@group(0) @binding(4) var<storage, read_write> d_h: array<f32>;
@group(0) @binding(5) var<storage, read_write> d_gates: array<f32>;

@compute @workgroup_size(WG)
fn gru_cell_backward(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let k = id.y * groups.x * WG + id.x;  // n * H + j
  let H = dims.H;
  if (k >= dims.N * H) { return; }
  let row = k / H;
  let j = k % H;
  let gate = (dims.t * dims.N + row) * 4 * H + j;
  if (dims.t >= lengths[row]) {
    for (var q = 0u; q < 4; q++) { d_gates[gate + q * H] = 0.0; }
    return;
  }
  let r = gates[gate];
  let z = gates[gate + H];
  let n = gates[gate + 2 * H];
  let dh = d_h[dims.d_h_after + row * dims.d_h_stride + j];
  let dn = dh * (1.0 - z) * (1.0 - n * n);
  d_gates[gate] = dn * gates[gate + 3 * H] * r * (1.0 - r);
  d_gates[gate + H] = dh * (h[dims.h_before + row * dims.h_stride + j] - n) * z * (1.0 - z);
  d_gates[gate + 2 * H] = dn;
  d_gates[gate + 3 * H] = dn * r;
  if (dims.to_before == 1) { d_h[dims.d_h_before + row * dims.d_h_stride + j] += dh * z; }
}
