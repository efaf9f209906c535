// mark_unwritten: fills words that the workgroups of a persistent kernel will exchange with the bits that mean "not yet written".
//   words[first + r * stride + k] = 0xffffffff
// Source: the persistent kernels of this folder, which wait until a word has other bits.
// Shapes: words: any, `rows` rows of `columns` words.
// Grid: one invocation per word, x = ceil(rows * columns / WG), folded into y.
// Bound: bytes, 4 rows columns written.
override WG: u32 = 256;
struct Dims { rows: u32, columns: u32, first: u32, stride: u32 }
@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read_write> words: array<u32>;

@compute @workgroup_size(WG)
fn mark_unwritten(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let at = id.y * groups.x * WG + id.x;
  if (at >= dims.rows * dims.columns) { return; }
  words[dims.first + at / dims.columns * dims.stride + at % dims.columns] = 0xffffffff;
}
