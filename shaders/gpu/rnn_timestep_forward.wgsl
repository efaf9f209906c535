// rnn_timestep_forward: one time step of a plain RNN in one dispatch, for GPUs.
//   gates[t] += h[before] W_hh^T, then rnn_cell_forward, and h' = h at t >= lengths[n]
// Source: torch.nn.RNN; see lstm_timestep_forward.
// Shapes: vectors [H, ceil(H / 4)] vec4: from unit k to four units; the rest as in rnn_cell_forward.
// Grid: one workgroup per tile, x = ceil(H / (4 * COLUMNS)), y = ceil(N / rows of a tile), folded into z past 65,535.
// Bound: as of lstm_timestep_forward, with a quarter of the multiply-adds.
// Uses: shared/activations.wgsl, shared/cell.wgsl, shared/not_a_number.wgsl, shared/rnn_forward.wgsl
// Uses: shared/timestep.wgsl, shared/timestep_forward.wgsl
@group(0) @binding(0) var<uniform> dims: TimestepForward;
@group(0) @binding(1) var<storage, read> vectors: array<vec4f>;
@group(0) @binding(2) var<storage, read> bias_ih: array<f32>;
@group(0) @binding(3) var<storage, read> bias_hh: array<f32>;
@group(0) @binding(4) var<storage, read> lengths: array<u32>;
@group(0) @binding(5) var<storage, read_write> gates: array<f32>;
@group(0) @binding(6) var<storage, read_write> h: array<f32>;

@compute @workgroup_size(COLUMNS, ROW_LANES, K_LANES)
fn rnn_timestep_forward(
  @builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_id) local: vec3u,
) {
  let tile = tile_of(group, groups, local);
  multiply_tile(tile, local, dims.K, (dims.H + 3) / 4);
  let width = 4 * COLUMNS;
  for (var at = tile.lane; at < tile.rows * width; at += tile.lanes) {
    let column = at % width;
    let n = tile.row + at / width;
    let j = tile.column * 4 + column;
    if (n >= dims.N || j >= dims.H) { continue; }
    rnn_forward(cell(), n, j, sums_at(tile, at / width, column / 4)[column % 4]);
    hold_row(n, j);
  }
}

fn bias_ih_at(k: u32) -> f32 { return bias_ih[k]; }
fn bias_hh_at(k: u32) -> f32 { return bias_hh[k]; }
fn put_h(at: u32, value: f32) { h[at] = value; }
fn left(n: u32, k: u32) -> f32 { return h[dims.h_before + n * dims.h_stride + k]; }
