// empty_dispatch: the smallest kernel that does something, to measure the cost of a dispatch.
// Shapes: out [1] in place.
// Grid: one workgroup of one invocation.
struct Dims { step: f32 }
@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read_write> out: array<f32>;

@compute @workgroup_size(1)
fn empty_dispatch() {
  out[0] += dims.step;
}
