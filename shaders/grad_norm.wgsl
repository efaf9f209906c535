// grad_norm: partial sums of the squared norm of all gradients.
//   partials[p] = sum_k grads[k]^2 over k = p, p + PARTS, .. by lanes, each part in a fixed order
// Source: torch.nn.utils.clip_grad_norm_ with norm_type 2.
// Shapes: grads [P], partials [PARTS] =.
// Grid: one workgroup per part, x = PARTS.
// Uses: shared/sum.wgsl
override WG: u32 = 64;
override PARTS: u32 = 64;  // few enough for clip_grad_norm to sum, enough to fill a GPU
struct Dims { P: u32 }
@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> grads: array<f32>;
@group(0) @binding(2) var<storage, read_write> partials: array<f32>;
var<workgroup> sums: array<f32, WG>;

@compute @workgroup_size(WG)
fn grad_norm(@builtin(workgroup_id) part: vec3u, @builtin(local_invocation_index) lane: u32) {
  var sum = Sum();
  for (var k = part.x * WG + lane; k < dims.P; k += PARTS * WG) { add_term(&sum, grads[k] * grads[k]); }
  sums[lane] = total_of(sum);
  for (var half = WG / 2; half > 0; half /= 2) {
    workgroupBarrier();  // the halves written by the previous round
    if (lane < half) { sums[lane] += sums[lane + half]; }
  }
  if (lane == 0) { partials[part.x] = sums[0]; }
}
