import { ConfigError } from '../errors.ts';
import { checkBetween } from '../model/config.ts';

/** torch.optim.Adam's options, with its defaults. */
export interface AdamOptions {
  /** Learning rate, >= 0. Default 1e-3. */
  lr?: number;
  /** Decay of the two moments, each in [0, 1). Default [0.9, 0.999]. */
  betas?: readonly [number, number];
  /** Added to the root of the second moment, > 0. Default 1e-8. */
  eps?: number;
}

/** @throws ConfigError naming the option. */
export function adamOptions({ lr = 1e-3, betas = [0.9, 0.999], eps = 1e-8 }: AdamOptions): Required<AdamOptions> {
  if (!(lr >= 0 && lr < Infinity)) throw new ConfigError(`lr: got ${lr}, expected a finite number of at least 0.`);
  for (const [k, beta] of betas.entries()) if (beta !== 0) checkBetween(`betas[${k}]`, beta, 0, 1);
  checkBetween('eps', eps, 0, Infinity);
  return { lr, betas, eps };
}
