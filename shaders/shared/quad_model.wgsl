// One sample through one layer of the cell of quad_cell.wgsl with a linear head and back, by one workgroup with four lanes a hidden unit.
// Lane 4u + q has the weights of unit u's four sums from the units 4k + q, as one vec4f for each k, and from the inputs 4k + q; the
// additions over q, and the activation of one sum each, are shared by the quad. W_hh^T is kept the same way, so no lane reads weights from
// memory. The gates, c and h of every time step are kept in the workgroup's memory, or in `history` if there are too many (STORED).
// Source: torch.nn.Linear; a persistent RNN (Diamos et al. 2016).
// Needs: C, I, KEPT, NO_GATE, O, STORED, TimeStep, UNITS, activated, dims.H, dims.T, dims.bias_hh, dims.bias_ih, dims.fc_bias
// Needs: dims.fc_weight, dims.weight_hh, dims.weight_ih, gate_of_input, gate_of_state, history, last_tanh, next_state, of_input
// Needs: of_state, quad_component, quad_sum, quad_values, series, unit_backward, weights

// A lane's weights and their gradients. Arrays for the largest model: a compiler drops what the loops over UNITS, I and O do not reach.
// Of four sums: W_hh from the units 4k + q, then W_ih from the inputs 4k + q.
var<private> columns: array<vec4f, 18>;
var<private> d_columns: array<vec4f, 18>;
var<private> turned: array<vec4f, 16>;  // W_hh^T
const W_IH: u32 = 16;
// W_fc to the outputs 4k + q, b_fc of these, the sum of both biases of sum q.
var<private> values: array<f32, 17>;
var<private> d_values: array<f32, 17>;
const B_FC: u32 = 8;
const BIAS: u32 = 16;

// h[t] and the gradients of the sums of all units, alternating between even and odd t, so that a time step needs one barrier; the head.
var<workgroup> h_now: array<f32, 2 * UNITS>;
var<workgroup> d_now: array<vec4f, 2 * UNITS>;
var<workgroup> head_weights: array<f32, O * UNITS>;
var<workgroup> head_biases: array<f32, O>;
var<workgroup> errors: array<f32, O>;
// For each t: the gates of every unit, then c[t] of every unit, then h[t].
var<workgroup> kept: array<f32, KEPT>;

const NOWHERE: u32 = 0xffffffff;

// The arena's element for component `sum` of columns[k]; NOWHERE beyond H and I, and for those that a model of UNITS does not have.
fn column_at(k: u32, sum: u32, lane: u32) -> u32 {
  if (k >= UNITS / 4 && k < W_IH) { return NOWHERE; }  // known to a compiler, so it keeps no registers for them
  let source = 4 * (k % W_IH) + lane % 4;
  if (k >= W_IH) { return gate_weight_at(dims.weight_ih, gate_of_input(sum), lane / 4, source, I); }
  return gate_weight_at(dims.weight_hh, gate_of_state(sum), lane / 4, source, dims.H);
}

// Element [gate, unit, source] of a matrix [gates, H, sources] that starts at `first` of the arena, or is NOWHERE.
fn gate_weight_at(first: u32, gate: u32, unit: u32, source: u32, sources: u32) -> u32 {
  let at = first + (gate * dims.H + unit) * sources + source;
  return select(NOWHERE, at, first != NOWHERE && gate != NO_GATE && unit < dims.H && source < sources);
}

// Of both biases of sum q.
fn bias_ih_at(lane: u32) -> u32 { return gate_weight_at(dims.bias_ih, gate_of_input(lane % 4), lane / 4, 0, 1); }
fn bias_hh_at(lane: u32) -> u32 { return gate_weight_at(dims.bias_hh, gate_of_state(lane % 4), lane / 4, 0, 1); }

// The arena's element for values[k] of the head; NOWHERE beyond H and O.
fn value_at(k: u32, lane: u32) -> u32 {
  let unit = lane / 4;
  let output = 4 * (k % B_FC) + lane % 4;
  if (output >= O) { return NOWHERE; }
  if (k >= B_FC) { return dims.fc_bias + output; }
  return select(NOWHERE, dims.fc_weight + output * dims.H + unit, unit < dims.H);
}

// The weights of a lane, without W_hh^T.
fn load_weights(base: u32, lane: u32) {
  for (var k = 0u; k < W_IH + (I + 3) / 4; k++) {
    for (var sum = 0u; sum < 4; sum++) {
      let at = column_at(k, sum, lane);
      if (at != NOWHERE) { columns[k][sum] = weights[base + at]; }
    }
  }
  for (var k = 0u; k < BIAS; k++) {
    let at = value_at(k, lane);
    if (at != NOWHERE) { values[k] = weights[base + at]; }
  }
  let ih = bias_ih_at(lane);
  let hh = bias_hh_at(lane);
  if (ih != NOWHERE) { values[BIAS] = weights[base + ih]; }
  if (hh != NOWHERE) { values[BIAS] += weights[base + hh]; }
}

// The head's weights where all units find them.
fn share_head(lane: u32) {
  for (var k = 0u; k < (O + 3) / 4; k++) {
    let output = 4 * k + lane % 4;
    if (output < O) {
      head_weights[output * UNITS + lane / 4] = values[k];
      if (lane < 4) { head_biases[output] = values[B_FC + k]; }
    }
  }
}

fn clear_gradients() {
  for (var k = 0u; k < UNITS / 4; k++) { d_columns[k] = vec4f(0.0); }
  for (var k = 0u; k < (I + 3) / 4; k++) { d_columns[W_IH + k] = vec4f(0.0); }
  d_values[BIAS] = 0.0;
  for (var k = 0u; k < (O + 3) / 4; k++) {
    d_values[k] = 0.0;
    d_values[B_FC + k] = 0.0;
  }
}

// Adds a sample's gradient to the sums; returns its sum of squared errors. `past`: where this workgroup's part of `history` starts.
fn forward_backward(start: u32, past: u32, count: f32, lane: u32) -> f32 {
  let h = forward(start, past, lane);
  let loss = head_errors(start, lane);
  var d_h = 0.0;
  for (var k = 0u; k < (O + 3) / 4; k++) {
    let output = 4 * k + lane % 4;
    let d_y = select(0.0, 2.0 * errors[min(output, O - 1)] / count, output < O);
    d_values[k] += d_y * h;
    d_values[B_FC + k] += d_y;
    d_h += values[k] * d_y;
  }
  backward(quad_sum(d_h, lane), start, past, lane);
  return loss;
}

// h[T] of this lane's unit; h_now[T % 2] then contains that of all units.
fn forward(start: u32, past: u32, lane: u32) -> f32 {
  let u = lane / 4;
  let q = lane % 4;
  var c = 0.0;
  var h = 0.0;
  if (q == 0) { h_now[u] = 0.0; }
  var next_x = inputs_of(start, q);
  workgroupBarrier();  // all have written h[0], and no longer read the states of the previous sample
  for (var t = 0u; t < dims.T; t++) {
    let x = next_x;
    next_x = inputs_of(start + t + 1, q);  // a time step ahead, because a load takes as long
    var a = columns[W_IH] * x.x;
    if (I > 4) { a = fma(columns[W_IH + 1], vec4f(x.y), a); }
    let now = t % 2 * UNITS;
    for (var k = 0u; k < UNITS / 4; k++) { a = fma(columns[k], vec4f(h_now[now + 4 * k + q]), a); }
    let gate = activated(quad_component(a, lane) + values[BIAS], q);
    let gates = quad_values(gate, lane);
    let row = past + t * 6 * UNITS;
    store_kept(row + lane, gate);
    if (q == 0) { store_kept(row + 4 * UNITS + u, c); }
    if (q == 1) { store_kept(row + 5 * UNITS + u, h); }
    let next = next_state(gates, c);
    c = next.c;
    h = next.h;
    if (q == 0) { h_now[(t + 1) % 2 * UNITS + u] = h; }
    if (STORED == 1) { storageBarrier(); }
    workgroupBarrier();  // all have written h[t+1], and read h[t]
  }
  return h;
}

// Inputs q and 4 + q of row `row` of the series, zero beyond I, so that the weights there stay zero.
fn inputs_of(row: u32, q: u32) -> vec2f {
  let at = row * I + q;
  let low = select(0.0, series[at], q < I);
  if (I <= 4) { return vec2f(low, 0.0); }
  return vec2f(low, select(0.0, series[at + 4], q + 4 < I));
}

// Writes y - target into `errors`; returns the sum of their squares. A quad computes an output, or several.
fn head_errors(start: u32, lane: u32) -> f32 {
  let q = lane % 4;
  let last = dims.T % 2 * UNITS;
  for (var first = 0u; first < O; first += UNITS) {
    let output = min(first + lane / 4, O - 1);
    let target_value = series[(start + dims.T + output / C) * I + output % C];
    var y = 0.0;
    for (var k = 0u; k < UNITS / 4; k++) { y = fma(head_weights[output * UNITS + 4 * k + q], h_now[last + 4 * k + q], y); }
    y = quad_sum(y, lane) + head_biases[output];
    if (q == 0) { errors[output] = y - target_value; }
    workgroupBarrier();  // all have written their errors
  }
  var sum = 0.0;
  for (var output = 0u; output < O; output++) { sum += errors[output] * errors[output]; }
  return sum;
}

fn time_step_at(row: u32, u: u32) -> TimeStep {
  let at = row + 4 * u;
  let gates = vec4f(kept_at(at), kept_at(at + 1), kept_at(at + 2), kept_at(at + 3));
  let c = kept_at(row + 4 * UNITS + u);
  return TimeStep(gates, c, last_tanh(gates, c));
}

// From the gradient of h[T] of this lane's unit down to those of all weights.
fn backward(d_last: f32, start: u32, past: u32, lane: u32) {
  let u = lane / 4;
  let q = lane % 4;
  var d_h = d_last;
  var d_c = 0.0;
  var kept_step = time_step_at(past + (dims.T - 1) * 6 * UNITS, u);
  for (var s = dims.T; s > 0; s--) {
    let t = s - 1;
    let row = past + t * 6 * UNITS;
    let x = inputs_of(start + t, q);
    let unit = unit_backward(kept_step, d_h, d_c);
    d_c = unit.d_c;
    let d = unit.sums;
    let d_state = of_state(d);
    let d_input = of_input(d);
    let now = t % 2 * UNITS;
    if (q == 0) { d_now[now + u] = d_state; }
    workgroupBarrier();  // all have written the gradients of their sums, and read those of t + 1
    if (t > 0) {
      kept_step = time_step_at(row - 6 * UNITS, u);
      var part = vec4f(0.0);
      for (var k = 0u; k < UNITS / 4; k++) { part = fma(turned[k], d_now[now + 4 * k + q], part); }
      d_h = quad_sum((part.x + part.y) + (part.z + part.w), lane);
    }
    // d_W_hh += d_state h[t]^T, and likewise for x and 1
    for (var k = 0u; k < UNITS / 4; k++) { d_columns[k] = fma(d_state, vec4f(kept_at(row + 5 * UNITS + 4 * k + q)), d_columns[k]); }
    d_columns[W_IH] = fma(d_input, vec4f(x.x), d_columns[W_IH]);
    if (I > 4) { d_columns[W_IH + 1] = fma(d_input, vec4f(x.y), d_columns[W_IH + 1]); }
    d_values[BIAS] += select(select(d.x, d.y, q == 1), select(d.z, d.w, q == 3), q > 1);
  }
}

fn store_kept(at: u32, value: f32) {
  if (STORED == 1) { history[at] = value; } else { kept[at] = value; }
}

fn kept_at(at: u32) -> f32 {
  if (STORED == 1) { return history[at]; }
  return kept[at];
}
