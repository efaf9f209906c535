// resident_predict: the forward pass of resident, for many windows of many models in one dispatch.
//   a = W_ih x_t + b_ih + W_hh h[t] + b_hh    i, f, o = sigmoid(a)   g = tanh(a_g)   c = f c + i g   h = o tanh(c)
//   predictions[model, w] = W_fc h[T] + b_fc
//   if forecasts become the next rows of their series, for j < ahead:
//   series[start + T + j, 0] = sorted(predictions[model, w, j * Q .. j * Q + Q - 1])[q]
// Source: torch.nn.LSTM, torch.nn.Linear.
// Shapes: weights [models, arena], PyTorch's layout at the offsets in `dims`. series [rows, I], starts [models, W],
//         predictions [models, W, O] =. H <= 4 LANES <= 32, I <= 4, O <= 4. Models have separate rows if ahead > 0.
// Grid: x = model, y = share of its windows: workgroup y takes windows y, y + groups.y, ...; one takes all if ahead > 0.
// Uses: shared/activations.wgsl, shared/resident_memory.wgsl, shared/resident_forward.wgsl, shared/sorted.wgsl
struct Dims {
  models: u32, T: u32, H: u32, W: u32, ahead: u32, Q: u32, q: u32,
  arena: u32, weight_ih: u32, weight_hh: u32, bias_ih: u32, bias_hh: u32, fc_weight: u32, fc_bias: u32,
}
@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> starts: array<u32>;
@group(0) @binding(2) var<storage, read> weights: array<f32>;
@group(0) @binding(3) var<storage, read_write> series: array<f32>;
@group(0) @binding(4) var<storage, read_write> predictions: array<f32>;

var<private> own: array<vec4f, NUM_OWN>;

@compute @workgroup_size(LANES)
fn resident_predict(
  @builtin(local_invocation_index) lane: u32,
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  load_weights(group.x * dims.arena, lane);
  for (var w = group.y; w < dims.W; w += groups.y) {
    let start = starts[group.x * dims.W + w];
    let y = head(last_state(start, lane), lane);
    if (lane == 0) {
      let first = (group.x * dims.W + w) * O;
      for (var o = 0u; o < O; o++) { predictions[first + o] = y[o]; }
      for (var j = 0u; j < dims.ahead; j++) {
        series[(start + dims.T + j) * I] = sorted_output(first + j * dims.Q, dims.Q, dims.q);
      }
    }
    if (dims.ahead > 0) { storageBarrier(); }  // the next window contains these rows
  }
}

fn output_at(k: u32) -> f32 { return predictions[k]; }

fn last_state(start: u32, lane: u32) -> vec4f {
  var c = vec4f(0.0);
  var h = vec4f(0.0);
  h_now[lane] = h;
  workgroupBarrier();  // all have written h[0]
  for (var t = 0u; t < dims.T; t++) {
    let a = activated(gate_inputs(input_at(start + t)));
    c = a.f * c + a.i * a.g;
    h = a.o * tanh4(c);
    workgroupBarrier();  // all have read h[t]
    h_now[lane] = h;
    workgroupBarrier();  // all have written h[t+1]
  }
  return h;
}

fn load_weights(base: u32, lane: u32) {
  for (var k = 0u; k < NUM_OWN; k++) {
    for (var row = 0u; row < 4; row++) {
      let index = arena_index(k, row, lane);
      if (index != OUTSIDE) { own[k][row] = weights[base + index]; }
    }
  }
}
