// One backward step of an LSTM for one unit of one row: see lstm_cell_backward.wgsl. `dh` is the whole gradient of h'.
// Needs: CellBackward, lengths, c, d_c, gates, tanh_safe
fn lstm_backward(d: CellBackward, n: u32, j: u32, dh: f32) {
  let H = d.H;
  let gate = d.gates + (d.t * d.N + n) * 4 * H + j;
  let carried = d.d_c + n * d.d_c_stride + j;
  var dc = 0.0;
  if (d.fresh == 0) { dc = d_c[carried]; }
  if (d.t >= lengths[n]) {
    for (var q = 0u; q < 4; q++) { gates[gate + q * H] = 0.0; }
    d_c[carried] = dc;
    return;
  }
  let i = gates[gate];
  let f = gates[gate + H];
  let g = gates[gate + 2 * H];
  let o = gates[gate + 3 * H];
  let tanh_c = tanh_safe(c[d.c_after + n * d.c_stride + j]);
  dc += dh * o * (1.0 - tanh_c * tanh_c);
  gates[gate] = dc * g * i * (1.0 - i);
  gates[gate + H] = dc * c[d.c_before + n * d.c_stride + j] * f * (1.0 - f);
  gates[gate + 2 * H] = dc * i * (1.0 - g * g);
  gates[gate + 3 * H] = dh * tanh_c * o * (1.0 - o);
  d_c[carried] = dc * f;
}
