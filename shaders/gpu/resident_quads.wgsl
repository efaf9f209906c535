// resident_quads: many optimizer steps of a whole model in one workgroup, with its weights, gradients and moments in registers.
//   h[t+1] = cell(W_ih x_t + b_ih, W_hh h[t] + b_hh), that of lstm_, gru_ or rnn_cell_forward.wgsl
//   y = W_fc h[T] + b_fc    loss = mean (y - target)^2    and the gradients and update of the other plans' kernels
//   target[o] = series[start + T + o / C, o % C]: the first C columns, O / C steps ahead
// Source: torch.nn.LSTM, GRU and RNN, torch.nn.Linear, torch.nn.MSELoss, torch.optim.Adam; a persistent RNN (Diamos et al. 2016).
// Shapes: weights, m, v [models, arena] in place, PyTorch's layout at the offsets in `dims`. series [rows, I], order
//         [samples], steps [slots, models], losses [slots, models] =. H <= 64, I <= 8, O <= 32. history [models, T, 6, UNITS] scratch,
//         if STORED: for each t the four gates of every unit, c[t], h[t].
// Grid: one workgroup per model, four lanes a hidden unit.
// Bound: the chain of a time step: h to gates to h, and back; every value that a lane reads comes from registers or the
//   workgroup's memory.
// Uses: shared/quads.wgsl, shared/quad_sizes.wgsl, shared/step.wgsl, shared/resident_model.wgsl, shared/not_a_number.wgsl, shared/activations.wgsl, shared/quad_cell.wgsl, shared/quad_model.wgsl, shared/quad_training.wgsl
@compute @workgroup_size(LANES)
fn resident_quads(@builtin(local_invocation_index) lane: u32, @builtin(workgroup_id) group: vec3u) { train(group.x, lane); }
