import { FINITE, inTensor, shapeOf, tensorOf } from '../arrays.ts';
import type { Loss } from '../engine/losses.ts';
import { ConfigError, ShapeError } from '../errors.ts';
import type { ModelConfig } from '../model/config.ts';
import { checkOptions } from '../options.ts';
import { hashOfBytes } from '../train/checkpoint.ts';
import type { Samples } from './samples.ts';
import { readLengths } from './shapes.ts';
import type { SampleData } from './trainer_options.ts';

const AXES = ['sample', 'step', 'value'];

/**
 * Reads the inputs of a prediction; any values are allowed.
 * @param where the arguments are, for messages. @param finite rejects NaN and infinity, except in padding.
 * @throws ShapeError, ConfigError, DataError naming what does not fit the model.
 */
export function readInputs(
  { inputs: given, lengths: ends }: Pick<SampleData, 'inputs' | 'lengths'>,
  { inputSize: I }: ModelConfig,
  where = '',
  { finite = false } = {},
): Omit<Samples, 'targets'> {
  const name = `${where}inputs`;
  const shape = shapeOf(name, given);
  const [S = 0, T = 0] = shape;
  if (shape.length !== 3 || S < 1 || T < 1 || shape[2] !== I)
    throw new ShapeError(`${name}: got shape [${shape.join(', ')}], expected [samples, steps, inputSize = ${I}].`);
  const lengths = readLengths(ends, { rows: S, steps: T }, where);
  const isPadding = paddingOf(lengths, T, I);
  const inputs = tensorOf(name, given, {
    place: inTensor(shape, AXES),
    ...(finite && { ...FINITE, accepts: (value, index) => Number.isFinite(value) || isPadding(index) }),
  });
  return { inputs, lengths };
}

/** Like {@link readInputs}, for training and validation samples: finite, and with targets that match the loss. */
export function readSamples(data: SampleData, config: ModelConfig, loss: Loss, where = ''): Samples {
  const name = where === '' ? 'data' : where.slice(0, -1);
  if (data === undefined)
    throw new ConfigError(`${name}: got undefined, expected an object with inputs, targets and optionally lengths.`);
  checkOptions(name, data, { inputs: true, targets: true, lengths: true });
  const values = readInputs(data, config, where, { finite: true });
  const [numSamples, windowLength] = values.inputs.shape as [number, number];
  const { head, outputSize } = config;
  const steps = head === 'every' ? [windowLength] : [];
  const classes = loss.name === 'crossEntropy';
  const K = loss.targetSize(outputSize);
  const expected = [numSamples, ...steps, ...(classes ? [] : [K])];
  const shape = shapeOf(`${where}targets`, data.targets);
  if (shape.join() !== expected.join())
    throw new ShapeError(
      `${where}targets: got shape [${shape.join(', ')}], expected [${expected.join(', ')}]: ` +
        `head '${head}', loss ${loss.name}, outputSize ${outputSize}.`,
    );
  const isPadding = head === 'every' ? paddingOf(values.lengths, windowLength, K) : () => false;
  const isClass = (value: number) => Number.isInteger(value) && value >= 0 && value < outputSize;
  const fits = (value: number, index: number) => Number.isFinite(value) || isPadding(index);
  const targets = tensorOf(`${where}targets`, data.targets, {
    expected: classes ? `classes: whole numbers from 0 to ${outputSize - 1}` : FINITE.expected,
    accepts: classes ? isClass : fits,
    place: inTensor(shape, head === 'every' ? AXES : AXES.toSpliced(1, 1)),
  });
  return { ...values, targets: { shape: [numSamples, steps[0] ?? 1, K], data: targets.data } };
}

/** Whether a value of [S, T, size] is padding, after the end of its sequence, where any value is allowed. */
const paddingOf =
  (lengths: Uint32Array, steps: number, size: number) =>
  (index: number): boolean =>
    Math.floor(index / size) % steps >= lengths[Math.floor(index / (size * steps))]!;

/** SHA-256 of samples with their shape, targets and lengths, in hex. */
export async function hashOfSamples({ inputs, targets, lengths }: Samples): Promise<string> {
  const shapes = Float64Array.of(...inputs.shape, ...targets.shape);
  const parts = [shapes, inputs.data, targets.data, lengths];
  const hashes: string[] = [];
  for (const part of parts) hashes.push(await hashOfBytes(part.slice()));
  return hashOfBytes(new TextEncoder().encode(hashes.join()));
}
