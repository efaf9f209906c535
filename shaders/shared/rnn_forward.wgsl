// One step of a plain RNN for one unit of one row: see rnn_cell_forward.wgsl. The kernel provides the biases and stores h'.
// `product` is the state's, W_hh h, unless it is in `gates` already.
// NaN stays NaN, as in torch; max may treat it as the smaller value.
// Needs: Cell, lengths, gates, bias_ih_at, bias_hh_at, put_h, tanh_safe, max_or_nan
override RELU: u32 = 0;  // 1: relu, 0: tanh

fn rnn_forward(d: Cell, n: u32, j: u32, product: f32) {
  let gate = d.gates + (d.t * d.N + n) * d.H + j;
  var state = 0.0;
  if (d.t < lengths[n]) {
    let a = gates[gate] + product + bias_ih_at(j) + bias_hh_at(j);
    if (RELU == 1) { state = max_or_nan(a, 0.0); } else { state = tanh_safe(a); }
  }
  gates[gate] = state;
  put_h(d.h_after + n * d.h_stride + j, state);
}
