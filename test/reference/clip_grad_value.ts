/** torch.nn.utils.clip_grad_value_ */
export function clipGradValue(
  { P, clip_value }: { P: number; clip_value: number },
  { grads }: { grads: Float64Array },
): void {
  for (let k = 0; k < P; k++) grads[k] = Math.min(Math.max(grads[k]!, -clip_value), clip_value);
}
