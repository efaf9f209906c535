// The cell of the kernels with quads. A unit has four sums, and lane 4u + q has sum q. W_ih x, W_hh h and both biases are in each, unless noted:
//   LSTM  i, f, g, o
//   GRU   r, z, W_in x + b_in, W_hn h + b_hn: of n = tanh(W_in x + b_in + r (W_hn h + b_hn)); its c is its h, h' = (1 - z) n + z h
//   RNN   h', and three that are zero
// Source: torch.nn.LSTM, torch.nn.GRU, torch.nn.RNN.
// Needs: CELL, TimeStep, max_or_nan, sigmoid, tanh_safe
const LSTM: u32 = 0;
const GRU: u32 = 1;
const RNN_RELU: u32 = 3;

// A unit's states, and the gradients of its sums with that of the c before.
struct UnitState { c: f32, h: f32 }
struct UnitGradient { sums: vec4f, d_c: f32 }

const NO_GATE: u32 = 0xffffffff;

// The gate in PyTorch's order whose row of W_ih and element of b_ih are in sum q.
fn gate_of_input(q: u32) -> u32 {
  if (CELL == LSTM) { return q; }
  return select(NO_GATE, q, q < select(1u, 3u, CELL == GRU));
}

// The same for W_hh and b_hh.
fn gate_of_state(q: u32) -> u32 {
  if (CELL == LSTM) { return q; }
  if (CELL == GRU) { return select(select(q, 2, q == 3), NO_GATE, q == 2); }
  return select(NO_GATE, 0, q == 0);
}

// The gradients of the sums that have a part of W_ih x.
fn of_input(sums: vec4f) -> vec4f {
  if (CELL == GRU) { return vec4f(sums.xyz, 0.0); }
  return sums;
}

// The same for W_hh h.
fn of_state(sums: vec4f) -> vec4f {
  if (CELL == GRU) { return vec4f(sums.xy, 0.0, sums.w); }
  return sums;
}

// Sum q, after its own activation: "a gate".
fn activated(sum: f32, q: u32) -> f32 {
  if (CELL == LSTM) { return select(sigmoid(sum), tanh_safe(sum), q == 2); }
  if (CELL == GRU) { return select(sigmoid(select(sum, -sum, q == 1)), sum, q > 1); }  // r, 1 - z
  if (CELL == RNN_RELU) { return max_or_nan(sum, 0.0); }
  return tanh_safe(sum);
}

fn next_state(gates: vec4f, c: f32) -> UnitState {
  if (CELL == LSTM) {
    let after = gates.y * c + gates.x * gates.z;
    return UnitState(after, gates.w * tanh_safe(after));
  }
  if (CELL == GRU) {
    let after = fma(gates.y, last_tanh(gates, c) - c, c);
    return UnitState(after, after);
  }
  return UnitState(0.0, gates.x);
}

// What follows from several gates: tanh(c') of an LSTM, n of a GRU.
fn last_tanh(gates: vec4f, c: f32) -> f32 {
  if (CELL == LSTM) { return tanh_safe(gates.y * c + gates.x * gates.z); }
  if (CELL == GRU) { return tanh_safe(gates.z + gates.x * gates.w); }
  return 0.0;
}

fn unit_backward(step: TimeStep, d_h: f32, d_c: f32) -> UnitGradient {
  let g = step.gates;
  if (CELL == LSTM) {
    let d = fma(d_h * g.w, 1.0 - step.last_tanh * step.last_tanh, d_c);
    let sums = vec4f(
      d * g.z * g.x * (1.0 - g.x),
      d * step.c * g.y * (1.0 - g.y),
      d * g.x * (1.0 - g.z * g.z),
      d_h * step.last_tanh * g.w * (1.0 - g.w),
    );
    return UnitGradient(sums, d * g.y);
  }
  if (CELL == GRU) {
    let d = d_h + d_c;
    let n = step.last_tanh;
    let d_n = d * g.y * (1.0 - n * n);
    let sums = vec4f(d_n * g.w * g.x * (1.0 - g.x), d * (step.c - n) * (1.0 - g.y) * g.y, d_n, d_n * g.x);
    return UnitGradient(sums, fma(-g.y, d, d));
  }
  let slope = select(1.0 - g.x * g.x, select(1.0, 0.0, g.x <= 0.0), CELL == RNN_RELU);
  return UnitGradient(vec4f(slope * d_h, 0.0, 0.0, 0.0), 0.0);
}
