// window_gather: the windows of one batch, straight from the series.
//   x[t, n, i]   = series[start_n + t, i]          target[n, o] = series[start_n + T, o]
//   start_n      = order[step.first + n]; rows n >= step.rows repeat the last one (losses give them no gradient)
//   with `every`: target[t, n, o] = series[start_n + t + 1, o], what follows each step
// Shapes: series [rows, I], order [samples], x [T, N, I] =, target [N, O] or [T, N, O] =, O <= I.
// Grid: one invocation per (t, n, i) of T + 1 times, x = ceil((T + 1) * N * I / WG).
// Uses: shared/step.wgsl
override WG: u32 = 64;
struct Dims { N: u32, T: u32, I: u32, O: u32, every: u32 }
@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> series: array<f32>;
@group(0) @binding(2) var<storage, read> order: array<u32>;
@group(0) @binding(3) var<storage, read_write> x: array<f32>;
@group(0) @binding(4) var<storage, read_write> target_rows: array<f32>;
@group(1) @binding(0) var<uniform> step: Step;

@compute @workgroup_size(WG)
fn window_gather(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let k = id.y * groups.x * WG + id.x;  // (t * N + n) * I + i
  if (k >= (dims.T + 1) * dims.N * dims.I) { return; }
  let i = k % dims.I;
  let n = (k / dims.I) % dims.N;
  let t = k / (dims.I * dims.N);
  let start = order[step.first + min(n, step.rows - 1)];
  let value = series[(start + t) * dims.I + i];
  if (t < dims.T) { x[k] = value; }
  if (i >= dims.O) { return; }
  if (dims.every == 1 && t > 0) { target_rows[((t - 1) * dims.N + n) * dims.O + i] = value; }
  if (dims.every == 0 && t == dims.T) { target_rows[n * dims.O + i] = value; }
}
