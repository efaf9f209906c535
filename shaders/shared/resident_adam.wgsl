// The optimizer of a resident model, over all parameters of a lane: see adam.wgsl for the arithmetic. Also copies a model
// from the arenas into private memory and back.
// Needs: dims.beta1, dims.one_minus_beta1, dims.beta2, dims.one_minus_beta2, dims.eps, Step, weights, m, v
// Needs: own, D, M, V, LANES, I, O, W_IH, BIAS, FC, FC_BIAS, NUM_OWN, OUTSIDE, arena_index

struct Rates { beta1: f32, one_minus_beta1: f32, beta2: f32, one_minus_beta2: f32, step_size: f32, correction: f32, eps: f32 }

fn adam_step(step: Step) {
  // Read once, because a load from a uniform costs as much as the arithmetic for a weight.
  let r = Rates(
    dims.beta1, dims.one_minus_beta1, dims.beta2, dims.one_minus_beta2, step.step_size, step.bias_correction2_sqrt, dims.eps,
  );
  adam_tile(0, r);
  if (LANES > 1) { adam_tile(16, r); }
  if (LANES > 2) { adam_tile(32, r); }
  if (LANES > 3) { adam_tile(48, r); }
  if (LANES > 4) { adam_tile(64, r); }
  if (LANES > 5) { adam_tile(80, r); }
  if (LANES > 6) { adam_tile(96, r); }
  if (LANES > 7) { adam_tile(112, r); }
  adam_column(W_IH, r);
  if (I > 1) { adam_column(W_IH + 1, r); }
  if (I > 2) { adam_column(W_IH + 2, r); }
  if (I > 3) { adam_column(W_IH + 3, r); }
  adam_biases(BIAS, r);
  adam_biases(BIAS + 2, r);
  adam_biases(BIAS + 4, r);
  adam_biases(BIAS + 6, r);
  own[FC] -= change_of(FC, r);
  if (O > 1) { own[FC + 1] -= change_of(FC + 1, r); }
  if (O > 2) { own[FC + 2] -= change_of(FC + 2, r); }
  if (O > 3) { own[FC + 3] -= change_of(FC + 3, r); }
  own[FC_BIAS] -= change_of(FC_BIAS, r);
}

fn adam_tile(k: u32, r: Rates) {
  adam_column(k, r);
  adam_column(k + 1, r);
  adam_column(k + 2, r);
  adam_column(k + 3, r);
}

fn adam_column(k: u32, r: Rates) {
  own[k] -= change_of(k, r);
  own[k + 4] -= change_of(k + 4, r);
  own[k + 8] -= change_of(k + 8, r);
  own[k + 12] -= change_of(k + 12, r);
}

// b_ih and b_hh are added in the gates, so they share one gradient, one pair of moments and one update.
fn adam_biases(k: u32, r: Rates) {
  let change = change_of(k, r);
  own[k] -= change;
  own[k + 1] -= change;
}

// The update of four weights; also updates their moments.
fn change_of(k: u32, r: Rates) -> vec4f {
  let d = own[D + k];
  let first = r.beta1 * own[M + k] + r.one_minus_beta1 * d;
  let second = r.beta2 * own[V + k] + r.one_minus_beta2 * d * d;
  own[M + k] = first;
  own[V + k] = second;
  return r.step_size * first / (sqrt(second) / r.correction + r.eps);
}

fn load_model(base: u32, lane: u32) {
  for (var k = 0u; k < NUM_OWN; k++) {
    for (var row = 0u; row < 4; row++) {
      let index = arena_index(k, row, lane);
      if (index == OUTSIDE) { continue; }
      own[k][row] = weights[base + index];
      own[M + k][row] = m[base + index];
      own[V + k][row] = v[base + index];
    }
  }
}

fn store_model(base: u32, lane: u32) {
  for (var k = 0u; k < NUM_OWN; k++) {
    let moments = select(k, k - 1, k >= BIAS && k < FC && k % 2 == 1);  // b_hh's are b_ih's
    for (var row = 0u; row < 4; row++) {
      let index = arena_index(k, row, lane);
      if (index == OUTSIDE || (k == FC_BIAS && lane > 0)) { continue; }
      weights[base + index] = own[k][row];
      m[base + index] = own[M + moments][row];
      v[base + index] = own[V + moments][row];
    }
  }
}
