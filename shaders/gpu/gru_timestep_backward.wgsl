// gru_timestep_backward: the gradient of gru_timestep_forward, one time step, for GPUs.
//   d_h' += d_gates[next] W_hh, then gru_cell_backward, and d_h += d_h' at t >= lengths[n]
// Source: chain rule on gru_timestep_forward. It begins with the product of the step after it, so that d_h' is complete in
//   registers; the product of the first step, if its gradient of the state is needed, is a dispatch of its own.
// Shapes: vectors [3 H, ceil(H / 4)] vec4: row k of W_hh, four units at a time; gates also hold d_gates of the step `next`;
//         the rest as in gru_cell_backward.
// Grid: one workgroup per tile, x = ceil(H / (4 * COLUMNS)), y = ceil(N / rows of a tile), folded into z past 65,535.
// Bound: as of lstm_timestep_forward, with three quarters of the multiply-adds.
// Uses: shared/cell.wgsl, shared/gru_backward.wgsl, shared/timestep.wgsl, shared/timestep_backward.wgsl
@group(0) @binding(0) var<uniform> dims: TimestepBackward;
@group(0) @binding(1) var<storage, read> vectors: array<vec4f>;
@group(0) @binding(2) var<storage, read> h: array<f32>;
@group(0) @binding(3) var<storage, read> lengths: array<u32>;
@group(0) @binding(4) var<storage, read_write> d_h: array<f32>;
@group(0) @binding(5) var<storage, read_write> gates: array<f32>;

@compute @workgroup_size(COLUMNS, ROW_LANES, K_LANES)
fn gru_timestep_backward(
  @builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_id) local: vec3u,
) {
  timestep_backward(group, groups, local);
}

fn cell_step_back(d: CellBackward, n: u32, j: u32, dh: f32) { gru_backward(d, n, j, dh); }
/// W_hn h has its own slot, the last one.
fn left(n: u32, k: u32) -> f32 { return gates[dims.next + n * 4 * dims.H + select(k, k + dims.H, k >= 2 * dims.H)]; }
