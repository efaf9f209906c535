// One step of a GRU for one unit of one row: see gru_cell_forward.wgsl. The kernel provides the biases and stores h'.
// `products` are the state's, W_hh h: those of r and z, unless they are in `gates` already, and q.
// Needs: Cell, lengths, gates, h, bias_ih_at, bias_hh_at, put_h, sigmoid, tanh_safe
fn gru_forward(d: Cell, row: u32, j: u32, products: vec4f) {
  let H = d.H;
  let gate = d.gates + (d.t * d.N + row) * 4 * H + j;
  let out = d.h_after + row * d.h_stride + j;
  if (d.t >= lengths[row]) {
    for (var q = 0u; q < 4; q++) { gates[gate + q * H] = 0.0; }
    put_h(out, 0.0);
    return;
  }
  let r = sigmoid(gates[gate] + products.x + bias_ih_at(j) + bias_hh_at(j));
  let new_share = sigmoid(-(gates[gate + H] + products.y + bias_ih_at(H + j) + bias_hh_at(H + j)));  // 1 - z
  let q = products.z + bias_hh_at(2 * H + j);
  let n = tanh_safe(gates[gate + 2 * H] + bias_ih_at(2 * H + j) + r * q);
  gates[gate] = r;
  gates[gate + H] = new_share;
  gates[gate + 2 * H] = n;
  gates[gate + 3 * H] = q;
  let before = h[d.h_before + row * d.h_stride + j];
  put_h(out, fma(new_share, n - before, before));
}

/// The products where another dispatch has put them: those of r and z are added to the input's, and q has its own slot.
fn products_in_gates(d: Cell, row: u32, j: u32) -> vec4f {
  return vec4f(0.0, 0.0, gates[d.gates + ((d.t * d.N + row) * 4 + 3) * d.H + j], 0.0);
}
