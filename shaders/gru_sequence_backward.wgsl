// gru_sequence_backward: the backward pass through all time steps of a GRU in one dispatch.
//   gru_cell_backward, then d_h[before] += d_gates[t] W_hh, for every t in reverse order of the recurrence
// Source: chain rule on gru_sequence_forward.
// Shapes: gates [D, T, N, 4, H] in: from forward, out: their gradients; d_h [T+2, N, ..] with the gradient from above in
//         rows 1 to T (see shared/cell.wgsl); d_raw [D, N, H] with a projection; weights: the model's arena.
// Grid: one workgroup per tile of rows and direction, x = ceil(N / ROWS), y = D.
// Uses: shared/cell.wgsl, shared/sequence.wgsl, shared/sequence_backward.wgsl, shared/gru_backward.wgsl
const GATES: u32 = 3;
const SLOTS: u32 = 4;
@group(0) @binding(0) var<uniform> dims: Sequence;
@group(0) @binding(1) var<storage, read> weights: array<f32>;
@group(0) @binding(2) var<storage, read> lengths: array<u32>;
@group(0) @binding(3) var<storage, read> h: array<f32>;
@group(0) @binding(4) var<storage, read_write> d_h: array<f32>;
@group(0) @binding(5) var<storage, read_write> gates: array<f32>;
@group(0) @binding(6) var<storage, read_write> d_raw: array<f32>;

@compute @workgroup_size(WG)
fn gru_sequence_backward(@builtin(workgroup_id) tile: vec3u, @builtin(local_invocation_index) lane: u32) {
  direction = tile.y;
  sequence_backward(tile.x * ROWS, lane);
}

fn cell_step_back(d: CellBackward, n: u32, j: u32, dh: f32) { gru_backward(d, n, j, dh); }
fn slot_of(gate: u32) -> u32 { return select(gate, 3u, gate == 2); }  // W_hn h has its own slot
