// A lane's part of a resident model, and where it is in an arena. Lane u has the hidden units 4u .. 4u + 3; a vector
// of `own` contains one number for each of them:
//   0 .. 127    W_hh, a tile [gate, column] from every block of four units
//   W_IH        W_ih, a tile [gate, column] from the inputs      BIAS      [gate, (b_ih, b_hh)]
//   FC          W_fc, one vector per output                      FC_BIAS   b_fc; every lane has all of it
// Needs: dims.H, dims.weight_ih, dims.weight_hh, dims.bias_ih, dims.bias_hh, dims.fc_weight, dims.fc_bias, I, O
const W_IH: u32 = 128;
const BIAS: u32 = 144;
const FC: u32 = 152;
const FC_BIAS: u32 = 156;
const NUM_OWN: u32 = 157;

const OUTSIDE: u32 = 0xffffffff;

// The arena's element for component `row` of own[k]; OUTSIDE for a unit beyond H, an input beyond I, an output beyond O.
fn arena_index(k: u32, row: u32, lane: u32) -> u32 {
  let H = dims.H;
  let unit = lane * 4 + row;
  if (k == FC_BIAS) { return select(OUTSIDE, dims.fc_bias + row, row < O); }
  if (unit >= H) { return OUTSIDE; }
  if (k >= FC) { return select(OUTSIDE, dims.fc_weight + (k - FC) * H + unit, k - FC < O); }
  if (k >= BIAS) { return select(dims.bias_ih, dims.bias_hh, k % 2 == 1) + (k - BIAS) / 2 * H + unit; }
  let gate_row = k % 16 / 4 * H + unit;
  let column = k % 4;
  if (k >= W_IH) { return select(OUTSIDE, dims.weight_ih + gate_row * I + column, column < I); }
  let from_unit = k / 16 * 4 + column;
  return select(OUTSIDE, dims.weight_hh + gate_row * H + from_unit, from_unit < H);
}
