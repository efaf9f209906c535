// A tile of C = A B per workgroup: slices of A and B pass through workgroup memory, the sums stay in registers.
//   Lanes load the next slice while they multiply the current one. Each value in workgroup memory is used in SIDE products.
// Sums: every BLOCK terms are added to C, so that long sums are as accurate as in matmul. With parts, each workgroup in z sums
//   `part` terms into a C of its own, and matmul_parts adds them.
// Needs: a_along_k, a_along_m, b_along_k, b_along_n, dims.K, dims.M, dims.N, dims.accumulate, dims.c_offset, dims.c_part, dims.part, store
struct Tiles {
  M: u32, N: u32, K: u32, accumulate: u32,
  a_offset: u32, a_row: u32, a_col: u32,
  b_offset: u32, b_row: u32, b_col: u32,
  c_offset: u32, c_row: u32, c_col: u32,
  part: u32,    // terms per workgroup in z: K, or a multiple of DEPTH
  c_part: u32,  // elements from the C of one part to that of the next
}
override ROWS: u32 = 128;     // of a tile of C: 32, 64 or 128
override COLUMNS: u32 = 128;  // likewise
override DEPTH: u32 = 16;     // terms per slice, a multiple of 16: 16 KiB of workgroup memory for the largest tile
override SIDE: u32 = 8;       // a lane has SIDE x SIDE sums, 8 or 4
override LANES: u32 = 256;    // ROWS * COLUMNS / (SIDE * SIDE)
override A_BY_K: u32 = 1;     // 1: values of A with consecutive k are adjacent in memory; 0: those with consecutive m
override B_BY_K: u32 = 1;     // the same for B and n
override BLOCK: u32 = 256;    // a multiple of DEPTH

/// Slices, [k][row / 4] and [k][column / 4], in rows of 32: an index is constant except for the lane's own row or column, so
/// that checking it costs nothing in the loop.
var<workgroup> slice_a: array<array<vec4f, 32>, DEPTH * ROWS / 128>;
var<workgroup> slice_b: array<array<vec4f, 32>, DEPTH * COLUMNS / 128>;

/// SIDE 8: eight rows of two vec4 each, the second COLUMNS / 2 to the right of the first, the last four rows ROWS / 2 below the
/// first four. SIDE 4: the first vec4 of the first four rows.
alias Sums = array<vec4f, 16>;

fn sum_tile(lane: u32, group: vec3u, groups: vec3u) {
  let across = (dims.N + COLUMNS - 1) / COLUMNS;
  let tile = group.y * groups.x + group.x;
  if (tile >= across * ((dims.M + ROWS - 1) / ROWS)) { return; }
  let m0 = tile / across * ROWS;
  let n0 = tile % across * COLUMNS;
  let first = group.z * dims.part;
  let end = min(first + dims.part, dims.K);
  let c_first = dims.c_offset + group.z * dims.c_part;

  // A lane loads a block of 4 x 4 from A, from B or from both; neighbors load adjacent blocks.
  let loads_a = lane < ROWS * DEPTH / 16;
  let a_row = 4 * select(lane % (ROWS / 4), lane / (DEPTH / 4), A_BY_K == 1);
  let a_k = 4 * select(lane / (ROWS / 4), lane % (DEPTH / 4), A_BY_K == 1);
  let b_lane = lane + COLUMNS * DEPTH / 16 - LANES;
  let loads_b = lane + COLUMNS * DEPTH / 16 >= LANES;
  let b_column = 4 * select(b_lane % (COLUMNS / 4), b_lane / (DEPTH / 4), B_BY_K == 1);
  let b_k = 4 * select(b_lane / (COLUMNS / 4), b_lane % (DEPTH / 4), B_BY_K == 1);

  // 8 x 4 lanes that run together read 8 + 4 vec4 of workgroup memory, 16 x 2 would read 18.
  let x = (lane / 32 % (COLUMNS / SIDE / 8) * 8 + lane % 8) & 15;
  let y = (lane / 32 / (COLUMNS / SIDE / 8) * 4 + lane / 8 % 4) & 15;

  var sums = Sums();
  var a_block = mat4x4f();
  var b_block = mat4x4f();
  if (loads_a) { a_block = block_of_a(m0 + a_row, first + a_k, end); }
  if (loads_b) { b_block = block_of_b(n0 + b_column, first + b_k, end); }
  for (var k0 = first; k0 < end; k0 += DEPTH) {
    workgroupBarrier();  // the previous slice has been multiplied
    if (loads_a) { keep_a(a_k, a_row / 4, a_block); }
    if (loads_b) { keep_b(b_k, b_column / 4, b_block); }
    workgroupBarrier();
    let next = k0 + DEPTH;
    if (next < end) {
      if (loads_a) { a_block = block_of_a(m0 + a_row, next + a_k, end); }
      if (loads_b) { b_block = block_of_b(n0 + b_column, next + b_k, end); }
    }
    for (var k = 0u; k < DEPTH; k += 16) {
      add_products(&sums, k, y, x);
      add_products(&sums, k + 1, y, x);
      add_products(&sums, k + 2, y, x);
      add_products(&sums, k + 3, y, x);
      add_products(&sums, k + 4, y, x);
      add_products(&sums, k + 5, y, x);
      add_products(&sums, k + 6, y, x);
      add_products(&sums, k + 7, y, x);
      add_products(&sums, k + 8, y, x);
      add_products(&sums, k + 9, y, x);
      add_products(&sums, k + 10, y, x);
      add_products(&sums, k + 11, y, x);
      add_products(&sums, k + 12, y, x);
      add_products(&sums, k + 13, y, x);
      add_products(&sums, k + 14, y, x);
      add_products(&sums, k + 15, y, x);
    }
    if (next < end && (next - first) % BLOCK != 0) { continue; }
    let onto = dims.accumulate == 1 || next - first > BLOCK;
    store_rows(c_first, m0 + 4 * y, n0 + 4 * x, onto, sums[0], sums[2], sums[4], sums[6]);
    if (SIDE == 8) {
      let right = n0 + 4 * x + COLUMNS / 2;
      let below = m0 + 4 * y + ROWS / 2;
      store_rows(c_first, m0 + 4 * y, right, onto, sums[1], sums[3], sums[5], sums[7]);
      store_rows(c_first, below, n0 + 4 * x, onto, sums[8], sums[10], sums[12], sums[14]);
      store_rows(c_first, below, right, onto, sums[9], sums[11], sums[13], sums[15]);
    }
    sums = Sums();
  }
}

/// Rows m to m + 3 of A, each at k to k + 3, or the transpose; zero from `end` on.
fn block_of_a(m: u32, k: u32, end: u32) -> mat4x4f {
  if (A_BY_K == 1) {
    return mat4x4f(a_along_k(m, k, end), a_along_k(m + 1, k, end), a_along_k(m + 2, k, end), a_along_k(m + 3, k, end));
  }
  return mat4x4f(a_along_m(m, k, end), a_along_m(m, k + 1, end), a_along_m(m, k + 2, end), a_along_m(m, k + 3, end));
}

/// Columns n to n + 3 of B, each at k to k + 3, or the transpose; zero from `end` on.
fn block_of_b(n: u32, k: u32, end: u32) -> mat4x4f {
  if (B_BY_K == 1) {
    return mat4x4f(b_along_k(n, k, end), b_along_k(n + 1, k, end), b_along_k(n + 2, k, end), b_along_k(n + 3, k, end));
  }
  return mat4x4f(b_along_n(n, k, end), b_along_n(n, k + 1, end), b_along_n(n, k + 2, end), b_along_n(n, k + 3, end));
}

fn keep_a(k: u32, row: u32, values: mat4x4f) {
  var by_row = values;
  if (A_BY_K == 1) { by_row = transpose(values); }
  slice_a[k * (ROWS / 4) / 32][k * (ROWS / 4) % 32 + row] = by_row[0];
  slice_a[(k + 1) * (ROWS / 4) / 32][(k + 1) * (ROWS / 4) % 32 + row] = by_row[1];
  slice_a[(k + 2) * (ROWS / 4) / 32][(k + 2) * (ROWS / 4) % 32 + row] = by_row[2];
  slice_a[(k + 3) * (ROWS / 4) / 32][(k + 3) * (ROWS / 4) % 32 + row] = by_row[3];
}

fn keep_b(k: u32, column: u32, values: mat4x4f) {
  var by_column = values;
  if (B_BY_K == 1) { by_column = transpose(values); }
  slice_b[k * (COLUMNS / 4) / 32][k * (COLUMNS / 4) % 32 + column] = by_column[0];
  slice_b[(k + 1) * (COLUMNS / 4) / 32][(k + 1) * (COLUMNS / 4) % 32 + column] = by_column[1];
  slice_b[(k + 2) * (COLUMNS / 4) / 32][(k + 2) * (COLUMNS / 4) % 32 + column] = by_column[2];
  slice_b[(k + 3) * (COLUMNS / 4) / 32][(k + 3) * (COLUMNS / 4) % 32 + column] = by_column[3];
}

/// Unrolled, like its calls: a loop took a third longer on an H200.
fn add_products(sums: ptr<function, Sums>, k: u32, y: u32, x: u32) {
  let upper = slice_a[k * (ROWS / 4) / 32][k * (ROWS / 4) % 32 + y];
  let left = slice_b[k * (COLUMNS / 4) / 32][k * (COLUMNS / 4) % 32 + x];
  sums[0] = fma(vec4f(upper.x), left, sums[0]);
  sums[2] = fma(vec4f(upper.y), left, sums[2]);
  sums[4] = fma(vec4f(upper.z), left, sums[4]);
  sums[6] = fma(vec4f(upper.w), left, sums[6]);
  if (SIDE == 4) { return; }
  let lower = slice_a[k * (ROWS / 4) / 32][k * (ROWS / 4) % 32 + ROWS / 8 + y];
  let right = slice_b[k * (COLUMNS / 4) / 32][k * (COLUMNS / 4) % 32 + COLUMNS / 8 + x];
  sums[1] = fma(vec4f(upper.x), right, sums[1]);
  sums[3] = fma(vec4f(upper.y), right, sums[3]);
  sums[5] = fma(vec4f(upper.z), right, sums[5]);
  sums[7] = fma(vec4f(upper.w), right, sums[7]);
  sums[8] = fma(vec4f(lower.x), left, sums[8]);
  sums[9] = fma(vec4f(lower.x), right, sums[9]);
  sums[10] = fma(vec4f(lower.y), left, sums[10]);
  sums[11] = fma(vec4f(lower.y), right, sums[11]);
  sums[12] = fma(vec4f(lower.z), left, sums[12]);
  sums[13] = fma(vec4f(lower.z), right, sums[13]);
  sums[14] = fma(vec4f(lower.w), left, sums[14]);
  sums[15] = fma(vec4f(lower.w), right, sums[15]);
}

/// Four rows of C, columns n to n + 3.
fn store_rows(c_first: u32, m: u32, n: u32, onto: bool, row0: vec4f, row1: vec4f, row2: vec4f, row3: vec4f) {
  store(c_first, m, n, onto, row0);
  store(c_first, m + 1, n, onto, row1);
  store(c_first, m + 2, n, onto, row2);
  store(c_first, m + 3, n, onto, row3);
}
