// The functions of quads.wgsl, for devices without subgroups: through the workgroup's memory, with a barrier each. Must be called by
// all lanes together. A call of another of the three, or a barrier, must come between two calls of the same one.
// Needs: LANES
var<workgroup> quad_parts: array<vec4f, LANES>;
var<workgroup> quad_gates: array<f32, LANES>;
var<workgroup> quad_terms: array<f32, LANES>;

fn quad_component(part: vec4f, lane: u32) -> f32 {
  quad_parts[lane] = part;
  workgroupBarrier();  // all have written their part
  let first = lane / 4 * 4;
  let q = lane % 4;
  return (quad_parts[first][q] + quad_parts[first + 1][q]) + (quad_parts[first + 2][q] + quad_parts[first + 3][q]);
}

fn quad_values(x: f32, lane: u32) -> vec4f {
  quad_gates[lane] = x;
  workgroupBarrier();  // all have written their value
  let first = lane / 4 * 4;
  return vec4f(quad_gates[first], quad_gates[first + 1], quad_gates[first + 2], quad_gates[first + 3]);
}

fn quad_sum(x: f32, lane: u32) -> f32 {
  quad_terms[lane] = x;
  workgroupBarrier();  // all have written their term
  let first = lane / 4 * 4;
  return (quad_terms[first] + quad_terms[first + 1]) + (quad_terms[first + 2] + quad_terms[first + 3]);
}
