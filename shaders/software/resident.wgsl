// resident: many optimizer steps of a whole model in ONE workgroup: forward, loss, backpropagation through time, Adam.
//   a = W_ih x_t + b_ih + W_hh h[t] + b_hh    i, f, o = sigmoid(a)   g = tanh(a_g)   c = f c + i g   h = o tanh(c)
//   y = W_fc h[T] + b_fc    loss = mean (y - target)^2    and the gradients and update of the other plans' kernels
//   target[o] = series[start + T + o / C, o % C]: the first C columns, O / C steps ahead
// Source: torch.nn.LSTM, torch.nn.Linear, torch.nn.MSELoss, torch.optim.Adam; a persistent RNN (Diamos et al. 2016).
// Shapes: weights, m, v [models, arena] in place, PyTorch's layout at the offsets in `dims`. series [rows, I], order
//         [samples], steps [slots, models], losses [slots, models] =. H <= 4 LANES <= 32, I <= 4, O <= 4.
//         history [models, 6 T + 8, 8] vec4 scratch: for each t i f g o (later their gradients), c[t], h[t]; then the partial sums
//         of d_h, [to lane, from lane]: in workgroup memory they would take a CPU adapter longer to compile.
// Grid: one workgroup per model. The weights, gradients and moments of a lane's units stay in private memory, at
//   constant indices: on a CPU adapter any other load costs tens of cycles per value. Lanes exchange only states
//   and partial sums of d_h.
// Uses: shared/step.wgsl, shared/resident_model.wgsl, shared/activations.wgsl, shared/resident_memory.wgsl, shared/resident_forward.wgsl, shared/resident_adam.wgsl
override C: u32 = 1;
struct Slice { num_steps: u32 }
@group(0) @binding(0) var<uniform> dims: ResidentModel;
@group(0) @binding(1) var<storage, read> series: array<f32>;
@group(0) @binding(2) var<storage, read> order: array<u32>;
@group(0) @binding(3) var<storage, read> steps: array<Step>;
@group(0) @binding(4) var<storage, read_write> weights: array<f32>;
@group(0) @binding(5) var<storage, read_write> m: array<f32>;
@group(0) @binding(6) var<storage, read_write> v: array<f32>;
@group(0) @binding(7) var<storage, read_write> history: array<vec4f>;
@group(0) @binding(8) var<storage, read_write> losses: array<f32>;
@group(1) @binding(0) var<uniform> slice: Slice;

// A lane's weights; at offsets D, M and V their gradients and Adam's moments. One array, because a CPU adapter's
// compiler takes longer for four.
var<private> own: array<vec4f, 4 * NUM_OWN>;
const D: u32 = NUM_OWN;
const M: u32 = 2 * NUM_OWN;
const V: u32 = 3 * NUM_OWN;

// 0 while a step's first gradients replace those of the previous step, then 1. Clearing them costs more.
var<private> keep: f32;

@compute @workgroup_size(LANES)
fn resident(
  @builtin(local_invocation_index) lane: u32,
  @builtin(workgroup_id) group: vec3u,
) {
  let model = group.x;
  let past = model * (dims.T * 48 + 64);  // start of this model in `history`
  load_model(model * dims.arena, lane);
  for (var s = 0u; s < slice.num_steps; s++) {
    let step = steps[s * dims.models + model];
    if (step.rows == 0) { continue; }
    keep = 0.0;
    var loss = 0.0;
    for (var n = 0u; n < step.rows; n++) {
      loss += forward_backward(order[step.first + n], past, f32(step.rows * O), lane);
    }
    adam_step(step);
    if (lane == 0) { losses[step.slot] = loss / f32(step.rows * O); }
  }
  store_model(model * dims.arena, lane);
}

// One sample: adds its gradient to the sums, returns its sum of squared errors.
fn forward_backward(start: u32, past: u32, count: f32, lane: u32) -> f32 {
  let h = forward(start, past, lane);
  let y = head(h, lane);
  let error = select(vec4f(0.0), y - target_at(start + dims.T), vec4u(0, 1, 2, 3) < vec4u(O));
  let d_y = 2.0 * error / count;
  var d_h = own[FC] * d_y.x;
  own[D + FC] = own[D + FC] * keep + h * d_y.x;
  own[D + FC_BIAS] = own[D + FC_BIAS] * keep + d_y;
  if (O > 1) { d_h += own[FC + 1] * d_y.y; own[D + FC + 1] = own[D + FC + 1] * keep + h * d_y.y; }
  if (O > 2) { d_h += own[FC + 2] * d_y.z; own[D + FC + 2] = own[D + FC + 2] * keep + h * d_y.z; }
  if (O > 3) { d_h += own[FC + 3] * d_y.w; own[D + FC + 3] = own[D + FC + 3] * keep + h * d_y.w; }
  backward(d_h, past, lane);
  storageBarrier();  // all states are in `history` for add_gradients
  add_gradients(start, past, lane);
  return dot(error, error);
}

// The targets, from row `row` on; components beyond O are unused.
fn target_at(row: u32) -> vec4f {
  let at = row * I;
  var target_row = vec4f(series[at], 0.0, 0.0, 0.0);
  if (O > 1) { target_row.y = series[at + 1 / C * I + 1 % C]; }
  if (O > 2) { target_row.z = series[at + 2 / C * I + 2 % C]; }
  if (O > 3) { target_row.w = series[at + 3 / C * I + 3 % C]; }
  return target_row;
}

// h[T] of this lane's units.
fn forward(start: u32, past: u32, lane: u32) -> vec4f {
  var c = vec4f(0.0);
  var h = vec4f(0.0);
  h_now[lane] = h;
  workgroupBarrier();  // and the `history` of the previous sample is no longer read
  for (var t = 0u; t < dims.T; t++) {
    let a = activated(gate_inputs(input_at(start + t)));
    let row = past + t * 48 + lane;
    history[row] = a.i;
    history[row + 8] = a.f;
    history[row + 16] = a.g;
    history[row + 24] = a.o;
    history[row + 32] = c;
    history[row + 40] = h;
    c = a.f * c + a.i * a.g;
    h = a.o * tanh4(c);
    workgroupBarrier();  // all have read h[t]
    h_now[lane] = h;
    workgroupBarrier();  // all have written h[t+1]
  }
  return h;
}

// From the gradient of h[T] down to those of all gates, which replace the gates in `history`. A lane has the rows of
// W_hh that its units' gates need, so it computes partial sums of W_hh^T d_gates for every lane, which adds them up.
fn backward(d_last: vec4f, past: u32, lane: u32) {
  var d_h = d_last;
  let parts = past + dims.T * 48;
  var d_c = vec4f(0.0);
  for (var t = i32(dims.T) - 1; t >= 0; t--) {
    let row = past + u32(t) * 48 + lane;
    let i = history[row];
    let f = history[row + 8];
    let g = history[row + 16];
    let o = history[row + 24];
    let c = history[row + 32];
    let tanh_c = tanh4(f * c + i * g);
    d_c += d_h * o * (1.0 - tanh_c * tanh_c);
    let d = Gates(
      d_c * g * i * (1.0 - i),
      d_c * c * f * (1.0 - f),
      d_c * i * (1.0 - g * g),
      d_h * tanh_c * o * (1.0 - o),
    );
    d_c *= f;
    history[row] = d.i;
    history[row + 8] = d.f;
    history[row + 16] = d.g;
    history[row + 24] = d.o;
    history[parts + lane] = product_back(d, 0);
    if (LANES > 1) { history[parts + 8 + lane] = product_back(d, 16); }
    if (LANES > 2) { history[parts + 16 + lane] = product_back(d, 32); }
    if (LANES > 3) { history[parts + 24 + lane] = product_back(d, 48); }
    if (LANES > 4) { history[parts + 32 + lane] = product_back(d, 64); }
    if (LANES > 5) { history[parts + 40 + lane] = product_back(d, 80); }
    if (LANES > 6) { history[parts + 48 + lane] = product_back(d, 96); }
    if (LANES > 7) { history[parts + 56 + lane] = product_back(d, 112); }
    storageBarrier();  // all have written their partial sums
    let mine = lane * 8;
    d_h = history[parts + mine];
    if (LANES > 1) { d_h += history[parts + mine + 1]; }
    if (LANES > 2) { d_h += history[parts + mine + 2]; }
    if (LANES > 3) { d_h += history[parts + mine + 3]; }
    if (LANES > 4) { d_h += history[parts + mine + 4]; }
    if (LANES > 5) { d_h += history[parts + mine + 5]; }
    if (LANES > 6) { d_h += history[parts + mine + 6]; }
    if (LANES > 7) { d_h += history[parts + mine + 7]; }
    storageBarrier();  // all have read them
  }
}

// Backpropagates gate gradients to the four units of a tile: W^T d.
fn product_back(d: Gates, k: u32) -> vec4f {
  return vec4f(
    dot(d.i, own[k]) + dot(d.f, own[k + 4]) + dot(d.g, own[k + 8]) + dot(d.o, own[k + 12]),
    dot(d.i, own[k + 1]) + dot(d.f, own[k + 5]) + dot(d.g, own[k + 9]) + dot(d.o, own[k + 13]),
    dot(d.i, own[k + 2]) + dot(d.f, own[k + 6]) + dot(d.g, own[k + 10]) + dot(d.o, own[k + 14]),
    dot(d.i, own[k + 3]) + dot(d.f, own[k + 7]) + dot(d.g, own[k + 11]) + dot(d.o, own[k + 15]),
  );
}

// d_W += d_gates[t] h[t]^T, and likewise for x_t and 1.
fn add_gradients(start: u32, past: u32, lane: u32) {
  for (var t = 0u; t < dims.T; t++) {
    let row = past + t * 48;
    let d = Gates(history[row + lane], history[row + 8 + lane], history[row + 16 + lane], history[row + 24 + lane]);
    let x = input_at(start + t);
    own[D + BIAS] = own[D + BIAS] * keep + d.i;
    own[D + BIAS + 2] = own[D + BIAS + 2] * keep + d.f;
    own[D + BIAS + 4] = own[D + BIAS + 4] * keep + d.g;
    own[D + BIAS + 6] = own[D + BIAS + 6] * keep + d.o;
    add_outer_column(d, W_IH, x.x);
    if (I > 1) { add_outer_column(d, W_IH + 1, x.y); }
    if (I > 2) { add_outer_column(d, W_IH + 2, x.z); }
    if (I > 3) { add_outer_column(d, W_IH + 3, x.w); }
    add_outer(d, 0, history[row + 40]);
    if (LANES > 1) { add_outer(d, 16, history[row + 41]); }
    if (LANES > 2) { add_outer(d, 32, history[row + 42]); }
    if (LANES > 3) { add_outer(d, 48, history[row + 43]); }
    if (LANES > 4) { add_outer(d, 64, history[row + 44]); }
    if (LANES > 5) { add_outer(d, 80, history[row + 45]); }
    if (LANES > 6) { add_outer(d, 96, history[row + 46]); }
    if (LANES > 7) { add_outer(d, 112, history[row + 47]); }
    keep = 1.0;
  }
}

fn add_outer(d: Gates, k: u32, x: vec4f) {
  add_outer_column(d, k, x.x);
  add_outer_column(d, k + 1, x.y);
  add_outer_column(d, k + 2, x.z);
  add_outer_column(d, k + 3, x.w);
}

fn add_outer_column(d: Gates, k: u32, x: f32) {
  own[D + k] = own[D + k] * keep + d.i * x;
  own[D + k + 4] = own[D + k + 4] * keep + d.f * x;
  own[D + k + 8] = own[D + k + 8] * keep + d.g * x;
  own[D + k + 12] = own[D + k + 12] * keep + d.o * x;
}
