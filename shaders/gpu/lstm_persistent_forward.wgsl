// lstm_persistent_forward: all time steps of an LSTM layer in one direction, in one dispatch over many workgroups, for GPUs.
//   gates[t] += h[before] W_hh^T, then lstm_cell_forward, for every t in the order of the recurrence
// Source: torch.nn.LSTM; see shared/persistent.wgsl for how workgroups exchange h.
// Shapes: vectors [H, H] vec4: from unit k to the four gates of unit j; gates [T, N, 4, H] from dims.gates on; h and c [T+2, N, stride]
//         from dims.h and dims.c on, their initial rows zero, and h in the rows of all time steps UNWRITTEN; failed [1].
// Grid: one workgroup per tile of units and rows, x = ceil(H / COLUMNS), y = ceil(N / ROWS); all must run side by side.
// Bound: multiply-adds, 4 N H^2 a step, for many rows; otherwise the exchange, about 1 us a step: bench/NOTES.md.
// Uses: shared/quads.wgsl, shared/activations.wgsl, shared/persistent.wgsl
struct Dims {
  N: u32, H: u32, T: u32,
  gates: u32,
  h: u32, h_stride: u32,
  c: u32, c_stride: u32,
  reverse: u32,
  polls: u32,
}
@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> vectors: array<vec4f>;
@group(0) @binding(2) var<storage, read> bias_ih: array<f32>;
@group(0) @binding(3) var<storage, read> bias_hh: array<f32>;
@group(0) @binding(4) var<storage, read> lengths: array<u32>;
@group(0) @binding(5) var<storage, read_write> gates: array<f32>;
@group(0) @binding(6) var<storage, read_write> c: array<f32>;
@group(0) @binding(7) var<storage, read_write> h: array<atomic<u32>>;
@group(0) @binding(8) var<storage, read_write> failed: array<atomic<u32>>;

// c of the previous step, of every row and unit of the workgroup.
var<workgroup> carried: array<f32, ROWS * COLUMNS>;

@compute @workgroup_size(LANES)
fn lstm_persistent_forward(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let j = group.x * COLUMNS + lane % COLUMNS;
  let row = lane / COLUMNS;  // the first lanes also are the cells of one of four rows each
  let is_cell = row < 4 && j < dims.H;
  let column = group.x * COLUMNS + column_of(lane);
  for (var i = 0u; i < TERMS; i++) {
    let k = i * SLICES + slice_of(lane);
    weights[i] = vec4f(0.0);
    if (k < dims.H && column < dims.H) { weights[i] = vectors[k * dims.H + column]; }
  }
  var bias = vec4f(0.0);
  if (is_cell) { bias = bias_at(j); }
  has_given_up = atomicLoad(&failed[0]) != 0;
  for (var step = 0u; step < dims.T; step++) {
    let t = select(step, dims.T - 1 - step, dims.reverse == 1);
    let before = select(t, t + 2, dims.reverse == 1) * dims.N;
    for (var first = 0u; first < ROWS; first += ROUND) {
      let n0 = group.y * ROWS + first;
      var inputs = array<vec4f, 2>();  // loaded while other workgroups compute h
      var is_running = array<bool, 2>();
      for (var g = 0u; g < ROUND / 4; g++) {
        let n = n0 + 4 * g + row;
        if (is_cell && n < dims.N) {
          inputs[g] = inputs_at(t, n, j) + bias;
          is_running[g] = t < lengths[n];
        }
      }
      receive(dims.h + before * dims.h_stride, n0, lane);
      workgroupBarrier();
      for (var g = 0u; g < ROUND / 4; g++) {
        multiply(g, lane);
        workgroupBarrier();
        let n = n0 + 4 * g + row;
        if (is_cell && n < dims.N) {
          let a = inputs[g] + sums_of(row, lane % COLUMNS);
          cell(t, n, j, a, is_running[g], (first + 4 * g + row) * COLUMNS + lane % COLUMNS);
        }
        workgroupBarrier();  // all sums are used, and this workgroup's part of h is on its way
      }
    }
  }
}

fn cell(t: u32, n: u32, j: u32, a: vec4f, is_running: bool, own: u32) {
  var after = vec4f(0.0);
  var c_after = carried[own];
  var h_after = 0.0;
  if (is_running) {
    after = vec4f(sigmoid(a.x), sigmoid(a.y), tanh_safe(a.z), sigmoid(a.w));
    c_after = after.y * c_after + after.x * after.z;
    h_after = after.w * tanh_safe(c_after);
  }
  let state = (t + 1) * dims.N + n;
  atomicStore(&h[dims.h + state * dims.h_stride + j], written(h_after));
  carried[own] = c_after;
  c[dims.c + state * dims.c_stride + j] = c_after;
  let gate = gate_at(t, n, j);
  gates[gate] = after.x;
  gates[gate + dims.H] = after.y;
  gates[gate + 2 * dims.H] = after.z;
  gates[gate + 3 * dims.H] = after.w;
}

fn gate_at(t: u32, n: u32, j: u32) -> u32 { return dims.gates + (t * dims.N + n) * 4 * dims.H + j; }

fn inputs_at(t: u32, n: u32, j: u32) -> vec4f {
  let at = gate_at(t, n, j);
  return vec4f(gates[at], gates[at + dims.H], gates[at + 2 * dims.H], gates[at + 3 * dims.H]);
}

fn bias_at(j: u32) -> vec4f {
  let H = dims.H;
  return vec4f(bias_ih[j], bias_ih[H + j], bias_ih[2 * H + j], bias_ih[3 * H + j]) +
    vec4f(bias_hh[j], bias_hh[H + j], bias_hh[2 * H + j], bias_hh[3 * H + j]);
}

fn words_at(source: u32, n: u32, k: u32) -> vec4u {
  return vec4u(word_at(source, n, k), word_at(source, n + 1, k), word_at(source, n + 2, k), word_at(source, n + 3, k));
}

fn word_at(source: u32, n: u32, k: u32) -> u32 {
  if (n >= dims.N || k >= dims.H) { return 0; }
  return atomicLoad(&h[source + n * dims.h_stride + k]);
}
