// adam: one optimizer step over a whole arena.
//   g += weight_decay * w                 w *= decay
//   m = beta1 m + (1 - beta1) g           v = beta2 v + (1 - beta2) g^2          u = v, or with amsgrad extra = max(extra, v)
//   w = w - step_size * m / (sqrt(u) / bias_correction2_sqrt + eps)
// Source: Kingma & Ba 2015, in the order of operations of torch.optim.Adam (eps outside the root; the host computes
//   step_size = lr / (1 - beta1^t) and bias_correction2_sqrt = sqrt(1 - beta2^t) in float64, as PyTorch does), where decay
//   is 1; torch.optim.AdamW (Loshchilov & Hutter 2019) where weight_decay is 0 and decay = 1 - lr * its weight decay;
//   amsgrad: Reddi et al. 2018.
// Shapes: grads, m, v, extra, weights [P]; all but grads in place, extra with amsgrad only. Padding between tensors has
//         g = w = 0 and stays unchanged.
// Grid: one invocation per parameter, x = ceil(P / WG), folded into y past 65,535 workgroups.
// Uses: shared/not_a_number.wgsl
// Uses: shared/step.wgsl
override WG: u32 = 64;
struct Dims {
  P: u32, beta1: f32, one_minus_beta1: f32, beta2: f32, one_minus_beta2: f32, eps: f32, weight_decay: f32, amsgrad: u32,
}
@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> grads: array<f32>;
@group(0) @binding(2) var<storage, read_write> m: array<f32>;
@group(0) @binding(3) var<storage, read_write> v: array<f32>;
@group(0) @binding(4) var<storage, read_write> extra: array<f32>;
@group(0) @binding(5) var<storage, read_write> weights: array<f32>;
@group(1) @binding(0) var<uniform> step: Step;

@compute @workgroup_size(WG)
fn adam(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let k = id.y * groups.x * WG + id.x;
  if (k >= dims.P) { return; }
  let w = weights[k];
  let g = grads[k] + dims.weight_decay * w;
  let m_next = dims.beta1 * m[k] + dims.one_minus_beta1 * g;
  let v_next = dims.beta2 * v[k] + dims.one_minus_beta2 * g * g;
  m[k] = m_next;
  v[k] = v_next;
  var largest = v_next;
  if (dims.amsgrad == 1) {
    largest = max_or_nan(v_next, extra[k]);
    extra[k] = largest;
  }
  weights[k] = w * step.decay - step.step_size * m_next / (sqrt(largest) / step.bias_correction2_sqrt + dims.eps);
}
