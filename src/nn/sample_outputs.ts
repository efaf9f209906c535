import { MAX_ROWS, predictSamples } from '../engine/predict.ts';
import type { ModelState } from '../engine/state.ts';
import type { GuardedDevice } from '../gpu/guarded_device.ts';
import { mostBytes } from '../gpu/tensor.ts';
import { chunkSize, type Samples, type UploadedSamples, uploadSamples } from './samples.ts';

/** Samples on the device, a chunk at a time, and the model's outputs for them as its weights change. */
export class SampleOutputs {
  readonly #state: ModelState;
  readonly #samples: Samples;
  readonly #chunkSamples: number;
  readonly #uploaded: UploadedSamples;
  /** The chunk on the device. */
  #loaded = 0;

  /** @param device its scope frees them. */
  constructor(device: GuardedDevice, state: ModelState, samples: Samples) {
    this.#state = state;
    this.#samples = samples;
    this.#chunkSamples = chunkOf(state, samples);
    this.#uploaded = uploadSamples(device, samples, this.#chunkSamples);
  }

  /** [S, O], or [S, T, O] for a head on every step; values after the end of a sequence are undefined. */
  async read(signal?: AbortSignal): Promise<Float32Array> {
    const { outputSize: O, head } = this.#state.config;
    const [numSamples, steps] = this.#samples.inputs.shape as [number, number];
    const perSample = O * (head === 'every' ? steps : 1);
    const outputs = new Float32Array(numSamples * perSample);
    for (let first = 0; first < numSamples; first += this.#chunkSamples) {
      signal?.throwIfAborted();
      const chunk = first / this.#chunkSamples;
      if (this.#loaded !== chunk) this.#uploaded.load(chunk);
      this.#loaded = chunk;
      const own = Uint32Array.from({ length: Math.min(this.#chunkSamples, numSamples - first) }, (_, sample) => sample);
      const [said] = await predictSamples(this.#state, this.#uploaded.source, steps, [own]);
      outputs.set(said!, first * perSample);
    }
    return outputs;
  }
}

/** Samples per chunk: as many as fit in one buffer, both inputs and outputs, in whole passes. */
function chunkOf({ device, config }: ModelState, samples: Samples): number {
  const perSample = 4 * config.outputSize * (config.head === 'every' ? samples.inputs.shape[1]! : 1);
  const most = Math.max(1, Math.floor(mostBytes(device) / perSample));
  const outputs = most > MAX_ROWS ? most - (most % MAX_ROWS) : most;
  return Math.min(chunkSize(device, samples, 1), outputs);
}
