import type { Loss } from '../engine/losses.ts';
import { ConfigError, ShapeError } from '../errors.ts';
import type { ModelConfig } from '../model/config.ts';
import { sha256 } from '../train/checkpoint.ts';
import type { Samples } from './samples.ts';
import { checkFilled, checkLengths } from './shapes.ts';
import type { SampleData } from './trainer_options.ts';

/** @throws ShapeError, ConfigError naming what does not fit the model. */
export function checkInputs(
  { inputs, lengths }: Pick<SampleData, 'inputs' | 'lengths'>,
  { inputSize: I }: ModelConfig,
): Omit<Samples, 'targets'> {
  const [S = 0, T = 0] = inputs.shape;
  if (inputs.shape.length !== 3 || S < 1 || T < 1 || inputs.shape[2] !== I)
    throw new ShapeError(
      `inputs: got shape [${inputs.shape.join(', ')}], expected [samples, steps, inputSize = ${I}].`,
    );
  checkFilled('inputs', inputs);
  return {
    inputs,
    lengths: checkLengths(lengths, { rows: S, steps: T, batched: true }),
    ragged: lengths !== undefined,
  };
}

/** @throws ShapeError, ConfigError naming what does not fit the model and its loss. */
export function checkData(data: SampleData, config: ModelConfig, loss: Loss): Samples {
  const values = checkInputs(data, config);
  const [numSamples, windowLength] = values.inputs.shape as [number, number];
  const { head, outputSize } = config;
  const steps = head === 'every' ? [windowLength] : [];
  const classes = loss.name === 'crossEntropy';
  const K = loss.targetSize(outputSize);
  const expected = [numSamples, ...steps, ...(classes ? [] : [K])];
  const { shape, data: targets } = data.targets;
  if (shape.join() !== expected.join())
    throw new ShapeError(
      `targets: got shape [${shape.join(', ')}], expected [${expected.join(', ')}]: ` +
        `head '${head}', loss ${loss.name}, outputSize ${outputSize}.`,
    );
  checkFilled('targets', data.targets);
  const bad = classes
    ? targets.find((value) => !(Number.isInteger(value) && value >= 0 && value < outputSize))
    : undefined;
  if (bad !== undefined)
    throw new ConfigError(`targets: got ${bad}, expected classes: whole numbers from 0 to ${outputSize - 1}.`);
  return { ...values, targets: { shape: [numSamples, steps[0] ?? 1, K], data: targets } };
}

/** SHA-256 of samples with their shape, targets and lengths, in hex. */
export async function hashOfSamples({ inputs, targets, lengths }: Samples): Promise<string> {
  const shapes = Float64Array.of(...inputs.shape, ...targets.shape);
  const parts = [shapes, inputs.data, targets.data, lengths];
  const hashes: string[] = [];
  for (const part of parts) hashes.push(await sha256(part.slice()));
  return sha256(new TextEncoder().encode(hashes.join()));
}
