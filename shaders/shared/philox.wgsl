// Philox-4x32-10, a counter-based generator: four random words for a counter and a key, without any state.
// Source: Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3".
fn philox(counter: vec4u, key: vec2u) -> vec4u {
  var c = counter;
  var k = key;
  for (var round = 0u; round < 10; round++) {
    let a = 0xD2511F53u;
    let b = 0xCD9E8D57u;
    c = vec4u(multiply_high(b, c.z) ^ c.y ^ k.x, b * c.z, multiply_high(a, c.x) ^ c.w ^ k.y, a * c.x);
    k += vec2u(0x9E3779B9u, 0xBB67AE85u);
  }
  return c;
}

/// The upper 32 bits of a product, from 16-bit halves, because WGSL has no 64-bit integers.
fn multiply_high(a: u32, b: u32) -> u32 {
  let low = (a & 0xffff) * (b & 0xffff);
  let middle = (a >> 16) * (b & 0xffff) + (low >> 16);
  let other = (a & 0xffff) * (b >> 16) + (middle & 0xffff);
  return (a >> 16) * (b >> 16) + (middle >> 16) + (other >> 16);
}
