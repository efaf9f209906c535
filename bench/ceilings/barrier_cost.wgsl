// barrier_cost: the cost of `rounds` exchanges of a value through workgroup memory, in one workgroup.
// Shapes: out [WG] = one value each, so that nothing is optimized away.
// Grid: one workgroup.
override WG: u32 = 8;
struct Dims { rounds: u32 }
@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read_write> out: array<f32>;
var<workgroup> shared_values: array<f32, WG>;

@compute @workgroup_size(WG)
fn barrier_cost(@builtin(local_invocation_index) lane: u32) {
  var value = f32(lane);
  for (var k = 0u; k < dims.rounds; k++) {
    shared_values[lane] = value;
    workgroupBarrier();
    value += shared_values[(lane + 1) % WG];
    workgroupBarrier();
  }
  out[lane] = value;
}
