// One time step as tiles of a product: a workgroup adds up, for a tile of rows of the batch and of columns of weights,
//   sums[n, u] = sum_k left(n, k) * vectors[k, u]      with four values in `vectors`, and so four sums
// in rounds of DEPTH values of k, which pass through workgroup memory; the next round is loaded meanwhile. K_LANES lanes divide the
// values of k of a round among them, so that small batches also have enough lanes. See src/engine/timestep_tile.ts for the sizes.
// Needs: dims.N, vectors, left
override COLUMNS: u32 = 16;   // lanes in x: one column each
override ROW_LANES: u32 = 4;  // lanes in y: LANE_ROWS rows each, at most 8
override LANE_ROWS: u32 = 2;
override K_LANES: u32 = 4;    // lanes in z
override DEPTH: u32 = 32;     // a multiple of 4 * K_LANES; a lane loads at most 4 + 4 vectors

// The left side, with a gap after each row so that rows start in different banks, then the right side; at the end all lanes' sums.
var<workgroup> memory: array<vec4f, max(
  ROW_LANES * LANE_ROWS * (DEPTH / 4 + 1) + DEPTH * COLUMNS, K_LANES * ROW_LANES * LANE_ROWS * COLUMNS)>;

/// The tile of a workgroup, and the place of a lane in it.
struct Tile { row: u32, column: u32, lane: u32, lanes: u32, rows: u32 }

fn tile_of(group: vec3u, groups: vec3u, local: vec3u) -> Tile {
  let rows = ROW_LANES * LANE_ROWS;
  let lane = local.x + COLUMNS * (local.y + ROW_LANES * local.z);
  return Tile((group.z * groups.y + group.y) * rows, group.x * COLUMNS, lane, COLUMNS * ROW_LANES * K_LANES, rows);
}

/// A tile's sums over K values of k, of `columns` in all; `sums_at` then reads them.
fn multiply_tile(tile: Tile, local: vec3u, K: u32, columns: u32) {
  let quads = DEPTH / 4;
  let right = tile.rows * (quads + 1);
  var sums = array<vec4f, 8>();
  var next = array<vec4f, 8>();
  for (var k = 0u; k < K + DEPTH; k += DEPTH) {  // loads the round from k on, and adds up the one before it
    if (k < K) { fetch(tile, k, K, columns, &next); }
    for (var i = 0u; i < quads / K_LANES && k > 0; i++) {
      let quad = local.z * (quads / K_LANES) + i;
      let at = right + quad * 4 * COLUMNS + local.x;
      let w0 = memory[at];
      let w1 = memory[at + COLUMNS];
      let w2 = memory[at + 2 * COLUMNS];
      let w3 = memory[at + 3 * COLUMNS];
      for (var r = 0u; r < LANE_ROWS; r++) {
        let x = memory[(local.y + r * ROW_LANES) * (quads + 1) + quad];
        sums[r] = fma(vec4f(x.w), w3, fma(vec4f(x.z), w2, fma(vec4f(x.y), w1, fma(vec4f(x.x), w0, sums[r]))));
      }
    }
    workgroupBarrier();  // all lanes have used the previous round
    if (k < K) {
      for (var i = 0u; i < loads_of(tile.rows * quads, tile.lanes); i++) {
        let at = tile.lane + i * tile.lanes;
        if (at < tile.rows * quads) { memory[at / quads * (quads + 1) + at % quads] = next[i]; }
      }
      for (var i = 0u; i < loads_of(DEPTH * COLUMNS, tile.lanes); i++) {
        let at = tile.lane + i * tile.lanes;
        if (at < DEPTH * COLUMNS) { memory[right + at] = next[4 + i]; }
      }
    }
    workgroupBarrier();
  }
  for (var r = 0u; r < LANE_ROWS; r++) {
    memory[(local.z * tile.rows + local.y + r * ROW_LANES) * COLUMNS + local.x] = sums[r];
  }
  workgroupBarrier();
}

/// Vectors per lane, so that all lanes together load `count`.
fn loads_of(count: u32, lanes: u32) -> u32 { return (count + lanes - 1) / lanes; }

/// A lane's part of the round from k0 on: four vectors of the left side, then four of the right side; zeros beyond the edges.
fn fetch(tile: Tile, k0: u32, K: u32, columns: u32, next: ptr<function, array<vec4f, 8>>) {
  let quads = DEPTH / 4;
  for (var i = 0u; i < loads_of(tile.rows * quads, tile.lanes); i++) {
    let at = tile.lane + i * tile.lanes;
    let n = tile.row + at / quads;
    let k = k0 + at % quads * 4;
    var x = vec4f(0.0);
    if (at < tile.rows * quads && n < dims.N) {
      if (k < K) { x.x = left(n, k); }
      if (k + 1 < K) { x.y = left(n, k + 1); }
      if (k + 2 < K) { x.z = left(n, k + 2); }
      if (k + 3 < K) { x.w = left(n, k + 3); }
    }
    (*next)[i] = x;
  }
  for (var i = 0u; i < loads_of(DEPTH * COLUMNS, tile.lanes); i++) {
    let at = tile.lane + i * tile.lanes;
    let k = k0 + at / COLUMNS;
    let u = tile.column + at % COLUMNS;
    var w = vec4f(0.0);
    if (at < DEPTH * COLUMNS && k < K && u < columns) { w = vectors[k * columns + u]; }
    (*next)[4 + i] = w;
  }
}

/// The sums of one row and column of the tile, over all lanes that divided k, in order.
fn sums_at(tile: Tile, row: u32, column: u32) -> vec4f {
  var sums = memory[row * COLUMNS + column];
  for (var z = 1u; z < K_LANES; z++) { sums += memory[(z * tile.rows + row) * COLUMNS + column]; }
  return sums;
}
