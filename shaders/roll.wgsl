// roll: writes a forecast as the next rows of its series.
//   series[start + T + j, 0] = sorted(y[0, j * Q .. j * Q + Q - 1])[q]     start = order[step.first]
// Source: iterated forecasts, Hyndman and Athanasopoulos, Forecasting: Principles and Practice, 3rd edition, 12.4.
// Shapes: y [1, ahead * Q], order [samples], series [rows, I]; its other columns and rows are unchanged.
// Grid: one invocation per j, x = ceil(ahead / WG).
// Uses: shared/step.wgsl, shared/sorted.wgsl
override WG: u32 = 64;
struct Dims { T: u32, I: u32, ahead: u32, Q: u32, q: u32 }
@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> y: array<f32>;
@group(0) @binding(2) var<storage, read> order: array<u32>;
@group(0) @binding(3) var<storage, read_write> series: array<f32>;
@group(1) @binding(0) var<uniform> step: Step;

@compute @workgroup_size(WG)
fn roll(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let j = id.y * groups.x * WG + id.x;
  if (j >= dims.ahead) { return; }
  series[(order[step.first] + dims.T + j) * dims.I] = sorted_output(j * dims.Q, dims.Q, dims.q);
}

fn output_at(k: u32) -> f32 { return y[k]; }
