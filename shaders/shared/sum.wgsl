// A long sum in levels: blocks of 64 terms, stretches of 64 blocks, all stretches. A plain f32 sum of a million equal terms
// is off by a hundredth; this one is off by less than 1e-5, always in the same order.
// Source: Higham 2002, "Accuracy and Stability of Numerical Algorithms", section 4.2.
struct Sum { terms: u32, block: f32, stretch: f32, all: f32 }

fn add_term(sum: ptr<function, Sum>, term: f32) {
  (*sum).block += term;
  (*sum).terms++;
  if ((*sum).terms % 64 > 0) { return; }
  (*sum).stretch += (*sum).block;
  (*sum).block = 0.0;
  if ((*sum).terms % 4096 > 0) { return; }
  (*sum).all += (*sum).stretch;
  (*sum).stretch = 0.0;
}

fn total_of(sum: Sum) -> f32 { return sum.all + (sum.stretch + sum.block); }
