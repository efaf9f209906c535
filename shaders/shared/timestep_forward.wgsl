// One time step forward: a tile of h[before] W_hh^T, then the cell for each of its units and rows, and `hold_row`.
// Needs: dims.N, dims.H, dims.t, dims.gates, dims.h_before, dims.h_after, dims.h_stride, dims.c_before, dims.c_after, dims.c_stride
// Needs: lengths, h, Cell
struct TimestepForward {
  N: u32, H: u32, t: u32, gates: u32,  // to c_stride as in Cell
  h_before: u32, h_after: u32, h_stride: u32,
  c_before: u32, c_after: u32, c_stride: u32,
  K: u32,  // H, or 0 if h[before] is known to be zero
}

fn cell() -> Cell {
  return Cell(
    dims.N, dims.H, dims.t, dims.gates, dims.h_before, dims.h_after, dims.h_stride,
    dims.c_before, dims.c_after, dims.c_stride,
  );
}

/// Rows that have ended keep their state; see hold.wgsl.
fn hold_row(n: u32, j: u32) {
  let at = n * dims.h_stride + j;
  if (dims.t >= lengths[n]) { h[dims.h_after + at] = h[dims.h_before + at]; }
}
