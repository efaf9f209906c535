// window_gather: the windows of one batch, directly from the series, and their targets.
//   x[t, n, i] = series[start_n + t, i]          target[n, o] = series[start_n + T + o / C, o % C]
//   start_n    = order[step.first + n]; rows n >= step.rows repeat the last one (losses give them no gradient)
//   with `every`: target[t, n, o] = series[start_n + t + 1, o], the row after each step
// Shapes: series [rows, I], order [samples], x [T, N, I] =, target [N, O] or [T, N, O] =. The first C columns of the series
//         are forecast, O / C steps ahead; C <= I, with `every` O <= I.
// Grid: one invocation per element of x, then one per element of target, x = ceil((T * N * I + rows of target * O) / WG).
// Uses: shared/step.wgsl
override WG: u32 = 64;
struct Dims { N: u32, T: u32, I: u32, O: u32, C: u32, every: u32 }
@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> series: array<f32>;
@group(0) @binding(2) var<storage, read> order: array<u32>;
@group(0) @binding(3) var<storage, read_write> x: array<f32>;
@group(0) @binding(4) var<storage, read_write> target_rows: array<f32>;
@group(1) @binding(0) var<uniform> step: Step;

@compute @workgroup_size(WG)
fn window_gather(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let k = id.y * groups.x * WG + id.x;  // (t * N + n) * I + i, and after them (t * N + n) * O + o
  let inputs = dims.T * dims.N * dims.I;
  if (k < inputs) {
    let row = k / dims.I;
    x[k] = series[(start_of(row % dims.N) + row / dims.N) * dims.I + k % dims.I];
    return;
  }
  let q = k - inputs;
  let o = q % dims.O;
  let row = q / dims.O;
  let start = start_of(row % dims.N);
  if (row >= select(1u, dims.T, dims.every == 1) * dims.N) { return; }
  if (dims.every == 1) {
    target_rows[q] = series[(start + row / dims.N + 1) * dims.I + o];
  } else {
    target_rows[q] = series[(start + dims.T + o / dims.C) * dims.I + o % dims.C];
  }
}

fn start_of(n: u32) -> u32 { return order[step.first + min(n, step.rows - 1)]; }
