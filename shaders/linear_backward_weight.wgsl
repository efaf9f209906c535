// linear_backward_weight: the head's gradient for its own parameters.
//   d_weight[o, j] = sum_n d_y[n, o] h[t, n, j]       d_bias[o] = sum_n d_y[n, o]
// Source: torch.nn.Linear, transposed. Sums run over n = 0 .. N-1 in order: same seed, same bits.
// Shapes: d_y [N, O], h [T+1, N, H] read at row t, d_weight [O, H] =, d_bias [O] =.
// Grid: one invocation per (o, j) with j = H standing for the bias, x = ceil(O * (H + 1) / WG).
override WG: u32 = 64;
struct Dims { N: u32, H: u32, O: u32, t: u32 }
@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> d_y: array<f32>;
@group(0) @binding(2) var<storage, read> h: array<f32>;
@group(0) @binding(3) var<storage, read_write> d_weight: array<f32>;
@group(0) @binding(4) var<storage, read_write> d_bias: array<f32>;

@compute @workgroup_size(WG)
fn linear_backward_weight(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let k = id.y * groups.x * WG + id.x;  // o * (H + 1) + j
  if (k >= dims.O * (dims.H + 1)) { return; }
  let o = k / (dims.H + 1);
  let j = k % (dims.H + 1);
  var sum = 0.0;
  if (j == dims.H) {
    for (var n = 0u; n < dims.N; n++) { sum += d_y[n * dims.O + o]; }
    d_bias[o] = sum;
  } else {
    for (var n = 0u; n < dims.N; n++) {
      sum = fma(d_y[n * dims.O + o], h[(dims.t * dims.N + n) * dims.H + j], sum);
    }
    d_weight[o * dims.H + j] = sum;
  }
}
