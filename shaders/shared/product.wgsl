// How a product adds up over K: within blocks, then the blocks, then (src/engine/product.ts) stretches of 2^16 in C. One sum
// of a million equal terms would be off by a hundredth; so it is off by less than 1e-5, always in the same order.
// Source: Higham 2002, "Accuracy and Stability of Numerical Algorithms", section 4.2.
const BLOCK = 256u;
