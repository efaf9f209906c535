// The backward pass of a recurrence. The kernel defines its cell: GATES rows of weight_hh, SLOTS of the gate buffer,
// slot_of(gate), and cell_step_back.
// Needs: dims.N, dims.T, dims.H, dims.P, dims.D, dims.weight_hh, dims.weight_hr, dims.states
// Needs: weights, lengths, d_h, gates, d_raw, GATES, SLOTS, slot_of, cell_step_back, CellBackward
// Needs: WG, ROWS, PROJECTED, direction, Moment, moment_of, h_at, c_at, gates_at, own_parameter, rows_from
fn sequence_backward(first: u32, lane: u32) {
  let end = min(first + ROWS, dims.N);
  for (var back = 0u; back < dims.T; back++) {
    let s = dims.T - 1 - back;
    let m = moment_of(s);
    let to_before = dims.states == 1 || s > 0;
    let fresh = dims.states == 0 && back == 0;
    var d = CellBackward(
      dims.N, dims.H, m.t, gates_at(), h_at(m.before), h_at(m.after), dims.D * dims.P,
      c_at(m.before), c_at(m.after), dims.D * dims.H,
      h_at(m.before), h_at(m.after), dims.D * dims.P, direction * dims.H, dims.D * dims.H,
      select(0u, 1u, fresh), select(0u, 1u, to_before),
    );
    if (PROJECTED == 1) {
      d.d_h_after = direction * dims.N * dims.H;  // in `d_raw`
      d.d_h_stride = dims.H;
    }
    for (var j = lane; j < dims.H; j += WG) {
      for (var n = first; n < end; n++) {
        if (PROJECTED == 1) { project_back(m, n, j); }
        cell_step_back(d, n, j, gradient_of_h(d.d_h_after + n * d.d_h_stride + j));
      }
    }
    storageBarrier();  // the gradients of all gates are written
    if (to_before) {
      for (var k = lane * 4; k < dims.P; k += WG * 4) { add_gate_products(m, first, end, k); }
    }
    storageBarrier();  // and the whole gradient of the previous state
  }
}

/// d_raw = d_h[after] W_hr.
fn project_back(m: Moment, n: u32, j: u32) {
  let row = h_at(m.after) + n * dims.D * dims.P;
  var sum = 0.0;
  for (var p = 0u; p < dims.P; p++) { sum = fma(d_h[row + p], weights[own_parameter(dims.weight_hr) + p * dims.H + j], sum); }
  d_raw[(direction * dims.N + n) * dims.H + j] = sum;
}

/// d_h[before] += gates[t] W_hh for four values of the state and a tile of rows; rows that have ended pass theirs on.
fn add_gate_products(m: Moment, first: u32, end: u32, k: u32) {
  let low_rows = (m.t * dims.N + rows_from(first)) * SLOTS * dims.H + gates_at();
  let high_rows = (m.t * dims.N + rows_from(first + 4)) * SLOTS * dims.H + gates_at();
  let columns = min(vec4u(k, k + 1, k + 2, k + 3), vec4u(dims.P - 1));
  var sums = array<vec4f, 8>();
  for (var gate = 0u; gate < GATES; gate++) {
    for (var j = 0u; j < dims.H; j++) {
      let w = own_parameter(dims.weight_hh) + (gate * dims.H + j) * dims.P;
      let x = vec4f(weights[w + columns.x], weights[w + columns.y], weights[w + columns.z], weights[w + columns.w]);
      let at = slot_of(gate) * dims.H + j;
      sums[0] = fma(vec4f(gates[low_rows.x + at]), x, sums[0]);
      sums[1] = fma(vec4f(gates[low_rows.y + at]), x, sums[1]);
      sums[2] = fma(vec4f(gates[low_rows.z + at]), x, sums[2]);
      sums[3] = fma(vec4f(gates[low_rows.w + at]), x, sums[3]);
      if (ROWS > 4) {
        sums[4] = fma(vec4f(gates[high_rows.x + at]), x, sums[4]);
        sums[5] = fma(vec4f(gates[high_rows.y + at]), x, sums[5]);
        sums[6] = fma(vec4f(gates[high_rows.z + at]), x, sums[6]);
        sums[7] = fma(vec4f(gates[high_rows.w + at]), x, sums[7]);
      }
    }
  }
  for (var n = first; n < end; n++) {
    let has_ended = m.t >= lengths[n];
    for (var e = 0u; e < 4 && k + e < dims.P; e++) {
      let at = n * dims.D * dims.P + k + e;
      var value = sums[n - first][e];
      if (has_ended) { value += d_h[h_at(m.after) + at]; }
      d_h[h_at(m.before) + at] += value;
    }
  }
}

fn gradient_of_h(at: u32) -> f32 {
  if (PROJECTED == 1) { return d_raw[at]; }
  return d_h[at];
}
