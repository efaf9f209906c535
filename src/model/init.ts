import { notWhole } from '../options.ts';
import { type ModelConfig, outputFeatures } from './config.ts';
import { parameterTable, type StateDict, type TensorValue } from './parameters.ts';

/**
 * The weights of the same model in PyTorch after `torch.manual_seed(seed)` on the CPU, bit for bit: every recurrent tensor
 * U(-1/sqrt(H), 1/sqrt(H)), the head's U(-1/sqrt(F), 1/sqrt(F)) for its F input features, drawn in the order of registration
 * from one MT19937.
 * @param seed a whole number, 0 <= seed < 2^32.
 * @throws ConfigError for any other seed.
 */
export function initialWeights(config: ModelConfig, seed: number): StateDict {
  const generator = new MersenneTwister(seed);
  const weights = new Map<string, TensorValue>();
  for (const { name, shape } of parameterTable(config)) {
    // nn.Linear's kaiming_uniform(a = sqrt 5) is 1/sqrt(fan_in)
    const bound = 1 / Math.sqrt(name.startsWith('fc.') ? outputFeatures(config) : config.hiddenSize);
    const data = new Float32Array(shape.reduce((product, size) => product * size, 1));
    for (let k = 0; k < data.length; k++) data[k] = generator.uniform(-bound, bound);
    weights.set(name, { shape, data });
  }
  return weights;
}

/** The largest seed. */
export const MAX_SEED = 2 ** 32 - 1;

/** @throws ConfigError unless 0 <= seed < 2^32, whole; several models use consecutive seeds. */
export function checkSeed(seed: number, models = 1): void {
  const most = MAX_SEED + 1 - models;
  if (Number.isInteger(seed) && seed >= 0 && seed <= most) return;
  const why = models > 1 ? `, since the ${models} models use consecutive seeds` : '';
  throw notWhole('seed', seed, 0, most, why);
}

/**
 * MT19937, PyTorch's CPU generator.
 * @see Matsumoto & Nishimura 1998, "Mersenne Twister"
 */
export class MersenneTwister {
  readonly #state = new Uint32Array(624);
  #next = 624;

  /** @throws ConfigError unless 0 <= seed < 2^32, whole. */
  constructor(seed: number) {
    checkSeed(seed);
    const state = this.#state;
    state[0] = seed;
    for (let i = 1; i < 624; i++) {
      const previous = state[i - 1]!;
      state[i] = Math.imul(1812433253, previous ^ (previous >>> 30)) + i;
    }
  }

  /** The next 32 random bits. */
  uint32(): number {
    if (this.#next === 624) this.#refill();
    let y = this.#state[this.#next++]!;
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    y ^= y >>> 18;
    return y >>> 0;
  }

  /**
   * `tensor.uniform_(from, to)` of f32: 24 random bits, scaled and shifted with one fused multiply-add, like PyTorch's AVX2
   * kernels. Product and sum fit in the 53 bits of a float64, so rounding once is exact.
   */
  uniform(from: number, to: number): number {
    const unit = Math.fround((this.uint32() & 0xffffff) / 16777216);
    return Math.fround(unit * Math.fround(to - from) + Math.fround(from));
  }

  #refill(): void {
    const state = this.#state;
    for (let k = 0; k < 624; k++) {
      const y = (state[k]! & 0x80000000) | (state[(k + 1) % 624]! & 0x7fffffff);
      state[k] = state[(k + 397) % 624]! ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0);
    }
    this.#next = 0;
  }
}
