// Overflow-safe activations. exp of a large positive argument is +inf in f32, and WGSL's tanh may be computed as a
// quotient of exponentials (NaN on some GPUs above ~88): both functions below only apply exp to numbers <= 0.

// 1 / (1 + e^-x), for every finite x.
fn sigmoid(x: f32) -> f32 {
  let e = exp(-abs(x));
  return select(e, 1.0, x >= 0.0) / (1.0 + e);
}

// (1 - e^-2|x|) / (1 + e^-2|x|) with the sign of x; below 0.25 the difference cancels, so it uses the odd Taylor series
// x - x^3/3 + 2x^5/15 - 17x^7/315 + 62x^9/2835 - 1382x^11/155925 (its next term is under 1e-9 there).
fn tanh_safe(x: f32) -> f32 {
  let e = exp(-2.0 * abs(x));
  let far = sign(x) * (1.0 - e) / (1.0 + e);
  let s = x * x;
  let near = x * (1.0 + s * (-0.33333334 + s * (0.13333334 + s * (-0.053968254 + s * (0.021869488 - s * 0.008863236)))));
  return select(far, near, abs(x) < 0.25);
}

// The same for four values at once.
fn sigmoid4(x: vec4f) -> vec4f {
  let e = exp(-abs(x));
  return select(e, vec4f(1.0), x >= vec4f(0.0)) / (1.0 + e);
}

fn tanh4(x: vec4f) -> vec4f {
  let e = exp(-2.0 * abs(x));
  let far = sign(x) * (1.0 - e) / (1.0 + e);
  let s = x * x;
  let near = x * (1.0 + s * (-0.33333334 + s * (0.13333334 + s * (-0.053968254 + s * (0.021869488 - s * 0.008863236)))));
  return select(far, near, abs(x) < vec4f(0.25));
}
