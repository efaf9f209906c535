// resident_quads: many optimizer steps of a whole model in one workgroup, with its weights, gradients and moments in registers.
//   a = W_ih x_t + b_ih + W_hh h[t] + b_hh    i, f, o = sigmoid(a)   g = tanh(a_g)   c = f c + i g   h = o tanh(c)
//   y = W_fc h[T] + b_fc    loss = mean (y - target)^2    and the gradients and update of the other plans' kernels
//   target[o] = series[start + T + o / C, o % C]: the first C columns, O / C steps ahead
// Source: torch.nn.LSTM, torch.nn.Linear, torch.nn.MSELoss, torch.optim.Adam; a persistent RNN (Diamos et al. 2016).
// Shapes: weights, m, v [models, arena] in place, PyTorch's layout at the offsets in `dims`. series [rows, I], order
//         [samples], steps [slots, models], losses [slots, models] =. H <= 64, I <= 8, O <= 32. history [models, T, 6, UNITS] scratch,
//         if STORED: for each t the four gates of every unit, c[t], h[t].
// Grid: one workgroup per model, four lanes a hidden unit.
// Bound: the chain of a time step: h to gates to h, and back; every value that a lane reads comes from registers or the
//   workgroup's memory.
// Uses: shared/quads.wgsl, shared/quad_sizes.wgsl, shared/step.wgsl, shared/resident_model.wgsl, shared/activations.wgsl, shared/quad_lstm.wgsl, shared/quad_training.wgsl
@compute @workgroup_size(LANES)
fn resident_quads(@builtin(local_invocation_index) lane: u32, @builtin(workgroup_id) group: vec3u) { train(group.x, lane); }
