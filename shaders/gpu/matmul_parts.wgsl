// matmul_parts: a product from the products of parts of K, always added in the same order.
//   C[m, n] = sum_p parts[p, m, n], or +=
// Source: matmul_tiles; a gradient of weights has few tiles and a long K, so several workgroups share each tile.
// Shapes: parts [P, M, N]. C [M, N] = (accumulate 0) or += (accumulate 1). Offset and strides in elements.
// Grid: one invocation per element of C, x = ceil(M * N / WG).
// Uses: shared/sum.wgsl
override WG: u32 = 256;
struct Dims { M: u32, N: u32, P: u32, accumulate: u32, c_offset: u32, c_row: u32, c_col: u32 }
@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> parts: array<f32>;
@group(0) @binding(2) var<storage, read_write> c: array<f32>;

@compute @workgroup_size(WG)
fn matmul_parts(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let k = id.y * groups.x * WG + id.x;
  if (k >= dims.M * dims.N) { return; }
  var sum = Sum();
  for (var p = 0u; p < dims.P; p++) { add_term(&sum, parts[p * dims.M * dims.N + k]); }
  let at = dims.c_offset + k / dims.N * dims.c_row + k % dims.N * dims.c_col;
  if (dims.accumulate == 1) { c[at] += total_of(sum); } else { c[at] = total_of(sum); }
}
