// matmul_quad: C = A B, or C += A B, like matmul, in blocks of 8 x 8; four lanes share their loads.
//   C[m, n] (+)= sum_k A[m, k] B[k, n]   with   A[m, k] = a[a_offset + m * a_row + k * a_col], likewise B and C
// Source: matmul; for adapters on which a load costs as much as many multiply-adds (SwiftShader: ten).
// Shapes: A [M, K], B [K, N], C [M, N] = (accumulate 0) or += (accumulate 1). Offsets and strides in elements.
// Grid: one invocation per 8 x 8 block of C, a quad (2 x 2 of them, side by side in x) per 16 x 16:
//   x = 4 ceil(N / 16) / TX, y = ceil(M / (16 * TY)), rounded up and folded into z past 65,535. Of two k, each lane loads one for its rows of A and columns
//   of B, in a checkerboard: the values of the other k come from the lane next to it (rows) and the one below it (columns). Edge
//   blocks clamp their reads and skip their writes.
// Sums: in blocks of K, as in matmul.
enable subgroups;
override ODD: u32 = 1;   // 0: K is even; skipping the check saves a tenth of the time for a small K
override LONG: u32 = 1;  // 0: K is at most BLOCK
override BLOCK: u32 = 256;  // even
override TX: u32 = 8;  // a multiple of 4: quads do not straddle rows of the workgroup
override TY: u32 = 2;  // with 8 x 2 a workgroup computes 32 x 32 of C, so small products use several workgroups
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
fn matmul_quad(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let right = id.x & 1;  // position in the quad
  let below = (id.x >> 1) & 1;
  let m0 = ((id.z * groups.y * TY + id.y) * 2 + below) * 8;
  let n0 = (id.x / 4 * 2 + right) * 8;
  let first = (right + below) & 1;  // which of two k this lane loads
  let rows = vec4u(m0, m0 + 1, m0 + 2, m0 + 3);
  let columns = vec4u(n0, n0 + 1, n0 + 2, n0 + 3);
  let m_low = min(rows, vec4u(dims.M - 1)) * dims.a_row + dims.a_offset;
  let m_high = min(rows + 4, vec4u(dims.M - 1)) * dims.a_row + dims.a_offset;
  let n_low = min(columns, vec4u(dims.N - 1)) * dims.b_col + dims.b_offset;
  let n_high = min(columns + 4, vec4u(dims.N - 1)) * dims.b_col + dims.b_offset;
  var sums: Sums;
  var total: Sums;  // LONG: sum of the completed blocks
  let even = dims.K & ~1u;
  var chunk = 0u;
  loop {
    let chunk_end = select(min(chunk + BLOCK, even), even, LONG == 0);
    for (var pair = chunk; pair < chunk_end; pair += 2) {
      let ak = (pair + first) * dims.a_col;
      let bk = (pair + first) * dims.b_row;
      let a_low = vec4f(a[m_low.x + ak], a[m_low.y + ak], a[m_low.z + ak], a[m_low.w + ak]);
      let a_high = vec4f(a[m_high.x + ak], a[m_high.y + ak], a[m_high.z + ak], a[m_high.w + ak]);
      let b_low = vec4f(b[n_low.x + bk], b[n_low.y + bk], b[n_low.z + bk], b[n_low.w + bk]);
      let b_high = vec4f(b[n_high.x + bk], b[n_high.y + bk], b[n_high.z + bk], b[n_high.w + bk]);
      add_products(&sums, a_low, a_high, b_low, b_high);
      add_products(&sums, quadSwapX(a_low), quadSwapX(a_high), quadSwapY(b_low), quadSwapY(b_high));
    }
    if (LONG == 0 || chunk_end == even) { break; }
    add_sums(&total, &sums);
    sums = Sums();
    chunk = chunk_end;
  }
  if (LONG == 1) { add_sums(&sums, &total); }
  if (ODD == 1 && even < dims.K) {
    // The last of an odd K has no pair, and the value after it may be infinite: 0 times that would be NaN.
    let ak = even * dims.a_col;
    let bk = even * dims.b_row;
    let a_low = vec4f(a[m_low.x + ak], a[m_low.y + ak], a[m_low.z + ak], a[m_low.w + ak]);
    let a_high = vec4f(a[m_high.x + ak], a[m_high.y + ak], a[m_high.z + ak], a[m_high.w + ak]);
    let b_low = vec4f(b[n_low.x + bk], b[n_low.y + bk], b[n_low.z + bk], b[n_low.w + bk]);
    let b_high = vec4f(b[n_high.x + bk], b[n_high.y + bk], b[n_high.z + bk], b[n_high.w + bk]);
    add_products(&sums, a_low, a_high, b_low, b_high);
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

/// Unrolled: on SwiftShader a non-constant index costs more than the product.
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

/// Adds two, element by element.
fn add_sums(sums: ptr<function, Sums>, part: ptr<function, Sums>) {
  sums[0] += part[0];
  sums[1] += part[1];
  sums[2] += part[2];
  sums[3] += part[3];
  sums[4] += part[4];
  sums[5] += part[5];
  sums[6] += part[6];
  sums[7] += part[7];
  sums[8] += part[8];
  sums[9] += part[9];
  sums[10] += part[10];
  sums[11] += part[11];
  sums[12] += part[12];
  sums[13] += part[13];
  sums[14] += part[14];
  sums[15] += part[15];
}

fn store_row(m: u32, n0: u32, left: vec4f, right: vec4f) {
  if (m >= dims.M) { return; }
  let at = dims.c_offset + m * dims.c_row + n0 * dims.c_col;
  store(at, n0, left.x);
  store(at + dims.c_col, n0 + 1, left.y);
  store(at + 2 * dims.c_col, n0 + 2, left.z);
  store(at + 3 * dims.c_col, n0 + 3, left.w);
  store(at + 4 * dims.c_col, n0 + 4, right.x);
  store(at + 5 * dims.c_col, n0 + 5, right.y);
  store(at + 6 * dims.c_col, n0 + 6, right.z);
  store(at + 7 * dims.c_col, n0 + 7, right.w);
}

fn store(at: u32, n: u32, value: f32) {
  if (n >= dims.N) { return; }
  if (dims.accumulate == 1) { c[at] += value; } else { c[at] = value; }
}
