import { spawnSync } from 'node:child_process';
import { MersenneTwister } from '../../src/model/init.ts';
import { missingGpu } from '../gpu/device.ts';
import { describeWith } from '../skips.ts';

/** Seed of all random draws. */
export const seed = Number(process.env.SEED ?? Date.now() % 2 ** 31);

const hasModules = (command: string, modules: string) => spawnSync(command, ['-c', `import ${modules}`]).status === 0;

/** The first Python that has these modules. */
export const pythonWith = (modules: string): string | undefined =>
  [process.env.PYTHON ?? '/usr/bin/python3', 'python3'].find((command) => hasModules(command, modules));

const python = pythonWith('torch');

/** Runs a script in this folder. @throws Error with its output. */
export function runPython(script: string, ...args: string[]): void {
  const { status, stderr } = spawnSync(python!, [`${import.meta.dirname}/${script}`, ...args], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${script} failed with SEED=${seed}:\n${stderr}`);
}

const missingTorch = python
  ? undefined
  : 'python3 with torch: apt-get install python3-torch, or PYTHON=... to say where it is';

/** `describe` for tests that need a GPU and PyTorch; a visible skip without them. */
export const describeLive = describeWith(missingTorch ?? missingGpu);

/** Random choices, reproducible by seed. */
export class Draws {
  readonly #generator: MersenneTwister;

  constructor(from: number) {
    this.#generator = new MersenneTwister(from);
  }

  /** An integer from 0. */
  below(count: number): number {
    return this.#generator.uint32() % count;
  }

  /** An integer. */
  from(least: number, most: number): number {
    return least + this.below(most - least + 1);
  }

  /** True with probability 1 / `times`. */
  maybe(times = 2): boolean {
    return this.below(times) === 0;
  }

  oneOf<const Value>(...values: readonly Value[]): Value {
    return values[this.below(values.length)]!;
  }

  uniform(least: number, most: number): number {
    return this.#generator.uniform(least, most);
  }

  /** Three digits, equally likely in every decade. */
  scale(least: number, most: number): number {
    return Number(Math.exp(this.uniform(Math.log(least), Math.log(most))).toPrecision(3));
  }

  /** About a third of these options, and defaults for the rest. */
  some<Options extends object>(options: Options): Partial<Options> {
    return Object.fromEntries(Object.entries(options).filter(() => this.maybe(3))) as Partial<Options>;
  }
}
