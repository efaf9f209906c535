// One backward step of a plain RNN for one unit of one row: see rnn_cell_backward.wgsl. `dh` is the whole gradient of h'.
// Needs: CellBackward, lengths, gates
override RELU: u32 = 0;  // 1: relu, 0: tanh

fn rnn_backward(d: CellBackward, n: u32, j: u32, dh: f32) {
  let gate = d.gates + (d.t * d.N + n) * d.H + j;
  var slope = 0.0;
  if (d.t < lengths[n]) {
    let state = gates[gate];
    if (RELU == 1) { slope = select(1.0, 0.0, state <= 0.0); } else { slope = 1.0 - state * state; }
  }
  gates[gate] = slope * dh;
}
