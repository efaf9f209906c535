// resident_wide: like resident, many optimizer steps of a whole model in one workgroup, with one hidden unit per lane: for models
// that are too wide for private memory.
//   a = W_ih x_t + b_ih + W_hh h[t] + b_hh    i, f, o = sigmoid(a)   g = tanh(a_g)   c = f c + i g   h = o tanh(c)
//   y = W_fc h[T] + b_fc    loss = mean (y - target)^2    and the gradients and update of the other plans' kernels
//   target[o] = series[start + T + o / C, o % C]: the first C columns, O / C steps ahead
// Source: torch.nn.LSTM, torch.nn.Linear, torch.nn.MSELoss, torch.optim.Adam; a persistent RNN (Diamos et al. 2016).
// Shapes: weights, m, v [models, arena] in place, PyTorch's layout at the offsets in `dims`. series [rows, I], order
//         [samples], steps [slots, models], losses [slots, models] =, scratch [models, 4 K + 2 T, H] vec4: during a slice
//         the weights, gradients and both moments, [K, unit] with the four gates (or four outputs) as one vec4f; then
//         per time step the gates (later their gradients), and (c[t], h[t]). H <= 256, O <= 256, any I.
// Grid: one workgroup per model, H invocations. Lane j owns unit j, and reads only states and gradients of other units.
// Uses: shared/step.wgsl, shared/resident_model.wgsl, shared/activations.wgsl
override H: u32 = 32;  // overrides, because they size the workgroup's memory
override O: u32 = 1;
override I: u32 = 1;
override C: u32 = 1;
struct Slice { num_steps: u32 }
@group(0) @binding(0) var<uniform> dims: ResidentModel;
@group(0) @binding(1) var<storage, read> series: array<f32>;
@group(0) @binding(2) var<storage, read> order: array<u32>;
@group(0) @binding(3) var<storage, read> steps: array<Step>;
@group(0) @binding(4) var<storage, read_write> weights: array<f32>;
@group(0) @binding(5) var<storage, read_write> m: array<f32>;
@group(0) @binding(6) var<storage, read_write> v: array<f32>;
@group(0) @binding(7) var<storage, read_write> scratch: array<vec4f>;
@group(0) @binding(8) var<storage, read_write> losses: array<f32>;
@group(1) @binding(0) var<uniform> slice: Slice;

// h[t] and the gate gradients, alternating between even and odd t, so that a time step needs one barrier; the outputs' gradients.
var<workgroup> h_now: array<f32, 2 * H>;
var<workgroup> d_now: array<vec4f, 2 * H>;
var<workgroup> d_y: array<f32, O>;
var<workgroup> squares: array<f32, O>;

// Rows of [K, unit]: W_hh from unit k, W_ih from input i, b_ih, b_hh, W_fc and b_fc for four outputs per row.
struct Rows { W_IH: u32, BIAS: u32, FC: u32, FC_BIAS: u32, K: u32 }

fn rows_of() -> Rows {
  let rows = (O + 3) / 4;
  let fc = H + I + 2;
  return Rows(H, H + I, fc, fc + rows, fc + 2 * rows);
}

@compute @workgroup_size(H)
fn resident_wide(@builtin(local_invocation_index) lane: u32, @builtin(workgroup_id) group: vec3u) {
  let model = group.x;
  let r = rows_of();
  let W = model * (4 * r.K + 2 * dims.T) * H;  // start of this model in `scratch`, then D, M, V, and the time steps
  let D = W + r.K * H;
  let M = D + r.K * H;
  let V = M + r.K * H;
  let past = V + r.K * H;
  for (var k = 0u; k < r.K; k++) {
    var w = vec4f(0.0);
    var first = vec4f(0.0);
    var second = vec4f(0.0);
    for (var gate = 0u; gate < 4; gate++) {
      let at = place_in_arena(r, k, gate, lane);
      if (at == OUTSIDE) { continue; }
      w[gate] = weights[model * dims.arena + at];
      first[gate] = m[model * dims.arena + at];
      second[gate] = v[model * dims.arena + at];
    }
    scratch[W + k * H + lane] = w;
    scratch[M + k * H + lane] = first;
    scratch[V + k * H + lane] = second;
  }
  storageBarrier();  // every lane's weights are written, for backward
  for (var s = 0u; s < slice.num_steps; s++) {
    let step = steps[s * dims.models + model];
    if (step.rows == 0) { continue; }
    for (var k = 0u; k < r.K; k++) { scratch[D + k * H + lane] = vec4f(0.0); }
    var loss = 0.0;
    for (var n = 0u; n < step.rows; n++) {
      let start = order[step.first + n];
      let h = forward(r, W, past, start, lane);
      loss += outputs(r, W, start, f32(step.rows * O), lane);
      backward(r, W, D, past, h, lane);
      storageBarrier();  // every lane's states are written, for the gradients
      add_gradients(r, D, past, start, lane);
    }
    for (var k = 0u; k < r.K; k++) { adam_row(W + k * H + lane, r.K * H, step); }
    if (lane == 0) { losses[step.slot] = loss / f32(step.rows * O); }
    storageBarrier();  // every lane's weights are written, for backward
  }
  for (var k = 0u; k < r.K; k++) {
    for (var gate = 0u; gate < 4; gate++) {
      let at = place_in_arena(r, k, gate, lane);
      if (at == OUTSIDE || (k >= r.FC_BIAS && lane > 0)) { continue; }
      weights[model * dims.arena + at] = scratch[W + k * H + lane][gate];
      m[model * dims.arena + at] = scratch[M + k * H + lane][gate];
      v[model * dims.arena + at] = scratch[V + k * H + lane][gate];
    }
  }
}

const OUTSIDE: u32 = 0xffffffff;

// The arena's element for component `gate` of row k; in the rows of the head, the component is one of four outputs.
fn place_in_arena(r: Rows, k: u32, gate: u32, lane: u32) -> u32 {
  let row = gate * H + lane;
  if (k < r.W_IH) { return dims.weight_hh + row * H + k; }
  if (k < r.BIAS) { return dims.weight_ih + row * I + k - r.W_IH; }
  if (k < r.FC) { return select(dims.bias_ih, dims.bias_hh, k > r.BIAS) + row; }
  if (k < r.FC_BIAS) {
    let o = (k - r.FC) * 4 + gate;
    return select(OUTSIDE, dims.fc_weight + o * H + lane, o < O);
  }
  let o = (k - r.FC_BIAS) * 4 + gate;
  return select(OUTSIDE, dims.fc_bias + o, o < O);
}

// h[T] of this lane's unit; h_now[T % 2] then contains that of all units.
fn forward(r: Rows, W: u32, past: u32, start: u32, lane: u32) -> f32 {
  var c = 0.0;
  var h = 0.0;
  workgroupBarrier();  // h_now of the previous sample is no longer read
  h_now[lane] = h;
  workgroupBarrier();  // all have written h[0]
  for (var t = 0u; t < dims.T; t++) {
    var a = scratch[W + r.BIAS * H + lane] + scratch[W + (r.BIAS + 1) * H + lane];
    for (var i = 0u; i < I; i++) {
      a = fma(scratch[W + (r.W_IH + i) * H + lane], vec4f(series[(start + t) * I + i]), a);
    }
    let now = t % 2 * H;
    for (var k = 0u; k < H; k++) { a = fma(scratch[W + k * H + lane], vec4f(h_now[now + k]), a); }
    let gates = vec4f(sigmoid(a.x), sigmoid(a.y), tanh_safe(a.z), sigmoid(a.w));
    let row = past + 2 * t * H + lane;
    scratch[row] = gates;
    scratch[row + H] = vec4f(c, h, 0.0, 0.0);
    c = gates.y * c + gates.x * gates.z;
    h = gates.w * tanh_safe(c);
    h_now[(t + 1) % 2 * H + lane] = h;
    workgroupBarrier();  // all have written h[t+1], and read h[t]
  }
  return h;
}

// Writes d_y; returns the sum of squared errors.
fn outputs(r: Rows, W: u32, start: u32, count: f32, lane: u32) -> f32 {
  let last = dims.T % 2 * H;
  for (var o = lane; o < O; o += H) {
    var y = scratch[W + (r.FC_BIAS + o / 4) * H][o % 4];
    for (var k = 0u; k < H; k++) { y = fma(scratch[W + (r.FC + o / 4) * H + k][o % 4], h_now[last + k], y); }
    let error = y - series[(start + dims.T + o / C) * I + o % C];
    d_y[o] = 2.0 * error / count;
    squares[o] = error * error;
  }
  workgroupBarrier();  // all have written their outputs
  var sum = 0.0;
  for (var o = 0u; o < O; o++) { sum += squares[o]; }
  return sum;
}

// From d_y down to the gradients of all gates, which replace the gates in `scratch`; and the head's own gradient.
fn backward(r: Rows, W: u32, D: u32, past: u32, h_last: f32, lane: u32) {
  var d_h = 0.0;
  for (var o = 0u; o < O; o++) {
    d_h = fma(scratch[W + (r.FC + o / 4) * H + lane][o % 4], d_y[o], d_h);
    scratch[D + (r.FC + o / 4) * H + lane][o % 4] += d_y[o] * h_last;
    scratch[D + (r.FC_BIAS + o / 4) * H + lane][o % 4] += d_y[o];
  }
  var d_c = 0.0;
  for (var t = i32(dims.T) - 1; t >= 0; t--) {
    let row = past + 2 * u32(t) * H + lane;
    let q = scratch[row];  // i f g o
    let c = scratch[row + H].x;
    let tanh_c = tanh_safe(q.y * c + q.x * q.z);
    d_c += d_h * q.w * (1.0 - tanh_c * tanh_c);
    let d = vec4f(
      d_c * q.z * q.x * (1.0 - q.x),
      d_c * c * q.y * (1.0 - q.y),
      d_c * q.x * (1.0 - q.z * q.z),
      d_h * tanh_c * q.w * (1.0 - q.w),
    );
    d_c *= q.y;
    scratch[row] = d;
    let now = u32(t) % 2 * H;
    d_now[now + lane] = d;
    workgroupBarrier();  // all have written their gate gradients, and read those of t + 1
    d_h = 0.0;
    for (var unit = 0u; unit < H; unit++) { d_h += dot(scratch[W + lane * H + unit], d_now[now + unit]); }
  }
}

// d_W += sum_t d_gates[t] h[t]^T, and likewise for x and 1.
fn add_gradients(r: Rows, D: u32, past: u32, start: u32, lane: u32) {
  for (var k = 0u; k < H; k++) {
    var sum = scratch[D + k * H + lane];
    for (var t = 0u; t < dims.T; t++) {
      sum = fma(scratch[past + 2 * t * H + lane], vec4f(scratch[past + (2 * t + 1) * H + k].y), sum);
    }
    scratch[D + k * H + lane] = sum;
  }
  for (var i = 0u; i < I; i++) {
    var sum = scratch[D + (r.W_IH + i) * H + lane];
    for (var t = 0u; t < dims.T; t++) {
      sum = fma(scratch[past + 2 * t * H + lane], vec4f(series[(start + t) * I + i]), sum);
    }
    scratch[D + (r.W_IH + i) * H + lane] = sum;
  }
  var bias = scratch[D + r.BIAS * H + lane];
  for (var t = 0u; t < dims.T; t++) { bias += scratch[past + 2 * t * H + lane]; }
  scratch[D + r.BIAS * H + lane] = bias;
  scratch[D + (r.BIAS + 1) * H + lane] = bias;
}

// The update of the four weights at `at`; at offsets of `region` are their gradient, then both moments. See adam.wgsl.
fn adam_row(at: u32, region: u32, step: Step) {
  let g = scratch[at + region];
  let first = dims.beta1 * scratch[at + 2 * region] + dims.one_minus_beta1 * g;
  let second = dims.beta2 * scratch[at + 3 * region] + dims.one_minus_beta2 * g * g;
  scratch[at + 2 * region] = first;
  scratch[at + 3 * region] = second;
  scratch[at] -= step.step_size * first / (sqrt(second) / step.bias_correction2_sqrt + dims.eps);
}
