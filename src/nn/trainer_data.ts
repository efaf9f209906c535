import type { Loss } from '../engine/losses.ts';
import { ConfigError, ShapeError } from '../errors.ts';
import type { ModelConfig } from '../model/config.ts';
import { checkOptions } from '../options.ts';
import { sha256 } from '../train/checkpoint.ts';
import type { Samples } from './samples.ts';
import { checkFilled, checkLengths } from './shapes.ts';
import type { SampleData } from './trainer_options.ts';

/** @param where the arguments are, for messages. @throws ShapeError, ConfigError naming what does not fit the model. */
export function checkInputs(
  { inputs, lengths }: Pick<SampleData, 'inputs' | 'lengths'>,
  { inputSize: I }: ModelConfig,
  where = '',
): Omit<Samples, 'targets'> {
  const [S = 0, T = 0] = inputs.shape;
  if (inputs.shape.length !== 3 || S < 1 || T < 1 || inputs.shape[2] !== I)
    throw new ShapeError(
      `${where}inputs: got shape [${inputs.shape.join(', ')}], expected [samples, steps, inputSize = ${I}].`,
    );
  checkFilled(`${where}inputs`, inputs);
  return {
    inputs,
    lengths: checkLengths(lengths, { rows: S, steps: T }, where),
    ragged: lengths !== undefined,
  };
}

/** As {@link checkInputs}, and what does not fit the loss. */
export function checkData(data: SampleData, config: ModelConfig, loss: Loss, where = ''): Samples {
  checkOptions(where === '' ? 'data' : where.slice(0, -1), data, { inputs: true, targets: true, lengths: true });
  const values = checkInputs(data, config, where);
  const [numSamples, windowLength] = values.inputs.shape as [number, number];
  const { head, outputSize } = config;
  const steps = head === 'every' ? [windowLength] : [];
  const classes = loss.name === 'crossEntropy';
  const K = loss.targetSize(outputSize);
  const expected = [numSamples, ...steps, ...(classes ? [] : [K])];
  const { shape, data: targets } = data.targets;
  if (shape.join() !== expected.join())
    throw new ShapeError(
      `${where}targets: got shape [${shape.join(', ')}], expected [${expected.join(', ')}]: ` +
        `head '${head}', loss ${loss.name}, outputSize ${outputSize}.`,
    );
  checkFilled(`${where}targets`, data.targets);
  const bad = classes
    ? targets.find((value) => !(Number.isInteger(value) && value >= 0 && value < outputSize))
    : undefined;
  if (bad !== undefined)
    throw new ConfigError(`${where}targets: got ${bad}, expected classes: whole numbers from 0 to ${outputSize - 1}.`);
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
