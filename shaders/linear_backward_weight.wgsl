// linear_backward_weight: the head's gradient with respect to its parameters.
//   d_weight[o, j] = sum_r d_y[r, o] h[row(r), j]     d_bias[o] = sum_r d_y[r, o]
// Source: torch.nn.Linear, transposed. Sums over r are in a fixed order, for reproducible results.
// Shapes: d_y [N, O] or [T, N, O], h [T+2, N, H], lengths [N], d_weight [O, H] =, d_bias [O] =.
// Grid: one invocation per (o, j) with j = H standing for the bias, x = ceil(O * (H + 1) / WG).
// Uses: shared/head.wgsl
// Uses: shared/sum.wgsl
override WG: u32 = 64;
@group(0) @binding(0) var<uniform> dims: Head;
@group(0) @binding(1) var<storage, read> d_y: array<f32>;
@group(0) @binding(2) var<storage, read> h: array<f32>;
@group(0) @binding(3) var<storage, read> lengths: array<u32>;
@group(0) @binding(4) var<storage, read_write> d_weight: array<f32>;
@group(0) @binding(5) var<storage, read_write> d_bias: array<f32>;

@compute @workgroup_size(WG)
fn linear_backward_weight(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let k = id.y * groups.x * WG + id.x;  // o * (H + 1) + j
  if (k >= dims.O * (dims.H + 1)) { return; }
  let o = k / (dims.H + 1);
  let j = k % (dims.H + 1);
  var sum = Sum();
  if (j == dims.H) {
    for (var r = 0u; r < head_rows(dims); r++) { add_term(&sum, d_y[r * dims.O + o]); }
    d_bias[o] = total_of(sum);
  } else {
    for (var r = 0u; r < head_rows(dims); r++) {
      let row = head_reads(dims, r, lengths[r % dims.N]);
      add_term(&sum, d_y[r * dims.O + o] * h[row * dims.H + j]);
    }
    d_weight[o * dims.H + j] = total_of(sum);
  }
}
