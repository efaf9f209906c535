// fma_rate: the device's peak rate of multiply-adds.
//   eight independent chains of vec4 fused multiply-adds, `rounds` long
// Shapes: out [invocations] = one value each, so that nothing is optimized away.
// Grid: as many workgroups as requested.
override WG: u32 = 32;
struct Dims { rounds: u32, groups: u32, seed: f32 }
@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read_write> out: array<f32>;

@compute @workgroup_size(WG)
fn fma_rate(@builtin(global_invocation_id) id: vec3u) {
  let x = vec4f(dims.seed);
  var a = vec4f(f32(id.x));
  var b = a + 1.0;
  var c = a + 2.0;
  var d = a + 3.0;
  var e = a + 4.0;
  var f = a + 5.0;
  var g = a + 6.0;
  var h = a + 7.0;
  for (var k = 0u; k < dims.rounds; k++) {
    a = fma(a, x, x);
    b = fma(b, x, x);
    c = fma(c, x, x);
    d = fma(d, x, x);
    e = fma(e, x, x);
    f = fma(f, x, x);
    g = fma(g, x, x);
    h = fma(h, x, x);
  }
  let sum = a + b + c + d + e + f + g + h;
  out[id.x] = sum.x + sum.y + sum.z + sum.w;
}
