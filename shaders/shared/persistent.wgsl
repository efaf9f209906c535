// A product of weights in registers and values that the workgroups of one dispatch exchange, for kernels that run all time steps:
//   sums[n, column] = sum_k value(n, k) * weights(k, column)      with four values in a column's weights, and so four sums
// A lane keeps the weights of its column from the terms i * SLICES + slice; a quad has four slices of a column, and adds up its four lanes'
// sums. A workgroup takes ROWS rows through time, ROUND of them at once. See src/engine/persistent_tile.ts for the sizes.
// A word in storage is its own flag: mark_unwritten.wgsl has filled it with UNWRITTEN, bits of a NaN that `written` never returns, and
// readers wait until it has others. They wait for at most dims.polls loads, because WebGPU does not promise that workgroups run side
// by side: a lane that gives up sets `failed`; then no lane waits, all results are invalid, and the host discards them.
// Source: persistent RNNs (Diamos et al. 2016).
// Needs: dims.polls, failed, quad_component, words_at
override COLUMNS: u32 = 8;
override SLICES: u32 = 8;  // a multiple of 4
override LANES: u32 = 64;  // COLUMNS * SLICES
override TERMS: u32 = 2;  // of a lane, at most 32; all together at least as many as there are
override ROWS: u32 = 4;   // a multiple of ROUND, at most 32
override ROUND: u32 = 4;  // 4 or 8; a lane waits for at most 8 vectors at once

const UNWRITTEN: u32 = 0xffffffff;
const POLLS_PER_LOOK: u32 = 64;

var<private> weights: array<vec4f, 32>;
var<private> has_given_up: bool;
// Values of ROUND rows, four rows in a vector: [ROUND / 4, TERMS * SLICES]; then the sums of all quads for four rows: [4, SLICES / 4, COLUMNS].
var<workgroup> values: array<vec4f, ROUND / 4 * TERMS * SLICES>;
var<workgroup> partials: array<vec4f, LANES>;

fn column_of(lane: u32) -> u32 { return lane / 4 % COLUMNS; }

fn slice_of(lane: u32) -> u32 { return lane / 4 / COLUMNS * 4 + lane % 4; }

fn written(x: f32) -> u32 {
  let bits = bitcast<u32>(x);
  return select(bits, 0x7fc00000u, bits == UNWRITTEN);
}

/// Waits for the values of ROUND rows from `row` on, at `source`. Lanes need a barrier before and after it.
fn receive(source: u32, row: u32, lane: u32) {
  let count = ROUND / 4 * TERMS * SLICES;
  var words = array<vec4u, 8>();
  for (var polls = 0u; ; polls++) {
    var is_missing = false;
    for (var i = 0u; i < (count + LANES - 1) / LANES; i++) {  // all loads of a lane are under way together
      let at = lane + i * LANES;
      words[i] = words_at(source, row + at / (TERMS * SLICES) * 4, at % (TERMS * SLICES));
    }
    for (var i = 0u; i < (count + LANES - 1) / LANES; i++) {
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
  for (var i = 0u; i < (count + LANES - 1) / LANES; i++) {
    let at = lane + i * LANES;
    if (at < count) { values[at] = bitcast<vec4f>(words[i]); }
  }
}

/// The sums of rows 4 g to 4 g + 3 of the round, a quad's part of them each.
fn multiply(g: u32, lane: u32) {
  let first = g * TERMS * SLICES + slice_of(lane);
  var sums = array<vec4f, 4>();  // of four rows each
  for (var i = 0u; i < TERMS; i++) {
    let rows = values[first + i * SLICES];
    let w = weights[i];
    sums[0] = fma(rows, vec4f(w.x), sums[0]);
    sums[1] = fma(rows, vec4f(w.y), sums[1]);
    sums[2] = fma(rows, vec4f(w.z), sums[2]);
    sums[3] = fma(rows, vec4f(w.w), sums[3]);
  }
  let quad = vec4f(  // of row lane % 4
    quad_component(sums[0], lane), quad_component(sums[1], lane), quad_component(sums[2], lane), quad_component(sums[3], lane));
  partials[(lane % 4 * (SLICES / 4) + lane / 4 / COLUMNS) * COLUMNS + column_of(lane)] = quad;
}

/// The quads' sums of a row of the four and a column, in order.
fn sums_of(row: u32, column: u32) -> vec4f {
  var sums = partials[row * (SLICES / 4) * COLUMNS + column];
  for (var s = 1u; s < SLICES / 4; s++) { sums += partials[(row * (SLICES / 4) + s) * COLUMNS + column]; }
  return sums;
}
