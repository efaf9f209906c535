// resident: many optimizer steps of a whole model in ONE workgroup: forward, loss, backpropagation through time, Adam.
//   a = W_ih x_t + b_ih + W_hh h[t] + b_hh    i, f, o = sigmoid(a)   g = tanh(a_g)   c = f c + i g   h = o tanh(c)
//   y = W_fc h[T] + b_fc    loss = mean (y - target)^2    and the gradients and the update of the other plan's kernels
// Source: torch.nn.LSTM, torch.nn.Linear, torch.nn.MSELoss, torch.optim.Adam; a persistent RNN (Diamos et al. 2016).
// Shapes: weights, m, v [models, arena] in place, PyTorch's layout at the offsets in `dims`. series [rows, I], order
//         [samples], steps [slots] = (lr / (1 - beta1^t), sqrt(1 - beta2^t)), losses [models, slots] =,
//         history [models, T, 6, 8] vec4 scratch: i f g o, then c[t+1] and h[t+1]. H <= 32, I <= 4, O <= 4.
// Grid: one workgroup per model. Invocation u owns the hidden units 4u .. 4u + 3: a gate of its units is one vec4f, and
//   the weights from four inputs to its units one mat4x4f. Units beyond H, inputs beyond I have zero weights and so
//   zero gradients. Weights and gradient sums are private variables, never indexed (registers on a GPU; on a CPU adapter
//   an indexed load costs tens of cycles a lane); only states and gate gradients are exchanged.
// Uses: shared/activations.wgsl, shared/resident_memory.wgsl
const LANES: u32 = 8;  // 8 lanes x 4 units: few invocations, because a barrier costs as many of them as there are
struct Dims {
  models: u32, N: u32, T: u32, I: u32, H: u32, O: u32,
  arena: u32, weight_ih: u32, weight_hh: u32, bias_ih: u32, bias_hh: u32, fc_weight: u32, fc_bias: u32, slots: u32,
  beta1: f32, one_minus_beta1: f32, beta2: f32, one_minus_beta2: f32, eps: f32,
}
struct Slice { first_step: u32, num_steps: u32, num_samples: u32 }
@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> series: array<f32>;
@group(0) @binding(2) var<storage, read> order: array<u32>;
@group(0) @binding(3) var<storage, read> steps: array<vec2f>;
@group(0) @binding(4) var<storage, read_write> weights: array<f32>;
@group(0) @binding(5) var<storage, read_write> m: array<f32>;
@group(0) @binding(6) var<storage, read_write> v: array<f32>;
@group(0) @binding(7) var<storage, read_write> history: array<vec4f>;
@group(0) @binding(8) var<storage, read_write> losses: array<f32>;
@group(1) @binding(0) var<uniform> slice: Slice;

struct Gates { i: vec4f, f: vec4f, g: vec4f, o: vec4f }
struct Tile { i: mat4x4f, f: mat4x4f, g: mat4x4f, o: mat4x4f }  // column = one of four inputs, row = one of four units

// What the lanes tell each other: states, gate gradients [gate, lane], partial sums of y.
var<workgroup> h_now: array<vec4f, 8>;
var<workgroup> d_now: array<vec4f, 32>;
var<workgroup> y_part: array<vec4f, 8>;

// W_hh from block b of units to this lane's, and its gradient; and back: from this lane's units to block b.
var<private> w0: Tile; var<private> w1: Tile; var<private> w2: Tile; var<private> w3: Tile;
var<private> w4: Tile; var<private> w5: Tile; var<private> w6: Tile; var<private> w7: Tile;
var<private> d0: Tile; var<private> d1: Tile; var<private> d2: Tile; var<private> d3: Tile;
var<private> d4: Tile; var<private> d5: Tile; var<private> d6: Tile; var<private> d7: Tile;
var<private> back0: Tile; var<private> back1: Tile; var<private> back2: Tile; var<private> back3: Tile;
var<private> back4: Tile; var<private> back5: Tile; var<private> back6: Tile; var<private> back7: Tile;
// W_ih; both biases as the columns of one tile (column 0 b_ih, column 1 b_hh); W_fc, column = output; b_fc.
var<private> wx: Tile; var<private> dx: Tile;
var<private> wb: Tile; var<private> db: Tile;
var<private> wy: mat4x4f; var<private> dy: mat4x4f;
var<private> wc: vec4f; var<private> dc_fc: vec4f;

var<private> lane: u32;
var<private> base: u32;         // of this model in weights, m and v
var<private> correction: vec2f; // this step's entry of `steps`

@compute @workgroup_size(LANES)
fn resident(@builtin(local_invocation_index) invocation: u32, @builtin(workgroup_id) group: vec3u) {
  let model = group.x;
  lane = invocation;
  base = model * dims.arena;
  let past = model * dims.T * 48;  // of this model in `history`
  load_model();
  for (var s = 0u; s < slice.num_steps; s++) {
    correction = steps[s];
    let first = (slice.first_step + s) * dims.N;
    let rows = min(dims.N, slice.num_samples - first);
    zero_gradients();
    load_back_tiles();
    var loss = 0.0;
    for (var n = 0u; n < rows; n++) {
      let start = order[first + n];
      loss += forward_backward(start, past, f32(rows * dims.O));
    }
    adam_step();
    store_recurrent_weights();
    if (lane == 0) { losses[model * dims.slots + s] = loss / f32(rows * dims.O); }
    storageBarrier();  // every lane's weights, before load_back_tiles reads them
  }
  store_model();
}

// One sample: adds its gradient to the private sums, returns its sum of squared errors.
fn forward_backward(start: u32, past: u32, count: f32) -> f32 {
  var c = vec4f(0.0);
  var h = vec4f(0.0);
  h_now[lane] = h;
  workgroupBarrier();
  for (var t = 0u; t < dims.T; t++) {
    var a = Gates(wb.i[0] + wb.i[1], wb.f[0] + wb.f[1], wb.g[0] + wb.g[1], wb.o[0] + wb.o[1]);
    add_product(&a, &wx, input_at(start + t));
    add_product(&a, &w0, h_now[0]);
    add_product(&a, &w1, h_now[1]);
    add_product(&a, &w2, h_now[2]);
    add_product(&a, &w3, h_now[3]);
    add_product(&a, &w4, h_now[4]);
    add_product(&a, &w5, h_now[5]);
    add_product(&a, &w6, h_now[6]);
    add_product(&a, &w7, h_now[7]);
    let i = sigmoid4(a.i);
    let f = sigmoid4(a.f);
    let g = tanh4(a.g);
    let o = sigmoid4(a.o);
    c = f * c + i * g;
    h = o * tanh4(c);
    let row = past + t * 48 + lane;
    history[row] = i;
    history[row + 8] = f;
    history[row + 16] = g;
    history[row + 24] = o;
    history[row + 32] = c;
    history[row + 40] = h;
    workgroupBarrier();  // all have read h[t]
    h_now[lane] = h;
    workgroupBarrier();  // all have written h[t+1]
  }
  y_part[lane] = h * wy;  // four dot products, one an output
  workgroupBarrier();
  let y = wc + y_part[0] + y_part[1] + y_part[2] + y_part[3] + y_part[4] + y_part[5] + y_part[6] + y_part[7];
  let outputs = vec4u(0, 1, 2, 3) < vec4u(dims.O);
  let error = select(vec4f(0.0), y - input_at(start + dims.T), outputs);
  let d_y = 2.0 * error / count;
  dy += mat4x4f(h * d_y.x, h * d_y.y, h * d_y.z, h * d_y.w);
  dc_fc += d_y;

  storageBarrier();  // every lane's states in `history`, read below
  var dh = wy * d_y;
  var dc = vec4f(0.0);
  for (var back = 0u; back < dims.T; back++) {
    let t = dims.T - 1 - back;
    let row = past + t * 48 + lane;
    let i = history[row];
    let f = history[row + 8];
    let g = history[row + 16];
    let o = history[row + 24];
    let tanh_c = tanh4(history[row + 32]);
    var c_prev = vec4f(0.0);
    if (t > 0) { c_prev = history[row - 16]; }
    dc += dh * o * (1.0 - tanh_c * tanh_c);
    let d = Gates(
      dc * g * i * (1.0 - i),
      dc * c_prev * f * (1.0 - f),
      dc * i * (1.0 - g * g),
      dh * tanh_c * o * (1.0 - o),
    );
    dc *= f;
    add_outer(&dx, d, input_at(start + t));
    add_outer(&db, d, vec4f(1.0, 1.0, 0.0, 0.0));
    if (t > 0) {  // h[0] is zero, and nobody asks for its gradient
      d_now[lane] = d.i;
      d_now[8 + lane] = d.f;
      d_now[16 + lane] = d.g;
      d_now[24 + lane] = d.o;
      let h_prev = past + (t - 1) * 48 + 40;
      add_outer(&d0, d, history[h_prev]);
      add_outer(&d1, d, history[h_prev + 1]);
      add_outer(&d2, d, history[h_prev + 2]);
      add_outer(&d3, d, history[h_prev + 3]);
      add_outer(&d4, d, history[h_prev + 4]);
      add_outer(&d5, d, history[h_prev + 5]);
      add_outer(&d6, d, history[h_prev + 6]);
      add_outer(&d7, d, history[h_prev + 7]);
      workgroupBarrier();  // all have written their gate gradients
      dh = back0.i * d_now[0] + back0.f * d_now[8] + back0.g * d_now[16] + back0.o * d_now[24];
      dh += back1.i * d_now[1] + back1.f * d_now[9] + back1.g * d_now[17] + back1.o * d_now[25];
      dh += back2.i * d_now[2] + back2.f * d_now[10] + back2.g * d_now[18] + back2.o * d_now[26];
      dh += back3.i * d_now[3] + back3.f * d_now[11] + back3.g * d_now[19] + back3.o * d_now[27];
      dh += back4.i * d_now[4] + back4.f * d_now[12] + back4.g * d_now[20] + back4.o * d_now[28];
      dh += back5.i * d_now[5] + back5.f * d_now[13] + back5.g * d_now[21] + back5.o * d_now[29];
      dh += back6.i * d_now[6] + back6.f * d_now[14] + back6.g * d_now[22] + back6.o * d_now[30];
      dh += back7.i * d_now[7] + back7.f * d_now[15] + back7.g * d_now[23] + back7.o * d_now[31];
      workgroupBarrier();  // all have read them
    }
  }
  return dot(error, error);
}

// Row `row` of the series, zero beyond I.
fn input_at(row: u32) -> vec4f {
  let at = row * dims.I;
  var x = vec4f(series[at], 0.0, 0.0, 0.0);
  if (dims.I > 1) { x.y = series[at + 1]; }
  if (dims.I > 2) { x.z = series[at + 2]; }
  if (dims.I > 3) { x.w = series[at + 3]; }
  return x;
}

fn add_product(a: ptr<function, Gates>, w: ptr<private, Tile>, x: vec4f) {
  (*a).i += (*w).i * x;
  (*a).f += (*w).f * x;
  (*a).g += (*w).g * x;
  (*a).o += (*w).o * x;
}

// Column by column: building a matrix first costs as much again on a CPU adapter.
fn add_outer(sum: ptr<private, Tile>, d: Gates, x: vec4f) {
  (*sum).i[0] += d.i * x.x;
  (*sum).i[1] += d.i * x.y;
  (*sum).i[2] += d.i * x.z;
  (*sum).i[3] += d.i * x.w;
  (*sum).f[0] += d.f * x.x;
  (*sum).f[1] += d.f * x.y;
  (*sum).f[2] += d.f * x.z;
  (*sum).f[3] += d.f * x.w;
  (*sum).g[0] += d.g * x.x;
  (*sum).g[1] += d.g * x.y;
  (*sum).g[2] += d.g * x.z;
  (*sum).g[3] += d.g * x.w;
  (*sum).o[0] += d.o * x.x;
  (*sum).o[1] += d.o * x.y;
  (*sum).o[2] += d.o * x.z;
  (*sum).o[3] += d.o * x.w;
}

fn zero_gradients() {
  d0 = Tile(); d1 = Tile(); d2 = Tile(); d3 = Tile(); d4 = Tile(); d5 = Tile(); d6 = Tile(); d7 = Tile();
  dx = Tile();
  db = Tile();
  dy = mat4x4f();
  dc_fc = vec4f();
}

fn adam_step() {
  adam_tile(&w0, &d0, 0);
  adam_tile(&w1, &d1, 4);
  adam_tile(&w2, &d2, 8);
  adam_tile(&w3, &d3, 12);
  adam_tile(&w4, &d4, 16);
  adam_tile(&w5, &d5, 20);
  adam_tile(&w6, &d6, 24);
  adam_tile(&w7, &d7, 28);
  adam_tile(&wx, &dx, 32);
  adam_tile(&wb, &db, 36);
  wy -= adam_mat(40, dy);
  wc -= adam_mat(44, mat4x4f(dc_fc, vec4f(), vec4f(), vec4f()))[0];
}

fn adam_tile(w: ptr<private, Tile>, d: ptr<private, Tile>, k: u32) {
  (*w).i -= adam_mat(k, (*d).i);
  (*w).f -= adam_mat(k + 1, (*d).f);
  (*w).g -= adam_mat(k + 2, (*d).g);
  (*w).o -= adam_mat(k + 3, (*d).o);
}

fn adam_mat(k: u32, d: mat4x4f) -> mat4x4f {
  staging[48 + k] = moment1(staging[48 + k], d);
  staging[96 + k] = moment2(staging[96 + k], d);
  return update(staging[48 + k], staging[96 + k]);
}

fn moment1(old: mat4x4f, d: mat4x4f) -> mat4x4f { return dims.beta1 * old + dims.one_minus_beta1 * d; }

fn moment2(old: mat4x4f, d: mat4x4f) -> mat4x4f {
  return dims.beta2 * old + dims.one_minus_beta2 * mat4x4f(d[0] * d[0], d[1] * d[1], d[2] * d[2], d[3] * d[3]);
}

fn update(first: mat4x4f, second: mat4x4f) -> mat4x4f {
  return mat4x4f(
    update_column(first[0], second[0]),
    update_column(first[1], second[1]),
    update_column(first[2], second[2]),
    update_column(first[3], second[3]),
  );
}

fn update_column(first: vec4f, second: vec4f) -> vec4f {
  return correction.x * first / (sqrt(second) / correction.y + dims.eps);
}
