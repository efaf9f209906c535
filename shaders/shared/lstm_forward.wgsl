// One step of an LSTM for one unit of one row: see lstm_cell_forward.wgsl. The kernel provides the biases and stores h'.
// `products` are the state's, W_hh h, unless they are in `gates` already.
// Needs: Cell, lengths, gates, c, bias_ih_at, bias_hh_at, put_h, sigmoid, tanh_safe
fn lstm_forward(d: Cell, n: u32, j: u32, products: vec4f) {
  let H = d.H;
  let gate = d.gates + (d.t * d.N + n) * 4 * H + j;
  let before = d.c_before + n * d.c_stride + j;
  let after = d.c_after + n * d.c_stride + j;
  let out = d.h_after + n * d.h_stride + j;
  if (d.t >= lengths[n]) {
    for (var q = 0u; q < 4; q++) { gates[gate + q * H] = 0.0; }
    c[after] = c[before];
    put_h(out, 0.0);
    return;
  }
  let i = sigmoid(gates[gate] + products.x + bias_ih_at(j) + bias_hh_at(j));
  let f = sigmoid(gates[gate + H] + products.y + bias_ih_at(H + j) + bias_hh_at(H + j));
  let g = tanh_safe(gates[gate + 2 * H] + products.z + bias_ih_at(2 * H + j) + bias_hh_at(2 * H + j));
  let o = sigmoid(gates[gate + 3 * H] + products.w + bias_ih_at(3 * H + j) + bias_hh_at(3 * H + j));
  gates[gate] = i;
  gates[gate + H] = f;
  gates[gate + 2 * H] = g;
  gates[gate + 3 * H] = o;
  let c_after = f * c[before] + i * g;
  c[after] = c_after;
  put_h(out, o * tanh_safe(c_after));
}
