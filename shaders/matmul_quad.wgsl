// matmul_quad: C = A B, or C += A B, as matmul, in blocks of 8 x 8; four neighbours in x share the values of A.
//   C[m, n] (+)= sum_k A[m, k] B[k, n]   with   A[m, k] = a[a_offset + m * a_row + k * a_col], B and C alike
// Source: matmul; for adapters on which a load costs more than many multiply-adds (SwiftShader: ten).
// Shapes: A [M, K], B [K, N], C [M, N] = (accumulate 0) or += (accumulate 1). Offsets and strides in elements.
// Grid: one invocation per 8 x 8 block of C, x = ceil(N / (8 * TX)), y = ceil(M / (8 * TY)). A quad has eight rows in common:
//   each lane loads their values of one k in four, and hands them on. Edge blocks clamp their reads and skip their writes.
enable subgroups;
override TX: u32 = 4;  // a multiple of 4, so that quads lie in one row of blocks; small, so that small products spread
override TY: u32 = 4;
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
fn matmul_quad(@builtin(global_invocation_id) id: vec3u) {
  let m0 = id.y * 8;
  let n0 = id.x * 8;
  let own = id.x % 4;  // place in the quad: x runs fastest, and TX is a multiple of 4
  let rows = vec4u(m0, m0 + 1, m0 + 2, m0 + 3);
  let columns = vec4u(n0, n0 + 1, n0 + 2, n0 + 3);
  let m_low = min(rows, vec4u(dims.M - 1)) * dims.a_row + dims.a_offset;
  let m_high = min(rows + 4, vec4u(dims.M - 1)) * dims.a_row + dims.a_offset;
  let n_low = min(columns, vec4u(dims.N - 1)) * dims.b_col + dims.b_offset;
  let n_high = min(columns + 4, vec4u(dims.N - 1)) * dims.b_col + dims.b_offset;
  var sums: Sums;
  for (var k = 0u; k < dims.K; k += 4) {
    let ak = min(k + own, dims.K - 1) * dims.a_col;
    let inside = select(0.0, 1.0, k + own < dims.K);
    let low = inside * vec4f(a[m_low.x + ak], a[m_low.y + ak], a[m_low.z + ak], a[m_low.w + ak]);
    let high = inside * vec4f(a[m_high.x + ak], a[m_high.y + ak], a[m_high.z + ak], a[m_high.w + ak]);
    add_products(&sums, quadBroadcast(low, 0u), quadBroadcast(high, 0u), row_of_b(n_low, k), row_of_b(n_high, k));
    add_products(&sums, quadBroadcast(low, 1u), quadBroadcast(high, 1u), row_of_b(n_low, k + 1), row_of_b(n_high, k + 1));
    add_products(&sums, quadBroadcast(low, 2u), quadBroadcast(high, 2u), row_of_b(n_low, k + 2), row_of_b(n_high, k + 2));
    add_products(&sums, quadBroadcast(low, 3u), quadBroadcast(high, 3u), row_of_b(n_low, k + 3), row_of_b(n_high, k + 3));
  }
  store_row(m0 + 0, n0, sums[0], sums[1]);
  store_row(m0 + 1, n0, sums[2], sums[3]);
  store_row(m0 + 2, n0, sums[4], sums[5]);
  store_row(m0 + 3, n0, sums[6], sums[7]);
  store_row(m0 + 4, n0, sums[8], sums[9]);
  store_row(m0 + 5, n0, sums[10], sums[11]);
  store_row(m0 + 6, n0, sums[12], sums[13]);
  store_row(m0 + 7, n0, sums[14], sums[15]);
}

/// Eight rows of two vec4 each: columns n0 to n0 + 3, and n0 + 4 to n0 + 7.
alias Sums = array<vec4f, 16>;

fn row_of_b(n: vec4u, k: u32) -> vec4f {
  let at = n + min(k, dims.K - 1) * dims.b_row;
  return vec4f(b[at.x], b[at.y], b[at.z], b[at.w]);
}

/// Written out: on SwiftShader an index that is no constant costs more than the product.
fn add_products(sums: ptr<function, Sums>, low: vec4f, high: vec4f, left: vec4f, right: vec4f) {
  sums[0] = fma(vec4f(low.x), left, sums[0]);
  sums[1] = fma(vec4f(low.x), right, sums[1]);
  sums[2] = fma(vec4f(low.y), left, sums[2]);
  sums[3] = fma(vec4f(low.y), right, sums[3]);
  sums[4] = fma(vec4f(low.z), left, sums[4]);
  sums[5] = fma(vec4f(low.z), right, sums[5]);
  sums[6] = fma(vec4f(low.w), left, sums[6]);
  sums[7] = fma(vec4f(low.w), right, sums[7]);
  sums[8] = fma(vec4f(high.x), left, sums[8]);
  sums[9] = fma(vec4f(high.x), right, sums[9]);
  sums[10] = fma(vec4f(high.y), left, sums[10]);
  sums[11] = fma(vec4f(high.y), right, sums[11]);
  sums[12] = fma(vec4f(high.z), left, sums[12]);
  sums[13] = fma(vec4f(high.z), right, sums[13]);
  sums[14] = fma(vec4f(high.w), left, sums[14]);
  sums[15] = fma(vec4f(high.w), right, sums[15]);
}

fn store_row(m: u32, n0: u32, left: vec4f, right: vec4f) {
  if (m >= dims.M) { return; }
  for (var j = 0u; j < 8; j++) {
    if (n0 + j >= dims.N) { return; }
    let at = dims.c_offset + m * dims.c_row + (n0 + j) * dims.c_col;
    var value = right[j % 4];
    if (j < 4) { value = left[j]; }
    if (dims.accumulate == 1) { c[at] += value; } else { c[at] = value; }
  }
}
