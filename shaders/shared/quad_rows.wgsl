// The rows of a batch over several workgroups, for the model of quad_model.wgsl: each writes the gradient of its rows' loss.
// Needs: BIAS, B_FC, I, NOWHERE, O, Position, ResidentModel, SHARES, STORED, Step, UNITS, W_IH, bias_hh_at, bias_ih_at
// Needs: clear_gradients, column_at, d_columns, d_values, forward_backward, gate_of_state, gate_weight_at, load_weights, order
// Needs: part_losses, parts, share_head, steps, turned, value_at, weights
@group(0) @binding(0) var<uniform> dims: ResidentModel;
@group(0) @binding(1) var<storage, read> series: array<f32>;
@group(0) @binding(2) var<storage, read> order: array<u32>;
@group(0) @binding(3) var<storage, read> steps: array<Step>;
@group(0) @binding(4) var<storage, read> weights: array<f32>;
@group(0) @binding(5) var<storage, read_write> history: array<f32>;
@group(0) @binding(6) var<storage, read_write> parts: array<f32>;
@group(0) @binding(7) var<storage, read_write> part_losses: array<f32>;
@group(1) @binding(0) var<uniform> position: Position;

// Rows share, share + SHARES, ... of the batch.
fn add_rows(model: u32, share: u32, lane: u32) {
  let step = steps[position.step * dims.models + model];
  if (step.rows == 0) { return; }  // a model with fewer samples
  let part = model * SHARES + share;
  let past = select(0, part * dims.T * 6 * UNITS, STORED == 1);
  load_weights(model * dims.arena, lane);
  load_turned(model * dims.arena, lane);
  share_head(lane);
  clear_gradients();
  var loss = 0.0;
  for (var n = share; n < step.rows; n += SHARES) {
    loss += forward_backward(order[step.first + n], past, f32(step.rows * O), lane);
  }
  store_gradients(part * dims.arena, lane);
  if (lane == 0) { part_losses[part] = loss; }
}

// Of W_hh^T, lane 4u + q has the weights from unit u to the units 4k + q.
fn load_turned(base: u32, lane: u32) {
  for (var k = 0u; k < UNITS / 4; k++) {
    let unit = 4 * k + lane % 4;
    for (var sum = 0u; sum < 4; sum++) {
      let at = gate_weight_at(dims.weight_hh, gate_of_state(sum), unit, lane / 4, dims.H);
      if (at != NOWHERE) { turned[k][sum] = weights[base + at]; }
    }
  }
}

fn store_gradients(base: u32, lane: u32) {
  for (var k = 0u; k < W_IH + (I + 3) / 4; k++) {
    for (var sum = 0u; sum < 4; sum++) {
      let at = column_at(k, sum, lane);
      if (at != NOWHERE) { parts[base + at] = d_columns[k][sum]; }
    }
  }
  for (var k = 0u; k < BIAS; k++) {
    let at = value_at(k, lane);
    if (at != NOWHERE && (k < B_FC || lane < 4)) { parts[base + at] = d_values[k]; }
  }
  // both biases of a sum have the same gradient
  let ih = bias_ih_at(lane);
  let hh = bias_hh_at(lane);
  if (ih != NOWHERE) { parts[base + ih] = d_values[BIAS]; }
  if (hh != NOWHERE) { parts[base + hh] = d_values[BIAS]; }
}
