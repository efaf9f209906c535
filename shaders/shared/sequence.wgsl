// A whole recurrence in one dispatch: rows of a batch are independent, so a workgroup takes a tile of them through
// all time steps. Its lanes divide the hidden units among them, with a barrier after each step.
// Needs: dims.N, dims.T, dims.H, dims.P, dims.D, dims.reverse, SLOTS
struct Sequence {
  N: u32, T: u32, H: u32,
  P: u32,           // size of a state: H, or that of its projection
  D: u32,           // directions: workgroups with y = 1 go from the last time step to the first
  weight_hh: u32, weight_hr: u32, bias_ih: u32, bias_hh: u32, bias: u32,  // offsets in the model's arena; bias 0: none
  reverse: u32,     // elements from a parameter to that of the reverse direction
  ragged: u32,      // 1: rows may end before T
  states: u32,      // 1: initial states are given, and their gradients are returned
}
override WG: u32 = 64;         // about one invocation per hidden unit
override ROWS: u32 = 8;        // per tile: 8, or 4 if there are no more
override PROJECTED: u32 = 0;

/// One step of the recurrence: its time, and the rows of h and c before and after it.
struct Moment { t: u32, before: u32, after: u32 }

/// 0 forward, 1 reverse: for this workgroup. The states of both directions are interleaved, their gates are concatenated.
var<private> direction: u32;

fn moment_of(s: u32) -> Moment {
  if (direction == 0) { return Moment(s, s, s + 1); }
  let t = dims.T - 1 - s;
  return Moment(t, t + 2, t + 1);
}

/// The start of this direction's part of a row of h, and of c.
fn h_at(row: u32) -> u32 { return (row * dims.N * dims.D + direction) * dims.P; }
fn c_at(row: u32) -> u32 { return (row * dims.N * dims.D + direction) * dims.H; }
fn gates_at() -> u32 { return direction * dims.T * dims.N * SLOTS * dims.H; }

/// The offset in this direction's parameters for `at` in the forward direction's.
fn own_parameter(at: u32) -> u32 { return at + direction * dims.reverse; }

/// Four rows of a tile; beyond the batch, its last one is repeated.
fn rows_from(first: u32) -> vec4u { return min(vec4u(first, first + 1, first + 2, first + 3), vec4u(dims.N - 1)); }
