/** torch.nn.utils.clip_grad_norm_, from the sums of squares. */
export function clipGradNorm(
  { P, max_norm }: { P: number; max_norm: number },
  { grads, partials }: Record<'grads' | 'partials', Float64Array>,
): void {
  const norm = Math.sqrt(partials.reduce((sum, squares) => sum + squares, 0));
  for (let k = 0; k < P; k++) grads[k]! *= Math.min(1, max_norm / (norm + 1e-6));
}
