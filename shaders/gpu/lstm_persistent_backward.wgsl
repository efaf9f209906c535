// lstm_persistent_backward: the gradient of lstm_persistent_forward, all time steps in one dispatch over many workgroups, for GPUs.
//   d_h' += d_gates[next] W_hh, then lstm_cell_backward, for every t against the order of the recurrence
// Source: chain rule on lstm_persistent_forward; see shared/persistent.wgsl for how workgroups exchange d_gates.
// Shapes: vectors [4 H, ceil(H / 4)] vec4: row k of W_hh, four units at a time; c [T+2, N, stride] from dims.c on; gates [T, N, 4, H]
//         from dims.gates on; d_gates the same, UNWRITTEN before; d_h [T+2, N, stride] from dims.d_h on, +=; failed [1].
// Grid: one workgroup per tile of units and rows, x = ceil(H / (4 * COLUMNS)), y = ceil(N / ROWS); all must run side by side.
// Bound: as of lstm_persistent_forward, with four times its values to exchange.
// Uses: shared/quads.wgsl, shared/activations.wgsl, shared/persistent.wgsl
struct Dims {
  N: u32, H: u32, T: u32,
  gates: u32,
  d_h: u32, d_h_stride: u32,
  c: u32, c_stride: u32,
  reverse: u32,
  polls: u32,
}
@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> vectors: array<vec4f>;
@group(0) @binding(2) var<storage, read> c: array<f32>;
@group(0) @binding(3) var<storage, read> lengths: array<u32>;
@group(0) @binding(4) var<storage, read> gates: array<f32>;
@group(0) @binding(5) var<storage, read_write> d_h: array<f32>;
@group(0) @binding(6) var<storage, read_write> d_gates: array<atomic<u32>>;
@group(0) @binding(7) var<storage, read_write> failed: array<atomic<u32>>;

// The gradient of c from the next step, of every row and unit of the workgroup.
var<workgroup> carried: array<f32, ROWS * 4 * COLUMNS>;

/// What a cell needs besides the product, loaded while other workgroups compute d_gates.
struct Kept { gates: vec4f, c_before: f32, c_after: f32, dh: f32, is_running: bool }

@compute @workgroup_size(LANES)
fn lstm_persistent_backward(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let units = 4 * COLUMNS;
  let columns = (dims.H + 3) / 4;
  let column = group.x * COLUMNS + column_of(lane);
  for (var i = 0u; i < TERMS; i++) {
    let k = i * SLICES + slice_of(lane);
    weights[i] = vec4f(0.0);
    if (k < 4 * dims.H && column < columns) { weights[i] = vectors[k * columns + column]; }
  }
  let unit = lane % units;
  let j = group.x * units + unit;
  let row = lane / units;  // the first lanes also are the cells of one of four rows each
  let is_cell = row < 4 && j < dims.H;
  has_given_up = atomicLoad(&failed[0]) != 0;
  for (var step = 0u; step < dims.T; step++) {
    let t = select(dims.T - 1 - step, step, dims.reverse == 1);
    let next = select(t + 1, t - 1, dims.reverse == 1);
    for (var first = 0u; first < ROWS; first += ROUND) {
      let n0 = group.y * ROWS + first;
      var kept = array<Kept, 2>();
      for (var g = 0u; g < ROUND / 4; g++) {
        let n = n0 + 4 * g + row;
        if (is_cell && n < dims.N) { kept[g] = kept_at(t, n, j); }
      }
      if (step > 0) { receive(dims.gates + next * dims.N * 4 * dims.H, n0, lane); }
      workgroupBarrier();
      for (var g = 0u; g < ROUND / 4; g++) {
        if (step > 0) { multiply(g, lane); }
        workgroupBarrier();
        let n = n0 + 4 * g + row;
        if (is_cell && n < dims.N) {
          var dh = kept[g].dh;
          if (step > 0) { dh += sums_of(row, unit / 4)[unit % 4]; }
          cell_back(t, n, j, dh, kept[g], (first + 4 * g + row) * units + unit);
        }
        workgroupBarrier();  // all sums are used, and this workgroup's part of d_gates is on its way
      }
    }
  }
}

fn cell_back(t: u32, n: u32, j: u32, dh: f32, kept: Kept, own: u32) {
  var d = vec4f(0.0);
  if (kept.is_running) {
    let g = kept.gates;  // i f g o
    let tanh_c = tanh_safe(kept.c_after);
    let dc = carried[own] + dh * g.w * (1.0 - tanh_c * tanh_c);
    d = vec4f(
      dc * g.z * g.x * (1.0 - g.x),
      dc * kept.c_before * g.y * (1.0 - g.y),
      dc * g.x * (1.0 - g.z * g.z),
      dh * tanh_c * g.w * (1.0 - g.w),
    );
    carried[own] = dc * g.y;
  }
  let gate = gate_at(t, n, j);
  atomicStore(&d_gates[gate], written(d.x));
  atomicStore(&d_gates[gate + dims.H], written(d.y));
  atomicStore(&d_gates[gate + 2 * dims.H], written(d.z));
  atomicStore(&d_gates[gate + 3 * dims.H], written(d.w));
  d_h[dims.d_h + ((t + 1) * dims.N + n) * dims.d_h_stride + j] = dh;
}

fn gate_at(t: u32, n: u32, j: u32) -> u32 { return dims.gates + (t * dims.N + n) * 4 * dims.H + j; }

fn kept_at(t: u32, n: u32, j: u32) -> Kept {
  let at = gate_at(t, n, j);
  let before = select(t, t + 2, dims.reverse == 1) * dims.N + n;
  let after = (t + 1) * dims.N + n;
  return Kept(
    vec4f(gates[at], gates[at + dims.H], gates[at + 2 * dims.H], gates[at + 3 * dims.H]),
    c[dims.c + before * dims.c_stride + j],
    c[dims.c + after * dims.c_stride + j],
    d_h[dims.d_h + after * dims.d_h_stride + j],
    t < lengths[n],
  );
}

fn words_at(source: u32, n: u32, k: u32) -> vec4u {
  return vec4u(word_at(source, n, k), word_at(source, n + 1, k), word_at(source, n + 2, k), word_at(source, n + 3, k));
}

fn word_at(source: u32, n: u32, k: u32) -> u32 {
  if (n >= dims.N || k >= 4 * dims.H) { return 0; }
  return atomicLoad(&d_gates[source + n * 4 * dims.H + k]);
}
