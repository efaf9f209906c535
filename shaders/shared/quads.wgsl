// Sums and exchanges among the four lanes 4u to 4u + 3 of a workgroup, for devices whose quads are these lanes.
// Source: https://www.w3.org/TR/WGSL/#quad-builtin-functions
enable subgroups;

/// Component q of the quad's sum of `part`, in its lane q.
fn quad_component(part: vec4f, lane: u32) -> f32 {
  let q = lane % 4;
  let half = select(part.xy, part.zw, q > 1) + quadSwapY(select(part.zw, part.xy, q > 1));
  return select(half.x, half.y, q % 2 == 1) + quadSwapX(select(half.y, half.x, q % 2 == 1));
}

/// The four lanes' values.
fn quad_values(x: f32, lane: u32) -> vec4f {
  return vec4f(quadBroadcast(x, 0), quadBroadcast(x, 1), quadBroadcast(x, 2), quadBroadcast(x, 3));
}

fn quad_sum(x: f32, lane: u32) -> f32 {
  let pair = x + quadSwapX(x);
  return pair + quadSwapY(pair);
}
