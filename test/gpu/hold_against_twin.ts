import { expect } from 'vitest';
import type { Kernel } from '../../src/gpu/kernel.ts';
import type { Step } from '../reference/step.ts';
import { bitsOf, expectClose } from './expect.ts';
import { runKernel, STEP } from './run_kernel.ts';

/**
 * Runs a kernel twice and its float64 twin once, on the same inputs. Every writable binding is compared completely, including
 * values that the kernel must not change: NaN must stay NaN.
 */
export async function holdAgainstTwin<
  Dims extends Record<string, number>,
  Tensors extends Record<keyof Tensors, Float64Array>,
>(
  kernel: Kernel<Dims>,
  twin: (dims: Dims, tensors: Tensors, step: Step) => void,
  dims: Dims,
  inputs: { [Name in keyof Tensors]: Float32Array | Uint32Array },
  tolerance: 'copied' | 'elementwise' | 'summed',
  step: Step = STEP,
  overrides: Readonly<Record<string, number>> = {},
): Promise<void> {
  const outputs = await runKernel(kernel, dims, inputs, step, overrides);
  const again = await runKernel(kernel, dims, inputs, step, overrides);
  const names = Object.keys(inputs) as (keyof Tensors & string)[];
  const expected = Object.fromEntries(
    names.map((name) => [name, Float64Array.from(inputs[name])]),
  ) as unknown as Tensors;
  twin(dims, expected, step);
  for (const [name, values] of Object.entries(outputs)) {
    expectClose(values, expected[name as keyof Tensors], { tensor: `${kernel.name}: ${name}`, tolerance });
    expect(bitsOf(again[name]!), `${kernel.name}: ${name}, second run`).toEqual(bitsOf(values));
  }
}
