// linear_backward_input: the head's gradient with respect to its input states.
//   d_h[t+1, n, j] = sum_o d_y[r, o] weight[o, j] where row r of y is for time t, else 0
// Source: torch.nn.Linear, transposed.
// Shapes: d_y [N, O] or [T, N, O], weight [O, H], lengths [N], d_h [T+2, N, H] = in rows 1 to T; the others are unchanged.
// Grid: one invocation per (t, n, j), x = ceil(T * N * H / WG), folded into y past 65,535 workgroups.
// Uses: shared/head.wgsl
override WG: u32 = 64;
@group(0) @binding(0) var<uniform> dims: Head;
@group(0) @binding(1) var<storage, read> d_y: array<f32>;
@group(0) @binding(2) var<storage, read> weight: array<f32>;
@group(0) @binding(3) var<storage, read> lengths: array<u32>;
@group(0) @binding(4) var<storage, read_write> d_h: array<f32>;

@compute @workgroup_size(WG)
fn linear_backward_input(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let k = id.y * groups.x * WG + id.x;  // (t * N + n) * H + j
  let H = dims.H;
  if (k >= dims.T * dims.N * H) { return; }
  let step = k / H;  // t * N + n
  let n = step % dims.N;
  let r = select(n, step, dims.every == 1);
  var sum = 0.0;
  if (head_reads(dims, r, lengths[n]) == dims.N + step) {
    for (var o = 0u; o < dims.O; o++) { sum = fma(d_y[r * dims.O + o], weight[o * H + k % H], sum); }
  }
  d_h[dims.N * H + k] = sum;
}
