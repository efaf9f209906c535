// One step of a GRU for one unit of one row: see gru_cell_forward.wgsl. The kernel provides the biases and stores h'.
// Needs: Cell, lengths, gates, h, bias_ih_at, bias_hh_at, put_h, sigmoid, tanh_safe
fn gru_forward(d: Cell, row: u32, j: u32) {
  let H = d.H;
  let gate = d.gates + (d.t * d.N + row) * 4 * H + j;
  let out = d.h_after + row * d.h_stride + j;
  if (d.t >= lengths[row]) {
    for (var q = 0u; q < 4; q++) { gates[gate + q * H] = 0.0; }
    put_h(out, 0.0);
    return;
  }
  let r = sigmoid(gates[gate] + bias_ih_at(j) + bias_hh_at(j));
  let z = sigmoid(gates[gate + H] + bias_ih_at(H + j) + bias_hh_at(H + j));
  let q = gates[gate + 3 * H] + bias_hh_at(2 * H + j);
  let n = tanh_safe(gates[gate + 2 * H] + bias_ih_at(2 * H + j) + r * q);
  gates[gate] = r;
  gates[gate + H] = z;
  gates[gate + 2 * H] = n;
  gates[gate + 3 * H] = q;
  put_h(out, (1.0 - z) * n + z * h[d.h_before + row * d.h_stride + j]);
}
