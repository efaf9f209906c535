// The forward pass of a recurrence. The kernel defines its cell: GATES rows of weight_hh, SLOTS of the gate buffer,
// slot_of(gate), is_added(gate), and cell_step.
// Needs: dims.N, dims.T, dims.H, dims.P, dims.D, dims.weight_hh, dims.weight_hr, dims.bias_ih, dims.bias_hh, dims.bias
// Needs: dims.ragged, weights, lengths, gates, h, raw, GATES, SLOTS, slot_of, is_added, cell_step, Cell
// Needs: WG, ROWS, PROJECTED, direction, Moment, moment_of, h_at, c_at, gates_at, own_parameter, rows_from
fn sequence_forward(first: u32, lane: u32) {
  let end = min(first + ROWS, dims.N);
  for (var s = 0u; s < dims.T; s++) {
    let m = moment_of(s);
    var d = Cell(
      dims.N, dims.H, m.t, gates_at(), h_at(m.before), h_at(m.after), dims.D * dims.P,
      c_at(m.before), c_at(m.after), dims.D * dims.H,
    );
    if (PROJECTED == 1) {
      d.h_after = raw_at(m.t);
      d.h_stride = dims.H;
    }
    for (var j = lane; j < dims.H; j += WG) {
      add_state_products(m, first, end, j);
      for (var n = first; n < end; n++) { cell_step(d, n, j); }
    }
    storageBarrier();  // all units have written h, or the values to be projected
    if (PROJECTED == 1) {
      project(m, first, end, lane);
      storageBarrier();
    }
    if (dims.ragged == 1) {
      carry_states(m, first, end, lane);
      storageBarrier();
    }
  }
}

/// gates[t] += h[before] W_hh^T for one unit and a tile of rows.
fn add_state_products(m: Moment, first: u32, end: u32, j: u32) {
  let low_rows = rows_from(first) * dims.D * dims.P + h_at(m.before);
  let high_rows = rows_from(first + 4) * dims.D * dims.P + h_at(m.before);
  var low = array<vec4f, 4>();
  var high = array<vec4f, 4>();
  let gate = dims.H * dims.P;  // elements from one gate's weights to the next
  for (var k = 0u; k < dims.P; k++) {
    let w = own_parameter(dims.weight_hh) + j * dims.P + k;
    let x = vec4f(h[low_rows.x + k], h[low_rows.y + k], h[low_rows.z + k], h[low_rows.w + k]);
    let w0 = weights[w];
    low[0] = fma(vec4f(w0), x, low[0]);
    var w1 = 0.0;
    var w2 = 0.0;
    var w3 = 0.0;
    if (GATES > 1) { w1 = weights[w + gate]; low[1] = fma(vec4f(w1), x, low[1]); }
    if (GATES > 2) { w2 = weights[w + 2 * gate]; low[2] = fma(vec4f(w2), x, low[2]); }
    if (GATES > 3) { w3 = weights[w + 3 * gate]; low[3] = fma(vec4f(w3), x, low[3]); }
    if (ROWS > 4) {
      let z = vec4f(h[high_rows.x + k], h[high_rows.y + k], h[high_rows.z + k], h[high_rows.w + k]);
      high[0] = fma(vec4f(w0), z, high[0]);
      if (GATES > 1) { high[1] = fma(vec4f(w1), z, high[1]); }
      if (GATES > 2) { high[2] = fma(vec4f(w2), z, high[2]); }
      if (GATES > 3) { high[3] = fma(vec4f(w3), z, high[3]); }
    }
  }
  put_products(m.t, first, end, 0, j, low[0], high[0]);
  if (GATES > 1) { put_products(m.t, first, end, 1, j, low[1], high[1]); }
  if (GATES > 2) { put_products(m.t, first, end, 2, j, low[2], high[2]); }
  if (GATES > 3) { put_products(m.t, first, end, 3, j, low[3], high[3]); }
}

fn put_products(t: u32, first: u32, end: u32, gate: u32, j: u32, low: vec4f, high: vec4f) {
  for (var n = first; n < end; n++) {
    let r = n - first;
    var value = high[r % 4];
    if (r < 4) { value = low[r]; }
    let at = gates_at() + ((t * dims.N + n) * SLOTS + slot_of(gate)) * dims.H + j;
    if (is_added(gate)) { gates[at] += value; } else { gates[at] = value; }
  }
}

/// The offset of the cell's output before its projection.
fn raw_at(t: u32) -> u32 { return (direction * dims.T + t) * dims.N * dims.H; }

/// h[after] = raw[t] W_hr^T.
fn project(m: Moment, first: u32, end: u32, lane: u32) {
  for (var p = lane; p < dims.P; p += WG) {
    for (var n = first; n < end; n++) {
      let row = raw_at(m.t) + n * dims.H;
      var sum = 0.0;
      for (var j = 0u; j < dims.H; j++) { sum = fma(weights[own_parameter(dims.weight_hr) + p * dims.H + j], raw[row + j], sum); }
      h[h_at(m.after) + n * dims.D * dims.P + p] = sum;
    }
  }
}

/// Rows that have ended keep their state; see hold.wgsl.
fn carry_states(m: Moment, first: u32, end: u32, lane: u32) {
  for (var n = first; n < end; n++) {
    if (m.t < lengths[n]) { continue; }
    for (var p = lane; p < dims.P; p += WG) {
      let at = n * dims.D * dims.P + p;
      h[h_at(m.after) + at] = h[h_at(m.before) + at];
    }
  }
}

fn bias_ih_at(k: u32) -> f32 {
  if (dims.bias == 0) { return 0.0; }
  return weights[own_parameter(dims.bias_ih) + k];
}

fn bias_hh_at(k: u32) -> f32 {
  if (dims.bias == 0) { return 0.0; }
  return weights[own_parameter(dims.bias_hh) + k];
}

fn put_h(at: u32, value: f32) {
  if (PROJECTED == 1) { raw[at] = value; } else { h[at] = value; }
}
