// gru_sequence_forward: all time steps of a GRU in one dispatch.
//   gates[t] += h[before] W_hh^T, then gru_cell_forward, for every t in the order of the recurrence
// Source: torch.nn.GRU; persistent recurrences: Diamos et al. 2016.
// Shapes: gates [D, T, N, 4, H] in: the products of the input, out: like gru_cell_forward; h [T+2, N, ..]
//         (see shared/cell.wgsl), raw [D, T, N, H] with a projection; weights: the model's arena.
// Grid: one workgroup per tile of rows and direction, x = ceil(N / ROWS), y = D.
// Uses: shared/activations.wgsl, shared/cell.wgsl, shared/sequence.wgsl, shared/sequence_forward.wgsl, shared/gru_forward.wgsl
const GATES: u32 = 3;
const SLOTS: u32 = 4;
@group(0) @binding(0) var<uniform> dims: Sequence;
@group(0) @binding(1) var<storage, read> weights: array<f32>;
@group(0) @binding(2) var<storage, read> lengths: array<u32>;
@group(0) @binding(3) var<storage, read_write> gates: array<f32>;
@group(0) @binding(4) var<storage, read_write> h: array<f32>;
@group(0) @binding(5) var<storage, read_write> raw: array<f32>;

@compute @workgroup_size(WG)
fn gru_sequence_forward(@builtin(workgroup_id) tile: vec3u, @builtin(local_invocation_index) lane: u32) {
  direction = tile.y;
  sequence_forward(tile.x * ROWS, lane);
}

fn cell_step(d: Cell, n: u32, j: u32) { gru_forward(d, n, j, products_in_gates(d, n, j)); }
fn slot_of(gate: u32) -> u32 { return select(gate, 3u, gate == 2); }  // W_hn h has its own slot
fn is_added(gate: u32) -> bool { return gate < 2; }
