import type { LossOptions } from '../engine/losses.ts';
import type { SampleSource } from '../engine/plan.ts';
import { predictSamples } from '../engine/predict.ts';
import { type DeviceScope, during, owning } from '../gpu/guarded_device.ts';
import { createTensor, writeTensor } from '../gpu/tensor.ts';
import type { StateDict } from '../model/parameters.ts';
import { Models } from '../train/models.ts';
import type { TrainingData, UploadedData } from '../train/training.ts';
import { meanLoss } from '../train/validation.ts';
import { type FittedSeries, type LaidOut, uploadSeries } from './fitted.ts';
import { hashOf } from './frame.ts';
import { type ForecastShape, numQuantiles, pointQuantile } from './shape.ts';

/** Limits on the blocks rolled out before a readback, and on their time steps: drivers kill work that takes seconds. */
const MAX_BLOCKS = 1024;
const MAX_TIME_STEPS = 131_072;

/** Forecasting models, with their series on the device. All of them train and predict in one dispatch. */
export class ForecastModels extends Models {
  readonly shape: ForecastShape;
  #laidOut: (LaidOut & { scope: DeviceScope }) | undefined;

  /** @throws DeviceError if the models do not fit the device. */
  constructor(device: GPUDevice, shape: ForecastShape, seeds: readonly number[]) {
    super(device, { config: shape.config, seeds, name: 'forecaster' });
    this.shape = shape;
  }

  /** The series on the device; undefined before the first {@link layOut}. */
  get series(): readonly FittedSeries[] | undefined {
    return this.#laidOut?.series;
  }

  /** For each model. @param method the caller, for messages. */
  readWeights(method: string) {
    return this.lifetime.during(method, () => this.state.readWeights());
  }

  /** Uploads series to the device, replacing the previous ones. */
  layOut(series: readonly FittedSeries[]): void {
    const laidOut = owning(this.device, (scope) => ({ scope, ...uploadSeries(scope, series, this.config.inputSize) }));
    this.#laidOut?.scope.dispose();
    this.#laidOut = laidOut;
  }

  override moveTo(device: GPUDevice): void {
    super.moveTo(device);
    this.layOut(this.#laidOut!.series);
  }

  /** Training data from the uploaded series. @param seriesOf for each model the indices of its series. */
  trainingData(seriesOf: readonly (readonly number[])[], loss: LossOptions): TrainingData {
    const starts = (part: 'train' | 'validation') => seriesOf.map((own) => this.#starts(own, part));
    return {
      windowLength: this.shape.windowLength,
      hashes: () => Promise.all(this.series!.map(({ frame }) => hashOf(frame))),
      // the series are kept for forecasting
      upload: (): UploadedData => ({
        source: this.#source,
        starts: starts('train'),
        validate: this.#validation(starts('validation'), loss),
      }),
    };
  }

  /**
   * The outputs of some models for samples of a series, which is uploaded for this call only if it is not on the device.
   * @returns for each of these models [samples, horizon * quantiles].
   */
  outputs(series: FittedSeries, samples: Uint32Array, models: readonly number[]): Promise<Float32Array[]> {
    return this.lifetime.during('evaluate', () =>
      during(this.device, async (scope) => {
        const isHere = this.series?.includes(series);
        const source = isHere ? this.#source : sourceOf(uploadSeries(scope, [series], this.config.inputSize));
        const rows = samples.map((sample) => series.tensorRow(sample));
        const samplesOf = this.seeds.map((_, model) => (models.includes(model) ? rows : new Uint32Array()));
        const all = await this.#predict(samplesOf, source);
        return models.map((model) => all[model]!);
      }),
    );
  }

  /** The outputs of every model for samples of its only series. */
  outputsOfEach(series: readonly FittedSeries[], samples: readonly Uint32Array[]): Promise<Float32Array[]> {
    const rows = series.map((own, k) => samples[k]!.map((sample) => own.tensorRow(sample)));
    return this.lifetime.during('evaluate', () => this.#predict(rows));
  }

  /**
   * Each model's forecasts from the ends of its own windows, in blocks of `horizon` rows: the forecasts of a block become rows
   * of the next block's window, on the device.
   * @param windows for each model, the same number each, [T + blocks * horizon, I]: a window, and after it the columns known
   *   ahead.
   * @returns for each model and window [blocks, horizon * quantiles] @throws the signal's reason.
   */
  outputsAhead(
    windows: readonly (readonly Float32Array[])[],
    blocks: number,
    signal?: AbortSignal,
  ): Promise<Float32Array[][]> {
    const { windowLength: T, horizon } = this.shape;
    const size = outputSize(this.shape);
    const numRows = T + blocks * horizon;
    const numWindows = windows[0]!.length;
    return this.lifetime.during('predict', () =>
      during(this.device, async (scope) => {
        const all = windows.flat();
        const tensor = createTensor(scope, 'windows', [all.length * numRows, this.config.inputSize]);
        const rows = new Float32Array(tensor.sizeBytes / Float32Array.BYTES_PER_ELEMENT);
        for (const [k, own] of all.entries()) rows.set(own, k * own.length);
        writeTensor(scope, tensor, rows);
        // for each model: window by window, and in each block by block
        const outputs = windows.map(() => new Float32Array(numWindows * blocks * size));
        const startOf = (model: number, k: number) =>
          (model * numWindows + Math.floor(k / blocks)) * numRows + (k % blocks) * horizon;
        const most = Math.max(1, Math.min(MAX_BLOCKS, Math.floor(MAX_TIME_STEPS / T)));
        for (let first = 0; first < numWindows * blocks; first += most) {
          signal?.throwIfAborted();
          const length = Math.min(most, numWindows * blocks - first);
          const starts = windows.map((_, model) => Uint32Array.from({ length }, (_, k) => startOf(model, first + k)));
          const roll = { ahead: horizon, values: numQuantiles(this.shape), value: pointQuantile(this.shape) };
          const source = { kind: 'windows', series: tensor } as const;
          const said = await predictSamples(this.state, source, T, starts, blocks > 1 ? roll : undefined);
          for (const [model, own] of said.entries()) outputs[model]!.set(own, first * size);
        }
        const cut = (own: Float32Array, k: number) => own.subarray(k * blocks * size, (k + 1) * blocks * size);
        return outputs.map((own) => Array.from({ length: numWindows }, (_, k) => cut(own, k)));
      }),
    );
  }

  protected override initialWeights(seed: number): StateDict {
    const weights = super.initialWeights(seed);
    if (this.shape.zeroHead) for (const [name, { data }] of weights) if (name.startsWith('fc.')) data.fill(0);
    return weights;
  }

  protected override free(): void {
    super.free();
    this.#laidOut?.scope.dispose();
  }

  get #source(): SampleSource {
    if (!this.#laidOut) throw new Error('ForecastModels: no series were laid out');
    return sourceOf(this.#laidOut);
  }

  /** Mean losses over each model's validation samples; undefined if there are none. */
  #validation(starts: readonly Uint32Array[], loss: LossOptions): UploadedData['validate'] {
    if (starts.every(({ length }) => length === 0)) return undefined;
    const { horizon, windowLength: T } = this.shape;
    const { inputSize: I } = this.config;
    const { rows } = this.#laidOut!;
    const targets = starts.map((own) =>
      Float32Array.from(
        { length: own.length * horizon },
        (_, k) => rows[(own[Math.floor(k / horizon)]! + T + (k % horizon)) * I]!,
      ),
    );
    return async (trains) => {
      const outputs = await this.#predict(starts.map((own, model) => (trains[model] ? own : new Uint32Array())));
      return outputs.map((y, model) => (trains[model] ? meanLoss(loss, y, targets[model]!) : Number.NaN));
    };
  }

  #predict(rows: readonly Uint32Array[], source = this.#source): Promise<Float32Array[]> {
    return predictSamples(this.state, source, this.shape.windowLength, rows);
  }

  /** Rows of the shared tensor in which the samples of a part start, series by series. */
  #starts(own: readonly number[], part: 'train' | 'validation'): Uint32Array {
    const { series } = this.#laidOut!;
    return Uint32Array.from(
      own.flatMap((k) => Array.from(series[k]!.samples(part), (sample) => series[k]!.tensorRow(sample))),
    );
  }
}

const sourceOf = ({ tensor }: LaidOut): SampleSource => ({ kind: 'windows', series: tensor, targetColumns: 1 });

/** Number of outputs of a model per sample. */
export const outputSize = (shape: ForecastShape): number => shape.horizon * numQuantiles(shape);
