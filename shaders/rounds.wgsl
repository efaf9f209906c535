// rounds: counts the rounds of a long loop, and of two nested loops after it, because some drivers end loops early.
//   s = 1664525 s + 1013904223, modulo 2^32, from 0, in every round: a compiler cannot determine s without running the loop
// Source: s is the generator of Numerical Recipes, 7.1; llvmpipe in Mesa before 23 ends loops after 65,535 rounds per invocation.
// Shapes: counts [6]: in: rounds of both loops, the second in turns of WIDTH; out: rounds and s of the first, then of the second.
// Grid: one invocation.
override WIDTH: u32 = 1000;
@group(0) @binding(0) var<storage, read_write> counts: array<u32>;

fn next(s: u32) -> u32 { return 1664525u * s + 1013904223u; }

@compute @workgroup_size(1)
fn rounds() {
  var s = 0u;
  var k = 0u;
  for (; k < counts[0]; k++) { s = next(s); }
  counts[2] = k;
  counts[3] = s;
  s = 0u;
  k = 0u;
  for (var turn = 0u; turn < counts[1] / WIDTH; turn++) {
    for (var inner = 0u; inner < WIDTH; inner++) {
      s = next(s);
      k++;
    }
  }
  counts[4] = k;
  counts[5] = s;
}
