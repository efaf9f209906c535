// resident_rows: the gradient of a batch, its rows shared by several workgroups: forward, loss and backpropagation through time in
//   one dispatch, with weights and gradients in registers.
//   h[t+1] = cell(W_ih x_t + b_ih, W_hh h[t] + b_hh), that of lstm_, gru_ or rnn_cell_forward.wgsl
//   y = W_fc h[T] + b_fc    parts[model, share] = d/dW sum (y - target)^2 / (rows O)    part_losses[model, share] = sum (y - target)^2
//   target[o] = series[start + T + o / C, o % C]: the first C columns, O / C steps ahead
// Source: torch.nn.LSTM, GRU and RNN, torch.nn.Linear, torch.nn.MSELoss; a persistent RNN (Diamos et al. 2016).
// Shapes: weights [models, arena], PyTorch's layout at the offsets in `dims`. series [rows, I], order [samples], steps [slots,
//         models], parts [models, SHARES, arena] = except for padding, part_losses [models, SHARES] =. H <= 64, I <= 8, O <= 32.
//         history [models, SHARES, T, 6, UNITS] scratch, if STORED. Nothing is written for a model without rows.
// Grid: x = share of the rows: workgroup x takes rows x, x + SHARES, ...; y = model. Four lanes a hidden unit.
// Bound: the chain of a time step, as in resident_quads, plus one read of the weights and one write of the gradients.
// Uses: shared/quads.wgsl, shared/quad_sizes.wgsl, shared/step.wgsl, shared/resident_model.wgsl, shared/position.wgsl, shared/not_a_number.wgsl, shared/activations.wgsl, shared/quad_cell.wgsl, shared/quad_model.wgsl, shared/quad_rows.wgsl
@compute @workgroup_size(LANES)
fn resident_rows(@builtin(local_invocation_index) lane: u32, @builtin(workgroup_id) group: vec3u) {
  add_rows(group.y, group.x, lane);
}
