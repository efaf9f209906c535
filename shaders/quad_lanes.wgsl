// quad_lanes: whether a quad is four consecutive lanes of a workgroup, which WGSL leaves to the device.
//   is_quad[lane] = 1 if the other three lanes that quad operations reach are those of 4 floor(lane / 4) to + 3, in this order
// Source: https://www.w3.org/TR/WGSL/#quad-builtin-functions
// Shapes: is_quad [256] =.
// Grid: one workgroup.
enable subgroups;
@group(0) @binding(0) var<storage, read_write> is_quad: array<u32>;

@compute @workgroup_size(256)
fn quad_lanes(@builtin(local_invocation_index) lane: u32) {
  let reached = vec4u(quadBroadcast(lane, 0), quadBroadcast(lane, 1), quadBroadcast(lane, 2), quadBroadcast(lane, 3));
  let expected = vec4u(lane / 4 * 4) + vec4u(0, 1, 2, 3);
  let across = vec2u(quadSwapX(lane), quadSwapY(lane));
  is_quad[lane] = select(0u, 1u, all(reached == expected) && all(across == vec2u(lane ^ 1, lane ^ 2)));
}
