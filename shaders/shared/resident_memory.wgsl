// Between the arenas, in PyTorch's layout, and resident.wgsl's private tiles. Everything goes through `staging`, which
// loops may index, so that this code exists once; the tiles themselves are never indexed (see resident.wgsl).

// Where a tile lies in an arena: value (gate, row, column) is at + gate * gate_stride + row * row_stride + column * ...
struct Place { at: u32, gate_stride: u32, row_stride: u32, column_stride: u32, gates: u32, rows: u32, columns: u32 }

const NUM_TILES: u32 = 12;  // W_hh from the 8 blocks, W_ih, both biases, W_fc, b_fc

fn place_of(tile: u32) -> Place {
  let unit = lane * 4;
  let units = select(0u, dims.H - unit, unit < dims.H);
  if (tile < 8) {
    let first = tile * 4;
    let columns = select(0u, dims.H - first, first < dims.H);
    return Place(dims.weight_hh + unit * dims.H + first, dims.H * dims.H, dims.H, 1, 4, units, columns);
  }
  if (tile == 8) { return Place(dims.weight_ih + unit * dims.I, dims.H * dims.I, dims.I, 1, 4, units, dims.I); }
  if (tile == 9) { return Place(dims.bias_ih + unit, dims.H, 1, dims.bias_hh - dims.bias_ih, 4, units, 2); }
  if (tile == 10) { return Place(dims.fc_weight + unit, 0, 1, dims.H, 1, units, dims.O); }
  return Place(dims.fc_bias, 0, 1, 0, 1, dims.O, 1);
}

// W_hh from this lane's units (rows) to the units of block `b` (columns).
fn back_place_of(b: u32) -> Place {
  var place = place_of(b);
  place.at = dims.weight_hh + b * 4 * dims.H + lane * 4;
  place.row_stride = 1;
  place.column_stride = dims.H;
  return place;
}

var<private> staging: array<mat4x4f, 144>;  // [weights m v, tile, gate]

// `source` 0 is weights, 1 is m, 2 is v.
fn stage(source: u32, slot: u32, place: Place) {
  for (var k = 0u; k < 64; k++) {
    let gate = k / 16;
    let column = (k / 4) % 4;
    let row = k % 4;
    var value = 0.0;
    if (gate < place.gates && row < place.rows && column < place.columns) {
      let at = base + place.at + gate * place.gate_stride + row * place.row_stride + column * place.column_stride;
      if (source == 0) { value = weights[at]; } else if (source == 1) { value = m[at]; } else { value = v[at]; }
    }
    staging[slot * 4 + gate][column][row] = value;
  }
}

fn unstage(source: u32, slot: u32, place: Place) {
  for (var k = 0u; k < 64; k++) {
    let gate = k / 16;
    let column = (k / 4) % 4;
    let row = k % 4;
    if (gate < place.gates && row < place.rows && column < place.columns) {
      let at = base + place.at + gate * place.gate_stride + row * place.row_stride + column * place.column_stride;
      let value = staging[slot * 4 + gate][column][row];
      if (source == 0) { weights[at] = value; } else if (source == 1) { m[at] = value; } else { v[at] = value; }
    }
  }
}

fn staged(k: u32) -> Tile { return Tile(staging[k], staging[k + 1], staging[k + 2], staging[k + 3]); }

fn load_model() {
  for (var k = 0u; k < 3 * NUM_TILES; k++) { stage(k / NUM_TILES, k, place_of(k % NUM_TILES)); }
  w0 = staged(0);
  w1 = staged(4);
  w2 = staged(8);
  w3 = staged(12);
  w4 = staged(16);
  w5 = staged(20);
  w6 = staged(24);
  w7 = staged(28);
  wx = staged(32);
  wb = staged(36);
  wy = staging[40];
  wc = staging[44][0];
}

fn put_tile(k: u32, tile: Tile) {
  staging[k] = tile.i;
  staging[k + 1] = tile.f;
  staging[k + 2] = tile.g;
  staging[k + 3] = tile.o;
}

fn store_model() {
  put_tile(0, w0);
  put_tile(4, w1);
  put_tile(8, w2);
  put_tile(12, w3);
  put_tile(16, w4);
  put_tile(20, w5);
  put_tile(24, w6);
  put_tile(28, w7);
  put_tile(32, wx);
  put_tile(36, wb);
  staging[40] = wy;
  staging[44][0] = wc;
  for (var k = 0u; k < 3 * NUM_TILES; k++) {
    // every lane holds all of b_fc, and one writes it
    if (k % NUM_TILES < NUM_TILES - 1 || lane == 0) { unstage(k / NUM_TILES, k, place_of(k % NUM_TILES)); }
  }
}

// W_hh as the other lanes will read it, by columns, in the step that comes.
fn store_recurrent_weights() {
  put_tile(0, w0);
  put_tile(4, w1);
  put_tile(8, w2);
  put_tile(12, w3);
  put_tile(16, w4);
  put_tile(20, w5);
  put_tile(24, w6);
  put_tile(28, w7);
  for (var b = 0u; b < 8; b++) { unstage(0, b, place_of(b)); }
}

fn load_back_tiles() {
  for (var b = 0u; b < 8; b++) { stage(0, b, back_place_of(b)); }
  back0 = staged(0);
  back1 = staged(4);
  back2 = staged(8);
  back3 = staged(12);
  back4 = staged(16);
  back5 = staged(20);
  back6 = staged(24);
  back7 = staged(28);
}
