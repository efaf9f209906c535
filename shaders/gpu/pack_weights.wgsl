// pack_weights: copies a weight matrix so that four of its values that are used together are one vec4.
//   vectors[k, u][e] = weight[k * k_stride + u * u_stride + e * e_stride], or 0 where u * step + e >= count
// Source: the kernels `timestep` of this folder, which read whole vectors whatever H is.
// Shapes: weight [rows, P] of torch.nn.LSTM; vectors [K, columns] vec4 =. Either the four are gates of a unit (step 0, count: gates),
//         or consecutive units (step 4, count: H).
// Grid: one invocation per vector, x = ceil(K * columns / WG).
// Bound: bytes, 32 K columns in all: each value is read and written once, once per optimizer step and direction.
override WG: u32 = 64;
struct Dims { K: u32, columns: u32, k_stride: u32, u_stride: u32, e_stride: u32, step: u32, count: u32 }
@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> weight: array<f32>;
@group(0) @binding(2) var<storage, read_write> vectors: array<vec4f>;

@compute @workgroup_size(WG)
fn pack_weights(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let at = id.y * groups.x * WG + id.x;  // k * columns + u
  if (at >= dims.K * dims.columns) { return; }
  let u = at % dims.columns;
  let first = at / dims.columns * dims.k_stride + u * dims.u_stride;
  var values = vec4f(0.0);
  for (var e = 0u; e < 4; e++) {
    if (u * dims.step + e < dims.count) { values[e] = weight[first + e * dims.e_stride]; }
  }
  vectors[at] = values;
}
