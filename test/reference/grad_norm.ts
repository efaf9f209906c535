/** Sums of squares in 64 parts; each part has every 64th group of 64 gradients. */
export function gradNorm({ P }: { P: number }, { grads, partials }: Record<'grads' | 'partials', Float64Array>): void {
  partials.fill(0, 0, 64);
  for (let k = 0; k < P; k++) partials[Math.floor(k / 64) % 64]! += grads[k]! ** 2;
}
