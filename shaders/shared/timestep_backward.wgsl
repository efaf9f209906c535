// One time step backward: a tile of d_h[after] += d_gates[next] W_hh, which completes it, then the cell, cell_step_back, for each
// of its units and rows.
// Needs: dims.N, dims.H, dims.t, dims.gates, dims.h_before, dims.h_after, dims.h_stride, dims.c_before, dims.c_after, dims.c_stride
// Needs: dims.d_h_before, dims.d_h_after, dims.d_h_stride, dims.d_c, dims.d_c_stride, dims.fresh, dims.to_before, dims.K
// Needs: lengths, d_h, cell_step_back, CellBackward, tile_of, multiply_tile, sums_at, COLUMNS
struct TimestepBackward {
  N: u32, H: u32, t: u32, gates: u32,  // to to_before as in CellBackward
  h_before: u32, h_after: u32, h_stride: u32,
  c_before: u32, c_after: u32, c_stride: u32,
  d_h_before: u32, d_h_after: u32, d_h_stride: u32,
  d_c: u32, d_c_stride: u32,
  fresh: u32, to_before: u32,
  next: u32,  // offset of the gates of the step after this one, whose gradients are known
  K: u32,     // rows of W_hh, or 0 at the last step of the recurrence
}

fn timestep_backward(group: vec3u, groups: vec3u, local: vec3u) {
  let tile = tile_of(group, groups, local);
  multiply_tile(tile, local, dims.K, (dims.H + 3) / 4);
  let d = CellBackward(
    dims.N, dims.H, dims.t, dims.gates, dims.h_before, dims.h_after, dims.h_stride,
    dims.c_before, dims.c_after, dims.c_stride,
    dims.d_h_before, dims.d_h_after, dims.d_h_stride, dims.d_c, dims.d_c_stride, dims.fresh, dims.to_before,
  );
  let width = 4 * COLUMNS;
  for (var at = tile.lane; at < tile.rows * width; at += tile.lanes) {
    let column = at % width;
    let n = tile.row + at / width;
    let j = tile.column * 4 + column;
    if (n >= dims.N || j >= dims.H) { continue; }
    let after = dims.d_h_after + n * dims.d_h_stride + j;
    let dh = d_h[after] + sums_at(tile, at / width, column / 4)[column % 4];
    d_h[after] = dh;
    cell_step_back(d, n, j, dh);
    // rows that have ended pass their gradient on; see hold.wgsl
    if (dims.t >= lengths[n] && dims.to_before == 1) { d_h[dims.d_h_before + n * dims.d_h_stride + j] += dh; }
  }
}
