// resident_rows_update: sums the gradients of a batch's shares and runs Adam, for all models.
//   g = sum of parts[model, share] over the shares, in a fixed order    loss = sum of part_losses[model, share] / (rows O)
//   m = beta1 m + (1 - beta1) g    v = beta2 v + (1 - beta2) g^2    w = w - step_size * m / (sqrt(v) / bias_correction2_sqrt + eps)
// Source: torch.optim.Adam, torch.nn.MSELoss; see adam.wgsl.
// Shapes: parts [models, shares, arena], part_losses [models, shares], steps [slots, models]; weights, m, v [models, arena] in
//         place, losses [slots, models] =. A model without rows is left unchanged.
// Grid: one invocation per parameter: x = ceil(arena / WG), y = model.
// Bound: one read of all parts; eight loads are in flight.
// Uses: shared/step.wgsl, shared/resident_model.wgsl, shared/position.wgsl
override WG: u32 = 64;
override SHARES: u32 = 1;
override O: u32 = 1;
@group(0) @binding(0) var<uniform> dims: ResidentModel;
@group(0) @binding(1) var<storage, read> steps: array<Step>;
@group(0) @binding(2) var<storage, read> parts: array<f32>;
@group(0) @binding(3) var<storage, read> part_losses: array<f32>;
@group(0) @binding(4) var<storage, read_write> weights: array<f32>;
@group(0) @binding(5) var<storage, read_write> m: array<f32>;
@group(0) @binding(6) var<storage, read_write> v: array<f32>;
@group(0) @binding(7) var<storage, read_write> losses: array<f32>;
@group(1) @binding(0) var<uniform> position: Position;

@compute @workgroup_size(WG)
fn resident_rows_update(@builtin(global_invocation_id) id: vec3u) {
  let model = id.y;
  let step = steps[position.step * dims.models + model];
  if (id.x >= dims.arena || step.rows == 0) { return; }
  if (id.x == 0) {
    var loss = 0.0;
    for (var share = 0u; share < SHARES; share++) { loss += part_losses[model * SHARES + share]; }
    losses[step.slot] = loss / f32(step.rows * O);
  }
  let first = model * SHARES * dims.arena + id.x;
  var g = 0.0;
  var share = 0u;
  for (; share + 8 <= SHARES; share += 8) {
    let at = first + share * dims.arena;
    let low = (parts[at] + parts[at + dims.arena]) + (parts[at + 2 * dims.arena] + parts[at + 3 * dims.arena]);
    let high = (parts[at + 4 * dims.arena] + parts[at + 5 * dims.arena]) + (parts[at + 6 * dims.arena] + parts[at + 7 * dims.arena]);
    g += low + high;
  }
  for (; share < SHARES; share++) { g += parts[first + share * dims.arena]; }
  let k = model * dims.arena + id.x;
  let m_next = dims.beta1 * m[k] + dims.one_minus_beta1 * g;
  let v_next = dims.beta2 * v[k] + dims.one_minus_beta2 * g * g;
  m[k] = m_next;
  v[k] = v_next;
  weights[k] -= step.step_size * m_next / (sqrt(v_next) / step.bias_correction2_sqrt + dims.eps);
}
