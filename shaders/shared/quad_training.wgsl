// Many optimizer steps of the model of quad_model.wgsl, with its weights and both of Adam's moments in registers.
// Source: torch.optim.Adam; see adam.wgsl for the arithmetic.
// Needs: BIAS, B_FC, COLUMNS, I, NOWHERE, O, ResidentModel, STORED, Step, UNITS, W_IH, bias_hh_at, bias_ih_at, clear_gradients
// Needs: column_at, columns, d_columns, d_values, forward_backward, load_weights, losses, m, order, share_head, steps, turned
// Needs: v, value_at, values, weights
struct Slice { num_steps: u32 }
@group(0) @binding(0) var<uniform> dims: ResidentModel;
@group(0) @binding(1) var<storage, read> series: array<f32>;
@group(0) @binding(2) var<storage, read> order: array<u32>;
@group(0) @binding(3) var<storage, read> steps: array<Step>;
@group(0) @binding(4) var<storage, read_write> weights: array<f32>;
@group(0) @binding(5) var<storage, read_write> m: array<f32>;
@group(0) @binding(6) var<storage, read_write> v: array<f32>;
@group(0) @binding(7) var<storage, read_write> history: array<f32>;
@group(0) @binding(8) var<storage, read_write> losses: array<f32>;
@group(1) @binding(0) var<uniform> slice: Slice;

var<private> b_ih: f32;
var<private> b_hh: f32;
var<private> m_columns: array<vec4f, 18>;
var<private> v_columns: array<vec4f, 18>;
var<private> m_values: array<f32, 17>;
var<private> v_values: array<f32, 17>;

// [column, unit], with the four sums as one vec4f; columns are UNITS + 4 apart, so that lanes of a quad read from different banks
var<workgroup> turning: array<vec4f, COLUMNS * (UNITS + 4)>;

fn train(model: u32, lane: u32) {
  let base = model * dims.arena;
  let past = select(0, model * dims.T * 6 * UNITS, STORED == 1);
  load_model(base, lane);
  var next = steps[model];
  for (var s = 0u; s < slice.num_steps; s++) {
    let step = next;
    next = steps[min(s + 1, slice.num_steps - 1) * dims.models + model];
    if (step.rows == 0) { continue; }  // a model with fewer samples
    share_head(lane);
    turn_weights(lane);
    clear_gradients();
    let count = f32(step.rows * O);
    var loss = 0.0;
    var next_start = order[step.first];
    for (var n = 0u; n < step.rows; n++) {
      let start = next_start;
      next_start = order[step.first + min(n + 1, step.rows - 1)];
      loss += forward_backward(start, past, count, lane);
    }
    adam_step(step, lane);
    if (lane == 0) { losses[step.slot] = loss / count; }
  }
  store_model(base, lane);
}

// W_hh^T: lane 4u + q gets the weights from unit u to the units 4k + q.
fn turn_weights(lane: u32) {
  let u = lane / 4;
  let q = lane % 4;
  for (var first = 0u; first < UNITS; first += COLUMNS) {
    workgroupBarrier();  // all have read the previous columns
    for (var k = 0u; k < UNITS / 4; k++) {
      let column = 4 * k + q - first;  // wraps around to a large number before `first`
      if (column < COLUMNS) { turning[column * (UNITS + 4) + u] = columns[k]; }
    }
    workgroupBarrier();  // all have written these columns
    let column = u - first;
    if (column < COLUMNS) {
      for (var k = 0u; k < UNITS / 4; k++) { turned[k] = turning[column * (UNITS + 4) + 4 * k + q]; }
    }
  }
}

fn adam_step(step: Step, lane: u32) {
  for (var k = 0u; k < UNITS / 4; k++) { adam_columns(k, step); }
  for (var k = 0u; k < (I + 3) / 4; k++) { adam_columns(W_IH + k, step); }
  for (var k = 0u; k < (O + 3) / 4; k++) {
    values[k] -= change_of(k, step);
    values[B_FC + k] -= change_of(B_FC + k, step);
  }
  // both biases of a sum share one gradient, one pair of moments and one update
  let change = change_of(BIAS, step);
  if (bias_ih_at(lane) != NOWHERE) { b_ih -= change; }
  if (bias_hh_at(lane) != NOWHERE) { b_hh -= change; }
  values[BIAS] = b_ih + b_hh;
}

fn adam_columns(k: u32, step: Step) {
  let g = d_columns[k];
  let first = dims.beta1 * m_columns[k] + dims.one_minus_beta1 * g;
  let second = dims.beta2 * v_columns[k] + dims.one_minus_beta2 * g * g;
  m_columns[k] = first;
  v_columns[k] = second;
  columns[k] -= step.step_size * first / (sqrt(second) / step.bias_correction2_sqrt + dims.eps);
}

// The update of a value; also updates its moments.
fn change_of(k: u32, step: Step) -> f32 {
  let g = d_values[k];
  let first = dims.beta1 * m_values[k] + dims.one_minus_beta1 * g;
  let second = dims.beta2 * v_values[k] + dims.one_minus_beta2 * g * g;
  m_values[k] = first;
  v_values[k] = second;
  return step.step_size * first / (sqrt(second) / step.bias_correction2_sqrt + dims.eps);
}

fn load_model(base: u32, lane: u32) {
  load_weights(base, lane);
  for (var k = 0u; k < W_IH + (I + 3) / 4; k++) {
    for (var sum = 0u; sum < 4; sum++) {
      let at = column_at(k, sum, lane);
      if (at == NOWHERE) { continue; }
      m_columns[k][sum] = m[base + at];
      v_columns[k][sum] = v[base + at];
    }
  }
  for (var k = 0u; k < BIAS; k++) {
    let at = value_at(k, lane);
    if (at == NOWHERE) { continue; }
    m_values[k] = m[base + at];
    v_values[k] = v[base + at];
  }
  b_hh = load_bias(base, bias_hh_at(lane));
  b_ih = load_bias(base, bias_ih_at(lane));
}

// Also the moments.
fn load_bias(base: u32, at: u32) -> f32 {
  if (at == NOWHERE) { return 0.0; }
  m_values[BIAS] = m[base + at];
  v_values[BIAS] = v[base + at];
  return weights[base + at];
}

fn store_model(base: u32, lane: u32) {
  for (var k = 0u; k < W_IH + (I + 3) / 4; k++) {
    for (var sum = 0u; sum < 4; sum++) {
      let at = column_at(k, sum, lane);
      if (at == NOWHERE) { continue; }
      weights[base + at] = columns[k][sum];
      m[base + at] = m_columns[k][sum];
      v[base + at] = v_columns[k][sum];
    }
  }
  for (var k = 0u; k < BIAS; k++) {
    let at = value_at(k, lane);
    if (at == NOWHERE || (k >= B_FC && lane >= 4)) { continue; }
    weights[base + at] = values[k];
    m[base + at] = m_values[k];
    v[base + at] = v_values[k];
  }
  store_bias(base, bias_ih_at(lane), b_ih);
  store_bias(base, bias_hh_at(lane), b_hh);
}

fn store_bias(base: u32, at: u32, bias: f32) {
  if (at == NOWHERE) { return; }
  weights[base + at] = bias;
  m[base + at] = m_values[BIAS];
  v[base + at] = v_values[BIAS];
}
