// linear_forward: the head on the last step of each row, or on every step.
//   y[r, o] = bias[o] + sum_j h[row(r), j] weight[o, j]
// Source: torch.nn.Linear.
// Shapes: h [T+2, N, H], time t in row t + 1; weight [O, H], bias [O]; y = : [N, O], r = n using row lengths[n], or with
//         `every` [T, N, O], r = (t, n) using row t + 1.
// Grid: one invocation per (r, o), x = ceil(R * O / WG), folded into y past 65,535 workgroups.
// Uses: shared/head.wgsl
override WG: u32 = 64;
@group(0) @binding(0) var<uniform> dims: Head;
@group(0) @binding(1) var<storage, read> h: array<f32>;
@group(0) @binding(2) var<storage, read> weight: array<f32>;
@group(0) @binding(3) var<storage, read> bias: array<f32>;
@group(0) @binding(4) var<storage, read> lengths: array<u32>;
@group(0) @binding(5) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(WG)
fn linear_forward(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let k = id.y * groups.x * WG + id.x;  // r * O + o
  if (k >= head_rows(dims) * dims.O) { return; }
  let o = k % dims.O;
  let r = k / dims.O;
  let row = head_reads(dims, r, lengths[r % dims.N]) * dims.H;
  var sum = 0.0;
  for (var j = 0u; j < dims.H; j++) { sum = fma(h[row + j], weight[o * dims.H + j], sum); }
  y[k] = sum + bias[o];
}
