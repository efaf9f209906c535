// lstm_timestep_forward: one time step of an LSTM in one dispatch, for GPUs.
//   gates[t] += h[before] W_hh^T, then lstm_cell_forward, and h' = h at t >= lengths[n]
// Source: torch.nn.LSTM; a product whose sums stay in registers until the cell has used them.
// Shapes: vectors [H, H] vec4: from unit k to the four gates of unit j; the rest as in lstm_cell_forward, without a projection.
// Grid: one workgroup per tile, x = ceil(H / COLUMNS), y = ceil(N / rows of a tile), folded into z past 65,535.
// Bound: multiply-adds, 4 N H^2 a step, in large tiles; below about 128 tiles the chain of loads, sums and cell: bench/NOTES.md.
// Uses: shared/activations.wgsl, shared/cell.wgsl, shared/lstm_forward.wgsl, shared/timestep.wgsl, shared/timestep_forward.wgsl
@group(0) @binding(0) var<uniform> dims: TimestepForward;
@group(0) @binding(1) var<storage, read> vectors: array<vec4f>;
@group(0) @binding(2) var<storage, read> bias_ih: array<f32>;
@group(0) @binding(3) var<storage, read> bias_hh: array<f32>;
@group(0) @binding(4) var<storage, read> lengths: array<u32>;
@group(0) @binding(5) var<storage, read_write> gates: array<f32>;
@group(0) @binding(6) var<storage, read_write> c: array<f32>;
@group(0) @binding(7) var<storage, read_write> h: array<f32>;

@compute @workgroup_size(COLUMNS, ROW_LANES, K_LANES)
fn lstm_timestep_forward(
  @builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_id) local: vec3u,
) {
  let tile = tile_of(group, groups, local);
  multiply_tile(tile, local, dims.K, dims.H);
  for (var at = tile.lane; at < tile.rows * COLUMNS; at += tile.lanes) {
    let n = tile.row + at / COLUMNS;
    let j = tile.column + at % COLUMNS;
    if (n >= dims.N || j >= dims.H) { continue; }
    lstm_forward(cell(), n, j, sums_at(tile, at / COLUMNS, at % COLUMNS));
    hold_row(n, j);
  }
}

fn bias_ih_at(k: u32) -> f32 { return bias_ih[k]; }
fn bias_hh_at(k: u32) -> f32 { return bias_hh[k]; }
fn put_h(at: u32, value: f32) { h[at] = value; }
fn left(n: u32, k: u32) -> f32 { return h[dims.h_before + n * dims.h_stride + k]; }
