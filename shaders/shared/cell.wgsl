// Where one time step of a cell finds its states: element (n, j) of a row is at offset + n * stride + j, so that a cell
// does not depend on directions, projection or the layout of layers. `before` and `after` are in the order of the
// recurrence. At t >= lengths[n] a step keeps c, and `hold` keeps h.
struct Cell {
  N: u32, H: u32, t: u32,
  gates: u32,  // offset of this direction in the gate buffers
  h_before: u32, h_after: u32, h_stride: u32,
  c_before: u32, c_after: u32, c_stride: u32,
}

struct CellBackward {
  N: u32, H: u32, t: u32, gates: u32,
  h_before: u32, h_after: u32, h_stride: u32,
  c_before: u32, c_after: u32, c_stride: u32,
  d_h_before: u32, d_h_after: u32, d_h_stride: u32,
  d_c: u32, d_c_stride: u32,
  fresh: u32,      // 1: the last step of the recurrence, so d_c is treated as zero
  to_before: u32,  // 0: the gradient of the previous state is unused (it is the initial state)
}
