// The forward pass of a resident model, for training and for prediction. Sizes that shape the code are overrides, so that
// a small model compiles to little code: LANES = ceil(H / 4), I and O.
// Needs: series, own, W_IH, BIAS, FC, FC_BIAS, sigmoid4, tanh4
override LANES: u32 = 8;
override I: u32 = 1;
override O: u32 = 1;

struct Gates { i: vec4f, f: vec4f, g: vec4f, o: vec4f }

// Shared between lanes: h[t], and partial sums of y.
var<workgroup> h_now: array<vec4f, 8>;
var<workgroup> y_part: array<vec4f, 8>;

// Row `row` of the series, zero beyond I.
fn input_at(row: u32) -> vec4f {
  let at = row * I;
  var x = vec4f(series[at], 0.0, 0.0, 0.0);
  if (I > 1) { x.y = series[at + 1]; }
  if (I > 2) { x.z = series[at + 2]; }
  if (I > 3) { x.w = series[at + 3]; }
  return x;
}

// W_ih x + b_ih + W_hh h_now + b_hh
fn gate_inputs(x: vec4f) -> Gates {
  var a = Gates(
    own[BIAS] + own[BIAS + 1] + own[W_IH] * x.x,
    own[BIAS + 2] + own[BIAS + 3] + own[W_IH + 4] * x.x,
    own[BIAS + 4] + own[BIAS + 5] + own[W_IH + 8] * x.x,
    own[BIAS + 6] + own[BIAS + 7] + own[W_IH + 12] * x.x,
  );
  if (I > 1) { add_column(&a, W_IH + 1, x.y); }
  if (I > 2) { add_column(&a, W_IH + 2, x.z); }
  if (I > 3) { add_column(&a, W_IH + 3, x.w); }
  add_tile(&a, 0, h_now[0]);
  if (LANES > 1) { add_tile(&a, 16, h_now[1]); }
  if (LANES > 2) { add_tile(&a, 32, h_now[2]); }
  if (LANES > 3) { add_tile(&a, 48, h_now[3]); }
  if (LANES > 4) { add_tile(&a, 64, h_now[4]); }
  if (LANES > 5) { add_tile(&a, 80, h_now[5]); }
  if (LANES > 6) { add_tile(&a, 96, h_now[6]); }
  if (LANES > 7) { add_tile(&a, 112, h_now[7]); }
  return a;
}

fn add_column(a: ptr<function, Gates>, k: u32, x: f32) {
  (*a).i += own[k] * x;
  (*a).f += own[k + 4] * x;
  (*a).g += own[k + 8] * x;
  (*a).o += own[k + 12] * x;
}

fn add_tile(a: ptr<function, Gates>, k: u32, x: vec4f) {
  (*a).i += own[k] * x.x + own[k + 1] * x.y + own[k + 2] * x.z + own[k + 3] * x.w;
  (*a).f += own[k + 4] * x.x + own[k + 5] * x.y + own[k + 6] * x.z + own[k + 7] * x.w;
  (*a).g += own[k + 8] * x.x + own[k + 9] * x.y + own[k + 10] * x.z + own[k + 11] * x.w;
  (*a).o += own[k + 12] * x.x + own[k + 13] * x.y + own[k + 14] * x.z + own[k + 15] * x.w;
}

fn activated(a: Gates) -> Gates { return Gates(sigmoid4(a.i), sigmoid4(a.f), tanh4(a.g), sigmoid4(a.o)); }

// y = W_fc h + b_fc, the same in every lane.
fn head(h: vec4f, lane: u32) -> vec4f {
  var part = vec4f(dot(h, own[FC]), 0.0, 0.0, 0.0);
  if (O > 1) { part.y = dot(h, own[FC + 1]); }
  if (O > 2) { part.z = dot(h, own[FC + 2]); }
  if (O > 3) { part.w = dot(h, own[FC + 3]); }
  y_part[lane] = part;
  workgroupBarrier();  // all have written their partial sums
  var y = own[FC_BIAS] + y_part[0];
  if (LANES > 1) { y += y_part[1]; }
  if (LANES > 2) { y += y_part[2]; }
  if (LANES > 3) { y += y_part[3]; }
  if (LANES > 4) { y += y_part[4]; }
  if (LANES > 5) { y += y_part[5]; }
  if (LANES > 6) { y += y_part[6]; }
  if (LANES > 7) { y += y_part[7]; }
  return y;
}
