// matmul_tiles: C = A B, or C += A B, in tiles, for matrices whose rows are whole vec4.
//   C[m, n] (+)= sum_k A[m, k] B[k, n]   with   A[m, k] = a[a_offset + m * a_row + k * a_col], likewise B and C
// Source: the products of an LSTM over all time steps (torch.nn.LSTM): gates = x W_ih^T, d_x = d_gates W_ih, d_W = d_gates^T x.
// Shapes: A [M, K], B [K, N], C [M, N] = (accumulate 0) or += (accumulate 1). Offsets and strides in elements. Of each matrix one
//   stride is 1 (C: c_col); the other one, the offset and the size along the stride of 1 are multiples of 4.
// Grid: one workgroup per tile of ROWS x COLUMNS, row by row over x and y; z: parts of K.
// Uses: shared/tiles.wgsl
@group(0) @binding(0) var<uniform> dims: Tiles;
@group(0) @binding(1) var<storage, read> a: array<vec4f>;
@group(0) @binding(2) var<storage, read> b: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> c: array<vec4f>;

@compute @workgroup_size(LANES)
fn matmul_tiles(
  @builtin(local_invocation_index) lane: u32,
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  sum_tile(lane, group, groups);
}

// Past the last row or column, the last ones are read again, for sums that are not stored.
fn a_along_k(m: u32, k: u32, end: u32) -> vec4f {
  if (k >= end) { return vec4f(0.0); }
  return a[dims.a_offset / 4 + min(m, dims.M - 1) * (dims.a_row / 4) + k / 4];
}

fn a_along_m(m: u32, k: u32, end: u32) -> vec4f {
  if (k >= end) { return vec4f(0.0); }
  return a[dims.a_offset / 4 + k * (dims.a_col / 4) + min(m, dims.M - 4) / 4];
}

fn b_along_k(n: u32, k: u32, end: u32) -> vec4f {
  if (k >= end) { return vec4f(0.0); }
  return b[dims.b_offset / 4 + min(n, dims.N - 1) * (dims.b_col / 4) + k / 4];
}

fn b_along_n(n: u32, k: u32, end: u32) -> vec4f {
  if (k >= end) { return vec4f(0.0); }
  return b[dims.b_offset / 4 + k * (dims.b_row / 4) + min(n, dims.N - 4) / 4];
}

fn store(c_first: u32, m: u32, n: u32, onto: bool, sums: vec4f) {
  if (m >= dims.M || n >= dims.N) { return; }
  let at = c_first / 4 + m * (dims.c_row / 4) + n / 4;
  if (onto) { c[at] += sums; } else { c[at] = sums; }
}
