// One backward step of a GRU for one unit of one row: see gru_cell_backward.wgsl. `dh` is the whole gradient of h'.
// Needs: CellBackward, lengths, h, d_h, gates
fn gru_backward(d: CellBackward, row: u32, j: u32, dh: f32) {
  let H = d.H;
  let gate = d.gates + (d.t * d.N + row) * 4 * H + j;
  if (d.t >= lengths[row]) {
    for (var q = 0u; q < 4; q++) { gates[gate + q * H] = 0.0; }
    return;
  }
  let r = gates[gate];
  let new_share = gates[gate + H];  // 1 - z
  let n = gates[gate + 2 * H];
  let dn = dh * new_share * (1.0 - n * n);
  gates[gate] = dn * gates[gate + 3 * H] * r * (1.0 - r);
  gates[gate + H] = dh * (h[d.h_before + row * d.h_stride + j] - n) * (1.0 - new_share) * new_share;
  gates[gate + 2 * H] = dn;
  gates[gate + 3 * H] = dn * r;
  if (d.to_before == 1) { d_h[d.d_h_before + row * d.d_h_stride + j] += fma(-new_share, dh, dh); }
}
