// sample_gather: the sequences of one batch, with their targets and lengths.
//   x[t, n, i] = inputs[s_n, t, i], 0 after its end      target[t, n, k] = targets[s_n, t, k]      lengths[n] = sample_lengths[s_n]
//   s_n = order[step.first + n]; rows n >= step.rows repeat the last one (losses give them no gradient)
// Shapes: inputs [S, T, I], targets [S, TT, K] with TT = T or 1, sample_lengths [S], order [samples], x [T, N, I] =,
//         target_rows [TT, N, K] =, lengths [N] =.
// Grid: one invocation per (t, n), x = ceil(T * N / WG).
// Uses: shared/step.wgsl
override WG: u32 = 64;
struct Dims { N: u32, T: u32, TT: u32, I: u32, K: u32 }
@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> inputs: array<f32>;
@group(0) @binding(2) var<storage, read> targets: array<f32>;
@group(0) @binding(3) var<storage, read> sample_lengths: array<u32>;
@group(0) @binding(4) var<storage, read> order: array<u32>;
@group(0) @binding(5) var<storage, read_write> x: array<f32>;
@group(0) @binding(6) var<storage, read_write> target_rows: array<f32>;
@group(0) @binding(7) var<storage, read_write> lengths: array<u32>;
@group(1) @binding(0) var<uniform> step: Step;

@compute @workgroup_size(WG)
fn sample_gather(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let k = id.y * groups.x * WG + id.x;  // t * N + n
  if (k >= dims.T * dims.N) { return; }
  let n = k % dims.N;
  let t = k / dims.N;
  let sample = order[step.first + min(n, step.rows - 1)];
  let length = sample_lengths[sample];
  for (var i = 0u; i < dims.I; i++) {
    var value = 0.0;
    if (t < length) { value = inputs[(sample * dims.T + t) * dims.I + i]; }
    x[k * dims.I + i] = value;
  }
  if (t < dims.TT) {
    for (var q = 0u; q < dims.K; q++) { target_rows[k * dims.K + q] = targets[(sample * dims.TT + t) * dims.K + q]; }
  }
  if (t == 0) { lengths[n] = length; }
}
