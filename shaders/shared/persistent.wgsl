// A product of weights in registers and values that the workgroups of one dispatch exchange, for kernels that run all time steps:
//   sums[n, column] = sum_k value(n, k) * weights(k, column)      with four values in a column's weights, and so four sums
// Lane (column, slice) keeps the weights of its column from the terms i * SLICES + slice. A workgroup takes ROWS rows through time,
// ROUND of them at once. See src/engine/persistent_tile.ts for the sizes.
// A word in storage is its own flag: mark_unwritten.wgsl has filled it with UNWRITTEN, bits of a NaN that `written` never returns, and
// readers wait until it has others. They wait for at most dims.polls loads, because WebGPU does not promise that workgroups run side
// by side: a lane that gives up sets `failed`; then no lane waits, all results are invalid, and the host discards them.
// Source: persistent RNNs (Diamos et al. 2016).
// Needs: dims.polls, failed, words_at
override COLUMNS: u32 = 8;
override SLICES: u32 = 8;
override TERMS: u32 = 2;  // of a lane, at most 32; all together at least as many as there are
override ROWS: u32 = 4;   // a multiple of ROUND, at most 32
override ROUND: u32 = 4;  // 4 or 8; a lane waits for at most 8 vectors at once

const UNWRITTEN: u32 = 0xffffffff;
const POLLS_PER_LOOK: u32 = 64;

var<private> weights: array<vec4f, 32>;
var<private> has_given_up: bool;
// Values of ROUND rows, four rows in a vector: [ROUND / 4, TERMS * SLICES]; then the sums of all lanes for four rows.
var<workgroup> values: array<vec4f, ROUND / 4 * TERMS * SLICES>;
var<workgroup> partials: array<vec4f, 4 * COLUMNS * SLICES>;

fn written(x: f32) -> u32 {
  let bits = bitcast<u32>(x);
  return select(bits, 0x7fc00000u, bits == UNWRITTEN);
}

/// Waits for the values of ROUND rows from `row` on, at `source`. Lanes need a barrier before and after it.
fn receive(source: u32, row: u32, lane: u32) {
  let count = ROUND / 4 * TERMS * SLICES;
  let lanes = COLUMNS * SLICES;
  var words = array<vec4u, 8>();
  for (var polls = 0u; ; polls++) {
    var is_missing = false;
    for (var i = 0u; i < (count + lanes - 1) / lanes; i++) {  // all loads of a lane are under way together
      let at = lane + i * lanes;
      words[i] = words_at(source, row + at / (TERMS * SLICES) * 4, at % (TERMS * SLICES));
    }
    for (var i = 0u; i < (count + lanes - 1) / lanes; i++) {
      let most = max(max(words[i].x, words[i].y), max(words[i].z, words[i].w));
      is_missing = is_missing || most == UNWRITTEN;
    }
    if (!is_missing || has_given_up) { break; }
    if (polls >= dims.polls) {
      atomicStore(&failed[0], 1u);
      has_given_up = true;
    } else if (polls % POLLS_PER_LOOK == POLLS_PER_LOOK - 1) {
      has_given_up = atomicLoad(&failed[0]) != 0;
    }
  }
  for (var i = 0u; i < (count + lanes - 1) / lanes; i++) {
    let at = lane + i * lanes;
    if (at < count) { values[at] = bitcast<vec4f>(words[i]); }
  }
}

/// A lane's sums for rows 4 g to 4 g + 3 of the round.
fn multiply(g: u32, lane: u32) {
  let first = g * TERMS * SLICES + lane / COLUMNS;
  var sums = array<vec4f, 4>();
  for (var i = 0u; i < TERMS; i++) {
    let x = values[first + i * SLICES];
    sums[0] = fma(vec4f(x.x), weights[i], sums[0]);
    sums[1] = fma(vec4f(x.y), weights[i], sums[1]);
    sums[2] = fma(vec4f(x.z), weights[i], sums[2]);
    sums[3] = fma(vec4f(x.w), weights[i], sums[3]);
  }
  for (var r = 0u; r < 4; r++) { partials[r * COLUMNS * SLICES + lane] = sums[r]; }
}
