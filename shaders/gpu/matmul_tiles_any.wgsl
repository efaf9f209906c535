// matmul_tiles_any: C = A B, or C += A B, in tiles, for any sizes, offsets and strides.
//   C[m, n] (+)= sum_k A[m, k] B[k, n]   with   A[m, k] = a[a_offset + m * a_row + k * a_col], likewise B and C
// Source: matmul_tiles, for matrices whose rows are not whole vec4.
// Shapes: A [M, K], B [K, N], C [M, N] = (accumulate 0) or += (accumulate 1). Offsets and strides in elements.
// Grid: one workgroup per tile of ROWS x COLUMNS, row by row over x and y; z: parts of K.
// Uses: shared/tiles.wgsl
@group(0) @binding(0) var<uniform> dims: Tiles;
@group(0) @binding(1) var<storage, read> a: array<f32>;
@group(0) @binding(2) var<storage, read> b: array<f32>;
@group(0) @binding(3) var<storage, read_write> c: array<f32>;

@compute @workgroup_size(LANES)
fn matmul_tiles_any(
  @builtin(local_invocation_index) lane: u32,
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  sum_tile(lane, group, groups);
}

/// A[m, k], and zero from `end` on: its neighbor in memory may be infinite. Past the last row, the last one is read again.
fn a_value(m: u32, k: u32, end: u32) -> f32 {
  if (k >= end) { return 0.0; }
  return a[dims.a_offset + min(m, dims.M - 1) * dims.a_row + k * dims.a_col];
}

fn b_value(n: u32, k: u32, end: u32) -> f32 {
  if (k >= end) { return 0.0; }
  return b[dims.b_offset + k * dims.b_row + min(n, dims.N - 1) * dims.b_col];
}

fn a_along_k(m: u32, k: u32, end: u32) -> vec4f {
  return vec4f(a_value(m, k, end), a_value(m, k + 1, end), a_value(m, k + 2, end), a_value(m, k + 3, end));
}

fn a_along_m(m: u32, k: u32, end: u32) -> vec4f {
  return vec4f(a_value(m, k, end), a_value(m + 1, k, end), a_value(m + 2, k, end), a_value(m + 3, k, end));
}

fn b_along_k(n: u32, k: u32, end: u32) -> vec4f {
  return vec4f(b_value(n, k, end), b_value(n, k + 1, end), b_value(n, k + 2, end), b_value(n, k + 3, end));
}

fn b_along_n(n: u32, k: u32, end: u32) -> vec4f {
  return vec4f(b_value(n, k, end), b_value(n + 1, k, end), b_value(n + 2, k, end), b_value(n + 3, k, end));
}

fn store(c_first: u32, m: u32, n: u32, onto: bool, sums: vec4f) {
  if (m >= dims.M) { return; }
  let at = c_first + m * dims.c_row + n * dims.c_col;
  store_value(at, n, onto, sums.x);
  store_value(at + dims.c_col, n + 1, onto, sums.y);
  store_value(at + 2 * dims.c_col, n + 2, onto, sums.z);
  store_value(at + 3 * dims.c_col, n + 3, onto, sums.w);
}

fn store_value(at: u32, n: u32, onto: bool, sum: f32) {
  if (n >= dims.N) { return; }
  if (onto) { c[at] += sum; } else { c[at] = sum; }
}
