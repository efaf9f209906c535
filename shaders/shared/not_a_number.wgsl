// Whether a value is NaN, by its bits. WGSL lets compilers assume that there is none, and some do: x != x, max, min
// and select with a comparison may then lose it, and training would continue with a number instead of ending with an error.
// Source: https://www.w3.org/TR/WGSL/#differences-from-ieee754
fn is_nan(x: f32) -> bool { return (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u; }

/// Like torch.maximum.
fn max_or_nan(a: f32, b: f32) -> f32 { return select(select(max(a, b), b, is_nan(b)), a, is_nan(a)); }
