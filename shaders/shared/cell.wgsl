// Where one time step of a cell finds its states: elements of a row (n, j) lie at offset + n * stride + j, so that a cell
// does not know about directions, projection or the layout of layers. `before` and `after` are in the order of the
// recurrence. At t >= lengths[n] a step carries c through and leaves h to `hold`.
struct Cell {
  N: u32, H: u32, t: u32,
  gates: u32,  // where this direction's part of the gate buffers begins
  h_before: u32, h_after: u32, h_stride: u32,
  c_before: u32, c_after: u32, c_stride: u32,
}

struct CellBackward {
  N: u32, H: u32, t: u32, gates: u32,
  h_before: u32, h_after: u32, h_stride: u32,
  c_before: u32, c_after: u32, c_stride: u32,
  d_h_before: u32, d_h_after: u32, d_h_stride: u32,
  d_c: u32, d_c_stride: u32,
  fresh: u32,      // 1: the last step of the recurrence, so d_c counts as zero, whatever it holds
  to_before: u32,  // 0: nobody reads the gradient of the state before (it is the initial state)
}
