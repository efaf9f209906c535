// matmul: C = A B, or C += A B, for matrices given by their strides, so that A, A^T and slices of larger tensors
// all use the same kernel.
//   C[m, n] (+)= sum_k A[m, k] B[k, n]   with   A[m, k] = a[a_offset + m * a_row + k * a_col], likewise B and C
// Source: the four products of an LSTM step (torch.nn.LSTM):
//   gates = x W_ih^T for all t at once, gates[t] += h[t] W_hh^T, d_h = d_gates[t] W_hh, d_W = d_gates^T x.
// Shapes: A [M, K], B [K, N], C [M, N] = (accumulate 0) or += (accumulate 1). Offsets and strides in elements.
// Grid: one invocation per 4 x 4 block of C, x = ceil(N / (4 * TX)), y = ceil(M / (4 * TY)), folded
//   into z past 65,535 workgroups. The 16 sums stay in
//   registers: a value read from A or B is used in four products. Edge blocks clamp their reads and skip their writes.
// Sums: within blocks of K, then over blocks (Higham 2002, "Accuracy and Stability of Numerical Algorithms", section 4.2), then
//   (src/engine/product.ts) stretches of 2^16 in C: a plain sum of 10^6 equal terms would be off by 1e-2, this one by at most 1e-5.
override BLOCK: u32 = 256;
override TX: u32 = 8;  // 8 x 8 = 64 invocations: two warps, and small matrices still use several workgroups
override TY: u32 = 8;
struct Dims {
  M: u32, N: u32, K: u32, accumulate: u32,
  a_offset: u32, a_row: u32, a_col: u32,
  b_offset: u32, b_row: u32, b_col: u32,
  c_offset: u32, c_row: u32, c_col: u32,
}
@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> a: array<f32>;
@group(0) @binding(2) var<storage, read> b: array<f32>;
@group(0) @binding(3) var<storage, read_write> c: array<f32>;

@compute @workgroup_size(TX, TY)
fn matmul(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let m0 = (id.z * groups.y * TY + id.y) * 4;
  let n0 = id.x * 4;
  if (m0 >= dims.M || n0 >= dims.N) { return; }
  let m = min(vec4u(m0, m0 + 1, m0 + 2, m0 + 3), vec4u(dims.M - 1)) * dims.a_row + dims.a_offset;
  let n = min(vec4u(n0, n0 + 1, n0 + 2, n0 + 3), vec4u(dims.N - 1)) * dims.b_col + dims.b_offset;
  var sum0 = vec4f(0.0);
  var sum1 = vec4f(0.0);
  var sum2 = vec4f(0.0);
  var sum3 = vec4f(0.0);
  for (var chunk = 0u; chunk < dims.K; chunk += BLOCK) {
    let chunk_end = min(chunk + BLOCK, dims.K);
    var row0 = vec4f(0.0);
    var row1 = vec4f(0.0);
    var row2 = vec4f(0.0);
    var row3 = vec4f(0.0);
    for (var k = chunk; k < chunk_end; k++) {
      let ak = k * dims.a_col;
      let bk = n + k * dims.b_row;
      let b_row = vec4f(b[bk.x], b[bk.y], b[bk.z], b[bk.w]);
      row0 = fma(vec4f(a[m.x + ak]), b_row, row0);
      row1 = fma(vec4f(a[m.y + ak]), b_row, row1);
      row2 = fma(vec4f(a[m.z + ak]), b_row, row2);
      row3 = fma(vec4f(a[m.w + ak]), b_row, row3);
    }
    sum0 += row0;
    sum1 += row1;
    sum2 += row2;
    sum3 += row3;
  }
  store_row(m0, n0, sum0);
  store_row(m0 + 1, n0, sum1);
  store_row(m0 + 2, n0, sum2);
  store_row(m0 + 3, n0, sum3);
}

fn store_row(m: u32, n0: u32, sums: vec4f) {
  if (m >= dims.M) { return; }
  for (var j = 0u; j < 4; j++) {
    if (n0 + j >= dims.N) { return; }
    let at = dims.c_offset + m * dims.c_row + (n0 + j) * dims.c_col;
    if (dims.accumulate == 1) { c[at] += sums[j]; } else { c[at] = sums[j]; }
  }
}
